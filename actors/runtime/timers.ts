// The durable timers of one partition (A7). Which timers exist is the ledger's business; this only wakes up when the
// next one is due and fires what is due, each once at a time. Entries of the heap that the ledger no longer has, or has
// with another due time, are passed over.

import { type LedgerState, type PendingTimer, timerKey } from './ledgerState.ts'
import type { Clock, Scheduler } from './ports.ts'

/** Longest single wait, so that a clock that jumps forward is noticed. */
const MAX_WAIT_MS = 1_000

interface HeapEntry {
  readonly key: string
  readonly dueMs: number
}

export class Timers {
  private readonly ledger: LedgerState
  private readonly clock: Clock
  private readonly scheduler: Scheduler
  private readonly fire: (timer: PendingTimer, done: () => void) => void
  private readonly heap: HeapEntry[] = []
  private readonly firing = new Set<string>()
  private cancelWait: (() => void) | null = null
  private closed = false

  constructor(
    ledger: LedgerState,
    clock: Clock,
    scheduler: Scheduler,
    fire: (timer: PendingTimer, done: () => void) => void,
  ) {
    this.ledger = ledger
    this.clock = clock
    this.scheduler = scheduler
    this.fire = fire
    for (const timer of ledger.timers.values())
      this.push({ key: timerKey(timer.actor, timer.name), dueMs: timer.dueMs })
  }

  get idle(): boolean {
    return this.firing.size === 0
  }

  set(actor: string, name: string, dueMs: number): void {
    this.push({ key: timerKey(actor, name), dueMs })
    if (this.heap[0]?.dueMs === dueMs) this.arm()
  }

  /** Fires what is due and waits for the next. */
  arm(): void {
    this.cancelWait?.()
    this.cancelWait = null
    if (this.closed) return
    const now = this.clock.nowMs()
    for (let next = this.heap[0]; next !== undefined && next.dueMs <= now; next = this.heap[0]) {
      this.pop()
      this.start(next)
    }
    const next = this.heap[0]
    if (next === undefined) return
    this.cancelWait = this.scheduler.after(Math.min(next.dueMs - now, MAX_WAIT_MS), () => {
      this.cancelWait = null
      this.arm()
    })
  }

  close(): void {
    this.closed = true
    this.cancelWait?.()
  }

  private start(entry: HeapEntry): void {
    const timer = this.ledger.timers.get(entry.key)
    if (timer === undefined || timer.dueMs !== entry.dueMs || this.firing.has(entry.key)) return
    this.firing.add(entry.key)
    this.fire(timer, () => {
      this.firing.delete(entry.key)
      if (this.closed) return
      // Still there: it was not recorded (the actor could not be loaded), or was set anew meanwhile.
      const again = this.ledger.timers.get(entry.key)
      if (again !== undefined) this.set(again.actor, again.name, again.dueMs)
    })
  }

  private push(entry: HeapEntry): void {
    const { heap } = this
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (due(heap[parent]) <= entry.dueMs) break
      swap(heap, index, parent)
      index = parent
    }
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const child = due(heap[left + 1]) < due(heap[left]) ? left + 1 : left
      if (due(heap[child]) >= last.dueMs) return
      swap(heap, index, child)
      index = child
    }
  }
}

function due(entry: HeapEntry | undefined): number {
  return entry?.dueMs ?? Number.POSITIVE_INFINITY
}

function swap(heap: HeapEntry[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]]
  if (first === undefined || second === undefined) return
  heap[a] = second
  heap[b] = first
}
