// Identity (S2): who the players are and how they prove it. Not a projection of the journal: durable on its own, never
// rebuilt. Every adapter passes test/conformance/identity.suite.ts. Times are milliseconds since the Unix epoch.

import type { ErrorCode } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'

export const ROLES = ['player', 'operator', 'auditor', 'admin'] as const
export type Role = (typeof ROLES)[number]
/** What a player has to be given by an admin. */
export const STAFF_ROLES = ['operator', 'auditor', 'admin'] as const satisfies readonly Role[]
export type StaffRole = (typeof STAFF_ROLES)[number]

export interface User {
  readonly id: UserId
  readonly displayName: string
  /** Normalised; null for a guest. */
  readonly email: string | null
  readonly roles: readonly Role[]
  readonly createdAtMs: number
}

/** A signed-in user with the refresh token that was made for this answer and is told nowhere else. */
export interface Session {
  readonly user: User
  readonly refreshToken: string
  readonly refreshExpiresAtMs: number
}

export type SignIn =
  | { readonly kind: 'signed_in'; readonly session: Session }
  | { readonly kind: 'refused'; readonly code: SignInRefusal; readonly retryAfterSeconds?: number }

export type SignInRefusal = Extract<
  ErrorCode,
  'auth.invalid_credentials' | 'auth.locked' | 'auth.email_taken' | 'auth.refresh_invalid' | 'overloaded'
>

export interface Destination {
  readonly id: string
  readonly user: UserId
  readonly address: string
}

export interface Registration {
  readonly email: string
  readonly password: string
  readonly displayName: string
}

export type RolesChange =
  | { readonly kind: 'changed'; readonly before: User; readonly after: User }
  | { readonly kind: 'refused'; readonly code: Extract<ErrorCode, 'not_found' | 'staff.guest' | 'staff.last_admin'> }

export interface UserQuery {
  /** As typed; fits one user at most. */
  readonly email: string | null
  readonly role: StaffRole | null
  /** Users after this one, in the order of ids; null for the first. */
  readonly after: UserId | null
  /** 1 to 100. */
  readonly limit: number
}

export type NamePlace = Pick<User, 'displayName' | 'id'>

/**
 * What is answered is durable. Methods reject with `ServiceError('unavailable')` where the data set cannot be read or
 * written; every other outcome is a value.
 */
export interface Identity {
  /** A user without credentials: lives as long as its refresh token is kept. */
  createGuest(displayName: string | null): Promise<Session>
  /** Refuses `auth.email_taken`. */
  register(registration: Registration): Promise<SignIn>
  /**
   * Refuses `auth.invalid_credentials` alike, and in like time, for an unknown address and a wrong password;
   * `auth.locked` once an address has failed too often.
   */
  login(email: string, password: string): Promise<SignIn>
  /**
   * Swaps a refresh token for a new one. A token that was swapped before ends its whole session: somebody has a copy.
   * But for a minute after its swap, while the new one is unused, it may be swapped again: the answer may have been lost.
   * Refuses `auth.refresh_invalid`.
   */
  refresh(refreshToken: string): Promise<SignIn>
  /** Ends the session this token belongs to. Unknown tokens are ignored. */
  logout(refreshToken: string): Promise<void>
  /** Ends all sessions of a user. Access tokens already given out run to their end. */
  logoutEverywhere(user: UserId): Promise<void>
  findUser(user: UserId): Promise<User | null>
  /**
   * The id under which an address outside, where a user's withdrawals go, is kept: the same for the same user and address.
   * The ledger holds the id alone, so that a person can be erased and the ledger stay as it is. Null where the user has as
   * many addresses as RULES allow.
   */
  destinationOf(user: UserId, address: string): Promise<string | null>
  findDestination(id: string): Promise<Destination | null>
  findUsers(query: UserQuery): Promise<readonly User[]>
  /** Users whose names begin so, case counting, in the order of names and then of ids; after this one. */
  findUsersByName(prefix: string, after: NamePlace | null, limit: number): Promise<readonly User[]>
  /**
   * Gives a user exactly these roles of staff; a player everybody stays. Refuses `not_found`, `staff.guest` for a user
   * who cannot sign in again, and `staff.last_admin` where nobody would be left to give roles, whoever else asks for
   * what at the same moment.
   */
  setRoles(user: UserId, roles: readonly StaffRole[]): Promise<RolesChange>
  close(): Promise<void>
}
