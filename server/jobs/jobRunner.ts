// Carries out runs that this process has claimed: one at a time, a few waiting (A5). While one waits or works its pulse
// goes on; how it ended is written once, and where somebody else has ended it meanwhile it counts for nothing.

import type { Clock, Scheduler } from '../../actors/runtime/ports.ts'
import { messageOf } from '../dataSetError.ts'
import {
  DOCUMENT_MAX_BYTES,
  type Done,
  type Ending,
  type Failed,
  type Job,
  type JobAlarm,
  type JobBook,
  JobFailure,
  type JobKind,
  type JobResult,
  type JsonObject,
  type NewRun,
} from './port.ts'

export interface RunnerParts {
  readonly book: JobBook
  readonly jobs: readonly Job[]
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Something an operator has to look at. */
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
}

/** Waiting behind the one that works; the next one is refused. */
export const MOST_WAITING = 4
export const PULSE_EVERY_MS = 15_000
/** A book that does not answer is tried again, so often, before the run is left to whoever finds it. */
const WRITE_TRIES = 5
const WRITE_AGAIN_MS = 3_000

interface Waiting {
  readonly run: NewRun
  /** What goes into the summary beside what the job says. */
  readonly note: JsonObject
  readonly stop: AbortController
}

export class JobRunner {
  private readonly parts: RunnerParts
  private readonly queue: Waiting[] = []
  private working: Promise<void> | null = null
  private stopping = false
  private pulse = 0
  private cancelPulse: () => void = () => {}
  private readonly idle: () => void

  /** `idle`: nothing is left to do here. */
  constructor(parts: RunnerParts, idle: () => void) {
    this.parts = parts
    this.idle = idle
  }

  get isIdle(): boolean {
    return this.queue.length === 0 && !this.stopping
  }

  /** Whether so many more runs may be claimed. */
  hasRoomFor(more: number): boolean {
    return this.queue.length + more <= 1 + MOST_WAITING && !this.stopping
  }

  has(id: string): boolean {
    return this.queue.some(({ run }) => run.id === id)
  }

  job(kind: JobKind): Job | null {
    return this.parts.jobs.find((job) => job.kind === kind) ?? null
  }

  /** Carries it out when its turn comes. It has been claimed. */
  take(run: NewRun, note: JsonObject = {}): void {
    const stop = new AbortController()
    if (this.stopping) stop.abort()
    this.queue.push({ run, note, stop })
    if (this.working !== null) return
    this.beatLater()
    this.working = this.work()
  }

  /** Ends what is under way: it is told as failed, and its day is taken up again by whoever looks next. */
  async stop(): Promise<void> {
    this.stopping = true
    for (const { stop } of this.queue) stop.abort()
    await this.working
  }

  private async work(): Promise<void> {
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      try {
        await this.carryOut(next)
      } catch (error) {
        this.parts.alarm('job.not_written', { run: next.run.id, kind: next.run.kind, err: messageOf(error) })
      }
      this.queue.shift()
    }
    this.cancelPulse()
    this.working = null
    if (!this.stopping) this.idle()
  }

  private async carryOut(waiting: Waiting): Promise<void> {
    const { run, note } = waiting
    const { book, clock } = this.parts
    const told = { run: run.id, kind: run.kind, day: run.day }
    const tried = await this.tryOut(waiting)
    const endedAtMs = clock.nowMs()
    const isDone = tried.kind === 'done'
    const done = (result: JobResult): Done => ({ ...result, summary: { ...result.summary, ...note }, endedAtMs })
    const ending = await this.write(() =>
      isDone ? book.finish(run.id, done(tried.result)) : book.fail(run.id, { ...tried.failed, endedAtMs }),
    )
    if (ending === 'lost') return this.parts.alarm('job.lost', told)
    if (!isDone) this.parts.alarm('job.failed', { ...told, error: tried.failed.error })
    const alarm = isDone ? tried.result.alarm : tried.alarm
    if (alarm !== null) this.parts.alarm('job.finding', { ...told, ...alarm })
  }

  private async tryOut({ run, stop }: Waiting): Promise<Tried> {
    const { book, clock } = this.parts
    try {
      const job = this.job(run.kind)
      if (job === null) throw new JobFailure('this server knows no such job', null)
      const lastDone = await book.lastDone(run.kind, null)
      const lastDocument = async (): Promise<Uint8Array | null> =>
        lastDone === null ? null : book.document(lastDone.id)
      const context = { run, signal: stop.signal, nowMs: clock.nowMs(), lastDone, lastDocument }
      stop.signal.throwIfAborted()
      const result = await job.run(run.request, context)
      const bytes = result.document?.byteLength ?? 0
      if (bytes > DOCUMENT_MAX_BYTES) throw new JobFailure(`its document has ${bytes} bytes, too many to keep`, null)
      return { kind: 'done', result }
    } catch (error) {
      if (stop.signal.aborted) return failed('the server was stopped before it was done', 'at_once')
      if (error instanceof JobFailure) return failed(error.message, 'never', error.alarm)
      return failed(messageOf(error), 'later')
    }
  }

  private async write(write: () => Promise<Ending>): Promise<Ending> {
    for (let tries = 1; ; tries++) {
      try {
        return await write()
      } catch (error) {
        if (tries === WRITE_TRIES || this.stopping) throw error
        await new Promise<void>((resolve) => this.parts.scheduler.after(WRITE_AGAIN_MS, resolve))
      }
    }
  }

  private beatLater(): void {
    this.cancelPulse = this.parts.scheduler.after(PULSE_EVERY_MS, () => {
      this.pulse++
      for (const { run } of this.queue) {
        // A pulse that is not written is one that is missing: nothing hangs on it but the run.
        this.parts.book.heartbeat(run.id, this.pulse).catch(() => {})
      }
      this.beatLater()
    })
  }
}

type Tried =
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly failed: Omit<Failed, 'endedAtMs'>; readonly alarm: JobAlarm | null }

function failed(error: string, tryAgain: Failed['tryAgain'], alarm: JobAlarm | null = null): Tried {
  return { kind: 'failed', failed: { error, tryAgain }, alarm }
}
