// Rows of sessions: one per sign-in, holding the hash of its current refresh token, and of the one before for as long as
// that may be presented once more: the answer to its swap may have been lost, and a guest has nothing else to sign in
// with. Every method runs inside a transaction of the group writer, but for the clean-up.

import type { DatabaseSync } from 'node:sqlite'
import { isUserId, type UserId } from '../../shared/ids.ts'
import type { Session, User } from './port.ts'
import { isSameHash, makeRefreshToken, type RefreshToken, randomId } from './refreshTokens.ts'

/** A user signed in on more devices than this loses the session unused for longest. */
const SESSIONS_PER_USER = 20
const CLEAN_UP_EVERY = 500

/** Whose a session is, and the second factor that it was begun with. */
interface Owner {
  readonly user: UserId
  readonly factor: string | null
}

export class Sessions {
  readonly #lifeMs: number
  readonly #graceMs: number
  #untilCleanUp = CLEAN_UP_EVERY
  readonly #insert
  readonly #select
  readonly #update
  readonly #delete
  readonly #deleteOfUser
  readonly #deleteSurplus
  readonly #deleteExpired

  constructor(database: DatabaseSync, lifeMs: number, graceMs: number) {
    this.#lifeMs = lifeMs
    this.#graceMs = graceMs
    this.#insert = database.prepare(
      'INSERT INTO sessions (id, user_id, token_hash, used_at_ms, expires_at_ms, factor) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#select = database.prepare(
      'SELECT user_id, token_hash, expires_at_ms, previous_hash, previous_until_ms, factor FROM sessions WHERE id = ?',
    )
    // A token swapped once more keeps the end of its grace: what stands on the right are the values before.
    this.#update = database.prepare(
      `UPDATE sessions SET token_hash = :made, used_at_ms = :now, expires_at_ms = :expires, previous_hash = :presented,
         previous_until_ms = iif(token_hash = :presented, :graceEnds, previous_until_ms)
       WHERE id = :session`,
    )
    this.#delete = database.prepare('DELETE FROM sessions WHERE id = ?')
    this.#deleteOfUser = database.prepare('DELETE FROM sessions WHERE user_id = ?')
    this.#deleteSurplus = database.prepare(
      `DELETE FROM sessions WHERE id IN (
         SELECT id FROM sessions WHERE user_id = ? ORDER BY used_at_ms DESC LIMIT -1 OFFSET ${SESSIONS_PER_USER})`,
    )
    this.#deleteExpired = database.prepare('DELETE FROM sessions WHERE expires_at_ms <= ?')
  }

  /** `factor`: what the user has proven beside the password. */
  start(user: User, factor: string | null, nowMs: number): Session {
    const session = randomId()
    const { token, hash } = makeRefreshToken(session)
    const expiresAtMs = nowMs + this.#lifeMs
    this.#insert.run(session, user.id, hash, nowMs, expiresAtMs, factor)
    this.#deleteSurplus.run(user.id)
    if (--this.#untilCleanUp <= 0) this.dropExpired(nowMs)
    return { user, factor, refreshToken: token, refreshExpiresAtMs: expiresAtMs }
  }

  /**
   * Whose session this is; null where it is over. A token swapped before ends the session, for somebody has a copy,
   * unless its successor is still unused and its grace not over.
   */
  check(token: RefreshToken, nowMs: number): Owner | null {
    const row = this.#select.get(token.session)
    if (row === undefined) return null
    const { user_id: user, expires_at_ms: expiresAtMs, previous_until_ms: graceEndsMs } = row
    const live = typeof expiresAtMs === 'number' && expiresAtMs > nowMs
    const inGrace = typeof graceEndsMs === 'number' && graceEndsMs > nowMs
    const good = isHash(row.token_hash, token) || (inGrace && isHash(row.previous_hash, token))
    if (good && live && typeof user === 'string' && isUserId(user)) {
      return { user, factor: typeof row.factor === 'string' ? row.factor : null }
    }
    this.#delete.run(token.session)
    return null
  }

  /** Swaps a token that `check` has found good. A successor it had before is good no longer. */
  rotate(presented: RefreshToken, user: User, factor: string | null, nowMs: number): Session {
    const { session } = presented
    const { token, hash: made } = makeRefreshToken(session)
    const expires = nowMs + this.#lifeMs
    const graceEnds = nowMs + this.#graceMs
    this.#update.run({ session, made, presented: presented.hash, now: nowMs, expires, graceEnds })
    return { user, factor, refreshToken: token, refreshExpiresAtMs: expires }
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

function isHash(stored: unknown, token: RefreshToken): boolean {
  return stored instanceof Uint8Array && isSameHash(stored, token.hash)
}
