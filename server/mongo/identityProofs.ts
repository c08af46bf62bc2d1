// How users in MongoDB prove who they are: by password, and by second factor where they have one. Every attempt is
// counted before it is tried, so that guesses sent together count one by one, and guesses of codes count as those of
// passwords do.

import type { Clock } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'
import type { PasswordHasher } from '../identity/passwords.ts'
import type { FactorCheck, SignInRefused, User } from '../identity/port.ts'
import type { IdentityAttempts } from './identityAttempts.ts'
import type { IdentityFactors } from './identityFactors.ts'
import type { Credentials, IdentityUsers } from './identityUsers.ts'
import type { StoreGuard } from './storeGuard.ts'

interface ProofParts {
  readonly users: IdentityUsers
  readonly factors: IdentityFactors
  readonly attempts: IdentityAttempts
  readonly hasher: PasswordHasher
  readonly guard: StoreGuard
  readonly clock: Clock
}

interface Proven {
  readonly kind: 'proven'
  readonly user: User
  /** The one that was proven. */
  readonly factor: string | null
  /** That the password fits. */
  readonly passwordHash: string | null
}

export class IdentityProofs {
  readonly #parts: ProofParts

  constructor(parts: ProofParts) {
    this.#parts = parts
  }

  /** `address`: normalised; whether or not anybody has it. */
  async byAddress(address: string, password: string, check: FactorCheck): Promise<Proven | SignInRefused> {
    const { hasher, guard, users } = this.#parts
    if (hasher.isFull) return refusal('overloaded')
    const place = await this.#count(address)
    if (typeof place !== 'string') return place
    const known = await guard.run(() => users.byEmail(address))
    const matches = await hasher.verify(password, known?.passwordHash ?? null)
    if (known === null || !matches) return refusal('auth.invalid_credentials')
    return this.#take(address, place, known, check)
  }

  /** `password`: null where it is not asked for. */
  async byUser(user: UserId, password: string | null, check: FactorCheck): Promise<Proven | SignInRefused> {
    const { hasher, guard, users } = this.#parts
    const known = await guard.run(() => users.credentialsOf(user))
    if (known === null) return refusal('auth.invalid_credentials')
    const address = known.user.email
    if (address === null || known.passwordHash === null) return refusal('auth.guest')
    // Who shows nothing proves nothing, and takes no failure back.
    if (password === null && known.user.factor === null) return refusal('auth.mfa_not_enabled')
    if (password !== null && hasher.isFull) return refusal('overloaded')
    const place = await this.#count(address)
    if (typeof place !== 'string') return place
    if (password !== null && !(await hasher.verify(password, known.passwordHash))) {
      return refusal('auth.invalid_credentials')
    }
    return this.#take(address, place, known, check)
  }

  /** The place that the attempt has taken. */
  async #count(address: string): Promise<string | SignInRefused> {
    const { guard, attempts, clock } = this.#parts
    const attempt = await guard.run(() => attempts.count(address, clock.nowMs()))
    if (attempt.kind === 'allowed') return attempt.place
    const retryAfterSeconds = Math.max(1, Math.ceil((attempt.untilMs - clock.nowMs()) / 1000))
    return { ...refusal('auth.locked'), retryAfterSeconds }
  }

  /** The password was right: the factor, if there is one. */
  #take(address: string, place: string, known: Credentials, check: FactorCheck): Promise<Proven | SignInRefused> {
    const { guard, attempts, factors, clock } = this.#parts
    const { user } = known
    return guard.run<Proven | SignInRefused>(async () => {
      if (user.factor !== null) {
        const factor = await factors.of(user.id)
        // It may just have ended, or become another one.
        if (factor?.id !== user.factor) return refusal('auth.mfa_invalid')
        const shown = check(user.id, factor)
        if (shown.kind === 'refused') {
          if (shown.code !== 'auth.mfa_invalid') await attempts.takeBack(place)
          return refusal(shown.code)
        }
        if (!(await factors.spend(user.id, factor.id, shown, clock.nowMs()))) return refusal('auth.mfa_invalid')
      }
      await attempts.clear(address)
      return { kind: 'proven', user, factor: user.factor, passwordHash: known.passwordHash }
    })
  }
}

function refusal(code: SignInRefused['code']): SignInRefused {
  return { kind: 'refused', code }
}
