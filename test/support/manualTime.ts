// Time that moves only when a test says so: the Clock and the Scheduler of a runtime under test.

import type { Clock, Scheduler } from '../../actors/runtime/ports.ts'

interface Task {
  readonly dueMs: number
  readonly run: () => void
}

export class ManualTime implements Clock, Scheduler {
  /** Monotonic, since the start of the test. */
  private elapsedMs = 0
  private wallMs: number
  private tasks: Task[] = []

  constructor(startMs: number) {
    this.wallMs = startMs
  }

  nowMs(): number {
    return this.wallMs
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { dueMs: this.elapsedMs + Math.max(0, delayMs), run }
    this.tasks.push(task)
    return () => {
      this.tasks = this.tasks.filter((other) => other !== task)
    }
  }

  soon(run: () => void): void {
    this.after(0, run)
  }

  /** The wall clock is set, forward or back; no timer notices. */
  jump(byMs: number): void {
    this.wallMs += byMs
  }

  /** The whole process stands still: time goes on, and what is due waits. */
  sleep(forMs: number): void {
    this.moveTo(this.elapsedMs + forMs)
  }

  /** Runs everything that is due, and everything that follows from it, without moving time. */
  async settle(): Promise<void> {
    for (;;) {
      await turn()
      const task = this.next(this.elapsedMs)
      if (task === null) return
      task.run()
    }
  }

  /** Moves time forward, running each task when it is due. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.elapsedMs + byMs
    await this.settle()
    for (let task = this.next(untilMs); task !== null; task = this.next(untilMs)) {
      this.moveTo(Math.max(this.elapsedMs, task.dueMs))
      task.run()
      await this.settle()
    }
    this.moveTo(untilMs)
  }

  /** Moves time until the promise settles. */
  async drive<T>(promise: Promise<T>, atMostMs = 60_000): Promise<T> {
    let settled = false
    promise.then(
      () => (settled = true),
      () => (settled = true),
    )
    for (let waited = 0; ; waited += STEP_MS) {
      await this.settle()
      if (settled) return promise
      if (waited >= atMostMs) throw new Error(`not settled after ${atMostMs} ms of the test's time`)
      await this.advance(STEP_MS)
    }
  }

  private next(untilMs: number): Task | null {
    let first: Task | null = null
    for (const task of this.tasks) {
      if (task.dueMs <= untilMs && (first === null || task.dueMs < first.dueMs)) first = task
    }
    if (first !== null) this.tasks = this.tasks.filter((task) => task !== first)
    return first
  }

  private moveTo(elapsedMs: number): void {
    this.wallMs += elapsedMs - this.elapsedMs
    this.elapsedMs = elapsedMs
  }
}

const STEP_MS = 5

/** One turn of the real loop: every promise that could settle has settled. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
