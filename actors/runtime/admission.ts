// A5: how much the process takes on at a time. Too much in hand is worse than a refusal: answers come late, and the work
// itself gets dearer, because nothing in hand can be collected. So the wait between a record and its answer is watched,
// and where even the shortest wait of a while is long, a queue stands that the process does not get rid of (the idea
// of CoDel). Then commands beyond what can be answered in that time are refused `overloaded` at once, until the wait is
// short again. A short stall, of the disk or the collector, refuses nothing.

import type { Limits } from './limits.ts'
import type { Clock } from './ports.ts'

/** Never fewer than these: a process that answers slowly goes on answering. */
const LEAST_IN_HAND = 256
/** Beyond this the other bounds (limits.ts) hold. */
const MOST_IN_HAND = 65_536
/** A limit holds for so many windows without an answer. */
const VERDICT_WINDOWS = 40
/** By how much a good window raises the limit. */
const RAISE = 1.5

export class Admission {
  private readonly clock: Clock
  private readonly targetMs: number
  private readonly windowMs: number
  private inHand = 0
  /** Most in hand since the window began. */
  private most = 0
  /** Records in hand beyond which commands are refused. */
  private limit = Number.POSITIVE_INFINITY
  private windowFromMs = Number.NEGATIVE_INFINITY
  /** The last window had a standing queue. */
  private stood = false
  private shortestMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock, limits: Limits) {
    this.clock = clock
    this.targetMs = limits.standingWaitMs
    this.windowMs = limits.standingWindowMs
  }

  /** Whether a new command has to be refused. */
  get full(): boolean {
    if (this.inHand < this.limit) return false
    // Nothing has been answered for long: what is in hand is stuck, and says nothing of what else could be done.
    return this.clock.nowMs() - this.windowFromMs < VERDICT_WINDOWS * this.windowMs
  }

  add(): void {
    this.inHand++
    if (this.inHand > this.most) this.most = this.inHand
  }

  /** These records are answered; the oldest of them had waited since `sinceMs`. */
  release(records: number, sinceMs: number): void {
    this.inHand -= records
    const nowMs = this.clock.nowMs()
    this.shortestMs = Math.min(this.shortestMs, nowMs - sinceMs)
    const windowMs = nowMs - this.windowFromMs
    if (windowMs >= this.windowMs) this.judge(nowMs, windowMs)
  }

  /** These records will never be answered: their partition is lost. */
  drop(records: number): void {
    this.inHand -= records
  }

  private judge(nowMs: number, windowMs: number): void {
    const { shortestMs, targetMs } = this
    const standing = shortestMs > targetMs
    // After a pause one long window says nothing of how fast the process is; a second one does.
    if (standing && (windowMs < 2 * this.windowMs || this.stood)) {
      // Little's law: so many in hand at this speed wait as long as they may.
      this.limit = Math.max(LEAST_IN_HAND, Math.floor((Math.min(this.most, this.limit) * targetMs) / shortestMs))
    } else if (!standing) {
      this.limit = this.limit > MOST_IN_HAND ? Number.POSITIVE_INFINITY : this.limit * RAISE
    }
    this.stood = standing
    this.windowFromMs = nowMs
    this.most = this.inHand
    this.shortestMs = Number.POSITIVE_INFINITY
  }
}
