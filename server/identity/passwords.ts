// Argon2id, off the main thread. Each hash takes some 20 MB and tens of milliseconds of a core, so few run at a time and
// few may wait (A5: beyond that, sign-ins are refused `overloaded` before anything is counted against them).

import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import { normalisePassword } from './credentials.ts'

/** OWASP's first choice for argon2id; the library's default algorithm is argon2id. */
const COST = Object.freeze({ memoryCost: 19_456, timeCost: 2, parallelism: 1 })

/** Half of the threads libuv has by default: token signatures are checked on the same ones. */
const CONCURRENT = 2
const WAITING_LIMIT = 64

export class PasswordHasher {
  #running = 0
  readonly #waiting: (() => void)[] = []
  /** A hash nobody has the password of, to spend the same time on unknown addresses. */
  readonly #decoy: Promise<string>

  constructor() {
    this.#decoy = hash(randomBytes(32), COST)
    this.#decoy.catch(() => undefined) // whoever needs it awaits it, and sees the failure
  }

  get isFull(): boolean {
    return this.#waiting.length >= WAITING_LIMIT
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normalisePassword(password), COST))
  }

  /** With no hash to compare to, takes as long and answers false. */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const against = stored ?? (await this.#decoy)
    const matches = await this.#inTurn(() => verify(against, normalisePassword(password)))
    return matches && stored !== null
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift() // takes over this one's place
      if (next === undefined) this.#running--
      else next()
    }
  }
}
