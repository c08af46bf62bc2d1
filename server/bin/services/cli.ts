// `npm run services`: NATS, MongoDB (or FerretDB) and Redis for development, without Docker. Installs what is missing,
// starts them on loopback, says how a server is told of them, and ends them on Ctrl-C. Exit code 0 after a stop, 1 where
// something could not be installed or started, 2 for wrong arguments, 130 when interrupted before all of them ran.

import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DEFAULT_PORTS, HOST, VARIABLES } from './commands.ts'
import { installMissing } from './install.ts'
import { findProgram, PROGRAM_NAMES, type ProgramName, SERVICE_NAMES, type ServiceName } from './programs.ts'
import { type RunningServices, startServices } from './running.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const USAGE = `usage: npm run services [-- [--check | --install-only] [--data DIR] [--ports NATS,MONGO,REDIS]]
  --check         says which programs are there and which are missing
  --install-only  installs those that are missing, and starts nothing
  --data          the folder of their data instead of .services
  --ports         instead of ${SERVICE_NAMES.map((name) => DEFAULT_PORTS[name]).join(',')}; where one is taken, the next one that is free`

interface Request {
  readonly mode: 'run' | 'check' | 'install'
  readonly folder: string
  readonly ports: Readonly<Record<ServiceName, number>>
}

/** Throws a TypeError where the arguments make no sense. */
function readRequest(args: readonly string[]): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      'install-only': { type: 'boolean', default: false },
      data: { type: 'string' },
      ports: { type: 'string' },
    },
  })
  if (values.check && values['install-only']) throw new TypeError('--check or --install-only, not both')
  return {
    mode: values.check ? 'check' : values['install-only'] ? 'install' : 'run',
    folder: resolve(values.data ?? join(ROOT, '.services')),
    ports: values.ports === undefined ? DEFAULT_PORTS : portsOf(values.ports),
  }
}

function portsOf(text: string): Readonly<Record<ServiceName, number>> {
  const ports = text.split(',').map(Number)
  const [nats = 0, mongo = 0, redis = 0] = ports
  if (ports.length !== 3 || ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65_535)) {
    throw new TypeError(`--ports takes three port numbers separated by commas, not ${text}`)
  }
  return { nats, mongo, redis }
}

/** Answers whether all are there. */
function check(): boolean {
  const found = PROGRAM_NAMES.map((name) => [name, findProgram(name)] as const)
  for (const [name, result] of found) {
    const { kind } = result
    const what =
      kind === 'found' ? `${result.program.file} ${result.program.version}  ${result.program.path}` : result.why
    console.log(`${kind === 'found' ? 'ok     ' : 'MISSING'} ${name.padEnd(5)} ${what}`)
  }
  return found.every(([, { kind }]) => kind === 'found')
}

async function install(names: readonly ProgramName[], stop: AbortSignal): Promise<'done' | 'failed' | 'stopped'> {
  const outcomes = await installMissing(names, stop)
  if (outcomes.some(({ kind }) => kind === 'stopped')) return 'stopped'
  for (const outcome of outcomes) {
    if (outcome.kind === 'failed')
      console.error(`${outcome.output.trimEnd()}\n${outcome.service}: ${outcome.why}`.trimStart())
  }
  return outcomes.length === 0 ? 'done' : 'failed'
}

/** What to paste, and what to know. The secret is kept, so that every process, today and tomorrow, has the same one. */
function announce({ services, monitorPort }: RunningServices, folder: string): void {
  const secretFile = join(folder, 'token.secret')
  if (!existsSync(secretFile)) writeFileSync(secretFile, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 })
  for (const { pid, launch } of services) {
    const { program, service, port } = launch
    const moved = port === DEFAULT_PORTS[service] ? '' : `  (not the usual ${DEFAULT_PORTS[service]})`
    console.log(`${service.padEnd(5)} ${program.file} ${program.version}  127.0.0.1:${port}  pid ${pid}${moved}`)
  }
  console.log(`\nIn another terminal, for every process of the server (with PORT and DATA_DIR of its own):\n`)
  for (const { launch } of services) console.log(`export ${VARIABLES[launch.service]}=${launch.url}`)
  console.log(`export NATS_MONITOR_URL=http://${HOST}:${monitorPort}`)
  console.log(`export TOKEN_SECRET_FILE='${secretFile}'  # or TOKEN_SECRET=…, the same for every process`)
  console.log(`npm start\n\nTheir data and logs are in ${folder}. Ctrl-C stops all three.`)
}

async function main(): Promise<number> {
  let request: Request
  try {
    request = readRequest(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return 2
  }
  const { mode, folder, ports } = request
  if (mode === 'check') return check() ? 0 : 1

  // npm passes Ctrl-C on to a process that got it already: a second one does not hurry the first.
  const interrupt = new AbortController()
  const interrupted = new Promise<null>((done) => interrupt.signal.addEventListener('abort', () => done(null)))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupt.abort())

  // What tests alone need, a browser for one, keeps nobody from developing.
  const installed = await install(mode === 'install' ? PROGRAM_NAMES : SERVICE_NAMES, interrupt.signal)
  if (installed !== 'done') return installed === 'stopped' ? 130 : 1
  if (mode === 'install') return check() ? 0 : 1
  const running = await startServices(folder, ports, interrupt.signal)
  announce(running, folder)
  const ended = await Promise.race([interrupted, running.firstEnded])
  if (ended !== null) console.error(ended.whyEnded())
  await running.stop()
  console.log('stopped')
  return ended === null ? 0 : 1
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const stopped = error instanceof Error && error.name === 'AbortError'
    if (!stopped) console.error(`Cannot start the services: ${error instanceof Error ? error.message : error}`)
    process.exit(stopped ? 130 : 1)
  },
)
