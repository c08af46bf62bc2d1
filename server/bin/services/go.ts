// The Go that builds what is no package elsewhere: one that is there already, or the system's where that is new enough.

import { spawnSync } from 'node:child_process'
import { aptInstall, hasApt, refreshLists } from './apt.ts'
import { findOnPath, versionOf } from './programs.ts'
import type { StepOutcome } from './step.ts'
import { GO_LEAST, isOlder, versionIn } from './versions.ts'

/** Where Go's own archive puts it, which not every PATH names. */
const USUAL_FOLDER = '/usr/local/go/bin'
const PACKAGE = 'golang-go'
const NEEDED = `Go ${GO_LEAST.slice(0, 2).join('.')} or later, better the newest, has to be installed and on the PATH`

export type FoundGo = { readonly kind: 'found'; readonly path: string } | Exclude<StepOutcome, { kind: 'done' }>

export async function findGo(stop: AbortSignal): Promise<FoundGo> {
  const present = presentGo()
  if (present !== null) return present
  if (!hasApt()) return missing(`there is no Go here, and no apt-get to install it: ${NEEDED}`)
  const lists = await refreshLists(stop)
  if (lists.kind === 'stopped') return lists
  const candidate = candidateVersion()
  if (candidate === null) return missing(`there is no Go here, and no package ${PACKAGE}: ${NEEDED}`)
  if (isOlder(candidate, GO_LEAST)) {
    return missing(`there is no Go here, and the package ${PACKAGE} of this system is ${candidate}: ${NEEDED}`)
  }
  const outcome = await aptInstall(PACKAGE, stop)
  if (outcome.kind !== 'done') return outcome
  return presentGo() ?? missing(`${PACKAGE} is installed, but there is no go on the PATH: ${NEEDED}`)
}

function presentGo(): FoundGo | null {
  const path = findOnPath('go', USUAL_FOLDER)
  if (path === null) return null
  const version = versionOf(path, ['version'])
  if (version === null) return missing(`${path} does not say its version: ${NEEDED}`)
  return isOlder(version, GO_LEAST) ? missing(`${path} is Go ${version}: ${NEEDED}`) : { kind: 'found', path }
}

/** Of the package, as far as the system's lists know; null where they do not. */
function candidateVersion(): string | null {
  const { stdout } = spawnSync('apt-cache', ['policy', PACKAGE], { encoding: 'utf8', timeout: 60_000 })
  // `  Candidate: 2:1.24~2`: the number before the colon is not the version's.
  const line = /^ *Candidate: *(?:\d+:)?(.*)$/m.exec(stdout ?? '')?.[1]
  return line === undefined ? null : versionIn(line)
}

function missing(why: string): FoundGo {
  return { kind: 'failed', why, output: '' }
}
