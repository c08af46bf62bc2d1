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
  /** The id of the second factor, once it is confirmed. Another one has another id. */
  readonly factor: string | null
  /** Null while they are somebody. What is left of an erased person is the id and these two times. */
  readonly erasedAtMs: number | null
}

/** A signed-in user with the refresh token that was made for this answer and is told nowhere else. */
export interface Session {
  readonly user: User
  /** The second factor that the session was begun with, while it is the user's; every swap keeps it. */
  readonly factor: string | null
  readonly refreshToken: string
  readonly refreshExpiresAtMs: number
}

export type SignIn =
  | { readonly kind: 'signed_in'; readonly session: Session }
  | { readonly kind: 'refused'; readonly code: SignInRefusal; readonly retryAfterSeconds?: number }

export type SignInRefusal = Extract<
  ErrorCode,
  | 'auth.invalid_credentials'
  | 'auth.locked'
  | 'auth.email_taken'
  | 'auth.refresh_invalid'
  | 'auth.guest'
  | FactorRefusal
  | 'overloaded'
>

type FactorRefusal = 'auth.mfa_required' | 'auth.mfa_invalid' | 'auth.mfa_unreadable' | 'auth.mfa_not_enabled'

/** A second factor as it is kept: the secret is sealed, and nobody below can read it (secondFactor.ts). */
export interface Factor {
  readonly id: string
  readonly sealed: Uint8Array
}

/** What a user shows to prove a second factor: it is spent when it is taken, and never taken twice. */
export type Shown =
  /** The code of this time step. One of an earlier step than the last that was taken is spent as well. */
  | { readonly kind: 'step'; readonly step: number }
  /** A recovery code, by its hash. */
  | { readonly kind: 'recovery'; readonly hash: Uint8Array }
  | { readonly kind: 'refused'; readonly code: FactorRefusal }

/** Judges what was shown against the factor; synchronous, for it runs inside a transaction. */
export type FactorCheck = (user: UserId, factor: Factor) => Shown

export type Proof = { readonly kind: 'proven'; readonly user: User; readonly factor: string | null } | SignInRefused
export type SignInRefused = Extract<SignIn, { kind: 'refused' }>

/** A user's second factor, for its owner. */
export interface FactorState extends Factor {
  readonly confirmed: boolean
  readonly recoveryCodesLeft: number
}

export type Proposal =
  | { readonly kind: 'proposed' }
  | { readonly kind: 'refused'; readonly code: Extract<ErrorCode, 'auth.guest' | 'auth.mfa_enabled'> }

export type Erasure =
  | { readonly kind: 'erased'; readonly atMs: number }
  | { readonly kind: 'refused'; readonly code: Extract<ErrorCode, 'not_found' | 'staff.has_roles'> }

export interface ErasedUser {
  readonly user: UserId
  readonly atMs: number
}

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
   * `auth.locked` once an address has failed too often. Where the user has a second factor, `check` judges what was
   * shown of it after the password was found right, and its failures count to the same lock; without `check` the factor
   * is asked for (`auth.mfa_required`), which counts for nothing.
   */
  login(email: string, password: string, check?: FactorCheck): Promise<SignIn>
  /**
   * Whoever is signed in proves anew who they are: by the password, unless it is null, and by the second factor, where
   * there is one. Counts and refuses as `login` does, `auth.guest` for a user without a password, and
   * `auth.mfa_not_enabled` where neither would be asked for.
   */
  prove(user: UserId, password: string | null, check: FactorCheck): Promise<Proof>
  /** For a user who has just proven who they are, by this factor (null: by none). Refuses `auth.refresh_invalid`. */
  beginSession(user: UserId, factor: string | null): Promise<SignIn>
  /** Ends all sessions of the user. False where there is no such user any more. */
  setPassword(user: UserId, password: string): Promise<boolean>
  /** Null where there is none. */
  factorOf(user: UserId): Promise<FactorState | null>
  /** Takes the place of one that was never confirmed; one that is stays, and the answer is `auth.mfa_enabled`. */
  proposeFactor(user: UserId, factor: Factor): Promise<Proposal>
  /** By the code of this step, which is spent. False where this factor is not, or not only, proposed. */
  confirmFactor(user: UserId, factor: string, step: number, recoveryHashes: readonly Uint8Array[]): Promise<boolean>
  /** False where this is not the user's confirmed factor. */
  setRecoveryCodes(user: UserId, factor: string, recoveryHashes: readonly Uint8Array[]): Promise<boolean>
  /** Ends all sessions of the user, and whatever factor there is. False where none was confirmed. */
  endFactor(user: UserId): Promise<boolean>
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
  /**
   * Removes everything that says who a user is, and leaves the id: nobody else ever has it. An erased user is erased
   * again without a word. Refuses staff. The caller has made sure that nothing is owed.
   */
  erase(user: UserId): Promise<Erasure>
  /** Users erased at this time or later. */
  erasedSince(atMs: number): Promise<readonly ErasedUser[]>
  close(): Promise<void>
}
