// Addresses outside that users withdraw to, in identity.db: looked up by user and address, or by the id that the ledger has.

import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { isUserId, type UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { Destination } from './port.ts'

/** Says nothing of user or address. */
export function newDestinationId(): string {
  return `dst_${randomBytes(16).toString('base64url')}`
}

export class Destinations {
  readonly #byAddress
  readonly #byId
  readonly #count
  readonly #isErased
  readonly #insert

  constructor(database: DatabaseSync) {
    this.#byAddress = database.prepare('SELECT id FROM destinations WHERE user_id = ? AND address = ?')
    this.#byId = database.prepare('SELECT user_id, address FROM destinations WHERE id = ?')
    this.#count = database.prepare('SELECT count(*) AS known FROM destinations WHERE user_id = ?')
    this.#isErased = database.prepare('SELECT 1 FROM users WHERE id = ? AND erased_at_ms IS NOT NULL')
    this.#insert = database.prepare('INSERT INTO destinations (id, user_id, address) VALUES (?, ?, ?)')
  }

  known(user: UserId, address: string): string | null {
    const id = this.#byAddress.get(user, address)?.id
    return typeof id === 'string' ? id : null
  }

  /** Within a transaction. Null where there are too many, and for an erased user: of them nothing is kept. */
  add(user: UserId, address: string): string | null {
    const known = this.known(user, address)
    if (known !== null) return known
    if (this.#isErased.get(user) !== undefined) return null
    if (Number(this.#count.get(user)?.known ?? 0) >= RULES.maxDestinations) return null
    const id = newDestinationId()
    this.#insert.run(id, user, address)
    return id
  }

  find(id: string): Destination | null {
    const row = this.#byId.get(id)
    if (row === undefined || typeof row.user_id !== 'string' || !isUserId(row.user_id)) return null
    return { id, user: row.user_id, address: String(row.address) }
  }
}
