// A row of `users` as a user. A row of another form is a damaged file, not an outcome: it throws.

import { isUserId } from '../../shared/ids.ts'
import { readRoles } from './newUser.ts'
import type { User } from './port.ts'

export const USER_COLUMNS = 'id, display_name, email, password_hash, roles, created_at_ms'

export function readUser(row: Readonly<Record<string, unknown>>): User {
  const { id, display_name: displayName, email, created_at_ms: createdAtMs } = row
  if (typeof id !== 'string' || !isUserId(id)) throw new Error('identity: a user row without a user id')
  if (typeof displayName !== 'string' || typeof createdAtMs !== 'number') throw new Error(`identity: bad row ${id}`)
  return { id, displayName, email: typeof email === 'string' ? email : null, roles: rolesOf(row.roles), createdAtMs }
}

function rolesOf(text: unknown): User['roles'] {
  return readRoles(typeof text === 'string' ? JSON.parse(text) : null)
}
