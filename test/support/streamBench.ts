// What the tests of streamed answers stand on: a transport in this process that serves bodies of the test's own, sources
// that count what is taken of them, timers that a test fires, and a client that reads when it is told to.

import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Scheduler } from '../../actors/runtime/ports.ts'
import { CorsPolicy } from '../../server/http/cors.ts'
import { HttpService } from '../../server/http/httpService.ts'
import { RateLimits } from '../../server/http/rateLimits.ts'
import type { BodySource, OnGone } from '../../server/http/request.ts'
import { defineRoute } from '../../server/http/route.ts'
import { Router } from '../../server/http/router.ts'
import { StaffCalls } from '../../server/http/staff.ts'
import { createTransport, type ListeningTransport, SOCKET_LIMITS } from '../../server/http/transport.ts'
import { SqliteIdentity } from '../../server/identity/sqliteIdentity.ts'
import { TokenService } from '../../server/identity/tokens.ts'
import { createLog } from '../../server/log.ts'
import { SqliteAuditLog } from '../../server/staff/sqliteAuditLog.ts'
import { systemClock } from '../../server/system.ts'
import { temporaryFolder } from './server.ts'
import { TEST_SECRET } from './tokens.ts'

export interface StreamBench {
  readonly url: string
  readonly transport: ListeningTransport
  readonly timers: HeldTimers
  /** Clients that were let go of. */
  slow: number
  /** What `GET /stream` answers with next. */
  source: BodySource
  /** Called by `GET /waiting` instead of an answer. */
  waiting: (onGone: OnGone) => void
  close(): Promise<void>
}

export async function streamBench(choice: 'uws' | 'ws'): Promise<StreamBench> {
  const folder = temporaryFolder()
  const identity = new SqliteIdentity(join(folder, 'identity.db'), systemClock)
  const auditLog = new SqliteAuditLog(join(folder, 'audit.db'), systemClock)
  const timers = new HeldTimers()
  const log = createLog('silent')
  const http = new HttpService({
    router: new Router([
      route('/stream', () => bench.source),
      route('/waiting', (onGone) => {
        bench.waiting(onGone)
        return null
      }),
    ]),
    identity,
    tokens: new TokenService(TEST_SECRET, systemClock),
    rateLimits: new RateLimits(false),
    staff: new StaffCalls({ mfaRequired: false, identity, auditLog, scheduler: timers, alarm: () => {} }),
    cors: new CorsPolicy([], false),
    trustProxy: false,
    log,
    answered: () => {},
  })
  const onSlow = (): void => {
    bench.slow++
  }
  const transport = await createTransport(choice, http, log, SOCKET_LIMITS, onSlow, timers)
  transport.bindRouter?.(undefined as never) // both ignore Colyseus' router
  await new Promise<void>((resolve, reject) => {
    transport.listen(0, '127.0.0.1', undefined, (error?: Error) => (error === undefined ? resolve() : reject(error)))
  })
  const bench: StreamBench = {
    url: `http://127.0.0.1:${transport.port}`,
    transport,
    timers,
    slow: 0,
    source: new CountedSource([]),
    waiting: () => {},
    async close() {
      transport.shutdown()
      await identity.close()
      await auditLog.close()
    },
  }
  return bench
}

function route(path: string, open: (onGone: OnGone) => BodySource | null) {
  return defineRoute({
    method: 'GET',
    path,
    tag: 'test',
    summary: 'of a test',
    auth: 'none',
    rate: 'none',
    responses: { 200: 'application/octet-stream' },
    errors: [],
    async handle({ onGone }) {
      const source = open(onGone)
      if (source === null) return new Promise(() => {})
      return { kind: 'stream', status: 200, contentType: 'application/octet-stream', fileName: 'x.bin', source }
    },
  })
}

/** Gives the pieces at once, as often as it is asked. */
export class CountedSource implements BodySource {
  takenBytes = 0
  isClosed = false
  /** Called before each piece. */
  onTaken: () => void = () => {}
  /** Instead of the end; null: there is no end to wait for. */
  end: 'end' | 'failure' | 'silence' = 'end'
  private readonly pieces: Iterator<Uint8Array>

  constructor(pieces: Iterable<Uint8Array>) {
    this.pieces = pieces[Symbol.iterator]()
  }

  async next(): Promise<Uint8Array | null> {
    const { done, value } = this.pieces.next()
    if (done !== true) {
      this.takenBytes += value.byteLength
      this.onTaken()
      return value
    }
    if (this.end === 'failure') throw new Error('the source has failed')
    return this.end === 'end' ? null : new Promise(() => {})
  }

  close(): void {
    this.isClosed = true
  }
}

/** Timers that only a test fires. */
export class HeldTimers implements Scheduler {
  private readonly tasks = new Map<() => void, number>()

  after(delayMs: number, run: () => void): () => void {
    const task = (): void => run()
    this.tasks.set(task, delayMs)
    return () => this.tasks.delete(task)
  }

  soon(run: () => void): void {
    setImmediate(run)
  }

  pending(delayMs: number): number {
    return [...this.tasks.values()].filter((delay) => delay === delayMs).length
  }

  fire(delayMs: number): void {
    for (const [task, delay] of [...this.tasks]) {
      if (delay !== delayMs) continue
      this.tasks.delete(task)
      task()
    }
  }
}

/** Sends a request, and reads what comes in portions. */
export class SlowClient {
  receivedBytes = 0
  isClosed = false
  lastText = ''
  private readonly socket: Socket

  constructor(url: string, path: string, headers: Readonly<Record<string, string>> = {}) {
    const { hostname, port } = new URL(url)
    this.socket = connect(Number(port), hostname)
    this.socket.pause()
    const lines = Object.entries({ Host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isClosed = true
    })
  }

  /** Takes what has come, up to so much; answers how much that was in all. */
  read(bytes: number): number {
    const chunk: Buffer | null = this.socket.read(bytes) ?? this.socket.read()
    if (chunk === null) return this.receivedBytes
    this.lastText = chunk.toString('latin1', Math.max(0, chunk.byteLength - 1024))
    this.receivedBytes += chunk.byteLength
    return this.receivedBytes
  }

  /** Only who reads notices the end of the connection. */
  closed(bytes: number): boolean {
    this.read(bytes)
    return this.isClosed
  }

  leave(): void {
    this.socket.destroy()
  }
}
