// Rows of sessions: one per sign-in, holding the hash of its current refresh token. Every method runs inside a
// transaction of the group writer, but for the clean-up.

import type { DatabaseSync } from 'node:sqlite'
import { isUserId, type UserId } from '../../shared/ids.ts'
import type { Session, User } from './port.ts'
import { isSameHash, makeRefreshToken, type RefreshToken, randomId } from './refreshTokens.ts'

/** A user signed in on more devices than this loses the session unused for longest. */
const SESSIONS_PER_USER = 20
const CLEAN_UP_EVERY = 500

export class Sessions {
  readonly #lifeMs: number
  #untilCleanUp = CLEAN_UP_EVERY
  readonly #insert
  readonly #select
  readonly #update
  readonly #delete
  readonly #deleteOfUser
  readonly #deleteSurplus
  readonly #deleteExpired

  constructor(database: DatabaseSync, lifeMs: number) {
    this.#lifeMs = lifeMs
    this.#insert = database.prepare(
      'INSERT INTO sessions (id, user_id, token_hash, used_at_ms, expires_at_ms) VALUES (?, ?, ?, ?, ?)',
    )
    this.#select = database.prepare('SELECT user_id, token_hash, expires_at_ms FROM sessions WHERE id = ?')
    this.#update = database.prepare(
      'UPDATE sessions SET token_hash = ?, used_at_ms = ?, expires_at_ms = ? WHERE id = ?',
    )
    this.#delete = database.prepare('DELETE FROM sessions WHERE id = ?')
    this.#deleteOfUser = database.prepare('DELETE FROM sessions WHERE user_id = ?')
    this.#deleteSurplus = database.prepare(
      `DELETE FROM sessions WHERE id IN (
         SELECT id FROM sessions WHERE user_id = ? ORDER BY used_at_ms DESC LIMIT -1 OFFSET ${SESSIONS_PER_USER})`,
    )
    this.#deleteExpired = database.prepare('DELETE FROM sessions WHERE expires_at_ms <= ?')
  }

  start(user: User, nowMs: number): Session {
    const session = randomId()
    const { token, hash } = makeRefreshToken(session)
    const expiresAtMs = nowMs + this.#lifeMs
    this.#insert.run(session, user.id, hash, nowMs, expiresAtMs)
    this.#deleteSurplus.run(user.id)
    if (--this.#untilCleanUp <= 0) this.dropExpired(nowMs)
    return { user, refreshToken: token, refreshExpiresAtMs: expiresAtMs }
  }

  /** Whose session this is; null where it is over. A token swapped before ends the session: somebody has a copy. */
  check(token: RefreshToken, nowMs: number): UserId | null {
    const row = this.#select.get(token.session)
    if (row === undefined) return null
    const { user_id: user, token_hash: hash, expires_at_ms: expiresAtMs } = row
    const current = hash instanceof Uint8Array && isSameHash(hash, token.hash)
    const live = typeof expiresAtMs === 'number' && expiresAtMs > nowMs
    if (current && live && typeof user === 'string' && isUserId(user)) return user
    this.#delete.run(token.session)
    return null
  }

  rotate(session: string, user: User, nowMs: number): Session {
    const { token, hash } = makeRefreshToken(session)
    const expiresAtMs = nowMs + this.#lifeMs
    this.#update.run(hash, nowMs, expiresAtMs, session)
    return { user, refreshToken: token, refreshExpiresAtMs: expiresAtMs }
  }

  /** Any token of the session ends it, a swapped one too. */
  end(token: RefreshToken): void {
    this.#delete.run(token.session)
  }

  endAll(user: UserId): void {
    this.#deleteOfUser.run(user)
  }

  dropExpired(nowMs: number): void {
    this.#untilCleanUp = CLEAN_UP_EVERY
    this.#deleteExpired.run(nowMs)
  }
}
