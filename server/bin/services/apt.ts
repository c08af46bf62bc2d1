// The system's packages, where it is Debian or one of its kind. Installing takes root: this process is root's, or may
// become so without being asked for a password; otherwise a person is told what to type.

import { spawnSync } from 'node:child_process'
import { findOnPath } from './programs.ts'
import { runStep, type StepOutcome } from './step.ts'

/** Another apt may be at work for a while, such as the daily one. */
const LOCK_OPTION = ['-o', 'DPkg::Lock::Timeout=120'] as const

export function hasApt(): boolean {
  return findOnPath('apt-get') !== null
}

export async function aptInstall(name: string, stop: AbortSignal): Promise<StepOutcome> {
  if (!hasApt()) return failed(`no apt-get here: install ${name} with the packages of this system, such as brew's`)
  const root = asRoot()
  if (root === null) {
    return failed(`${name} is missing, and installing it takes root. Run: sudo apt-get install ${name}`)
  }
  const lists = await refreshLists(stop)
  if (lists.kind === 'stopped') return lists
  const command = [...root, 'apt-get', ...LOCK_OPTION, 'install', '-y', '-qq', '--no-install-recommends', name] as const
  const outcome = await runStep({ what: `installing ${name} (apt-get)`, command }, stop)
  // Lists that could not be refreshed may be why.
  if (outcome.kind !== 'failed' || lists.kind !== 'failed') return outcome
  return { ...outcome, output: `${lists.why}\n${lists.output}\n${outcome.output}` }
}

let refreshed: Promise<StepOutcome> | null = null

/**
 * Once: a list of long ago names packages that are gone, and a new machine has none. Where it cannot be refreshed,
 * installing may work all the same.
 */
export function refreshLists(stop: AbortSignal): Promise<StepOutcome> {
  refreshed ??= (async () => {
    const root = asRoot()
    if (root === null) return failed('apt-get update takes root')
    const command = [...root, 'apt-get', ...LOCK_OPTION, 'update', '-qq'] as const
    return runStep({ what: 'apt-get update', command }, stop)
  })()
  return refreshed
}

/** What goes before a command so that it runs as root and asks nobody; null where it cannot. */
function asRoot(): readonly [string, ...string[]] | null {
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'] as const
  if (process.getuid?.() === 0) return quietly
  const sudo = findOnPath('sudo')
  if (sudo === null || spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore', timeout: 10_000 }).status !== 0) return null
  return [sudo, '-n', ...quietly]
}

function failed(why: string): StepOutcome {
  return { kind: 'failed', why, output: '' }
}
