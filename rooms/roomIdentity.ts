// Who a connection speaks for: the user of its token, and never what it says beside it.

import { type AuthContext, ServerError } from '@colyseus/core'
import type { ErrorCode } from '../shared/errors.ts'
import type { UserId, WalletId } from '../shared/ids.ts'

export interface Identified {
  readonly userId: UserId
  readonly walletId: WalletId
}

export interface RoomIdentity {
  /** Who the token speaks for, or the registered error. */
  identify(token: string): Promise<Identified | ErrorCode>
  /** Whether the user was erased since they joined. */
  isErased(user: UserId): boolean
  failed(error: unknown): void
}

/** Where a connection comes from, by what the server's own edge says; empty where that is not known. */
export function addressOf({ ip }: AuthContext): string {
  return ip ?? ''
}

/** For a room's static `onAuth`. Throws what refuses the seat. */
export async function authenticate(identity: RoomIdentity, token: string, context: AuthContext): Promise<Identified> {
  const identified = await identity.identify(token || bearer(context))
  if (typeof identified === 'string') throw new ServerError(identified === 'unavailable' ? 503 : 401, identified)
  if (identity.isErased(identified.userId)) throw new ServerError(401, 'unauthenticated')
  // Only these two: an object with a sessionId would become the seat's id.
  return { userId: identified.userId, walletId: identified.walletId }
}

function bearer(context: AuthContext): string {
  const header = context.headers.get('authorization') ?? ''
  return header.startsWith('Bearer ') ? header.slice(7) : ''
}
