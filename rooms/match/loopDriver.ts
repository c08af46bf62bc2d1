// One clock for everything in this process that goes at a pace: all loops of matches, and what is shown to those who watch.
// A timer of its own for each would cost more than most of them do. Whoever is due has its turn; what takes long lets
// sockets and the disk have theirs in between.

import type { Monotonic } from '../../actors/cluster/ports.ts'
import type { Scheduler } from '../../actors/runtime/ports.ts'

export interface Paced {
  /** For whoever has to say what held the process up. */
  readonly name: string
  /** On the driver's clock; infinite while there is nothing to do. */
  readonly dueMs: number
  /** Does what is due, and not more than a few ms of it; `dueMs` is later then. Does not throw. */
  run(nowMs: number): void
}

/** Told what has the main thread, so that what never gives it back is found out. */
export interface TurnWatch {
  begins(name: string): void
  ended(): void
}

const NOT_WATCHED: TurnWatch = { begins() {}, ended() {} }

/** Work in one turn of the event loop, ms (A5). */
const TURN_MS = 12
/** Due times this close to each other are one wake-up. */
const TOGETHER_MS = 1

export class LoopDriver {
  private readonly monotonic: Monotonic
  private readonly scheduler: Scheduler
  private readonly watch: TurnWatch
  private readonly failed: (name: string, error: unknown) => void
  private readonly paced: Paced[] = []
  /** Where the next turn begins, so that nobody is always last. */
  private next = 0
  private cancel: (() => void) | null = null
  private wakesAtMs = Number.POSITIVE_INFINITY
  private isRunning = false

  /** `failed`: who threw, and has no turn any more. */
  constructor(
    monotonic: Monotonic,
    scheduler: Scheduler,
    watch: TurnWatch = NOT_WATCHED,
    failed: (name: string, error: unknown) => void = () => {},
  ) {
    this.monotonic = monotonic
    this.scheduler = scheduler
    this.watch = watch
    this.failed = failed
  }

  get nowMs(): number {
    return this.monotonic.elapsedMs()
  }

  get size(): number {
    return this.paced.length
  }

  add(paced: Paced): void {
    this.paced.push(paced)
    this.changed(paced.dueMs)
  }

  remove(paced: Paced): void {
    const index = this.paced.indexOf(paced)
    if (index >= 0) this.paced.splice(index, 1)
  }

  /** Somebody is due at this time, perhaps earlier than was said before. */
  changed(dueMs: number): void {
    if (!this.isRunning && dueMs < this.wakesAtMs) this.wakeAt(dueMs)
  }

  close(): void {
    this.paced.length = 0
    this.cancel?.()
    this.cancel = null
    this.wakesAtMs = Number.POSITIVE_INFINITY
  }

  // A6: whoever throws here ends alone; the others go on.
  private run(paced: Paced): void {
    this.watch.begins(paced.name)
    try {
      paced.run(this.nowMs)
    } catch (error) {
      this.remove(paced)
      this.failed(paced.name, error)
    }
    this.watch.ended()
  }

  private wakeAt(dueMs: number): void {
    this.cancel?.()
    this.cancel = null
    this.wakesAtMs = dueMs
    if (dueMs === Number.POSITIVE_INFINITY) return
    this.cancel = this.scheduler.after(Math.max(0, Math.ceil(dueMs - this.nowMs)), () => this.turn())
  }

  private turn(): void {
    this.cancel = null
    this.isRunning = true
    const startedMs = this.nowMs
    const all = [...this.paced]
    const first = all.length === 0 ? 0 : this.next % all.length
    let done = 0
    for (; done < all.length; done++) {
      const paced = all[(first + done) % all.length]
      if (paced === undefined || paced.dueMs > startedMs + TOGETHER_MS) continue
      this.run(paced)
      if (this.nowMs - startedMs >= TURN_MS) break
    }
    this.next = first + done + 1
    this.isRunning = false
    let soonestMs = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.paced) soonestMs = Math.min(soonestMs, dueMs)
    this.wakesAtMs = soonestMs
    if (soonestMs > this.nowMs) return this.wakeAt(soonestMs)
    // Not a timer of 0 ms: others have their turn, but nothing is waited for.
    let cancelled = false
    this.scheduler.soon(() => {
      if (!cancelled) this.turn()
    })
    this.cancel = () => {
      cancelled = true
    }
  }
}
