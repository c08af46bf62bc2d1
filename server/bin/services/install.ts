// Installs the programs that are missing, each by the package client it is at home with: nats-server and FerretDB are
// built by Go into the cache folder, Redis comes from the system's packages. What is there already is left alone.

import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall } from './apt.ts'
import { findGo } from './go.ts'
import { cacheFolder, findProgram, homeFolder, SERVICE_NAMES, type ServiceName } from './programs.ts'
import { runStep, type StepOutcome } from './step.ts'
import { NATS_SERVER_VERSION } from './versions.ts'

const FERRETDB_SOURCE = join(import.meta.dirname, 'ferretdb')

export type InstallOutcome = StepOutcome & { readonly service?: ServiceName }

const INSTALLERS: Readonly<Record<ServiceName, (stop: AbortSignal) => Promise<StepOutcome>>> = {
  nats: (stop) =>
    build(
      {
        file: 'nats-server',
        what: `nats-server ${NATS_SERVER_VERSION}`,
        args: () => ['install', `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`],
      },
      stop,
    ),
  mongo: (stop) =>
    build(
      {
        file: 'leet-ferretdb',
        what: 'leet-ferretdb',
        args: (folder) => ['-C', FERRETDB_SOURCE, 'build', '-mod=readonly', '-o', join(folder, 'leet-ferretdb'), '.'],
      },
      stop,
    ),
  redis: (stop) => aptInstall('redis-server', stop),
}

/** Tries every service, so that one that cannot be had does not keep the others away; answers those that failed. */
export async function installMissing(stop: AbortSignal): Promise<readonly InstallOutcome[]> {
  const failures: InstallOutcome[] = []
  for (const service of SERVICE_NAMES) {
    if (findProgram(service).kind === 'found') continue
    const outcome = await INSTALLERS[service](stop)
    if (outcome.kind === 'stopped') return [outcome]
    if (outcome.kind === 'failed') failures.push({ ...outcome, service })
    const found = findProgram(service)
    if (outcome.kind === 'done' && found.kind === 'missing') {
      failures.push({ kind: 'failed', why: `installed, but ${found.why}`, output: '', service })
    }
  }
  return failures
}

interface Build {
  readonly file: string
  readonly what: string
  /** What Go is told, so that the program ends up in this folder. */
  readonly args: (folder: string) => readonly string[]
}

/** Into a folder of its own first: an interrupted build leaves no half a program where one is looked for. */
async function build({ file, what, args }: Build, stop: AbortSignal): Promise<StepOutcome> {
  const go = await findGo(stop)
  if (go.kind !== 'found') return go
  const target = cacheFolder()
  let folder: string
  try {
    mkdirSync(target, { recursive: true })
    folder = mkdtempSync(join(target, '.building-'))
  } catch (error) {
    return { kind: 'failed', why: `no room for ${what}: ${String(error)}`, output: '' }
  }
  try {
    const step = { what: `building ${what} (a minute or two)`, command: [go.path, ...args(folder)] as const }
    const outcome = await runStep({ ...step, env: { GOBIN: folder, HOME: homeFolder() } }, stop)
    if (outcome.kind === 'done') renameSync(join(folder, file), join(target, file))
    return outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
