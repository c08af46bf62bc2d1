// A user as every adapter makes it: a fresh id, a name that can be shown, the role of a player.

import type { UserId } from '../../shared/ids.ts'
import { normaliseName } from './credentials.ts'
import { ROLES, type Role, STAFF_ROLES, type StaffRole, type User } from './port.ts'
import { randomId } from './refreshTokens.ts'

/** `email`: normalised; null for a guest. */
export function newUser(displayName: string | null, email: string | null, nowMs: number): User {
  const id = `u_${randomId()}` as UserId // the form that isUserId asks for
  const name = displayName === null ? `Guest ${id.slice(2, 8)}` : normaliseName(displayName)
  return { id, displayName: name, email, roles: ['player'], createdAtMs: nowMs, factor: null, erasedAtMs: null }
}

/** What is shown where a name would stand. */
export const ERASED_NAME = 'Erased'

/** What is no role any more, or not yet, gives no rights. */
export function readRoles(stored: unknown): readonly Role[] {
  return Array.isArray(stored) ? ROLES.filter((role) => stored.includes(role)) : []
}

/** Everybody is a player; in the one order that roles have. */
export function withStaffRoles(roles: readonly StaffRole[]): readonly Role[] {
  return ['player', ...STAFF_ROLES.filter((role) => roles.includes(role))]
}

/** Names that begin so lie from the first on, and before the second, by their bytes. */
export function namesWith(prefix: string): readonly [string, string] {
  const begin = prefix.normalize('NFKC')
  return [begin, `${begin}\u{10FFFF}`]
}
