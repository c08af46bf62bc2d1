// Installs the programs that are missing, each by the package client it is at home with: nats-server, FerretDB and
// gofakes3 are built by Go into the cache folder, Redis and Chromium come from the system's packages. What is there already is left alone.

import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall } from './apt.ts'
import { buildFerretdb, FERRETDB_PROGRAM } from './ferretdb.ts'
import { findGo } from './go.ts'
import { cacheFolder, findProgram, homeFolder, type ProgramName } from './programs.ts'
import { runStep, type StepOutcome } from './step.ts'
import { GOFAKES3_VERSION, NATS_SERVER_VERSION } from './versions.ts'

export type InstallOutcome = StepOutcome & { readonly service?: ProgramName }

const INSTALLERS: Readonly<Record<ProgramName, (stop: AbortSignal) => Promise<StepOutcome>>> = {
  nats: (stop) =>
    build(
      {
        file: 'nats-server',
        what: `nats-server ${NATS_SERVER_VERSION}`,
        run: (go, _folder, env, signal) => {
          const what = `building nats-server ${NATS_SERVER_VERSION} (a minute or two)`
          const module = `github.com/nats-io/nats-server/v2@v${NATS_SERVER_VERSION}`
          return runStep({ what, command: [go, 'install', module], env }, signal)
        },
      },
      stop,
    ),
  mongo: (stop) => build({ file: FERRETDB_PROGRAM, what: FERRETDB_PROGRAM, run: buildFerretdb }, stop),
  redis: (stop) => aptInstall('redis-server', stop),
  chromium: (stop) => aptInstall('chromium', stop),
  s3: (stop) =>
    build(
      {
        file: 'gofakes3',
        what: `gofakes3 ${GOFAKES3_VERSION}`,
        run: (go, _folder, env, signal) => {
          const module = `github.com/johannesboyne/gofakes3/cmd/gofakes3@v${GOFAKES3_VERSION}`
          return runStep(
            { what: `building gofakes3 ${GOFAKES3_VERSION}`, command: [go, 'install', module], env },
            signal,
          )
        },
      },
      stop,
    ),
}

/** Tries each of them, so that one that cannot be had does not keep the others away; answers those that failed. */
export async function installMissing(
  names: readonly ProgramName[],
  stop: AbortSignal,
): Promise<readonly InstallOutcome[]> {
  const failures: InstallOutcome[] = []
  for (const service of names) {
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
  /** Has Go put the program into this folder, which is also its GOBIN. */
  readonly run: (
    go: string,
    folder: string,
    env: Readonly<Record<string, string>>,
    stop: AbortSignal,
  ) => Promise<StepOutcome>
}

/** Into a folder of its own first: an interrupted build leaves no half a program where one is looked for. */
async function build({ file, what, run }: Build, stop: AbortSignal): Promise<StepOutcome> {
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
    const outcome = await run(go.path, folder, { GOBIN: folder, HOME: homeFolder() }, stop)
    if (outcome.kind === 'done') renameSync(join(folder, file), join(target, file))
    return outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
