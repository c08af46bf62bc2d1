// The durable daily timer: every so often it looks into the book for days that are due and not done, and for runs whose
// process is gone. All it knows is in the book, so a restart, a downtime or another process changes nothing: whoever looks
// first claims the day, under a name that only one can have.

import type { Clock, Scheduler } from '../../actors/runtime/ports.ts'
import { messageOf } from '../dataSetError.ts'
import { type DueDays, dueDays, newestDueDay, nextAttempt } from './dueDays.ts'
import type { JobRunner } from './jobRunner.ts'
import type { Job, JobBook, JobKind, JobRun, JsonObject, RunningRun } from './port.ts'
import { dailyRunId } from './runIds.ts'

export interface TimerParts {
  readonly book: JobBook
  readonly jobs: readonly Job[]
  readonly runner: JobRunner
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** How long after midnight UTC a day is closed; null: no day is. */
  readonly afterMidnightMs: number | null
  /** No other process works on this data set: what is not ours was left behind. */
  readonly alone: boolean
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

export const LOOK_EVERY_MS = 30_000
/** A run whose pulse stands still for so many looks in a row is nobody's any more: two minutes, of this process's own time. */
export const LOOKS_WITHOUT_PULSE = 4

export interface KindStatus {
  readonly kind: JobKind
  readonly lastDone: JobRun | null
  readonly last: JobRun | null
}

interface Seen {
  readonly pulse: number
  readonly looks: number
}

export class JobTimer {
  private readonly parts: TimerParts
  private seen: ReadonlyMap<string, Seen> = new Map()
  private looking: Promise<void> | null = null
  private cancel: () => void = () => {}
  private stopped = false
  private known: readonly KindStatus[] = []

  constructor(parts: TimerParts) {
    this.parts = parts
  }

  /** As of the last look. */
  get status(): readonly KindStatus[] {
    return this.known
  }

  /** The first days are looked for after a while: a start has other things to do. */
  start(): void {
    this.lookLater()
  }

  /** Once more now, after a run has ended. Never rejects; looks one after the other. */
  look(): Promise<void> {
    if (this.stopped) return Promise.resolve()
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = null
    })
    return this.looking
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.cancel()
    await this.looking
  }

  private lookLater(): void {
    this.cancel = this.parts.scheduler.after(LOOK_EVERY_MS, () => {
      void this.look().then(() => {
        if (!this.stopped) this.lookLater()
      })
    })
  }

  private async lookOnce(): Promise<void> {
    try {
      await this.endOrphans()
      await this.beginDue()
      await this.readStatus()
    } catch (error) {
      this.parts.alarm('job.not_read', { err: messageOf(error) })
    }
  }

  private async endOrphans(): Promise<void> {
    const { book, runner, clock } = this.parts
    const running = await book.running()
    const others = running.filter(({ run }) => !runner.has(run.id))
    const seen = new Map(others.map((found) => [found.run.id, this.seenAgain(found)]))
    this.seen = seen
    for (const { run } of others) {
      if (!this.parts.alone && (seen.get(run.id)?.looks ?? 0) < LOOKS_WITHOUT_PULSE) continue
      const error = 'its process ended before it was done'
      const ending = await book.fail(run.id, { endedAtMs: clock.nowMs(), error, tryAgain: 'at_once' })
      if (ending === 'recorded') this.parts.alarm('job.failed', { run: run.id, kind: run.kind, day: run.day, error })
    }
  }

  private seenAgain({ run, pulse }: RunningRun): Seen {
    const before = this.seen.get(run.id)
    return { pulse, looks: before?.pulse === pulse ? before.looks + 1 : 0 }
  }

  private async beginDue(): Promise<void> {
    const { jobs, runner, afterMidnightMs, clock } = this.parts
    if (afterMidnightMs === null) return
    for (const job of jobs) {
      if (job.daily === 'never' || job.unavailable !== null || !runner.isIdle || this.stopped) continue
      const newest = newestDueDay(clock.nowMs(), afterMidnightMs)
      const lastDone = await this.parts.book.lastDone(job.kind, newest)
      const due = dueDays(job.daily, newest, lastDone?.day ?? null)
      for (const day of due.days) if (await this.begin(job, day, due)) break
    }
  }

  /** Whether the day has to be waited for: it is being done, or this process has begun it. */
  private async begin({ kind }: Job, day: string, { skipped }: DueDays): Promise<boolean> {
    const { book, runner, clock, alarm } = this.parts
    const nowMs = clock.nowMs()
    const attempt = nextAttempt(await book.attempts(kind, day), nowMs)
    if (attempt === 'over') return false
    if (typeof attempt === 'string' || this.stopped) return true
    const id = dailyRunId(kind, day, attempt)
    const asked = { trigger: 'daily', requestedBy: 'timer', request: {} } as const
    const run = { id, kind, day, attempt, ...asked, startedAtMs: nowMs }
    if ((await book.claim(run)) === 'taken') return true
    const note: JsonObject = skipped === null ? {} : { days_not_made: { ...skipped } }
    if (skipped !== null && attempt === 1) alarm('job.days_not_made', { kind, ...skipped })
    runner.take(run, note)
    return true
  }

  private async readStatus(): Promise<void> {
    const { book, jobs } = this.parts
    const known: KindStatus[] = []
    for (const { kind } of jobs) {
      const { runs } = await book.list({ kind, state: null }, null, 1)
      known.push({ kind, lastDone: await book.lastDone(kind, null), last: runs[0] ?? null })
    }
    this.known = known
  }
}
