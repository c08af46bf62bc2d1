// Access tokens: signed, short-lived, checked without asking anybody. Verified tokens are remembered, so that a client
// that comes back costs a map look-up and no turn of the event loop. They cannot be taken back before they expire, but for
// those of erased users.

import { createSecretKey, type KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../../actors/runtime/ports.ts'
import { isUserId, type UserId, type WalletId, walletOf } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { ROLES, type Role, type User } from './port.ts'

/** Who sends a request, as their token says. */
export interface Caller {
  readonly userId: UserId
  readonly walletId: WalletId
  readonly roles: readonly Role[]
  /** The second factor that they signed in with; null without. Whether it is still theirs, only identity knows. */
  readonly factor: string | null
  readonly expiresAtMs: number
}

export type Verification =
  | { readonly kind: 'valid'; readonly caller: Caller }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' }

const ISSUER = 'leetgaming'
const AUDIENCE = 'leetgaming-realtime'
const ALGORITHM = 'HS256'
const TOKEN_MAX_LENGTH = 2048
/** Some 600 bytes each. Beyond it the token unused for longest is checked anew. */
const REMEMBERED_LIMIT = 20_000

const INVALID: Verification = Object.freeze({ kind: 'invalid' })
const EXPIRED: Verification = Object.freeze({ kind: 'expired' })

export class TokenService {
  readonly #key: KeyObject
  readonly #clock: Clock
  readonly #erased: { has(user: UserId): boolean }
  /** In order of last use. */
  readonly #remembered = new Map<string, Verification & { kind: 'valid' }>()

  /** `erased`: users whose tokens are good no longer. */
  constructor(secret: string, clock: Clock, erased: { has(user: UserId): boolean } = new Set<UserId>()) {
    this.#key = createSecretKey(secret, 'utf8')
    this.#clock = clock
    this.#erased = erased
  }

  /** `factor`: what the user's session was begun with. How they signed in is in the token by the names of RFC 8176. */
  async issue(
    user: Pick<User, 'id' | 'roles'>,
    factor: string | null = null,
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const issuedAt = Math.floor(this.#clock.nowMs() / 1000)
    const expiresAt = issuedAt + RULES.accessTokenSeconds
    const token = await new SignJWT({ wid: walletOf(user.id), roles: user.roles, ...claimsOf(factor) })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(user.id)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key)
    return { token, expiresAtMs: expiresAt * 1000 }
  }

  /** At once for a token seen before. Never throws; whatever is not ours is invalid. */
  verify(token: string): Verification | Promise<Verification> {
    const known = this.#remembered.get(token)
    if (known === undefined) return token.length > TOKEN_MAX_LENGTH ? INVALID : this.#check(token)
    this.#remembered.delete(token)
    if (known.caller.expiresAtMs <= this.#clock.nowMs()) return EXPIRED
    if (this.#erased.has(known.caller.userId)) return INVALID
    this.#remembered.set(token, known)
    return known
  }

  async #check(token: string): Promise<Verification> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp', 'wid'],
        currentDate: new Date(this.#clock.nowMs()),
      })
      const caller = readCaller(payload)
      if (caller === null || this.#erased.has(caller.userId)) return INVALID
      return this.#remember(token, { kind: 'valid', caller })
    } catch (error) {
      // jose checks the signature before the times: an expired token was ours.
      return error instanceof errors.JWTExpired ? EXPIRED : INVALID
    }
  }

  #remember(token: string, verification: Verification & { kind: 'valid' }): Verification {
    if (this.#remembered.size >= REMEMBERED_LIMIT) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest)
        break
      }
    }
    this.#remembered.set(token, verification)
    return verification
  }
}

/** Nothing is said of a guest, or of a session that a second factor was no part of. */
function claimsOf(factor: string | null): object {
  return factor === null ? {} : { amr: ['pwd', 'otp', 'mfa'], factor }
}

function readCaller(payload: Readonly<Record<string, unknown>>): Caller | null {
  const { sub, wid, roles, exp, amr, factor } = payload
  if (typeof sub !== 'string' || !isUserId(sub) || typeof exp !== 'number') return null
  const walletId = walletOf(sub)
  if (wid !== walletId || !Array.isArray(roles)) return null
  return Object.freeze({
    userId: sub,
    walletId,
    roles: Object.freeze(ROLES.filter((role) => roles.includes(role))),
    factor: typeof factor === 'string' && Array.isArray(amr) && amr.includes('mfa') ? factor : null,
    expiresAtMs: exp * 1000,
  })
}
