// How each service is started for development: on loopback, with all it keeps in one folder, and the address a server is
// told. NATS syncs before it acknowledges: without that, what the journal calls durable is not.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Program, ServiceName } from './programs.ts'

export const HOST = '127.0.0.1'

export const DEFAULT_PORTS: Readonly<Record<ServiceName, number>> = { nats: 4222, mongo: 27_017, redis: 6379 }

/** The variable of the server's configuration that names the service. */
export const VARIABLES: Readonly<Record<ServiceName, string>> = {
  nats: 'NATS_URL',
  mongo: 'MONGO_URL',
  redis: 'REDIS_URL',
}

/** NATS tells there, and nowhere else, that it syncs before it acknowledges. */
export const DEFAULT_MONITOR_PORT = 8222

export interface ServiceCommand {
  readonly args: readonly string[]
  readonly url: string
}

/** Makes the service's folder and what has to be in it. `folder` is absolute; `monitorPort` is for NATS. */
export function prepare(
  service: ServiceName,
  program: Program,
  folder: string,
  port: number,
  monitorPort: number,
): ServiceCommand {
  // MongoDB and FerretDB can make nothing of each other's files.
  const own = join(folder, program.file)
  mkdirSync(own, { recursive: true, mode: 0o700 })
  switch (service) {
    case 'nats': {
      const file = join(folder, 'nats.conf')
      const jetstream = `jetstream {\n  store_dir: ${JSON.stringify(own)}\n  sync_interval: always\n}`
      writeFileSync(file, `listen: ${HOST}:${port}\nhttp: ${HOST}:${monitorPort}\n${jetstream}\n`)
      return { args: ['-c', file], url: `nats://${HOST}:${port}` }
    }
    case 'mongo': {
      const mongod = ['--dbpath', own, '--port', String(port), '--bind_ip', HOST]
      const ferretdb = ['--folder', own, '--listen', `${HOST}:${port}`]
      return { args: program.file === 'mongod' ? mongod : ferretdb, url: `mongodb://${HOST}:${port}/` }
    }
    case 'redis': {
      // Nothing in it has to outlive it.
      const forgetful = ['--save', '', '--appendonly', 'no']
      return {
        args: ['--port', String(port), '--bind', HOST, '--dir', own, ...forgetful],
        url: `redis://${HOST}:${port}`,
      }
    }
    default:
      return service satisfies never
  }
}
