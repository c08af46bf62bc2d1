// How users of identity.db prove who they are: by password, and by second factor where they have one. Every attempt is
// counted before it is tried, so that guesses sent together count one by one, and guesses of codes count as those of
// passwords do.

import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'
import type { FactorRows } from './factorRows.ts'
import type { GroupWriter } from './groupWriter.ts'
import type { LoginAttempts } from './loginAttempts.ts'
import type { PasswordHasher } from './passwords.ts'
import type { FactorCheck, SignInRefused, User } from './port.ts'
import { readUser, USER_COLUMNS } from './userRows.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
}

interface ProofParts {
  readonly database: DatabaseSync
  readonly writer: GroupWriter
  readonly clock: Clock
  readonly hasher: PasswordHasher
  readonly attempts: LoginAttempts
  readonly factors: FactorRows
}

/** What is done in the transaction that takes the proof. `factor`: the one that was proven. */
export type Then<T> = (user: User, factor: string | null) => T

/** For callers that have nothing to show. */
export const ASK: FactorCheck = () => ({ kind: 'refused', code: 'auth.mfa_required' })

export class Proofs {
  readonly #parts: ProofParts
  readonly #byId
  readonly #byEmail

  constructor(parts: ProofParts) {
    this.#parts = parts
    this.#byId = parts.database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`)
    this.#byEmail = parts.database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE email = ?`)
  }

  /** `address`: normalised; whether or not anybody has it. */
  async byAddress<T>(address: string, password: string, check: FactorCheck, then: Then<T>): Promise<T | SignInRefused> {
    const { hasher } = this.#parts
    if (hasher.isFull) return refusal('overloaded')
    const locked = await this.#count(address)
    if (locked !== null) return locked
    const known = this.find(address)
    const matches = await hasher.verify(password, known?.passwordHash ?? null)
    if (known === null || !matches) return refusal('auth.invalid_credentials')
    return this.#take(address, known, check, then)
  }

  /** `password`: null where it is not asked for. */
  async byUser<T>(
    user: UserId,
    password: string | null,
    check: FactorCheck,
    then: Then<T>,
  ): Promise<T | SignInRefused> {
    const { hasher } = this.#parts
    const known = this.#credentials(this.#byId.get(user))
    if (known === null) return refusal('auth.invalid_credentials')
    const address = known.user.email
    if (address === null || known.passwordHash === null) return refusal('auth.guest')
    // Who shows nothing proves nothing, and takes no failure back.
    if (password === null && known.user.factor === null) return refusal('auth.mfa_not_enabled')
    if (password !== null && hasher.isFull) return refusal('overloaded')
    const locked = await this.#count(address)
    if (locked !== null) return locked
    if (password !== null && !(await hasher.verify(password, known.passwordHash))) {
      return refusal('auth.invalid_credentials')
    }
    return this.#take(address, known, check, then)
  }

  find(address: string): Credentials | null {
    return this.#credentials(this.#byEmail.get(address))
  }

  #count(address: string): Promise<SignInRefused | null> {
    const { writer, attempts, clock } = this.#parts
    return writer.write(() => {
      const attempt = attempts.count(address, clock.nowMs())
      if (attempt.kind === 'allowed') return null
      const retryAfterSeconds = Math.max(1, Math.ceil((attempt.untilMs - clock.nowMs()) / 1000))
      return { ...refusal('auth.locked'), retryAfterSeconds }
    })
  }

  /** The password was right: the factor, if there is one, and then what it was for, in one transaction. */
  #take<T>(address: string, known: Credentials, check: FactorCheck, then: Then<T>): Promise<T | SignInRefused> {
    const { writer, attempts, factors } = this.#parts
    return writer.write(() => {
      // Another password, or another factor, may be theirs by now.
      const now = this.#credentials(this.#byId.get(known.user.id))
      if (now === null || now.passwordHash !== known.passwordHash) return refusal('auth.invalid_credentials')
      const { user } = now
      if (user.factor !== null) {
        const factor = factors.of(user.id)
        if (factor?.id !== user.factor) throw new Error(`identity: the factor of ${user.id} is not there`)
        const shown = check(user.id, factor)
        if (shown.kind === 'refused') {
          if (shown.code !== 'auth.mfa_invalid') attempts.takeBack(address)
          return refusal(shown.code)
        }
        if (!factors.spend(user.id, factor.id, shown)) return refusal('auth.mfa_invalid')
      }
      attempts.clear(address)
      return then(user, user.factor)
    })
  }

  #credentials(row: Readonly<Record<string, unknown>> | undefined): Credentials | null {
    if (row === undefined) return null
    return { user: readUser(row), passwordHash: typeof row.password_hash === 'string' ? row.password_hash : null }
  }
}

function refusal(code: SignInRefused['code']): SignInRefused {
  return { kind: 'refused', code }
}
