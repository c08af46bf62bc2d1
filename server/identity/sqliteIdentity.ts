// Identity on SQLite (S2). Reads and the short transactions of groupWriter.ts run on the main thread; password hashing
// does not. Lock-outs count attempts per address, known or not, so that neither answers nor locks tell which exist.

import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../actors/runtime/ports.ts'
import { ServiceError } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { normaliseEmail } from './credentials.ts'
import { Destinations } from './destinations.ts'
import { Erasures } from './erasures.ts'
import { FactorRows } from './factorRows.ts'
import { GroupWriter, unavailable } from './groupWriter.ts'
import { openIdentityFile } from './identityFile.ts'
import { LoginAttempts } from './loginAttempts.ts'
import { newUser } from './newUser.ts'
import { PasswordHasher } from './passwords.ts'
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
} from './port.ts'
import { ASK, Proofs } from './proofs.ts'
import { readRefreshToken } from './refreshTokens.ts'
import { Sessions } from './sessions.ts'
import { StaffRows } from './staffRows.ts'
import { readUser, USER_COLUMNS } from './userRows.ts'

export class SqliteIdentity implements Identity {
  readonly #database: DatabaseSync
  readonly #writer: GroupWriter
  readonly #clock: Clock
  readonly #hasher = new PasswordHasher()
  readonly #sessions: Sessions
  readonly #attempts: LoginAttempts
  readonly #destinations: Destinations
  readonly #staff: StaffRows
  readonly #factors: FactorRows
  readonly #proofs: Proofs
  readonly #erasures: Erasures
  readonly #insertUser
  readonly #updatePassword
  readonly #userById

  /** Throws DataSetError where the file cannot be used. */
  constructor(path: string, clock: Clock) {
    const database = openIdentityFile(path)
    this.#database = database
    this.#writer = new GroupWriter(this.#database)
    this.#clock = clock
    this.#sessions = new Sessions(database, RULES.refreshTokenSeconds * 1000, RULES.refreshGraceSeconds * 1000)
    this.#attempts = new LoginAttempts(database, RULES.failedLoginsBeforeLock, RULES.loginLockSeconds * 1000)
    this.#destinations = new Destinations(database)
    this.#staff = new StaffRows(database)
    this.#factors = new FactorRows(database)
    const rows = { sessions: this.#sessions, attempts: this.#attempts, factors: this.#factors }
    this.#proofs = new Proofs({ ...rows, database, writer: this.#writer, clock, hasher: this.#hasher })
    this.#erasures = new Erasures(database, rows)
    this.#insertUser = database.prepare(
      'INSERT INTO users (id, display_name, email, password_hash, roles, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#updatePassword = database.prepare(
      'UPDATE users SET password_hash = ? WHERE id = ? AND password_hash IS NOT NULL',
    )
    this.#userById = database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`)
    this.#sessions.dropExpired(clock.nowMs())
    this.#attempts.dropForgotten(clock.nowMs())
  }

  createGuest(displayName: string | null): Promise<Session> {
    const user = newUser(displayName, null, this.#clock.nowMs())
    return this.#writer.write(() => {
      this.#insert(user, null)
      return this.#sessions.start(user, null, this.#clock.nowMs())
    })
  }

  async register({ email, password, displayName }: Registration): Promise<SignIn> {
    const user = newUser(displayName, normaliseEmail(email), this.#clock.nowMs())
    const address = normaliseEmail(email)
    if (this.#proofs.find(address) !== null) return { kind: 'refused', code: 'auth.email_taken' }
    if (this.#hasher.isFull) return { kind: 'refused', code: 'overloaded' }
    const passwordHash = await this.#hasher.hash(password)
    return this.#writer.write<SignIn>(() => {
      if (this.#proofs.find(address) !== null) return { kind: 'refused', code: 'auth.email_taken' }
      this.#insert(user, passwordHash)
      return { kind: 'signed_in', session: this.#sessions.start(user, null, this.#clock.nowMs()) }
    })
  }

  login(email: string, password: string, check: FactorCheck = ASK): Promise<SignIn> {
    return this.#proofs.byAddress<SignIn>(normaliseEmail(email), password, check, (user, factor) => ({
      kind: 'signed_in',
      session: this.#sessions.start(user, factor, this.#clock.nowMs()),
    }))
  }

  prove(user: UserId, password: string | null, check: FactorCheck): Promise<Proof> {
    return this.#proofs.byUser<Proof>(user, password, check, (proven, factor) => ({
      kind: 'proven',
      user: proven,
      factor,
    }))
  }

  beginSession(id: UserId, factor: string | null): Promise<SignIn> {
    return this.#writer.write<SignIn>(() => {
      const user = this.#findById(id)
      if (user === null || user.erasedAtMs !== null || (factor !== null && user.factor !== factor)) {
        return { kind: 'refused', code: 'auth.refresh_invalid' }
      }
      return { kind: 'signed_in', session: this.#sessions.start(user, factor, this.#clock.nowMs()) }
    })
  }

  async setPassword(user: UserId, password: string): Promise<boolean> {
    if (this.#hasher.isFull) throw new ServiceError('overloaded')
    const passwordHash = await this.#hasher.hash(password)
    return this.#writer.write(() => {
      if (this.#updatePassword.run(passwordHash, user).changes === 0) return false
      this.#sessions.endAll(user)
      return true
    })
  }

  async factorOf(user: UserId): Promise<FactorState | null> {
    return this.#read(() => this.#factors.of(user))
  }

  proposeFactor(id: UserId, factor: Factor): Promise<Proposal> {
    return this.#writer.write<Proposal>(() => {
      const user = this.#findById(id)
      if (user === null || user.email === null) return { kind: 'refused', code: 'auth.guest' }
      if (user.factor !== null) return { kind: 'refused', code: 'auth.mfa_enabled' }
      this.#factors.put(id, factor)
      return { kind: 'proposed' }
    })
  }

  confirmFactor(user: UserId, factor: string, step: number, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#writer.write(() => {
      const known = this.#factors.of(user)
      if (known === null || known.id !== factor || known.confirmed) return false
      if (!this.#factors.spend(user, factor, { kind: 'step', step })) return false
      this.#factors.confirm(user, factor)
      this.#factors.setCodes(user, recoveryHashes)
      return true
    })
  }

  setRecoveryCodes(user: UserId, factor: string, recoveryHashes: readonly Uint8Array[]): Promise<boolean> {
    return this.#writer.write(() => {
      if (this.#findById(user)?.factor !== factor) return false
      this.#factors.setCodes(user, recoveryHashes)
      return true
    })
  }

  endFactor(user: UserId): Promise<boolean> {
    return this.#writer.write(() => {
      const had = (this.#findById(user)?.factor ?? null) !== null
      this.#factors.end(user)
      this.#sessions.endAll(user)
      return had
    })
  }

  async refresh(refreshToken: string): Promise<SignIn> {
    const token = readRefreshToken(refreshToken)
    if (token === null) return { kind: 'refused', code: 'auth.refresh_invalid' }
    return this.#writer.write<SignIn>(() => {
      const owner = this.#sessions.check(token, this.#clock.nowMs())
      const user = owner === null ? null : this.#findById(owner.user)
      if (owner === null || user === null) return { kind: 'refused', code: 'auth.refresh_invalid' }
      const factor = owner.factor === user.factor ? owner.factor : null
      return { kind: 'signed_in', session: this.#sessions.rotate(token, user, factor, this.#clock.nowMs()) }
    })
  }

  async logout(refreshToken: string): Promise<void> {
    const token = readRefreshToken(refreshToken)
    if (token !== null) await this.#writer.write(() => this.#sessions.end(token))
  }

  async logoutEverywhere(user: UserId): Promise<void> {
    await this.#writer.write(() => this.#sessions.endAll(user))
  }

  async findUser(user: UserId): Promise<User | null> {
    return this.#read(() => this.#findById(user))
  }

  async destinationOf(user: UserId, address: string): Promise<string | null> {
    return (
      this.#read(() => this.#destinations.known(user, address)) ??
      this.#writer.write(() => this.#destinations.add(user, address))
    )
  }

  async findDestination(id: string): Promise<Destination | null> {
    return this.#read(() => this.#destinations.find(id))
  }

  async findUsers(query: UserQuery): Promise<readonly User[]> {
    try {
      return this.#staff.find(query)
    } catch (cause) {
      throw unavailable(cause)
    }
  }

  async findUsersByName(prefix: string, after: NamePlace | null, limit: number): Promise<readonly User[]> {
    return this.#read(() => this.#staff.findByName(prefix, after, limit))
  }

  setRoles(user: UserId, roles: readonly StaffRole[]): Promise<RolesChange> {
    return this.#writer.write(() => this.#staff.setRoles(user, roles))
  }

  async erase(user: UserId): Promise<Erasure> {
    const erasure = await this.#writer.write(() => this.#erasures.erase(user, this.#clock.nowMs()))
    // What was written before is still in the log of the file. Another process may be reading it: then it goes later.
    this.#read(() => this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    return erasure
  }

  async erasedSince(atMs: number): Promise<readonly ErasedUser[]> {
    return this.#read(() => this.#erasures.since(atMs))
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#writer.flush()
    this.#database.close()
  }

  #read<T>(read: () => T): T {
    try {
      return read()
    } catch (cause) {
      throw unavailable(cause)
    }
  }

  #insert(user: User, passwordHash: string | null): void {
    const { id, displayName, email, roles, createdAtMs } = user
    this.#insertUser.run(id, displayName, email, passwordHash, JSON.stringify(roles), createdAtMs)
  }

  #findById(id: UserId): User | null {
    const row = this.#userById.get(id)
    return row === undefined ? null : readUser(row)
  }
}
