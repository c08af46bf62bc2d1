// A player acts only for itself: an id in query or body that names somebody else is refused before the handler runs,
// `forbidden` where that somebody exists and `not_found` where not.

import { isUserId, type UserId, walletOf } from '../../shared/ids.ts'
import type { Identity } from '../identity/port.ts'
import type { Caller } from '../identity/tokens.ts'
import { type Refusal, refuse, refuseField } from './answer.ts'

const FIELDS = ['wallet_id', 'player_id', 'user_id'] as const

/** Null where nothing but the caller is named. */
export async function refuseOthers(caller: Caller, fields: object, identity: Identity): Promise<Refusal | null> {
  for (const field of FIELDS) {
    const value: unknown = Object.hasOwn(fields, field) ? Reflect.get(fields, field) : undefined
    if (value === undefined || value === null) continue
    if (typeof value !== 'string') return refuseField(field, 'takes an id')
    if (value === (field === 'wallet_id' ? caller.walletId : caller.userId)) continue
    const user = userNamedBy(value)
    const known = user !== null && (await identity.findUser(user)) !== null
    return refuse(known ? 'forbidden' : 'not_found')
  }
  return null
}

/** The user behind a user id or a wallet id (walletOf, turned round). */
function userNamedBy(id: string): UserId | null {
  const user = id.startsWith('w_') ? `u_${id.slice(2)}` : id
  if (!isUserId(user)) return null
  return id === user || id === walletOf(user) ? user : null
}
