// A row of `users` as a user. A row of another form is a damaged file, not an outcome: it throws.

import { isUserId } from '../../shared/ids.ts'
import { readRoles } from './newUser.ts'
import type { User } from './port.ts'

export const USER_COLUMNS = 'id, display_name, email, password_hash, roles, created_at_ms, factor, erased_at_ms'

export function readUser(row: Readonly<Record<string, unknown>>): User {
  const { id, display_name: displayName, created_at_ms: createdAtMs, erased_at_ms: erasedAtMs } = row
  if (typeof id !== 'string' || !isUserId(id)) throw new Error('identity: a user row without a user id')
  if (typeof displayName !== 'string' || typeof createdAtMs !== 'number') throw new Error(`identity: bad row ${id}`)
  return {
    id,
    displayName,
    email: textOf(row.email),
    roles: rolesOf(row.roles),
    createdAtMs,
    factor: textOf(row.factor),
    erasedAtMs: typeof erasedAtMs === 'number' ? erasedAtMs : null,
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function rolesOf(text: unknown): User['roles'] {
  return readRoles(typeof text === 'string' ? JSON.parse(text) : null)
}
