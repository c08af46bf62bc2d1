// The one queue of everything that will happen: timers, completions of I/O, messages on the wire, client actions. A step
// takes one task that is due, chosen by the seed, moving virtual time forward when none is. Owners are nodes or parts of
// the world; a crash drops a node's tasks, a pause keeps them back.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { Prng } from './prng.ts'

interface Task {
  readonly owner: string
  readonly label: string
  readonly dueMs: number
  readonly run: () => void
}

export class SimLoop {
  /** Virtual monotonic time since the start of the run. */
  nowMs = 0
  private tasks: Task[] = []
  private readonly paused = new Set<string>()
  private readonly prng: Prng

  constructor(prng: Prng) {
    this.prng = prng
  }

  get size(): number {
    return this.tasks.length
  }

  /** Runs `run` once, `delayMs` from now or later. Answers a function that cancels it. */
  add(owner: string, label: string, delayMs: number, run: () => void): () => void {
    const task: Task = { owner, label, dueMs: this.nowMs + Math.max(0, delayMs), run }
    this.tasks.push(task)
    return () => this.remove(task)
  }

  /** Resolves after the delay; never, if the owner crashes first. */
  wait(owner: string, label: string, delayMs: number): Promise<void> {
    return new Promise((resolve) => this.add(owner, label, delayMs, resolve))
  }

  /** Forgets an owner's tasks, but for those that `keep` says yes to. */
  drop(owner: string, keep: () => boolean = () => false): void {
    this.tasks = this.tasks.filter((task) => task.owner !== owner || keep())
    this.paused.delete(owner)
  }

  pause(owner: string): void {
    this.paused.add(owner)
  }

  resume(owner: string): void {
    this.paused.delete(owner)
  }

  /** Runs one task and whatever promises it settles. Answers its label, or null when nothing can ever run. */
  async step(): Promise<string | null> {
    const task = this.choose()
    if (task === null) return null
    this.remove(task)
    task.run()
    await settled()
    return `${task.owner} ${task.label}`
  }

  private choose(): Task | null {
    const due: Task[] = []
    let next: number | null = null
    for (const task of this.tasks) {
      if (this.paused.has(task.owner)) continue
      if (task.dueMs <= this.nowMs) due.push(task)
      else if (next === null || task.dueMs < next) next = task.dueMs
    }
    if (due.length > 0) return this.prng.pick(due)
    if (next === null) return null
    this.nowMs = next
    return this.choose()
  }

  private remove(task: Task): void {
    const index = this.tasks.indexOf(task)
    if (index !== -1) this.tasks.splice(index, 1)
  }
}

/** One turn of the real loop: by then every promise that could settle without the simulator has settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The loop as one node's runtime sees it. */
export class SimScheduler implements Scheduler {
  private readonly loop: SimLoop
  private readonly owner: string

  constructor(loop: SimLoop, owner: string) {
    this.loop = loop
    this.owner = owner
  }

  after(delayMs: number, task: () => void): () => void {
    return this.loop.add(this.owner, 'timer', delayMs, task)
  }

  soon(task: () => void): void {
    this.loop.add(this.owner, 'soon', 0, task)
  }
}
