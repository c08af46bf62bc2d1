// Alarms as the log has them. A trouble is met again with every try, many times a second on a full disk, and its lines
// would fill the log's disk as well: of such alarms only the first is told, and then one in a while with how many were
// left out. All others are told each time. Metrics count them all.

import type { Log } from './log.ts'

/** Raised by every try of something that is tried until it works. */
const TRIED_AGAIN: ReadonlySet<string> = new Set([
  'journal.write_failed',
  'journal.uncertain',
  'partition.not_taken',
  'projector.trouble',
  'recovery.failed',
  'store.load_failed',
])
/** Between two lines of the same such alarm. */
const QUIET_MS = 10_000

interface Told {
  readonly atMs: number
  leftOut: number
}

export class AlarmLog {
  private readonly log: Log
  private readonly nowMs: () => number
  /** Bounded: a few alarms times the partitions. */
  private readonly told = new Map<string, Told>()

  /** `nowMs` never runs backwards. */
  constructor(log: Log, nowMs: () => number = () => performance.now()) {
    this.log = log
    this.nowMs = nowMs
  }

  tell(event: string, detail: Readonly<Record<string, unknown>>): void {
    if (!TRIED_AGAIN.has(event)) return this.log.error({ event, ...detail }, 'alarm')
    const name = `${event} ${detail.partition ?? ''}`
    const nowMs = this.nowMs()
    const last = this.told.get(name)
    if (last !== undefined && nowMs - last.atMs < QUIET_MS) {
      last.leftOut++
      return
    }
    this.told.set(name, { atMs: nowMs, leftOut: 0 })
    const leftOut = last?.leftOut ?? 0
    this.log.error({ event, ...detail, ...(leftOut === 0 ? {} : { leftOut }) }, 'alarm')
  }
}
