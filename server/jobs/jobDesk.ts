// What staff ask of jobs: to run one, and to see what became of runs. Nothing here throws for an outcome but the book's
// own refusals.

import type { Clock } from '../../actors/runtime/ports.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { nextDueMs } from './dueDays.ts'
import type { JobRunner } from './jobRunner.ts'
import type { KindStatus } from './jobTimer.ts'
import type { DailyRule, Job, JobBook, JobKind, JobRun, NewRun, RunCursor, RunFilter, RunPage } from './port.ts'
import { askedRunId, begun } from './runIds.ts'

export interface JobOrder {
  readonly kind: JobKind
  /** As it came: checked against what the job takes. */
  readonly parameters: unknown
  readonly requestedBy: string
  /** M6: the same key, the same run. */
  readonly key: string
}

export type OrderedRun =
  | { readonly kind: 'run'; readonly run: JobRun }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly details?: Readonly<Record<string, string>> }

export interface ScheduledKind {
  readonly kind: JobKind
  readonly daily: DailyRule
  /** When the next day will be closed; null where none is. */
  readonly nextDueMs: number | null
  readonly unavailable: string | null
}

/** Methods reject with `ServiceError('unavailable')` where the book cannot be read or written. */
export interface JobDesk {
  order(order: JobOrder): Promise<OrderedRun>
  schedule(): readonly ScheduledKind[]
  list(filter: RunFilter, before: RunCursor | null, limit: number): Promise<RunPage>
  find(id: string): Promise<JobRun | null>
  document(id: string): Promise<Uint8Array | null>
  lastDone(kind: JobKind): Promise<JobRun | null>
  /** For figures: as of the last look. */
  status(): readonly KindStatus[]
}

export interface JobDeskParts {
  readonly book: JobBook
  readonly jobs: readonly Job[]
  readonly runner: JobRunner
  readonly clock: Clock
  readonly afterMidnightMs: number | null
  readonly status: () => readonly KindStatus[]
}

export class BookJobDesk implements JobDesk {
  private readonly parts: JobDeskParts
  private claiming = 0

  constructor(parts: JobDeskParts) {
    this.parts = parts
  }

  async order({ kind, parameters, requestedBy, key }: JobOrder): Promise<OrderedRun> {
    const { book, runner, clock } = this.parts
    const job = runner.job(kind)
    if (job === null) return { kind: 'refused', code: 'not_found' }
    if (job.unavailable !== null) return { kind: 'refused', code: 'job.not_configured' }
    const parsed = job.parameters.safeParse(parameters)
    if (!parsed.success) return { kind: 'refused', code: 'invalid_request', details: detailsOf(parsed.error.issues) }
    const id = askedRunId(requestedBy, key)
    const asked = { kind, trigger: 'staff', requestedBy, request: parsed.data } as const
    const run: NewRun = { id, day: null, attempt: 1, ...asked, startedAtMs: clock.nowMs() }
    const before = await book.find(id)
    if (before !== null) return sameOr(before, run)
    return this.claim(run)
  }

  private async claim(run: NewRun): Promise<OrderedRun> {
    const { book, runner } = this.parts
    if (!runner.hasRoomFor(this.claiming + 1)) return { kind: 'refused', code: 'overloaded' }
    this.claiming++
    try {
      if ((await book.claim(run)) === 'taken') {
        const first = await book.find(run.id)
        return first === null ? { kind: 'refused', code: 'unavailable' } : sameOr(first, run)
      }
      runner.take(run)
      return { kind: 'run', run: begun(run) }
    } finally {
      this.claiming--
    }
  }

  schedule(): readonly ScheduledKind[] {
    const { jobs, clock, afterMidnightMs } = this.parts
    return jobs.map(({ kind, daily, unavailable }) => {
      const isDaily = afterMidnightMs !== null && daily !== 'never' && unavailable === null
      return { kind, daily, unavailable, nextDueMs: isDaily ? nextDueMs(clock.nowMs(), afterMidnightMs) : null }
    })
  }

  list(filter: RunFilter, before: RunCursor | null, limit: number): Promise<RunPage> {
    return this.parts.book.list(filter, before, limit)
  }

  find(id: string): Promise<JobRun | null> {
    return this.parts.book.find(id)
  }

  document(id: string): Promise<Uint8Array | null> {
    return this.parts.book.document(id)
  }

  lastDone(kind: JobKind): Promise<JobRun | null> {
    return this.parts.book.lastDone(kind, null)
  }

  status(): readonly KindStatus[] {
    return this.parts.status()
  }
}

/** M6: the same request under the same key is the same run. */
function sameOr(before: JobRun, { kind, request }: NewRun): OrderedRun {
  const isSame = before.kind === kind && JSON.stringify(before.request) === JSON.stringify(request)
  return isSame ? { kind: 'run', run: before } : { kind: 'refused', code: 'idempotency_mismatch' }
}

function detailsOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) {
  return Object.fromEntries(issues.map(({ path, message }) => [path.map(String).join('.') || 'body', message]))
}
