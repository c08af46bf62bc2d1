// Users erased within the life of an access token: tokens are checked without asking anybody, so a process remembers
// whose are good no longer. What it erased itself counts at once; what other processes erased, within a second.

import type { Clock, Scheduler } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { Identity } from './port.ts'

const LOOK_EVERY_MS = 1_000
/** A token may have been given out in the very moment of the erasure, by a process whose clock is another. */
const REMEMBERED_MS = 2 * RULES.accessTokenSeconds * 1000

interface ErasedUsersParts {
  readonly identity: Pick<Identity, 'erasedSince'>
  readonly clock: Clock
  readonly scheduler: Pick<Scheduler, 'after'>
  /** Hears of a list that could not be read; it is read again all the same. */
  readonly failed: (error: unknown) => void
}

export class ErasedUsers {
  readonly #parts: ErasedUsersParts
  #users: ReadonlySet<UserId> = new Set()
  /** Erased by this process since it last looked. */
  readonly #own = new Set<UserId>()
  #cancel: (() => void) | null = null
  #closed = false

  constructor(parts: ErasedUsersParts) {
    this.#parts = parts
  }

  /** Rejects where identity does not answer: nobody is let in before the list was read once. */
  async start(): Promise<void> {
    await this.#read()
    this.#lookLater()
  }

  has(user: UserId): boolean {
    return this.#users.has(user) || this.#own.has(user)
  }

  add(user: UserId): void {
    this.#own.add(user)
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #lookLater(): void {
    if (this.#closed) return
    this.#cancel = this.#parts.scheduler.after(LOOK_EVERY_MS, () => {
      this.#read()
        .catch((error: unknown) => this.#closed || this.#parts.failed(error))
        .finally(() => this.#lookLater())
    })
  }

  async #read(): Promise<void> {
    const { identity, clock } = this.#parts
    const own = [...this.#own]
    const erased = await identity.erasedSince(clock.nowMs() - REMEMBERED_MS)
    this.#users = new Set(erased.map(({ user }) => user))
    // Those that were there before the list was asked for are in it now.
    for (const user of own) if (this.#users.has(user)) this.#own.delete(user)
  }
}
