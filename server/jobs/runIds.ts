// Names of runs. They follow from what a run is for, so that whoever would begin the same one a second time finds its
// name taken: two processes at midnight, or a client that sends its request again (M6).

import { createHash } from 'node:crypto'
import type { JobKind, JobRun, NewRun } from './port.ts'

export function dailyRunId(kind: JobKind, day: string, attempt: number): string {
  return runId(['daily', kind, day, attempt])
}

export function askedRunId(requestedBy: string, key: string): string {
  return runId(['asked', requestedBy, key])
}

function runId(parts: readonly (string | number)[]): string {
  return `j_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)}`
}

/** A run as it is once it was claimed. */
export function begun(run: NewRun): JobRun {
  const { id, kind, day, attempt, trigger, requestedBy, request, startedAtMs } = run
  const claimed = { id, kind, day, attempt, trigger, requestedBy, request, startedAtMs }
  return {
    ...claimed,
    state: 'running',
    endedAtMs: null,
    summary: null,
    error: null,
    tryAgain: null,
    documentType: null,
  }
}
