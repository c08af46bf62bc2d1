// Users, and the addresses they have taken. A user comes first and counts for nothing; the address, inserted under its
// hash, is what makes it one that can sign in. So an address has one owner whoever asks at the same time, and a process
// that dies in between leaves a user that nobody can reach, never an address that nobody has.

import type { UserId } from '../../shared/ids.ts'
import { readRoles } from '../identity/newUser.ts'
import type { User } from '../identity/port.ts'
import { digest } from '../identity/refreshTokens.ts'
import { type IdentityCollections, inserted, type UserDocument } from './identityCollections.ts'

export interface Credentials {
  readonly user: User
  readonly passwordHash: string | null
}

export class IdentityUsers {
  readonly #users: IdentityCollections['users']
  readonly #emails: IdentityCollections['emails']

  constructor({ users, emails }: IdentityCollections) {
    this.#users = users
    this.#emails = emails
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
    return document === null ? null : userOf(document)
  }

  async byEmail(email: string): Promise<Credentials | null> {
    const taken = await this.#emails.findOne({ _id: addressKey(email) })
    const document = taken === null ? null : await this.#users.findOne({ _id: taken.user })
    return document === null ? null : { user: userOf(document), passwordHash: document.passwordHash }
  }
}

/** Of any text: what people type as an address may be anything. */
export function addressKey(email: string): string {
  return Buffer.from(digest(email)).toString('base64url')
}

function documentOf({ id, ...user }: User, passwordHash: string | null): UserDocument {
  return { _id: id, ...user, passwordHash }
}

function userOf({ _id: id, displayName, email, roles, createdAtMs }: UserDocument): User {
  return { id, displayName, email, roles: readRoles(roles), createdAtMs }
}
