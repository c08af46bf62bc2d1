// Group commit for the identity file: writes asked for in one turn of the event loop share one transaction, so one
// fsync. The results leave after the commit (what identity answers is durable, S2). Bounded: see QUEUE_LIMIT (A5).

import type { DatabaseSync } from 'node:sqlite'
import { ServiceError } from '../../shared/errors.ts'

/** Beyond this, writes are refused `overloaded`. */
const QUEUE_LIMIT = 1000

interface Waiting {
  readonly run: () => void
  readonly succeed: () => void
  readonly fail: (error: unknown) => void
}

export class GroupWriter {
  readonly #database: DatabaseSync
  #queue: Waiting[] = []
  #scheduled = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /**
   * Runs `work`, which is synchronous and decides by values, inside the next transaction. A throw undoes the whole
   * group: it is a bug or a broken disk, never an outcome.
   */
  write<T>(work: () => T): Promise<T> {
    if (this.#queue.length >= QUEUE_LIMIT) return Promise.reject(new ServiceError('overloaded'))
    return new Promise<T>((resolve, reject) => {
      let result: { readonly value: T } | null = null
      this.#queue.push({
        run: () => {
          result = { value: work() }
        },
        succeed: () => (result === null ? reject(new Error('the write did not run')) : resolve(result.value)),
        fail: reject,
      })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.flush())
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#scheduled = false
    const group = this.#queue
    this.#queue = []
    if (group.length === 0) return
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const { run } of group) run()
      this.#database.exec('COMMIT')
    } catch (cause) {
      if (this.#database.isOpen && this.#database.isTransaction) this.#database.exec('ROLLBACK')
      const error = unavailable(cause)
      for (const { fail } of group) fail(error)
      return
    }
    for (const { succeed } of group) succeed()
  }
}

/** Internals stay in `cause`, for the log. */
export function unavailable(cause: unknown): ServiceError {
  const error = new ServiceError('unavailable')
  error.cause = cause
  return error
}
