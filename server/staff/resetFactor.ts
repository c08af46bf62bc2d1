// `operator -- reset-factor EMAIL`: for an admin who has lost the second factor and its recovery codes, where no other
// admin is left to end it over HTTP. Like the first admin's role it asks for nothing but the data set in hand, and is on
// record like a call of staff.

import { normaliseEmail } from '../identity/credentials.ts'
import { say, type ToolBooks, toolFact } from './toolBooks.ts'

const ROUTE = 'cli reset-factor'

/** Answers the exit code. Rejects with ServiceError where a book cannot be written. */
export async function resetFactor({ identity, auditLog }: ToolBooks, email: string): Promise<number> {
  const query = { email: normaliseEmail(email), role: null, after: null, limit: 1 }
  const [user] = await identity.findUsers(query)
  if (user === undefined) return say('Nobody has registered with that address.')
  if (user.factor === null) return say(`${user.id} has no second factor.`)
  const target = user.id
  const { seq: attempt } = await auditLog.append(toolFact(ROUTE, { outcome: 'attempted', target }))
  const had = await identity.endFactor(user.id)
  const change = { before: '{"second_factor":true}', after: '{"second_factor":false}' }
  const ended = had ? ({ outcome: 'done', ...change } as const) : ({ outcome: 'refused' } as const)
  await auditLog.append(toolFact(ROUTE, { ...ended, target, attempt }))
  if (!had) return say('The account changed at the same moment: look again.')
  console.log(`${user.id} has no second factor any more, and no session: they sign in by password and set up another.`)
  return 0
}
