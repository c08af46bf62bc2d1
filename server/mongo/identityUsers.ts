// Users, and the addresses they have taken. A user comes first and counts for nothing; the address, inserted under its
// hash, is what makes it one that can sign in. So an address has one owner whoever asks at the same time, and a process
// that dies in between leaves a user that nobody can reach, never an address that nobody has.

import { ServiceError } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import { normaliseEmail } from '../identity/credentials.ts'
import { ERASED_NAME, namesWith, readRoles, withStaffRoles } from '../identity/newUser.ts'
import type { ErasedUser, NamePlace, RolesChange, StaffRole, User, UserQuery } from '../identity/port.ts'
import { digest } from '../identity/refreshTokens.ts'
import { type IdentityCollections, inserted, type UserDocument } from './identityCollections.ts'
import type { IdentityFactors } from './identityFactors.ts'
import { IdentityRoles } from './identityRoles.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
}

interface Forgotten {
  readonly atMs: number
  /** That was given up just now. */
  readonly email: string | null
}

export class IdentityUsers {
  readonly #users: IdentityCollections['users']
  readonly #emails: IdentityCollections['emails']
  readonly #passwords: IdentityCollections['passwords']
  readonly #roles: IdentityRoles
  readonly #factors: IdentityFactors

  constructor(collections: IdentityCollections, factors: IdentityFactors) {
    this.#users = collections.users
    this.#emails = collections.emails
    this.#passwords = collections.passwords
    this.#factors = factors
    this.#roles = new IdentityRoles(collections)
  }

  async addGuest(user: User): Promise<void> {
    await this.#users.insertOne(documentOf(user, null))
  }

  /** False where somebody has the address. */
  async add(user: User, email: string, passwordHash: string): Promise<boolean> {
    await this.#users.insertOne(documentOf(user, passwordHash))
    const _id = addressKey(email)
    if (await inserted(this.#emails.insertOne({ _id, user: user.id }))) return true
    // It may have been this very insertion, if the driver sent it twice.
    const owner = await this.#emails.findOne({ _id })
    if (owner?.user === user.id) return true
    await this.#users.deleteOne({ _id: user.id })
    return false
  }

  async isTaken(email: string): Promise<boolean> {
    return (await this.#emails.findOne({ _id: addressKey(email) })) !== null
  }

  async byId(id: UserId): Promise<User | null> {
    const document = await this.#users.findOne({ _id: id })
    return document === null ? null : this.#userOf(document)
  }

  async find({ email, role, after, limit }: UserQuery): Promise<readonly User[]> {
    const from = after ?? ''
    if (email !== null) {
      const user = (await this.byEmail(normaliseEmail(email)))?.user
      return user === undefined || user.id <= from || (role !== null && !user.roles.includes(role)) ? [] : [user]
    }
    const given = (await this.#roles.all()).roles
    const holders = [...given].flatMap(([id, roles]) =>
      role !== null && roles.includes(role) && id > from ? [id] : [],
    )
    const filter = role === null ? { _id: { $gt: from as UserId } } : { _id: { $in: holders.sort().slice(0, limit) } } // any text sorts
    const found = await this.#users.find(filter, { sort: { _id: 1 }, limit }).toArray()
    const factors = await this.#factors.confirmedOfMany(found.map(({ _id }) => _id))
    return found.map((document) => {
      return userOf(document, given.get(document._id) ?? null, factors.get(document._id) ?? null)
    })
  }

  async findByName(prefix: string, after: NamePlace | null, limit: number): Promise<readonly User[]> {
    const [begin, end] = namesWith(prefix)
    const { displayName = '', id = '' as UserId } = after ?? {} // any text sorts
    const $or = [{ displayName: { $gt: displayName } }, { displayName, _id: { $gt: id } }]
    const filter = { displayName: { $gte: begin, $lt: end }, $or }
    const found = await this.#users.find(filter, { sort: { displayName: 1, _id: 1 }, limit }).toArray()
    const given = (await this.#roles.all()).roles
    const factors = await this.#factors.confirmedOfMany(found.map(({ _id }) => _id))
    return found.map((document) => {
      return userOf(document, given.get(document._id) ?? null, factors.get(document._id) ?? null)
    })
  }

  /** A guest's address is null: they cannot be staff. */
  async setRoles(id: UserId, staffRoles: readonly StaffRole[]): Promise<RolesChange> {
    const document = await this.#users.findOne({ _id: id })
    if (document === null) return { kind: 'refused', code: 'not_found' }
    if (document.email === null) return { kind: 'refused', code: 'staff.guest' }
    const roles = withStaffRoles(staffRoles)
    const set = await this.#roles.set(id, roles)
    if (set === 'refused') return { kind: 'refused', code: 'staff.last_admin' }
    const factor = await this.#factors.confirmedOf(id)
    return { kind: 'changed', before: userOf(document, set.before, factor), after: userOf(document, roles, factor) }
  }

  async byEmail(email: string): Promise<Credentials | null> {
    const taken = await this.#emails.findOne({ _id: addressKey(email) })
    return taken === null ? null : this.credentialsOf(taken.user)
  }

  async credentialsOf(id: UserId): Promise<Credentials | null> {
    const document = await this.#users.findOne({ _id: id })
    if (document === null) return null
    const changed = document.passwordHash === null ? null : await this.#passwords.findOne({ user: id }, NEWEST)
    return { user: await this.#userOf(document), passwordHash: changed?.hash ?? document.passwordHash }
  }

  /** False where there is nobody who has one. */
  async setPassword(id: UserId, hash: string): Promise<boolean> {
    for (let race = 0; race < RACES; race++) {
      const document = await this.#users.findOne({ _id: id })
      if (document === null || document.passwordHash === null) return false
      const number = ((await this.#passwords.findOne({ user: id }, NEWEST))?.number ?? 0) + 1
      if (!(await inserted(this.#passwords.insertOne({ _id: `${id}.${number}`, user: id, number, hash })))) continue
      await this.#passwords.deleteMany({ user: id, number: { $lt: number - KEPT_PASSWORDS } })
      return true
    }
    throw new ServiceError('overloaded')
  }

  /** Whoever it was is nobody from here on; the time of an earlier erasure stands. Null where there is no such user. */
  async forget(id: UserId, nowMs: number): Promise<Forgotten | 'staff' | null> {
    const document = await this.#users.findOne({ _id: id })
    if (document === null) return null
    if (document.erasedAtMs !== undefined) return { atMs: document.erasedAtMs, email: null }
    if ((await this.#userOf(document)).roles.some((role) => role !== 'player')) return 'staff'
    const { createdAtMs } = document
    const rest = { displayName: ERASED_NAME, email: null, passwordHash: null, roles: ['player'], createdAtMs }
    await this.#users.replaceOne({ _id: id }, { ...rest, erasedAtMs: nowMs })
    return { atMs: nowMs, email: document.email }
  }

  /** What is left of somebody forgotten. */
  async erase(id: UserId): Promise<void> {
    await this.#emails.deleteMany({ user: id })
    await this.#passwords.deleteMany({ user: id })
  }

  async erasedSince(atMs: number): Promise<readonly ErasedUser[]> {
    const found = await this.#users.find({ erasedAtMs: { $gte: atMs } }).toArray()
    return found.map(({ _id: user, erasedAtMs = 0 }) => ({ user, atMs: erasedAtMs }))
  }

  async #userOf(document: UserDocument): Promise<User> {
    const { _id: id, erasedAtMs } = document
    const factor = erasedAtMs === undefined ? await this.#factors.confirmedOf(id) : null
    return userOf(document, await this.#roles.of(id), factor)
  }
}

const NEWEST = { sort: { number: -1 } } as const
/** Older ones are gone; a few numbers stay taken, for whoever has read an old one. */
const KEPT_PASSWORDS = 2
/** Each is somebody else's change of the same password; more in a row are no honest owner's. */
const RACES = 20

/** Of any text: what people type as an address may be anything. */
export function addressKey(email: string): string {
  return Buffer.from(digest(email)).toString('base64url')
}

function documentOf({ id, displayName, email, roles, createdAtMs }: User, passwordHash: string | null): UserDocument {
  return { _id: id, displayName, email, roles, createdAtMs, passwordHash }
}

/** `given`: what has been changed since the user was made; null where nothing has. */
function userOf(
  { _id: id, displayName, email, roles, createdAtMs, erasedAtMs }: UserDocument,
  given: User['roles'] | null,
  factor: string | null,
): User {
  return {
    id,
    displayName,
    email,
    roles: given ?? readRoles(roles),
    createdAtMs,
    factor,
    erasedAtMs: erasedAtMs ?? null,
  }
}
