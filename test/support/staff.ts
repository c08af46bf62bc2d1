// Staff for tests: people who registered over HTTP and were then given a role in the server's own identity, as the
// operator's tool does it while the server runs.

import { join } from 'node:path'
import type { Identity, StaffRole } from '../../server/identity/port.ts'
import { SqliteIdentity } from '../../server/identity/sqliteIdentity.ts'
import { systemClock } from '../../server/system.ts'
import { isUserId, type UserId } from '../../shared/ids.ts'
import { call } from './http.ts'
import type { TestServer } from './server.ts'

export const PASSWORD = 'correct horse battery'

export interface Person {
  readonly userId: UserId
  readonly token: string
  readonly email: string
}

let people = 0

export async function newPerson(url: string): Promise<Person> {
  const email = `person${process.pid}-${++people}@example.com`
  const body = { email, password: PASSWORD, display_name: 'Ann' }
  const { status, body: session, text } = await call(url, 'POST /auth/register', { body })
  if (status !== 201 || !isUserId(session.user_id)) throw new Error(`not registered: ${status} ${text}`)
  return { userId: session.user_id, token: session.token, email }
}

/** On embedded storage. */
export async function newStaff(server: Pick<TestServer, 'url' | 'dataDir'>, ...roles: StaffRole[]): Promise<Person> {
  const identity = new SqliteIdentity(join(server.dataDir, 'identity.db'), systemClock)
  try {
    return await newStaffIn(identity, server.url, ...roles)
  } finally {
    await identity.close()
  }
}

export async function newStaffIn(identity: Identity, url: string, ...roles: StaffRole[]): Promise<Person> {
  const person = await newPerson(url)
  const change = await identity.setRoles(person.userId, roles)
  if (change.kind !== 'changed') throw new Error(`not staff: ${change.code}`)
  return person
}
