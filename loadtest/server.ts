// The real server as a child process: started with the flags of `npm start`, told everything by its environment, ready
// when it says so. Stopped with SIGTERM, killed with SIGKILL, and never left behind by a load that ends early.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

const POLL_MS = 10
// Ten million records may have to be replayed before.
const READY_TIMEOUT_MS = 900_000
const STOP_TIMEOUT_MS = 60_000
/** Kept from whoever runs the load: everything else could change what is measured. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG']

export interface ServerOptions {
  /** The server's data; `server.log` and `server.json` are written there too. */
  readonly dataDir: string
  /** Configuration on top of what every load needs (server/config.ts). */
  readonly env?: Readonly<Record<string, string>>
  /** More flags for Node, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[]
}

export interface RunningServer {
  readonly pid: number
  readonly url: string
  /** On the clock of `performance.now()`. */
  readonly spawnedAtMs: number
  /** From the spawn until /health/ready said yes. */
  readonly readyAfterMs: number
  /** SIGTERM; answers the exit code, null where it had to be killed. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<void>
}

const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code))

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, env = {}, nodeFlags = [] } = options
  mkdirSync(dataDir, { recursive: true })
  const log = openSync(join(dataDir, 'server.log'), 'a')
  const spawnedAtMs = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, ...startArguments()], {
    cwd: ROOT,
    env: { ...inherited(), HOST: '127.0.0.1', PORT: '0', DATA_DIR: dataDir, RATE_LIMITS: 'off', ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  children.add(child)
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      children.delete(child)
      resolve(code)
    })
    child.once('error', () => resolve(null))
  })
  const url = await ready(child, dataDir, spawnedAtMs)
  return {
    pid: child.pid ?? 0,
    url,
    spawnedAtMs,
    readyAfterMs: performance.now() - spawnedAtMs,
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      const code = await exited
      clearTimeout(timer)
      return code
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Runs one of the program's own scripts to its end and answers what it printed. */
export async function runScript(
  script: string,
  args: readonly string[],
  timeoutMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string; readonly elapsedMs: number }> {
  const startedMs = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...inherited(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  children.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  children.delete(child)
  return { code, output, elapsedMs: performance.now() - startedMs }
}

/** What `npm start` gives to Node, so that what is measured is what is run. */
function startArguments(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } } // ours
  const [, , ...args] = scripts.start.split(' ')
  if (!scripts.start.startsWith('exec node ') || args.length === 0) throw new Error(`start script: ${scripts.start}`)
  return args
}

function inherited(): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return env
}

/** The server's address once it serves. server.json of a killed predecessor is told apart by its pid. */
async function ready(child: ChildProcess, dataDir: string, sinceMs: number): Promise<string> {
  const place = join(dataDir, 'server.json')
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`the server ended before it was ready:\n${logTail(dataDir)}`)
    }
    const url = existsSync(place) ? urlOf(readFileSync(place, 'utf8'), child.pid) : null
    if (url !== null && (await isReady(url))) return url
    if (performance.now() - sinceMs > READY_TIMEOUT_MS) {
      throw new Error(`the server was not ready within ${READY_TIMEOUT_MS / 1000} s:\n${logTail(dataDir)}`)
    }
    await sleep(POLL_MS)
  }
}

function urlOf(text: string, pid: number): string | null {
  try {
    const found = JSON.parse(text) as { pid?: unknown; url?: unknown } // written by the server, read field by field
    return found.pid === pid && typeof found.url === 'string' ? found.url : null
  } catch {
    return null
  }
}

function isReady(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(`${url}/health/ready`, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode === 200))
    })
    asked.once('error', () => resolve(false))
  })
}

/**
 * A free port that a server can be started on again. Those the system gives out by itself will not do: a client that
 * tries to come back while nobody listens may be given the very port it calls as its own, and so take it.
 */
export async function restartablePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
}

export function logTail(dataDir: string): string {
  const path = join(dataDir, 'server.log')
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-20).join('\n') : ''
}
