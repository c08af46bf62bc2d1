// Real backing services for tests, each started by the test that needs it, on free ports of loopback and a folder of its
// own, and ended by its own id. Where a program is missing, the suites that need it say so and are left out; with
// REQUIRE_SERVICES=1 that is a failure.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram, type ProgramName } from '../../server/bin/services/programs.ts'
import { freePort, temporaryFolder } from './server.ts'
import { until } from './until.ts'

const READY_WITHIN_MS = 90_000
const SHOWN_OUTPUT = 3 * 1024

/** A suite over real services: left out with its reason where one is missing, unless they are required. */
export function describeWithServices(names: readonly ProgramName[], title: string, body: () => void): void {
  describeTried(1, names, title, body)
}

/**
 * The same for suites of several servers, which share the machine's cores: elections, leases and take-overs that hang on
 * time get another try, and say so. The fault runs of `npm run test:long` get one try each.
 */
export function describeWithServers(names: readonly ProgramName[], title: string, body: () => void): void {
  describeTried(process.env.LONG === '1' ? 1 : 3, names, title, body)
}

function describeTried(tries: number, names: readonly ProgramName[], title: string, body: () => void): void {
  const missing = names.map((name) => findProgram(name)).filter((found) => found.kind === 'missing')
  describe(title, function () {
    this.timeout(240_000)
    this.retries(tries - 1)
    beforeEach(function () {
      // Mocha itself keeps quiet about it.
      const { currentTest } = this
      // `currentRetry` is not in its types.
      const tried = (currentTest as { currentRetry?(): number } | undefined)?.currentRetry?.() ?? 0
      if (tried > 0) console.log(`      tried again (${tried}): ${currentTest?.title}`)
    })
    if (missing.length === 0) return body()
    const why = missing.map((found) => found.why).join('; ')
    it(`runs over ${names.join(', ')}`, function () {
      if (process.env.REQUIRE_SERVICES === '1') throw new Error(why)
      console.log(`      left out: ${why}`)
      this.skip()
    })
  })
}

export interface Service {
  /** The same after a restart. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly output: string
  /** Any signal; SIGSTOP and SIGCONT too. Resolves at once. */
  signal(name: NodeJS.Signals): void
  /** SIGKILL, and its end. */
  kill(): Promise<void>
  stop(): Promise<void>
  /** Starts it again on the same port and folder. */
  start(): Promise<void>
}

export interface NatsService extends Service {
  /** Where its monitoring answers. */
  readonly monitorUrl: string
}

export interface NatsOptions {
  /** Lines of nats-server's configuration to add, or to put in place of the default `jetstream` block. */
  readonly config?: string
  /** Acknowledge before syncing: for tests of its refusal. */
  readonly lazy?: boolean
}

export async function startNats(options: NatsOptions = {}): Promise<NatsService> {
  const [port, monitor] = [await freePort(), await freePort()]
  const folder = temporaryFolder()
  const file = join(folder, 'nats.conf')
  const sync = options.lazy === true ? '' : 'sync_interval: always'
  const jetstream = `jetstream { store_dir: ${JSON.stringify(join(folder, 'js'))}\n ${sync} }`
  const lines = [`listen: 127.0.0.1:${port}`, `http: 127.0.0.1:${monitor}`, jetstream, options.config ?? '']
  return natsStarted(file, lines, port, monitor)
}

/** Three servers with one JetStream; `url` of each names itself alone. */
export async function startNatsCluster(): Promise<readonly NatsService[]> {
  const monitors = [await freePort(), await freePort(), await freePort()]
  const ports = [await freePort(), await freePort(), await freePort()]
  const routes = [await freePort(), await freePort(), await freePort()]
  const list = routes.map((port) => `nats://127.0.0.1:${port}`).join(', ')
  return Promise.all(
    ports.map((port, index) => {
      const folder = temporaryFolder()
      const file = join(folder, 'nats.conf')
      const monitor = monitors[index] ?? 0
      const lines = [
        `listen: 127.0.0.1:${port}`,
        `http: 127.0.0.1:${monitor}`,
        `server_name: n${index}`,
        `jetstream { store_dir: ${JSON.stringify(join(folder, 'js'))}\n sync_interval: always }`,
        `cluster { name: leet, listen: 127.0.0.1:${routes[index]}, routes: [${list}] }`,
      ]
      return natsStarted(file, lines, port, monitor)
    }),
  )
}

async function natsStarted(
  file: string,
  lines: readonly string[],
  port: number,
  monitor: number,
): Promise<NatsService> {
  writeFileSync(file, `${lines.join('\n')}\n`)
  const service = await started('nats', (path) => [path, '-c', file], port, `nats://127.0.0.1:${port}`)
  return Object.assign(service, { monitorUrl: `http://127.0.0.1:${monitor}` })
}

export async function startMongo(): Promise<Service> {
  const port = await freePort()
  const folder = join(temporaryFolder(), 'db')
  mkdirSync(folder)
  const args = (path: string): readonly string[] =>
    path.endsWith('mongod')
      ? [path, '--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1']
      : [path, '--listen', `127.0.0.1:${port}`, '--folder', folder]
  return started('mongo', args, port, `mongodb://127.0.0.1:${port}/`)
}

export async function startRedis(): Promise<Service> {
  const port = await freePort()
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder()]
  return started('redis', (path) => [path, ...args], port, `redis://127.0.0.1:${port}`)
}

/** A bucket `leet` in memory, behind the protocol of S3. */
export async function startS3(): Promise<Service> {
  const port = await freePort()
  const args = ['-backend', 'memory', '-host', `127.0.0.1:${port}`, '-initialbucket', 'leet']
  return started('s3', (path) => [path, ...args], port, `http://127.0.0.1:${port}`)
}

async function started(
  name: ProgramName,
  args: (path: string) => readonly string[],
  port: number,
  url: string,
): Promise<Service> {
  const found = findProgram(name)
  if (found.kind === 'missing') throw new Error(found.why)
  const service = new ServiceProcess(name, args(found.program.path), port, url)
  await service.start()
  return service
}

class ServiceProcess implements Service {
  readonly url: string
  readonly port: number
  private readonly name: string
  private readonly command: readonly string[]
  private child: ChildProcess | null = null
  private exited: Promise<void> = Promise.resolve()
  private printed = ''

  constructor(name: string, command: readonly string[], port: number, url: string) {
    this.name = name
    this.command = command
    this.port = port
    this.url = url
  }

  get pid(): number {
    return this.child?.pid ?? 0
  }

  get output(): string {
    return this.printed.slice(-SHOWN_OUTPUT)
  }

  async start(): Promise<void> {
    const [program = '', ...args] = this.command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    running.add(child)
    let ended = false
    this.exited = new Promise((resolve) =>
      child.once('exit', () => {
        ended = true
        running.delete(child)
        resolve()
      }),
    )
    const keep = (chunk: Buffer): void => {
      this.printed = (this.printed + chunk.toString('utf8')).slice(-4 * SHOWN_OUTPUT)
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    await until(`${this.name} answers`, async () => ended || (await answers(this.port)), READY_WITHIN_MS)
    if (ended) throw new Error(`${this.name} ended at its start:\n${this.output}`)
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name)
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.exited
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM')
    await this.exited
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
