// The server, as it is, with one thing more: a port on which matches can be made without a queue, for the benchmark and for
// tests of what is played. `POST /ask` takes an ask of an actor, `POST /read` a question; amounts (`…Minor`) are texts.

import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type RunningServer, startServer } from '../../server/app.ts'
import { parseConfig } from '../../server/config.ts'
import { createLog } from '../../server/log.ts'

interface Asked {
  readonly kind: string
  readonly id: string
  readonly command: unknown
  readonly key: string
}

const config = parseConfig(process.env)
const server = await startServer(config, createLog(config.logLevel))
process.once('SIGTERM', () => server.stop().then((clean) => process.exit(clean ? 0 : 1)))

const control = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString(), revive) as Asked // from controlClient.ts
    answer(server, request.url ?? '', body).then(
      (outcome) => response.end(JSON.stringify(outcome, write)),
      (error: unknown) => {
        response.statusCode = 500
        response.end(String(error))
      },
    )
  })
})
await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
const { port } = control.address() as AddressInfo // it listens on a port
writeFileSync(join(config.dataDir, 'control.json'), JSON.stringify({ port, pid: process.pid }))
server.announce()

function answer({ actors }: RunningServer, path: string, { kind, id, command, key }: Asked): Promise<unknown> {
  if (path === '/read') return actors.read({ kind, id }, command)
  return new Promise((resolve) => actors.submit({ kind, id }, command, { key, requestId: 'control' }, resolve))
}

function revive(name: string, value: unknown): unknown {
  return name.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value
}

function write(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
