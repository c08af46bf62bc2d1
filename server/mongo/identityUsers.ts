// Users, and the addresses they have taken. A user comes first and counts for nothing; the address, inserted under its
// hash, is what makes it one that can sign in. So an address has one owner whoever asks at the same time, and a process
// that dies in between leaves a user that nobody can reach, never an address that nobody has.

import type { UserId } from '../../shared/ids.ts'
import { normaliseEmail } from '../identity/credentials.ts'
import { namesWith, readRoles, withStaffRoles } from '../identity/newUser.ts'
import type { NamePlace, RolesChange, StaffRole, User, UserQuery } from '../identity/port.ts'
import { digest } from '../identity/refreshTokens.ts'
import { type IdentityCollections, inserted, type UserDocument } from './identityCollections.ts'
import { IdentityRoles } from './identityRoles.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
}

export class IdentityUsers {
  readonly #users: IdentityCollections['users']
  readonly #emails: IdentityCollections['emails']
  readonly #roles: IdentityRoles

  constructor(collections: IdentityCollections) {
    this.#users = collections.users
    this.#emails = collections.emails
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
    return found.map((document) => userOf(document, given.get(document._id) ?? null))
  }

  async findByName(prefix: string, after: NamePlace | null, limit: number): Promise<readonly User[]> {
    const [begin, end] = namesWith(prefix)
    const { displayName = '', id = '' as UserId } = after ?? {} // any text sorts
    const $or = [{ displayName: { $gt: displayName } }, { displayName, _id: { $gt: id } }]
    const filter = { displayName: { $gte: begin, $lt: end }, $or }
    const found = await this.#users.find(filter, { sort: { displayName: 1, _id: 1 }, limit }).toArray()
    const given = (await this.#roles.all()).roles
    return found.map((document) => userOf(document, given.get(document._id) ?? null))
  }

  /** A guest's address is null: they cannot be staff. */
  async setRoles(id: UserId, staffRoles: readonly StaffRole[]): Promise<RolesChange> {
    const document = await this.#users.findOne({ _id: id })
    if (document === null) return { kind: 'refused', code: 'not_found' }
    if (document.email === null) return { kind: 'refused', code: 'staff.guest' }
    const roles = withStaffRoles(staffRoles)
    const set = await this.#roles.set(id, roles)
    if (set === 'refused') return { kind: 'refused', code: 'staff.last_admin' }
    return { kind: 'changed', before: userOf(document, set.before), after: userOf(document, roles) }
  }

  async byEmail(email: string): Promise<Credentials | null> {
    const taken = await this.#emails.findOne({ _id: addressKey(email) })
    const document = taken === null ? null : await this.#users.findOne({ _id: taken.user })
    return document === null ? null : { user: await this.#userOf(document), passwordHash: document.passwordHash }
  }

  async #userOf(document: UserDocument): Promise<User> {
    return userOf(document, await this.#roles.of(document._id))
  }
}

/** Of any text: what people type as an address may be anything. */
export function addressKey(email: string): string {
  return Buffer.from(digest(email)).toString('base64url')
}

function documentOf({ id, ...user }: User, passwordHash: string | null): UserDocument {
  return { _id: id, ...user, passwordHash }
}

/** `given`: what has been changed since the user was made; null where nothing has. */
function userOf({ _id: id, displayName, email, roles, createdAtMs }: UserDocument, given: User['roles'] | null): User {
  return { id, displayName, email, roles: given ?? readRoles(roles), createdAtMs }
}
