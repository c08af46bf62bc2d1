// Which UTC days a daily job has to close. A day is due once it is over and the configured time after its end has passed.
// Pure: the clock's value and the book's answers come in.

import type { DailyRule, JobRun } from './port.ts'

const DAY_MS = 86_400_000
/** Of `each`: days further back are left out, and said to be. */
export const MOST_DAYS = 31

export interface DueDays {
  /** Oldest first; one at most where the rule is `newest`. */
  readonly days: readonly string[]
  /** Missed, and not made up for: how many, and the first and the last of them. */
  readonly skipped: { readonly days: number; readonly from: string; readonly to: string } | null
}

/** The newest day that is due. `afterMidnightMs`: how long after a day's end. */
export function newestDueDay(nowMs: number, afterMidnightMs: number): string {
  return dayOf(Math.floor((nowMs - afterMidnightMs) / DAY_MS) - 1)
}

/** When the next day becomes due. */
export function nextDueMs(nowMs: number, afterMidnightMs: number): number {
  return (Math.floor((nowMs - afterMidnightMs) / DAY_MS) + 1) * DAY_MS + afterMidnightMs
}

/** `lastDone`: the newest day that was done and is not after the newest one due; null where there is none. */
export function dueDays(rule: DailyRule, newestDue: string, lastDone: string | null): DueDays {
  const newest = numberOf(newestDue)
  // Where nothing was ever done, nothing was missed.
  const first = lastDone === null ? newest : numberOf(lastDone) + 1
  if (rule === 'never' || first > newest) return { days: [], skipped: null }
  const begin = rule === 'newest' ? newest : Math.max(first, newest - MOST_DAYS + 1)
  const days = Array.from({ length: newest - begin + 1 }, (_, index) => dayOf(begin + index))
  const skipped = begin === first ? null : { days: begin - first, from: dayOf(first), to: dayOf(begin - 1) }
  return { days, skipped }
}

/** After a failure that may pass. */
export const RETRY_AFTER_MS = 15 * 60_000
/** A day is given up after as many failures; being stopped is none. */
const MOST_FAILURES = 5
const MOST_ATTEMPTS = 20

/** The number of the next attempt at a day, or why there is none now. */
export function nextAttempt(attempts: readonly JobRun[], nowMs: number): number | 'running' | 'not_yet' | 'over' {
  const last = attempts.at(-1)
  if (last === undefined) return 1
  if (last.state === 'running') return 'running'
  const failures = attempts.filter(({ tryAgain }) => tryAgain === 'later').length
  const isOver = last.state === 'done' || last.tryAgain === 'never'
  if (isOver || failures >= MOST_FAILURES || attempts.length >= MOST_ATTEMPTS) return 'over'
  // Either way: a clock that was put back keeps nobody waiting for ever.
  const sinceMs = Math.abs(nowMs - (last.endedAtMs ?? nowMs))
  return last.tryAgain === 'later' && sinceMs < RETRY_AFTER_MS ? 'not_yet' : last.attempt + 1
}

export function dayOf(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10)
}

function numberOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS
}
