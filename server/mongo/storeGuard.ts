// Stands before every call to the database that a request waits for: bounded in number (A5) and in time, and what the
// driver throws becomes `unavailable`, with its cause for the log. Not all of it is a MongoError: errors of the socket
// come through as they are.

import { ServiceError } from '../../shared/errors.ts'
import { unavailable } from '../identity/groupWriter.ts'

/** Beyond this, calls are refused `overloaded`. */
const IN_FLIGHT_LIMIT = 1000
/** The driver alone would wait as long as it takes to find a primary. What comes later may still have happened. */
const ANSWER_WITHIN_MS = 5_000

export class StoreGuard {
  #inFlight = 0
  #closed = false

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new ServiceError('unavailable')
    if (this.#inFlight >= IN_FLIGHT_LIMIT) throw new ServiceError('overloaded')
    this.#inFlight++
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)), ANSWER_WITHIN_MS)
    })
    try {
      return await Promise.race([work(), late])
    } catch (error) {
      throw error instanceof ServiceError ? error : unavailable(error)
    } finally {
      clearTimeout(timer)
      this.#inFlight--
    }
  }

  /** Everything asked from now on is `unavailable`. */
  close(): void {
    this.#closed = true
  }
}
