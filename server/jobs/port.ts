// Jobs: work over the whole ledger that runs daily or when staff ask for it, and what it came to. The book of their runs
// is no projection (S2): durable, never rebuilt. A run is claimed once and ends once, whoever tries: that is what keeps
// two processes from doing a day's work twice. Every adapter passes test/conformance/jobBook.suite.ts.

import type { z } from 'zod'

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

export const JOB_KINDS = ['checkpoint', 'verification', 'reconciliation'] as const
export type JobKind = (typeof JOB_KINDS)[number]

export const RUN_STATES = ['running', 'done', 'failed'] as const
export type RunState = (typeof RUN_STATES)[number]

export const TRIGGERS = ['daily', 'staff', 'command'] as const
export type Trigger = (typeof TRIGGERS)[number]

/** After a run that failed: whether its day is tried again, and how soon. Says nothing of a run without a day. */
export type TryAgain = 'at_once' | 'later' | 'never'

/** A run as it is claimed. */
export interface NewRun {
  readonly id: string
  readonly kind: JobKind
  /** The UTC day that it closes, such as `2026-11-25`; null on demand. */
  readonly day: string | null
  /** How often this day was begun, from 1; 1 on demand. */
  readonly attempt: number
  readonly trigger: Trigger
  /** A user's id, or `timer`. */
  readonly requestedBy: string
  readonly request: JsonObject
  readonly startedAtMs: number
}

export interface JobRun extends NewRun {
  readonly state: RunState
  readonly endedAtMs: number | null
  /** Small: shown in lists. */
  readonly summary: JsonObject | null
  /** Of a run that failed: a line for people. */
  readonly error: string | null
  readonly tryAgain: TryAgain | null
  /** Media type of the stored document; null where there is none. */
  readonly documentType: string | null
}

export interface Done {
  readonly endedAtMs: number
  readonly summary: JsonObject
  /** UTF-8 text. */
  readonly document: Uint8Array | null
  readonly documentType: string | null
}

export interface Failed {
  readonly endedAtMs: number
  readonly error: string
  readonly tryAgain: TryAgain
}

/** `lost`: the run had ended before, and stays as it was. */
export type Ending = 'recorded' | 'lost'

export interface RunFilter {
  readonly kind: JobKind | null
  readonly state: RunState | null
}

export interface RunPage {
  /** Newest first. */
  readonly runs: readonly JobRun[]
  /** Where the next page begins; null where there is none. */
  readonly next: RunCursor | null
}

/** Runs before this one in the order of lists. */
export interface RunCursor {
  readonly startedAtMs: number
  readonly id: string
}

/** A run that has not ended, and its pulse: a number that its process changes while it works. */
export interface RunningRun {
  readonly run: JobRun
  readonly pulse: number
}

/** A larger document makes its run fail. */
export const DOCUMENT_MAX_BYTES = 64 * 1024 * 1024

/** Methods reject with `ServiceError('unavailable')` where the book cannot be read or written. */
export interface JobBook {
  /** `taken`: a run of this id is there. */
  claim(run: NewRun): Promise<'claimed' | 'taken'>
  heartbeat(id: string, pulse: number): Promise<void>
  finish(id: string, done: Done): Promise<Ending>
  fail(id: string, failed: Failed): Promise<Ending>
  /** `limit`: 1 to 100. */
  list(filter: RunFilter, before: RunCursor | null, limit: number): Promise<RunPage>
  find(id: string): Promise<JobRun | null>
  document(id: string): Promise<Uint8Array | null>
  /** Attempts at a day, the first one first. */
  attempts(kind: JobKind, day: string): Promise<readonly JobRun[]>
  /** The done run of the newest day that is not after this one, daily or not; with null, the newest done run at all. */
  lastDone(kind: JobKind, throughDay: string | null): Promise<JobRun | null>
  /** A hundred at most, the oldest first. */
  running(): Promise<readonly RunningRun[]>
  close(): Promise<void>
}

/** What somebody has to look at, whatever else the run found. */
export interface JobAlarm {
  readonly severity: 'warning' | 'critical'
  readonly text: string
}

export interface JobResult {
  readonly summary: JsonObject
  /** UTF-8 text. */
  readonly document: Uint8Array | null
  readonly documentType: string | null
  readonly alarm: JobAlarm | null
}

export interface JobContext {
  /** As it was claimed; `day` is the UTC day to close. */
  readonly run: NewRun
  /** Aborted when the process stops or the run was lost: the work ends at once, and what it answers is not kept. */
  readonly signal: AbortSignal
  /** When it began. */
  readonly nowMs: number
  /** The newest run of this kind that was done. */
  readonly lastDone: JobRun | null
  lastDocument(): Promise<Uint8Array | null>
}

/** Rejecting makes the run fail: with JobFailure for good and with an alarm, with anything else to be tried again. */
export interface Job {
  readonly kind: JobKind
  /** What somebody may ask for; a daily run asks for nothing, `{}`. */
  readonly parameters: z.ZodType<JsonObject>
  readonly daily: DailyRule
  /** Null where it can run; else why it cannot, for people. */
  readonly unavailable: string | null
  /** Heavy work is a thread's (`runThread`): nothing here holds the main thread (A5). */
  run(request: JsonObject, context: JobContext): Promise<JobResult>
}

/**
 * `never`: on demand alone. Of days that were missed while no process ran, `newest` runs the last one, for what cannot be
 * made of the past; `each` runs them all, one after the other.
 */
export type DailyRule = 'never' | 'newest' | 'each'

/** What a run ends with that another try would not change. */
export class JobFailure extends Error {
  readonly alarm: JobAlarm | null
  constructor(message: string, alarm: JobAlarm | null) {
    super(message)
    this.name = 'JobFailure'
    this.alarm = alarm
  }
}
