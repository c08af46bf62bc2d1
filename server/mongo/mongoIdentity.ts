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
  Identity,
  NamePlace,
  Registration,
  RolesChange,
  Session,
  SignIn,
  StaffRole,
  User,
  UserQuery,
} from '../identity/port.ts'
import { type RefreshToken, readRefreshToken } from '../identity/refreshTokens.ts'
import { IdentityAttempts } from './identityAttempts.ts'
import { type IdentityCollections, openIdentityCollections } from './identityCollections.ts'
import { IdentityDestinations } from './identityDestinations.ts'
import { IdentitySessions } from './identitySessions.ts'
import { IdentityUsers } from './identityUsers.ts'
import { StoreGuard } from './storeGuard.ts'

const CLEAN_UP_EVERY_MS = 10 * 60 * 1000
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
  readonly #sessions: IdentitySessions
  readonly #attempts: IdentityAttempts
  readonly #destinations: IdentityDestinations
  readonly #cleanUps: NodeJS.Timeout

  constructor(collections: IdentityCollections, clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock
    this.#users = new IdentityUsers(collections)
    this.#sessions = new IdentitySessions(collections)
    this.#attempts = new IdentityAttempts(collections)
    this.#destinations = new IdentityDestinations(collections)
    this.#cleanUps = setInterval(() => this.#cleanUp().catch(failed), CLEAN_UP_EVERY_MS)
    this.#cleanUps.unref()
  }

  createGuest(displayName: string | null): Promise<Session> {
    const user = newUser(displayName, null, this.#clock.nowMs())
    return this.#guard.run(async () => {
      await this.#users.addGuest(user)
      return this.#sessions.start(user, this.#clock.nowMs())
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
      return { kind: 'signed_in', session: await this.#sessions.start(user, this.#clock.nowMs()) }
    })
  }

  async login(email: string, password: string): Promise<SignIn> {
    const address = normaliseEmail(email)
    if (this.#hasher.isFull) return refused('overloaded')
    // The attempt is counted before it is tried, so that guesses sent together count one by one.
    const attempt = await this.#guard.run(() => this.#attempts.count(address, this.#clock.nowMs()))
    if (attempt.kind === 'locked') {
      const retryAfterSeconds = Math.max(1, Math.ceil((attempt.untilMs - this.#clock.nowMs()) / 1000))
      return { kind: 'refused', code: 'auth.locked', retryAfterSeconds }
    }
    const known = await this.#guard.run(() => this.#users.byEmail(address))
    const matches = await this.#hasher.verify(password, known?.passwordHash ?? null)
    if (known === null || !matches) return refused('auth.invalid_credentials')
    return this.#guard.run<SignIn>(async () => {
      await this.#attempts.clear(address)
      const session = await this.#sessions.start(known.user, this.#clock.nowMs())
      await this.#sessions.endSurplus(known.user.id, this.#clock.nowMs())
      return { kind: 'signed_in', session }
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
    return this.#guard.run(() => this.#destinations.idOf(user, address))
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

  async close(): Promise<void> {
    clearInterval(this.#cleanUps)
    this.#guard.close()
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
  }
}

function refused(code: Extract<SignIn, { kind: 'refused' }>['code']): SignIn {
  return { kind: 'refused', code }
}
