// Identity on MongoDB (S2), for many processes at once: none of them keeps anything of it in memory. The database is the
// composition root's; `close` leaves it open.

import type { Db } from 'mongodb'
import type { Clock } from '../../actors/runtime/ports.ts'
import { ServiceError } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import { normaliseEmail } from '../identity/credentials.ts'
import { newUser } from '../identity/newUser.ts'
import { PasswordHasher } from '../identity/passwords.ts'
import type {
  Destination,
  ErasedUser,
  Erasure,
  Factor,
  FactorCheck,
  FactorState,
  Identity,
  NamePlace,
  Proof,
  Proposal,
  Registration,
  RolesChange,
  Session,
  SignIn,
  StaffRole,
  User,
  UserQuery,
} from '../identity/port.ts'
import { ASK } from '../identity/proofs.ts'
import { type RefreshToken, readRefreshToken } from '../identity/refreshTokens.ts'
import { IdentityAttempts } from './identityAttempts.ts'
import { type IdentityCollections, openIdentityCollections } from './identityCollections.ts'
import { IdentityDestinations } from './identityDestinations.ts'
import { IdentityFactors } from './identityFactors.ts'
import { IdentityProofs } from './identityProofs.ts'
import { IdentitySessions } from './identitySessions.ts'
import { IdentityUsers } from './identityUsers.ts'
import { StoreGuard } from './storeGuard.ts'

const CLEAN_UP_EVERY_MS = 10 * 60 * 1000
/** How long after an erasure it is done once more at each clean-up. */
const ERASED_AGAIN_MS = 24 * 60 * 60 * 1000
/** Each is somebody else's swap of the same session; more in a row are no honest client's. */
const SWAP_RACES = 20

/** Rejects with the driver's error where the database does not answer. `failed` hears of clean-ups that went wrong. */
export async function openMongoIdentity(db: Db, clock: Clock, failed: (error: unknown) => void): Promise<Identity> {
  return new MongoIdentity(await openIdentityCollections(db), clock, failed)
}

class MongoIdentity implements Identity {
  readonly #clock: Clock
  readonly #guard = new StoreGuard()
  readonly #hasher = new PasswordHasher()
  readonly #users: IdentityUsers
  readonly #factors: IdentityFactors
  readonly #proofs: IdentityProofs
  readonly #sessions: IdentitySessions
  readonly #attempts: IdentityAttempts
  readonly #destinations: IdentityDestinations
  readonly #cleanUps: NodeJS.Timeout

  constructor(collections: IdentityCollections, clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock
    this.#factors = new IdentityFactors(collections)
    this.#users = new IdentityUsers(collections, this.#factors)
    this.#sessions = new IdentitySessions(collections)
    this.#attempts = new IdentityAttempts(collections)
    this.#destinations = new IdentityDestinations(collections)
    this.#proofs = new IdentityProofs({
      users: this.#users,
      factors: this.#factors,
      attempts: this.#attempts,
      hasher: this.#hasher,
      guard: this.#guard,
      clock,
    })
    this.#cleanUps = setInterval(() => this.#cleanUp().catch(failed), CLEAN_UP_EVERY_MS)
    this.#cleanUps.unref()
  }

  createGuest(displayName: string | null): Promise<Session> {
    const user = newUser(displayName, null, this.#clock.nowMs())
    return this.#guard.run(async () => {
      await this.#users.addGuest(user)
      return this.#sessions.start(user, null, this.#clock.nowMs())
    })
  }

  async register({ email, password, displayName }: Registration): Promise<SignIn> {
    const address = normaliseEmail(email)
    const user = newUser(displayName, address, this.#clock.nowMs())
    if (await this.#guard.run(() => this.#users.isTaken(address))) return refused('auth.email_taken')
    if (this.#hasher.isFull) return refused('overloaded')
    const passwordHash = await this.#hasher.hash(password)
    return this.#guard.run<SignIn>(async () => {
      if (!(await this.#users.add(user, address, passwordHash))) return refused('auth.email_taken')
      return { kind: 'signed_in', session: await this.#sessions.start(user, null, this.#clock.nowMs()) }
    })
  }

  async login(email: string, password: string, check: FactorCheck = ASK): Promise<SignIn> {
    const address = normaliseEmail(email)
    const proof = await this.#proofs.byAddress(address, password, check)
    if (proof.kind === 'refused') return proof
    return this.#guard.run<SignIn>(async () => {
      const session = await this.#begin(proof.user, proof.factor)
      // The password may have been changed, or its owner erased, since it was found right.
      const now = await this.#users.byEmail(address)
      if (now?.passwordHash === proof.passwordHash) return { kind: 'signed_in', session }
      const token = readRefreshToken(session.refreshToken)
      if (token !== null) await this.#sessions.end(token.session, this.#clock.nowMs())
      return refused('auth.invalid_credentials')
    })
  }

  async prove(id: UserId, password: string | null, check: FactorCheck): Promise<Proof> {
    const proof = await this.#proofs.byUser(id, password, check)
    return proof.kind === 'refused' ? proof : { kind: 'proven', user: proof.user, factor: proof.factor }
  }

  beginSession(id: UserId, factor: string | null): Promise<SignIn> {
    return this.#guard.run<SignIn>(async () => {
      const user = await this.#users.byId(id)
      if (user === null || user.erasedAtMs !== null) return refused('auth.refresh_invalid')
      if (factor !== null && user.factor !== factor) return refused('auth.refresh_invalid')
      return { kind: 'signed_in', session: await this.#begin(user, factor) }
    })
  }

  async setPassword(user: UserId, password: string): Promise<boolean> {
    if (this.#hasher.isFull) throw new ServiceError('overloaded')
    const hash = await this.#hasher.hash(password)
    return this.#guard.run(async () => {
      if (!(await this.#users.setPassword(user, hash))) return false
      await this.#sessions.endAll(user, this.#clock.nowMs())
      return this.#keep(user)
    })
  }

  factorOf(user: UserId): Promise<FactorState | null> {
    return this.#guard.run(() => this.#factors.of(user))
  }

  proposeFactor(id: UserId, factor: Factor): Promise<Proposal> {
    return this.#guard.run<Proposal>(async () => {
      const user = await this.#users.byId(id)
      if (user === null || user.email === null) return { kind: 'refused', code: 'auth.guest' }
      if (!(await this.#factors.propose(id, factor))) return { kind: 'refused', code: 'auth.mfa_enabled' }
      return (await this.#keep(id)) ? { kind: 'proposed' } : { kind: 'refused', code: 'auth.guest' }
    })
  }

  confirmFactor(user: UserId, factor: string, step: number, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#guard.run(async () => {
      const spent = await this.#factors.spend(user, factor, { kind: 'step', step }, this.#clock.nowMs())
      return spent && (await this.#factors.confirm(user, factor, recoveryHashes)) && this.#keep(user)
    })
  }

  setRecoveryCodes(user: UserId, factor: string, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#guard.run(() => this.#factors.setRecoveryCodes(user, factor, recoveryHashes))
  }

  endFactor(user: UserId): Promise<boolean> {
    return this.#guard.run(async () => {
      const had = await this.#factors.end(user)
      await this.#sessions.endAll(user, this.#clock.nowMs())
      return had
    })
  }

  async refresh(refreshToken: string): Promise<SignIn> {
    const token = readRefreshToken(refreshToken)
    if (token === null) return refused('auth.refresh_invalid')
    return this.#guard.run<SignIn>(async () => {
      const session = await this.#swap(token)
      return session === null ? refused('auth.refresh_invalid') : { kind: 'signed_in', session }
    })
  }

  async logout(refreshToken: string): Promise<void> {
    const token = readRefreshToken(refreshToken)
    if (token !== null) await this.#guard.run(() => this.#sessions.end(token.session, this.#clock.nowMs()))
  }

  logoutEverywhere(user: UserId): Promise<void> {
    return this.#guard.run(() => this.#sessions.endAll(user, this.#clock.nowMs()))
  }

  findUser(user: UserId): Promise<User | null> {
    return this.#guard.run(() => this.#users.byId(user))
  }

  destinationOf(user: UserId, address: string): Promise<string | null> {
    return this.#guard.run(async () => {
      const id = await this.#destinations.idOf(user, address)
      return (await this.#keep(user)) ? id : null
    })
  }

  findDestination(id: string): Promise<Destination | null> {
    return this.#guard.run(() => this.#destinations.find(id))
  }

  findUsers(query: UserQuery): Promise<readonly User[]> {
    return this.#guard.run(() => this.#users.find(query))
  }

  findUsersByName(prefix: string, after: NamePlace | null, limit: number): Promise<readonly User[]> {
    return this.#guard.run(() => this.#users.findByName(prefix, after, limit))
  }

  setRoles(user: UserId, roles: readonly StaffRole[]): Promise<RolesChange> {
    return this.#guard.run(() => this.#users.setRoles(user, roles))
  }

  erase(user: UserId): Promise<Erasure> {
    return this.#guard.run<Erasure>(async () => {
      const forgotten = await this.#users.forget(user, this.#clock.nowMs())
      if (forgotten === null) return { kind: 'refused', code: 'not_found' }
      if (forgotten === 'staff') return { kind: 'refused', code: 'staff.has_roles' }
      await this.#eraseRest(user)
      if (forgotten.email !== null) await this.#attempts.clear(forgotten.email)
      return { kind: 'erased', atMs: forgotten.atMs }
    })
  }

  erasedSince(atMs: number): Promise<readonly ErasedUser[]> {
    return this.#guard.run(() => this.#users.erasedSince(atMs))
  }

  async close(): Promise<void> {
    clearInterval(this.#cleanUps)
    this.#guard.close()
  }

  async #begin(user: User, factor: string | null): Promise<Session> {
    const session = await this.#sessions.start(user, factor, this.#clock.nowMs())
    await this.#sessions.endSurplus(user.id, this.#clock.nowMs())
    return session
  }

  /** Whether what was just written is kept: of somebody erased meanwhile it is not. */
  async #keep(user: UserId): Promise<boolean> {
    if (((await this.#users.byId(user))?.erasedAtMs ?? null) === null) return true
    await this.#eraseRest(user)
    return false
  }

  async #eraseRest(user: UserId): Promise<void> {
    await this.#users.erase(user)
    await this.#sessions.erase(user)
    await this.#factors.erase(user)
    await this.#destinations.erase(user)
  }

  async #swap(token: RefreshToken): Promise<Session | null> {
    for (let race = 0; race < SWAP_RACES; race++) {
      const nowMs = this.#clock.nowMs()
      const found = await this.#sessions.find(token.session)
      if (found === null) return null
      if (!this.#sessions.isGood(found, token, nowMs)) {
        await this.#sessions.end(token.session, nowMs)
        return null
      }
      const user = await this.#users.byId(found.user)
      if (user === null) return null
      const session = await this.#sessions.swap(found, token, user, nowMs)
      if (session !== null) return session
    }
    throw new ServiceError('overloaded')
  }

  async #cleanUp(): Promise<void> {
    const nowMs = this.#clock.nowMs()
    await this.#sessions.dropExpired(nowMs)
    await this.#attempts.dropForgotten(nowMs)
    await this.#factors.dropSpent(nowMs)
    // What a process that died in the midst of it, or wrote at the same moment, has left behind.
    for (const { user } of await this.#users.erasedSince(nowMs - ERASED_AGAIN_MS)) await this.#eraseRest(user)
  }
}

function refused(code: Extract<SignIn, { kind: 'refused' }>['code']): SignIn {
  return { kind: 'refused', code }
}
