// Tokens of staff for tests: roles cannot be given to anybody yet, so they are signed with a secret that the tests' servers
// are started with.

import type { Role } from '../../server/identity/port.ts'
import { TokenService } from '../../server/identity/tokens.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'

export const STAFF_SECRET = 'the secret of servers whose tests need staff'

const STAFF = 'u_AAAAAAAAAAAAAAAAAAAAAA' as UserId // of the form that ids have
export const STAFF_WALLET = walletOf(STAFF)

export async function staffToken(role: Role, secret = STAFF_SECRET): Promise<string> {
  const tokens = new TokenService(secret, { nowMs: () => Date.now() })
  return (await tokens.issue({ id: STAFF, roles: [role] })).token
}
