// Counts login attempts per address, whether or not anybody has it, and locks an address that fails too often. Each
// counted attempt takes one of a few places, by inserting its document: guesses sent to several processes at once cannot
// share one. Addresses are kept as hashes only.

import { RULES } from '../../shared/rules.ts'
import type { Attempt } from '../identity/loginAttempts.ts'
import { deleteWhere, type IdentityCollections, inserted } from './identityCollections.ts'
import { addressKey } from './identityUsers.ts'

const PLACES: readonly number[] = Array.from({ length: RULES.failedLoginsBeforeLock }, (_, place) => place)
const MEMORY_MS = RULES.loginLockSeconds * 1000

/** The place that an attempt has taken. */
type Placed = Exclude<Attempt, { kind: 'allowed' }> | { readonly kind: 'allowed'; readonly place: string }

export class IdentityAttempts {
  readonly #failures: IdentityCollections['failures']

  constructor({ failures }: IdentityCollections) {
    this.#failures = failures
  }

  /** Counts one attempt as failed; `clear` takes it back when it succeeds. A refused one is not counted. */
  async count(email: string, nowMs: number): Promise<Placed> {
    const ids = placesOf(email)
    for (;;) {
      const taken = await this.#failures.find({ _id: { $in: ids } }).toArray()
      const forgetAtMs = Math.max(0, ...taken.map((failure) => failure.forgetAtMs))
      const remembered = forgetAtMs > nowMs
      const free = ids.find((id) => !remembered || !taken.some(({ _id }) => _id === id))
      if (free === undefined) return { kind: 'locked', untilMs: forgetAtMs }
      // They are forgotten together, once the last of them is old enough.
      if (!remembered && taken.length > 0) {
        await this.#failures.deleteMany({ _id: { $in: ids }, forgetAtMs: { $lte: nowMs } })
      }
      const took = await inserted(this.#failures.insertOne({ _id: free, forgetAtMs: nowMs + MEMORY_MS }))
      // Otherwise somebody else has just taken it: there is one free place less, so this ends.
      if (took) return { kind: 'allowed', place: free }
    }
  }

  /** One that says nothing about guesses: the password was right, and the code was not yet asked for. */
  async takeBack(place: string): Promise<void> {
    await this.#failures.deleteOne({ _id: place })
  }

  async clear(email: string): Promise<void> {
    await this.#failures.deleteMany({ _id: { $in: placesOf(email) } })
  }

  async dropForgotten(nowMs: number): Promise<void> {
    await deleteWhere(
      (limit) => this.#failures.find({ forgetAtMs: { $lte: nowMs } }, { projection: { _id: 1 }, limit }).toArray(),
      (ids) => this.#failures.deleteMany({ _id: { $in: ids }, forgetAtMs: { $lte: nowMs } }),
    )
  }
}

function placesOf(email: string): string[] {
  const key = addressKey(email)
  return PLACES.map((place) => `${key}.${place}`)
}
