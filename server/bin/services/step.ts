// One step of an installation: a command of another program, with a limit on its time, silent unless it fails. It stays
// in this process's group, so that Ctrl-C reaches it as well, and what it has started.

import { type ChildProcess, spawn } from 'node:child_process'

const LIMIT_MS = 600_000
/** Between asking it to end and not waiting any longer. */
const GRACE_MS = 10_000
const SHOWN_OUTPUT = 16 * 1024

export interface Step {
  /** As it is announced. */
  readonly what: string
  readonly command: readonly [string, ...string[]]
  /** In addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>
}

export type StepOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly why: string; readonly output: string }
  /** By the signal that was given. */
  | { readonly kind: 'stopped' }

export function runStep(step: Step, stop: AbortSignal): Promise<StepOutcome> {
  if (stop.aborted) return Promise.resolve({ kind: 'stopped' })
  const startedAt = performance.now()
  console.log(`… ${step.what}`)
  return new Promise((resolve) => {
    const [program, ...args] = step.command
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...step.env } })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-SHOWN_OUTPUT)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const finish = (outcome: StepOutcome): void => {
      for (const timer of timers) clearTimeout(timer)
      stop.removeEventListener('abort', end)
      resolve(stop.aborted ? { kind: 'stopped' } : outcome)
    }
    const failed = (why: string): void => finish({ kind: 'failed', why: `${step.command.join(' ')}: ${why}`, output })
    const late = `not done within ${LIMIT_MS / 60_000} minutes`
    const end = (): void => {
      // As Ctrl-C would: apt and go end what they have started, and leave nothing half-done.
      signalQuietly(child, 'SIGINT')
      timers.push(setTimeout(() => signalQuietly(child, 'SIGKILL'), GRACE_MS))
      // A step run by sudo is another user's, and takes no signals from here.
      timers.push(setTimeout(() => failed(late), 2 * GRACE_MS))
    }
    const timers = [setTimeout(end, LIMIT_MS)]
    stop.addEventListener('abort', end, { once: true })
    child.once('error', (error) => failed(error.message))
    child.once('close', (code) => {
      const seconds = (performance.now() - startedAt) / 1000
      if (code !== 0) return failed(seconds * 1000 >= LIMIT_MS ? late : `exit code ${code}`)
      console.log(`  done in ${seconds.toFixed(1)} s`)
      finish({ kind: 'done' })
    })
  })
}

function signalQuietly(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    child.kill(name)
  } catch {
    // another user's: it ends by its own limits
  }
}
