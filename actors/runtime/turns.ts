// So many at a time, the others in the order they came (A5: they wait, and where too many do the next is refused). A turn
// that lasts too long is not waited for any more, where there is a patience: it goes on, and somebody else begins beside it.

import { ServiceError } from '../../shared/errors.ts'
import type { Scheduler } from './ports.ts'

export interface TurnsOptions {
  readonly atATime: number
  /** Beyond it `run` rejects with `overloaded`. Left out where those who come are few by what they are. */
  readonly maxWaiting?: number
  /** After `ms`, a turn does not keep others from theirs. */
  readonly patience?: { readonly ms: number; readonly scheduler: Scheduler }
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
    const { atATime, maxWaiting = Number.POSITIVE_INFINITY, patience } = this.options
    // Whoever is next is handed the place of the one before: nobody comes in between.
    if (this.taken < atATime) this.taken++
    else if (this.queue.length >= maxWaiting) throw new ServiceError('overloaded')
    else await new Promise<void>((resolve) => this.queue.push(resolve))
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      const next = this.queue.shift()
      if (next === undefined) this.taken--
      else next()
    }
    const cancel = patience?.scheduler.after(patience.ms, end)
    try {
      return await task()
    } finally {
      cancel?.()
      end()
    }
  }
}
