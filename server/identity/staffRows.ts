// Users as staff see them, and the roles they are given. `setRoles` runs inside a transaction of the group writer: the
// admins are counted there, so that of two who give up the role at the same moment one keeps it.

import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../shared/ids.ts'
import { normaliseEmail } from './credentials.ts'
import { namesWith, withStaffRoles } from './newUser.ts'
import type { NamePlace, RolesChange, StaffRole, User, UserQuery } from './port.ts'
import { readUser, USER_COLUMNS } from './userRows.ts'

const IS_STAFF = `roles <> '["player"]'` // as the index on staff says it

export class StaffRows {
  readonly #page
  readonly #byEmail
  readonly #staff
  readonly #byId
  readonly #byName
  readonly #update
  readonly #otherAdmin

  constructor(database: DatabaseSync) {
    const select = `SELECT ${USER_COLUMNS} FROM users`
    this.#page = database.prepare(`${select} WHERE id > ? ORDER BY id LIMIT ?`)
    this.#byEmail = database.prepare(`${select} WHERE email = ? AND id > ?`)
    this.#staff = database.prepare(
      `${select} WHERE ${IS_STAFF} AND id > ? AND EXISTS (SELECT 1 FROM json_each(roles) WHERE value = ?)
       ORDER BY id LIMIT ?`,
    )
    this.#byId = database.prepare(`${select} WHERE id = ?`)
    this.#byName = database.prepare(
      `${select} WHERE display_name >= ? AND display_name < ? AND (display_name, id) > (?, ?)
       ORDER BY display_name, id LIMIT ?`,
    )
    this.#update = database.prepare('UPDATE users SET roles = ? WHERE id = ?')
    this.#otherAdmin = database.prepare(
      `SELECT 1 FROM users WHERE ${IS_STAFF} AND id <> ? AND EXISTS (SELECT 1 FROM json_each(roles) WHERE value = 'admin')
       LIMIT 1`,
    )
  }

  find({ email, role, after, limit }: UserQuery): readonly User[] {
    const from = after ?? ''
    if (email !== null) {
      const found = this.#byEmail.all(normaliseEmail(email), from).map(readUser)
      return role === null ? found : found.filter(({ roles }) => roles.includes(role))
    }
    if (role !== null) return this.#staff.all(from, role, limit).map(readUser)
    return this.#page.all(from, limit).map(readUser)
  }

  findByName(prefix: string, after: NamePlace | null, limit: number): readonly User[] {
    const [begin, end] = namesWith(prefix)
    return this.#byName.all(begin, end, after?.displayName ?? '', after?.id ?? '', limit).map(readUser)
  }

  setRoles(id: UserId, staffRoles: readonly StaffRole[]): RolesChange {
    const row = this.#byId.get(id)
    if (row === undefined) return { kind: 'refused', code: 'not_found' }
    const before = readUser(row)
    if (before.email === null) return { kind: 'refused', code: 'staff.guest' }
    const after: User = { ...before, roles: withStaffRoles(staffRoles) }
    const leaves = before.roles.includes('admin') && !after.roles.includes('admin')
    if (leaves && this.#otherAdmin.get(id) === undefined) return { kind: 'refused', code: 'staff.last_admin' }
    this.#update.run(JSON.stringify(after.roles), id)
    return { kind: 'changed', before, after }
  }
}
