// Erasing a person. The wallet's actor says whether anything is owed, by closing the wallet: whatever came in a moment
// before is in its balance, and what comes later is sent back. Only then identity forgets who its owner was. Dying in
// between leaves a closed wallet, and the same request goes on from there.

import type { WalletStaffService } from '../actors/wallet/service.ts'
import type { ErrorCode } from '../shared/errors.ts'
import { type RecordId, type UserId, walletOf } from '../shared/ids.ts'
import type { ErasedUsers } from './identity/erasedUsers.ts'
import type { Identity } from './identity/port.ts'
import { randomId } from './identity/refreshTokens.ts'

export interface ErasingParts {
  readonly identity: Pick<Identity, 'findUser' | 'erase'>
  readonly wallets: Pick<WalletStaffService, 'order'>
  readonly erased: Pick<ErasedUsers, 'add'>
}

export type ErasingOutcome =
  /** `record`: the one that closed the wallet; null where it was closed, or had never been opened. */
  | { readonly kind: 'erased'; readonly atMs: number; readonly record: RecordId | null }
  | { readonly kind: 'refused'; readonly code: ErrorCode }

export async function erasePerson(parts: ErasingParts, id: UserId, requestId: string): Promise<ErasingOutcome> {
  const { identity, wallets, erased } = parts
  const user = await identity.findUser(id)
  if (user === null) return { kind: 'refused', code: 'not_found' }
  // Before the wallet is closed for nothing.
  if (user.roles.some((role) => role !== 'player')) return { kind: 'refused', code: 'staff.has_roles' }
  let record: RecordId | null = null
  if (user.erasedAtMs === null) {
    // Each time anew: what was refused before may be empty now.
    const closing = await wallets.order(walletOf(id), { kind: 'close' }, `erase ${randomId()}`, requestId)
    if (closing.kind === 'ok') record = closing.receipt.transactionId
    else if (closing.code !== 'wallet.closed' && closing.code !== 'wallet.not_open') return closing
  }
  const erasure = await identity.erase(id)
  if (erasure.kind === 'refused') return erasure
  erased.add(id)
  return { ...erasure, record }
}
