// The real server as a child process, on a temporary data folder and a free port: what the tests of the wires start,
// stop, kill and start again. Ready is when the server says so in DATA_DIR/server.json.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

export const PROJECT_ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A server of a cluster starts beside others that are under load, and after a lease's time. */
const READY_WITHIN_MS = 120_000
const EXIT_WITHIN_MS = 120_000
/** How much of what a program printed is kept, and how much of that is shown when a test fails. */
const KEPT_OUTPUT = 4 * 1024 * 1024
const SHOWN_OUTPUT = 3 * 1024

export type ServerEnvironment = Readonly<Record<string, string>>

export interface TestServer {
  /** Where it listens; the same after a restart. */
  readonly url: string
  readonly wsUrl: string
  readonly dataDir: string
  /** Of the server itself, whatever it was started through. */
  readonly pid: number
  /** What it has printed, the newest part. */
  readonly output: string
  /** SIGTERM, and its exit code once it has drained. */
  stop(): Promise<number>
  /** SIGKILL: nothing is written any more. */
  kill(): Promise<void>
  /** Starts it again on the same folder and port; stops it first where it runs. */
  restart(): Promise<void>
  /** The exit code, once it has ended for whatever reason. */
  ended(): Promise<number>
}

export interface StartOptions {
  /** A program to run the server under, such as strace, with its arguments. */
  readonly under?: readonly string[]
  /** Run in place of server/main.ts, with the same flags. */
  readonly program?: string
}

/** Resolves once the server answers. Rejects with what it printed when it ends instead. */
export async function startTestServer(env: ServerEnvironment = {}, options: StartOptions = {}): Promise<TestServer> {
  const server = new ServerProcess(env, options)
  await server.start()
  return server
}

export interface RunResult {
  readonly code: number
  readonly output: string
}

/** For starts that have to be refused: runs the server until it ends by itself, or says that it is ready. */
export async function runServer(env: ServerEnvironment): Promise<RunResult | 'started'> {
  const launched = launch(startScriptArguments(), env, [])
  const started = await untilReadyOrEnded(launched, () => readAddress(env.DATA_DIR ?? '')?.pid === launched.child.pid)
  if (!started) return finished(launched)
  launched.child.kill('SIGKILL')
  return 'started'
}

/** Runs another program of this project, such as server/verify.ts, with the flags of the start script. */
export function runProgram(script: string, ...args: readonly string[]): Promise<RunResult> {
  return runProgramWith({}, script, ...args)
}

/** The same, with variables of its own. */
export function runProgramWith(env: ServerEnvironment, script: string, ...args: readonly string[]): Promise<RunResult> {
  return finished(launch([...nodeFlags(), script, ...args], env, []))
}

/** A folder of its own, removed when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leet-test-'))
  leftovers.folders.add(folder)
  return folder
}

class ServerProcess implements TestServer {
  readonly dataDir: string
  private readonly env: ServerEnvironment
  private readonly options: StartOptions
  private running: Launched | null = null
  private address: Address | null = null
  private printed = ''

  constructor(env: ServerEnvironment, options: StartOptions) {
    this.dataDir = env.DATA_DIR ?? temporaryFolder()
    this.env = env
    this.options = options
  }

  get url(): string {
    return this.known.url
  }

  get wsUrl(): string {
    return this.known.url.replace(/^http/, 'ws')
  }

  get pid(): number {
    return this.known.pid
  }

  get output(): string {
    return (this.running?.output() ?? this.printed).slice(-SHOWN_OUTPUT)
  }

  async start(): Promise<void> {
    const port = this.address?.port ?? this.env.PORT ?? (await freePort())
    const before = this.address?.pid
    const launched = launch(
      this.options.program === undefined ? startScriptArguments() : [...nodeFlags(), this.options.program],
      { ...this.env, DATA_DIR: this.dataDir, PORT: String(port) },
      this.options.under ?? [],
    )
    this.running = launched
    const ready = await untilReadyOrEnded(launched, () => {
      const found = readAddress(this.dataDir)
      // What the process before has left does not count.
      return found !== null && found.pid !== before
    })
    const found = readAddress(this.dataDir)
    if (!ready || found === null) {
      throw new Error(`the server ended with exit code ${await launched.ended}:\n${tail(launched)}`)
    }
    this.address = found
    leftovers.pids.add(found.pid)
  }

  async stop(): Promise<number> {
    this.signal('SIGTERM')
    return this.ended()
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended()
  }

  async restart(): Promise<void> {
    if (this.running !== null) await this.stop()
    await this.start()
  }

  async ended(): Promise<number> {
    const launched = this.running
    if (launched === null) throw new Error('the server is not running')
    const code = await within(launched, EXIT_WITHIN_MS)
    this.printed = launched.output()
    this.running = null
    leftovers.pids.delete(this.known.pid)
    return code
  }

  private get known(): Address {
    if (this.address === null) throw new Error('the server has not been started')
    return this.address
  }

  private signal(name: 'SIGTERM' | 'SIGKILL'): void {
    if (this.running !== null) signalQuietly(this.known.pid, name)
  }
}

/** Answers whether the server is ready; false when it has ended. Rejects, and ends it, when it does neither. */
async function untilReadyOrEnded(launched: Launched, ready: () => boolean): Promise<boolean> {
  let over = false
  const end = (): void => {
    over = true
  }
  launched.ended.then(end, end)
  try {
    return (await until('the server is ready', () => (over ? 'over' : ready() && 'ready'), READY_WITHIN_MS)) === 'ready'
  } catch (error) {
    launched.child.kill('SIGKILL')
    throw new Error(`${String(error)}\n${tail(launched)}`)
  }
}

/**
 * A port that nobody listens on. Not one the system gives out by itself: those may be taken by somebody's outgoing
 * connection while the server is down, and cannot be listened on again while old connections fade.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
}

interface Address {
  readonly pid: number
  readonly port: number
  readonly url: string
}

/** What the server said about itself, unless the file is not there, or not whole yet. */
function readAddress(dataDir: string): Address | null {
  try {
    const { pid, port, url } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8'))
    if (typeof pid !== 'number' || typeof port !== 'number' || typeof url !== 'string') return null
    return { pid, port, url }
  } catch {
    return null
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly ended: Promise<number>
  output(): string
}

const leftovers = { children: new Set<ChildProcess>(), pids: new Set<number>(), folders: new Set<string>() }

process.on('exit', () => {
  for (const child of leftovers.children) child.kill('SIGKILL')
  for (const pid of leftovers.pids) signalQuietly(pid, 'SIGKILL')
  for (const folder of leftovers.folders) removeQuietly(folder)
})

// A process just killed may still be writing there; what is left then is the system's to clean.
function removeQuietly(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  } catch {
    // the others are removed all the same
  }
}

// By its own id: a server started under another program outlives that program's end.
function signalQuietly(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch {
    // gone already
  }
}

function launch(args: readonly string[], env: ServerEnvironment, under: readonly string[]): Launched {
  const [command, ...rest] = [...under, process.execPath, ...args]
  const child = spawn(command ?? process.execPath, rest, {
    cwd: PROJECT_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited(), HOST: '127.0.0.1', RATE_LIMITS: 'off', LOG_LEVEL: 'warn', ...env },
  })
  leftovers.children.add(child)
  let output = ''
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    // 'close': what it printed last has arrived as well.
    child.once('close', (code, signal) => {
      leftovers.children.delete(child)
      resolve(code ?? (signal === null ? -1 : 128))
    })
  })
  ended.catch(() => {})
  return { child, ended, output: () => output }
}

/** Only what a program needs to run: the tests say everything else themselves. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NO_COLOR']
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
}

function tail(launched: Launched): string {
  return launched.output().slice(-SHOWN_OUTPUT)
}

async function finished(launched: Launched): Promise<RunResult> {
  const code = await within(launched, EXIT_WITHIN_MS)
  return { code, output: launched.output() }
}

async function within(launched: Launched, limitMs: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      launched.child.kill('SIGKILL')
      reject(new Error(`still running after ${limitMs} ms:\n${tail(launched)}`))
    }, limitMs)
  })
  try {
    return await Promise.race([launched.ended, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The arguments of `npm start`, so that tests run what users run. */
function startScriptArguments(): readonly string[] {
  const text = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')).scripts.start
  const words = typeof text === 'string' ? text.split(/\s+/) : []
  const node = words.indexOf('node')
  if (node === -1) throw new Error(`package.json: the start script runs no node: ${text}`)
  return words.slice(node + 1)
}

function nodeFlags(): readonly string[] {
  return startScriptArguments().filter((word) => word.startsWith('-'))
}
