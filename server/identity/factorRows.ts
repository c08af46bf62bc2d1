// Rows of second factors in identity.db, one for each user who has one or has begun to set one up, and their recovery
// codes as hashes. Every method runs inside a transaction of the group writer: what is spent there is spent once. That a
// factor is confirmed stands in the user's row.

import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../shared/ids.ts'
import type { Factor, FactorState, Shown } from './port.ts'

export class FactorRows {
  readonly #select
  readonly #put
  readonly #spendStep
  readonly #confirm
  readonly #delete
  readonly #countCodes
  readonly #putCode
  readonly #spendCode
  readonly #deleteCodes

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(
      `SELECT factors.id, factors.sealed, users.factor = factors.id AS confirmed
       FROM factors JOIN users ON users.id = factors.user_id WHERE user_id = ?`,
    )
    this.#put = database.prepare('INSERT OR REPLACE INTO factors (user_id, id, sealed, last_step) VALUES (?, ?, ?, -1)')
    this.#spendStep = database.prepare(
      'UPDATE factors SET last_step = :step WHERE user_id = :user AND id = :id AND last_step < :step',
    )
    this.#confirm = database.prepare('UPDATE users SET factor = ? WHERE id = ?')
    this.#delete = database.prepare('DELETE FROM factors WHERE user_id = ?')
    this.#countCodes = database.prepare('SELECT count(*) AS left FROM recovery_codes WHERE user_id = ?')
    this.#putCode = database.prepare('INSERT OR IGNORE INTO recovery_codes (user_id, hash) VALUES (?, ?)')
    this.#spendCode = database.prepare('DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?')
    this.#deleteCodes = database.prepare('DELETE FROM recovery_codes WHERE user_id = ?')
  }

  of(user: UserId): FactorState | null {
    const row = this.#select.get(user)
    if (row === undefined) return null
    const { id, sealed, confirmed } = row
    if (typeof id !== 'string' || !(sealed instanceof Uint8Array)) throw new Error(`identity: bad factor of ${user}`)
    const recoveryCodesLeft = Number(this.#countCodes.get(user)?.left ?? 0)
    return { id, sealed, confirmed: confirmed === 1, recoveryCodesLeft }
  }

  put(user: UserId, { id, sealed }: Factor): void {
    this.#put.run(user, id, sealed)
  }

  /** False where it was spent before, or is not the user's. */
  spend(user: UserId, factor: string, shown: Exclude<Shown, { kind: 'refused' }>): boolean {
    if (shown.kind === 'recovery') return this.#spendCode.run(user, shown.hash).changes === 1
    return this.#spendStep.run({ user, id: factor, step: shown.step }).changes === 1
  }

  confirm(user: UserId, factor: string): void {
    this.#confirm.run(factor, user)
  }

  setCodes(user: UserId, hashes: readonly Uint8Array[]): void {
    this.#deleteCodes.run(user)
    for (const hash of hashes) this.#putCode.run(user, hash)
  }

  end(user: UserId): void {
    this.#confirm.run(null, user)
    this.#deleteCodes.run(user)
    this.#delete.run(user)
  }
}
