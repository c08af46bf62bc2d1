// Tokens of staff for tests: roles cannot be given to anybody yet, so they are signed with a secret that the tests' servers
// are started with.

import type { Role } from '../../server/identity/port.ts'
import { TokenService } from '../../server/identity/tokens.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'

export const STAFF_SECRET = 'the secret of servers whose tests need staff'

const STAFF = 'u_AAAAAAAAAAAAAAAAAAAAAA' as UserId // of the form that ids have
export const STAFF_WALLET = walletOf(STAFF)

/** `which`: of several persons of staff. */
export async function staffToken(role: Role, secret = STAFF_SECRET, which = 0): Promise<string> {
  const tokens = new TokenService(secret, { nowMs: () => Date.now() })
  return (await tokens.issue({ id: which === 0 ? STAFF : personOf(which), roles: [role] })).token
}

/** Of the form that ids have. */
function personOf(which: number): UserId {
  return `u_${'A'.repeat(20)}${String.fromCharCode(65 + which)}A` as UserId
}
