// Erasing a person from identity.db: inside one transaction everything that says who they are goes, and the id stays, so
// that the ledger and the audit log, which hold ids alone, go on meaning somebody who is nobody any more.

import type { DatabaseSync } from 'node:sqlite'
import { isUserId, type UserId } from '../../shared/ids.ts'
import type { FactorRows } from './factorRows.ts'
import type { LoginAttempts } from './loginAttempts.ts'
import { ERASED_NAME } from './newUser.ts'
import type { ErasedUser, Erasure } from './port.ts'
import type { Sessions } from './sessions.ts'
import { readUser, USER_COLUMNS } from './userRows.ts'

interface ErasureParts {
  readonly sessions: Sessions
  readonly factors: FactorRows
  readonly attempts: LoginAttempts
}

export class Erasures {
  readonly #parts: ErasureParts
  readonly #select
  readonly #erase
  readonly #deleteDestinations
  readonly #since

  constructor(database: DatabaseSync, parts: ErasureParts) {
    this.#parts = parts
    this.#select = database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`)
    this.#erase = database.prepare(
      `UPDATE users SET display_name = '${ERASED_NAME}', email = NULL, password_hash = NULL, erased_at_ms = ? WHERE id = ?`,
    )
    this.#deleteDestinations = database.prepare('DELETE FROM destinations WHERE user_id = ?')
    this.#since = database.prepare('SELECT id, erased_at_ms FROM users WHERE erased_at_ms >= ? ORDER BY erased_at_ms')
  }

  /** Within a transaction. */
  erase(id: UserId, nowMs: number): Erasure {
    const row = this.#select.get(id)
    if (row === undefined) return { kind: 'refused', code: 'not_found' }
    const { roles, email, erasedAtMs } = readUser(row)
    if (erasedAtMs !== null) return { kind: 'erased', atMs: erasedAtMs }
    if (roles.some((role) => role !== 'player')) return { kind: 'refused', code: 'staff.has_roles' }
    const { sessions, factors, attempts } = this.#parts
    sessions.endAll(id)
    factors.end(id)
    if (email !== null) attempts.clear(email)
    this.#deleteDestinations.run(id)
    this.#erase.run(nowMs, id)
    return { kind: 'erased', atMs: nowMs }
  }

  since(atMs: number): readonly ErasedUser[] {
    return this.#since.all(atMs).flatMap(({ id, erased_at_ms: erasedAtMs }) => {
      return typeof id === 'string' && isUserId(id) ? [{ user: id, atMs: Number(erasedAtMs) }] : []
    })
  }
}
