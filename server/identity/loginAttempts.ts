// Counts login attempts per address, whether or not anybody has it, and locks an address that fails too often. Addresses
// are kept as hashes only. Every method runs inside a transaction of the group writer, but for the clean-up.

import type { DatabaseSync } from 'node:sqlite'
import { digest } from './refreshTokens.ts'

export type Attempt = { readonly kind: 'allowed' } | { readonly kind: 'locked'; readonly untilMs: number }

const CLEAN_UP_EVERY = 500

export class LoginAttempts {
  readonly #limit: number
  /** An address is locked this long; attempts older than this do not count. */
  readonly #memoryMs: number
  #untilCleanUp = CLEAN_UP_EVERY
  readonly #select
  readonly #upsert
  readonly #decrement
  readonly #delete
  readonly #deleteForgotten

  constructor(database: DatabaseSync, limit: number, memoryMs: number) {
    this.#limit = limit
    this.#memoryMs = memoryMs
    this.#select = database.prepare('SELECT attempts, forget_at_ms FROM login_failures WHERE email_hash = ?')
    this.#upsert = database.prepare(
      'INSERT OR REPLACE INTO login_failures (email_hash, attempts, forget_at_ms) VALUES (?, ?, ?)',
    )
    this.#decrement = database.prepare(
      'UPDATE login_failures SET attempts = attempts - 1 WHERE email_hash = ? AND attempts > 0',
    )
    this.#delete = database.prepare('DELETE FROM login_failures WHERE email_hash = ?')
    this.#deleteForgotten = database.prepare('DELETE FROM login_failures WHERE forget_at_ms <= ?')
  }

  /** Counts one attempt as failed; `clear` takes it back when it succeeds. A refused one is not counted. */
  count(email: string, nowMs: number): Attempt {
    const key = digest(email)
    const row = this.#select.get(key)
    const { attempts, forget_at_ms: forgetAtMs } = row ?? {}
    const remembered = typeof attempts === 'number' && typeof forgetAtMs === 'number' && forgetAtMs > nowMs
    const before = remembered ? attempts : 0
    if (remembered && before >= this.#limit) return { kind: 'locked', untilMs: forgetAtMs }
    this.#upsert.run(key, before + 1, nowMs + this.#memoryMs)
    if (--this.#untilCleanUp <= 0) this.dropForgotten(nowMs)
    return { kind: 'allowed' }
  }

  /** One that says nothing about guesses: the password was right, and the code was not yet asked for. */
  takeBack(email: string): void {
    this.#decrement.run(digest(email))
  }

  clear(email: string): void {
    this.#delete.run(digest(email))
  }

  dropForgotten(nowMs: number): void {
    this.#untilCleanUp = CLEAN_UP_EVERY
    this.#deleteForgotten.run(nowMs)
  }
}
