// So many at a time, the others in the order they came (A5: they wait). A turn that lasts too long is not waited for any
// more: it goes on, and somebody else begins beside it.

import type { Scheduler } from '../runtime/ports.ts'

export interface TurnsOptions {
  readonly atATime: number
  /** After this, in ms, a turn does not keep others from theirs. */
  readonly patienceMs: number
  readonly scheduler: Scheduler
}

export class Turns {
  private readonly options: TurnsOptions
  private readonly queue: (() => void)[] = []
  private taken = 0

  constructor(options: TurnsOptions) {
    this.options = options
  }

  /** Those that wait. */
  get waiting(): number {
    return this.queue.length
  }

  /** Runs `task` when it is its turn. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const { atATime, patienceMs, scheduler } = this.options
    // Whoever is next is handed the place of the one before: nobody comes in between.
    if (this.taken >= atATime) await new Promise<void>((resolve) => this.queue.push(resolve))
    else this.taken++
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      const next = this.queue.shift()
      if (next === undefined) this.taken--
      else next()
    }
    const cancel = scheduler.after(patienceMs, end)
    try {
      return await task()
    } finally {
      cancel()
      end()
    }
  }
}
