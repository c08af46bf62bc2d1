// Sessions as chains of documents, one for each swap of the refresh token. A change inserts the next number: of two
// processes that swap, or end, the same session at once only one can, and the other looks again. So nothing here depends
// on reading and writing in one step.

import { ServiceError } from '../../shared/errors.ts'
import { isUserId, type UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { Session, User } from '../identity/port.ts'
import { isSameHash, makeRefreshToken, type RefreshToken, randomId } from '../identity/refreshTokens.ts'
import { deleteWhere, type IdentityCollections, inserted, type SessionDocument } from './identityCollections.ts'

/** A user signed in on more devices than this loses the session unused for longest. */
const SESSIONS_PER_USER = 20
/** Numbers stay taken this long, so that whoever has read an old one cannot insert its successor a second time. */
const GENERATIONS_KEPT = 8
/** The same for the end of a session, once nothing else is left of it. */
const END_KEPT_MS = 60 * 60 * 1000
/** Each lost race is somebody else's success: more in a row are no honest client's. */
const RACES = 20

export class IdentitySessions {
  readonly #sessions: IdentityCollections['sessions']
  readonly #lifeMs = RULES.refreshTokenSeconds * 1000
  readonly #graceMs = RULES.refreshGraceSeconds * 1000

  constructor({ sessions }: IdentityCollections) {
    this.#sessions = sessions
  }

  /** `factor`: what the user has proven beside the password. */
  async start(user: User, factor: string | null, nowMs: number): Promise<Session> {
    const session = randomId()
    const { token, hash } = makeRefreshToken(session)
    const expiresAtMs = nowMs + this.#lifeMs
    await this.#sessions.insertOne({
      _id: generationId(session, 0),
      session,
      number: 0,
      user: user.id,
      ended: false,
      factor,
      token: encoded(hash),
      previous: null,
      graceEndsMs: 0,
      usedAtMs: nowMs,
      expiresAtMs,
    })
    return { user, factor, refreshToken: token, refreshExpiresAtMs: expiresAtMs }
  }

  /** The session as it is now; null where there is none, or it has ended. */
  async find(session: string): Promise<SessionDocument | null> {
    const latest = await this.#sessions.findOne({ session }, { sort: { number: -1 } })
    return latest === null || latest.ended || !isUserId(latest.user) ? null : latest
  }

  /**
   * Whether this token may be swapped. One swapped before is good only in its grace, while its successor is unused:
   * otherwise somebody has a copy.
   */
  isGood(found: SessionDocument, token: RefreshToken, nowMs: number): boolean {
    const inGrace = found.graceEndsMs > nowMs
    const known = isHash(found.token, token) || (inGrace && found.previous !== null && isHash(found.previous, token))
    return known && found.expiresAtMs > nowMs
  }

  /** Swaps a token found good in `found`. Null where `found` is not the latest any more. */
  async swap(found: SessionDocument, presented: RefreshToken, user: User, nowMs: number): Promise<Session | null> {
    const { session } = found
    const number = found.number + 1
    const { token, hash } = makeRefreshToken(session)
    const expiresAtMs = nowMs + this.#lifeMs
    const next: SessionDocument = {
      ...found,
      _id: generationId(session, number),
      number,
      token: encoded(hash),
      previous: encoded(presented.hash),
      // A token swapped once more keeps the end of its grace.
      graceEndsMs: isHash(found.token, presented) ? nowMs + this.#graceMs : found.graceEndsMs,
      usedAtMs: nowMs,
      expiresAtMs,
    }
    if (!(await inserted(this.#sessions.insertOne(next)))) return null
    if (number >= GENERATIONS_KEPT) {
      await this.#sessions.deleteOne({ _id: generationId(session, number - GENERATIONS_KEPT) })
    }
    const factor = found.factor === user.factor ? user.factor : null
    return { user, factor, refreshToken: token, refreshExpiresAtMs: expiresAtMs }
  }

  async end(session: string, nowMs: number): Promise<void> {
    for (let race = 0; race < RACES; race++) {
      const found = await this.find(session)
      if (found === null) return
      const number = found.number + 1
      const _id = generationId(session, number)
      if (!(await inserted(this.#sessions.insertOne({ ...found, _id, number, ended: true })))) continue
      await this.#sessions.deleteMany({ session, number: { $lt: number } })
      // Nobody else touches it, so this needs no guard.
      await this.#sessions.updateOne({ _id }, { $set: { expiresAtMs: nowMs + END_KEPT_MS } })
      return
    }
    throw new ServiceError('overloaded')
  }

  async endAll(user: UserId, nowMs: number): Promise<void> {
    for (const { session } of await this.#liveOf(user, nowMs)) await this.end(session, nowMs)
  }

  async endSurplus(user: UserId, nowMs: number): Promise<void> {
    const live = await this.#liveOf(user, nowMs)
    const newestFirst = live.sort((a, b) => b.usedAtMs - a.usedAtMs || (a.session < b.session ? -1 : 1))
    for (const { session } of newestFirst.slice(SESSIONS_PER_USER)) await this.end(session, nowMs)
  }

  /** Of an erased user nothing is kept, ends of sessions neither. */
  async erase(user: UserId): Promise<void> {
    await this.#sessions.deleteMany({ user })
  }

  async dropExpired(nowMs: number): Promise<void> {
    await deleteWhere(
      (limit) => this.#sessions.find({ expiresAtMs: { $lte: nowMs } }, { projection: { _id: 1 }, limit }).toArray(),
      (ids) => this.#sessions.deleteMany({ _id: { $in: ids } }),
    )
  }

  async #liveOf(user: UserId, nowMs: number): Promise<SessionDocument[]> {
    const latest = new Map<string, SessionDocument>()
    for await (const document of this.#sessions.find({ user, expiresAtMs: { $gt: nowMs } })) {
      const known = latest.get(document.session)
      if (known === undefined || known.number < document.number) latest.set(document.session, document)
    }
    return [...latest.values()].filter(({ ended }) => !ended)
  }
}

function generationId(session: string, number: number): string {
  return `${session}.${number}`
}

function encoded(hash: Uint8Array): string {
  return Buffer.from(hash).toString('base64url')
}

function isHash(stored: string, token: RefreshToken): boolean {
  return isSameHash(Buffer.from(stored, 'base64url'), token.hash)
}
