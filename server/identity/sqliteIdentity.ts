// Identity on SQLite (S2). Reads and the short transactions of groupWriter.ts run on the main thread; password hashing
// does not. Lock-outs count attempts per address, known or not, so that neither answers nor locks tell which exist.

import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { normaliseEmail } from './credentials.ts'
import { Destinations } from './destinations.ts'
import { GroupWriter, unavailable } from './groupWriter.ts'
import { openIdentityFile } from './identityFile.ts'
import { LoginAttempts } from './loginAttempts.ts'
import { newUser } from './newUser.ts'
import { PasswordHasher } from './passwords.ts'
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
} from './port.ts'
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
  readonly #insertUser
  readonly #userById
  readonly #userByEmail

  /** Throws DataSetError where the file cannot be used. */
  constructor(path: string, clock: Clock) {
    this.#database = openIdentityFile(path)
    this.#writer = new GroupWriter(this.#database)
    this.#clock = clock
    this.#sessions = new Sessions(this.#database, RULES.refreshTokenSeconds * 1000, RULES.refreshGraceSeconds * 1000)
    this.#attempts = new LoginAttempts(this.#database, RULES.failedLoginsBeforeLock, RULES.loginLockSeconds * 1000)
    this.#destinations = new Destinations(this.#database)
    this.#staff = new StaffRows(this.#database)
    this.#insertUser = this.#database.prepare(`INSERT INTO users (${USER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`)
    this.#userById = this.#database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE id = ?`)
    this.#userByEmail = this.#database.prepare(`SELECT ${USER_COLUMNS} FROM users WHERE email = ?`)
    this.#sessions.dropExpired(clock.nowMs())
    this.#attempts.dropForgotten(clock.nowMs())
  }

  createGuest(displayName: string | null): Promise<Session> {
    const user = newUser(displayName, null, this.#clock.nowMs())
    return this.#writer.write(() => {
      this.#insert(user, null)
      return this.#sessions.start(user, this.#clock.nowMs())
    })
  }

  async register({ email, password, displayName }: Registration): Promise<SignIn> {
    const user = newUser(displayName, normaliseEmail(email), this.#clock.nowMs())
    if (this.#findByEmail(user.email) !== null) return { kind: 'refused', code: 'auth.email_taken' }
    if (this.#hasher.isFull) return { kind: 'refused', code: 'overloaded' }
    const passwordHash = await this.#hasher.hash(password)
    return this.#writer.write<SignIn>(() => {
      if (this.#findByEmail(user.email) !== null) return { kind: 'refused', code: 'auth.email_taken' }
      this.#insert(user, passwordHash)
      return { kind: 'signed_in', session: this.#sessions.start(user, this.#clock.nowMs()) }
    })
  }

  async login(email: string, password: string): Promise<SignIn> {
    const address = normaliseEmail(email)
    if (this.#hasher.isFull) return { kind: 'refused', code: 'overloaded' }
    // The attempt is counted before it is tried, so that guesses sent together count one by one.
    const attempt = await this.#writer.write(() => this.#attempts.count(address, this.#clock.nowMs()))
    if (attempt.kind === 'locked') {
      const retryAfterSeconds = Math.max(1, Math.ceil((attempt.untilMs - this.#clock.nowMs()) / 1000))
      return { kind: 'refused', code: 'auth.locked', retryAfterSeconds }
    }
    const known = this.#findByEmail(address)
    const matches = await this.#hasher.verify(password, known?.passwordHash ?? null)
    if (known === null || !matches) return { kind: 'refused', code: 'auth.invalid_credentials' }
    return this.#writer.write<SignIn>(() => {
      this.#attempts.clear(address)
      return { kind: 'signed_in', session: this.#sessions.start(known.user, this.#clock.nowMs()) }
    })
  }

  async refresh(refreshToken: string): Promise<SignIn> {
    const token = readRefreshToken(refreshToken)
    if (token === null) return { kind: 'refused', code: 'auth.refresh_invalid' }
    return this.#writer.write<SignIn>(() => {
      const owner = this.#sessions.check(token, this.#clock.nowMs())
      const user = owner === null ? null : this.#findById(owner)
      if (user === null) return { kind: 'refused', code: 'auth.refresh_invalid' }
      return { kind: 'signed_in', session: this.#sessions.rotate(token, user, this.#clock.nowMs()) }
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

  #findByEmail(email: string | null): { readonly user: User; readonly passwordHash: string | null } | null {
    const row = email === null ? undefined : this.#userByEmail.get(email)
    if (row === undefined) return null
    return { user: readUser(row), passwordHash: typeof row.password_hash === 'string' ? row.password_hash : null }
  }
}
