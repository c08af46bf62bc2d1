// The collections of identity (S2), beside those of the store but no projection. Documents are inserted and deleted, and
// what decides is always one insertion under an _id that only one can have: that is atomic in MongoDB, and in its
// replacements that find and update in two steps.

import { type Collection, type Db, MongoServerError } from 'mongodb'
import type { UserId } from '../../shared/ids.ts'

export interface UserDocument {
  readonly _id: UserId
  readonly displayName: string
  readonly email: string | null
  readonly passwordHash: string | null
  readonly roles: readonly string[]
  readonly createdAtMs: number
  /** Missing while they are somebody. */
  readonly erasedAtMs?: number
}

/** A password that was changed: `<user>.<number>`, the highest number counts. Before the first, the user's own does. */
export interface PasswordDocument {
  readonly _id: string
  readonly user: UserId
  readonly number: number
  readonly hash: string
}

/** One generation of a user's second factor: `<user>.<number>`. The highest number is the factor as it is now. */
export interface FactorDocument {
  readonly _id: string
  readonly user: UserId
  readonly number: number
  readonly state: 'proposed' | 'confirmed' | 'ended'
  readonly factor: string
  readonly sealed: string
  /** Hashes of the recovery codes, spent ones too. */
  readonly recovery: readonly string[]
}

/** What was shown of a factor: `<factor>.<time step>`, or `<factor>.<hash of a recovery code>`. */
export interface SpentDocument {
  readonly _id: string
  readonly user: UserId
  readonly expiresAtMs: number
}

/** An address that is taken: _id is its hash. */
export interface EmailDocument {
  readonly _id: string
  readonly user: UserId
}

/** One generation of a session: `<session>.<number>`. The highest number is the session as it is now. */
export interface SessionDocument {
  readonly _id: string
  readonly session: string
  readonly number: number
  readonly user: UserId
  /** Over: kept so that nobody who saw the generation before can make this one. */
  readonly ended: boolean
  /** The second factor that it was begun with; missing in documents of earlier releases. */
  readonly factor?: string | null
  /** Hashes of the current secret and of the one before. */
  readonly token: string
  readonly previous: string | null
  readonly graceEndsMs: number
  readonly usedAtMs: number
  readonly expiresAtMs: number
}

/** One failed login that counts: `<hash of the address>.<place>`. */
export interface LoginFailureDocument {
  readonly _id: string
  readonly forgetAtMs: number
}

/** _id is `<user>.<hash of the address>`: one for each address of a user. */
export interface DestinationDocument {
  readonly _id: string
  readonly id: string
  readonly user: UserId
  readonly address: string
}

/** A change of roles; _id is its number, from 1. */
export interface RolesDocument {
  readonly _id: number
  readonly user: UserId
  readonly roles: readonly string[]
  /** Of one insertion alone. */
  readonly nonce: string
}

export interface IdentityCollections {
  readonly users: Collection<UserDocument>
  readonly emails: Collection<EmailDocument>
  readonly sessions: Collection<SessionDocument>
  readonly failures: Collection<LoginFailureDocument>
  readonly destinations: Collection<DestinationDocument>
  readonly roles: Collection<RolesDocument>
  readonly passwords: Collection<PasswordDocument>
  readonly factors: Collection<FactorDocument>
  readonly spent: Collection<SpentDocument>
}

/** What identity answers outlives the loss of a member of the replica set. */
const DURABLE = { writeConcern: { w: 'majority', journal: true }, readPreference: 'primary' } as const

/** Rejects with the driver's error where the database does not answer. */
export async function openIdentityCollections(db: Db): Promise<IdentityCollections> {
  const collections: IdentityCollections = {
    users: db.collection<UserDocument>('identity_users', DURABLE),
    emails: db.collection<EmailDocument>('identity_emails', DURABLE),
    sessions: db.collection<SessionDocument>('identity_sessions', DURABLE),
    failures: db.collection<LoginFailureDocument>('identity_login_failures', DURABLE),
    destinations: db.collection<DestinationDocument>('identity_destinations', DURABLE),
    roles: db.collection<RolesDocument>('identity_roles', DURABLE),
    passwords: db.collection<PasswordDocument>('identity_passwords', DURABLE),
    factors: db.collection<FactorDocument>('identity_factors', DURABLE),
    spent: db.collection<SpentDocument>('identity_spent_codes', DURABLE),
  }
  const { users, emails, sessions, failures, destinations, roles, passwords, factors, spent } = collections
  await users.createIndex({ displayName: 1, _id: 1 })
  await users.createIndex({ erasedAtMs: 1 }, { sparse: true })
  await emails.createIndex({ user: 1 })
  await passwords.createIndex({ user: 1, number: -1 })
  await factors.createIndex({ user: 1, number: -1 })
  await spent.createIndex({ user: 1 })
  await spent.createIndex({ expiresAtMs: 1 })
  await sessions.createIndex({ session: 1, number: -1 })
  await sessions.createIndex({ user: 1 })
  await sessions.createIndex({ expiresAtMs: 1 })
  await failures.createIndex({ forgetAtMs: 1 })
  await destinations.createIndex({ id: 1 })
  await destinations.createIndex({ user: 1 })
  await roles.createIndex({ user: 1, _id: -1 })
  return collections
}

/** Whether the document was inserted; false where its _id is taken. */
export async function inserted(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion
    return true
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false
    throw error
  }
}

const DUPLICATE_KEY = 11_000

interface Expiring {
  readonly _id: string
}

/** A single command never touches more: some servers stall on larger ones. */
const DELETED_AT_ONCE = 100
const ROUNDS = 20

/** Deletes what is over, some 2,000 documents at most: the next clean-up goes on. */
export async function deleteWhere(
  ids: (limit: number) => Promise<readonly Expiring[]>,
  remove: (ids: string[]) => Promise<unknown>,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const found = await ids(DELETED_AT_ONCE)
    if (found.length > 0) await remove(found.map(({ _id }) => _id))
    if (found.length < DELETED_AT_ONCE) return
  }
}
