// `operator -- admin EMAIL`: the first admin, who gives everybody else their roles over HTTP. Whoever can run it has the
// data set in hand anyhow; so it asks for no password, and none is there by default. It is on record like a call of
// staff: that it is attempted, and how it ended.

import { randomBytes } from 'node:crypto'
import { emailSchema } from '../identity/credentials.ts'
import type { Identity, Role, User } from '../identity/port.ts'
import type { AuditFact, AuditLog } from './auditLog.ts'
import { say, type ToolBooks, toolFact } from './toolBooks.ts'

export interface AdminOrder {
  readonly email: string
  /** Make the account where there is none. */
  readonly create: boolean
  /** One more admin, where those there are cannot sign in any more. */
  readonly recover: boolean
}

const PASSWORD_BYTES = 18

/** Answers the exit code. Rejects with ServiceError where a book cannot be written. */
export async function makeAdmin({ identity, auditLog }: ToolBooks, order: AdminOrder): Promise<number> {
  const address = emailSchema.safeParse(order.email)
  if (!address.success) return say('That is no email address.')
  const [known] = await identity.findUsers({ email: address.data, role: null, after: null, limit: 1 })
  if (known?.roles.includes('admin') === true) return tellAdmin(known, 'is an admin already')
  const [admin] = await identity.findUsers({ email: null, role: 'admin', after: null, limit: 1 })
  if (admin !== undefined && !order.recover) {
    return say(`${admin.id} is an admin: let them give the role (PUT /admin/users/{id}/roles). Where no admin can sign in
any more, say so with --recover.`)
  }
  if (known === undefined && !order.create) {
    return say('Nobody has registered with that address. Register first, or let the account be made with --create.')
  }
  const target = known?.id ?? null
  const attempt = (await auditLog.append(fact({ outcome: 'attempted', target }))).seq
  const user = known ?? (await createAccount(identity, address.data))
  return user === null ? refused(auditLog, attempt) : giveRole({ identity, auditLog }, user, attempt)
}

/** Null where somebody took the address in this very moment. The password is shown here and kept nowhere. */
async function createAccount(identity: Identity, email: string): Promise<User | null> {
  const password = randomBytes(PASSWORD_BYTES).toString('base64url')
  const made = await identity.register({ email, password, displayName: 'Admin' })
  if (made.kind === 'refused') return null
  await identity.logoutEverywhere(made.session.user.id)
  console.log(`Password, shown this once: ${password}`)
  return made.session.user
}

async function giveRole({ identity, auditLog }: ToolBooks, user: User, attempt: number): Promise<number> {
  // An auditor who becomes an admin is an auditor no more: that role goes with no other.
  const kept = user.roles.includes('operator') ? (['operator'] as const) : []
  const change = await identity.setRoles(user.id, [...kept, 'admin'])
  if (change.kind === 'refused') return refused(auditLog, attempt)
  const { before, after } = change
  const roles = { before: rolesText(before.roles), after: rolesText(after.roles) }
  await auditLog.append(fact({ outcome: 'done', target: user.id, attempt, ...roles }))
  return tellAdmin(after, 'is an admin now')
}

async function refused(auditLog: AuditLog, attempt: number): Promise<number> {
  await auditLog.append(fact({ outcome: 'refused', attempt }))
  return say('The account changed at the same moment: look again.')
}

function fact(known: Pick<AuditFact, 'outcome'> & Partial<AuditFact>): AuditFact {
  return toolFact('cli admin', known)
}

function rolesText(roles: readonly Role[]): string {
  return JSON.stringify({ roles })
}

function tellAdmin({ id, createdAtMs }: User, what: string): number {
  console.log(`${id}, registered ${new Date(createdAtMs).toISOString()}, ${what}.`)
  return 0
}
