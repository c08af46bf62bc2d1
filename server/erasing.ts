// Erasing a person. The wallet's actor says whether anything is owed, by closing the wallet: whatever came in a moment
// before is in its balance, and what comes later is sent back. Only then identity forgets who its owner was. Dying in
// between leaves a closed wallet, and the same request goes on from there.

import type { Refused, WalletStaffService } from '../actors/wallet/service.ts'
import type { ErrorCode } from '../shared/errors.ts'
import { type RecordId, type UserId, type WalletId, walletOf } from '../shared/ids.ts'
import type { ErasedUsers } from './identity/erasedUsers.ts'
import type { Identity } from './identity/port.ts'
import { randomId } from './identity/refreshTokens.ts'
import type { EvidenceTexts } from './play/evidenceTexts.ts'

export interface ErasingParts {
  readonly identity: Pick<Identity, 'findUser' | 'erase'>
  readonly wallets: Pick<WalletStaffService, 'inspect' | 'order'>
  readonly erased: Pick<ErasedUsers, 'add'>
  /** What they wrote in disputes. */
  readonly texts: Pick<EvidenceTexts, 'erase'>
}

export type ErasingOutcome =
  /** `record`: the one that closed the wallet; null where it was closed, or had never been opened. */
  | { readonly kind: 'erased'; readonly atMs: number; readonly record: RecordId | null }
  | { readonly kind: 'refused'; readonly code: ErrorCode }

export async function erasePerson(parts: ErasingParts, id: UserId, requestId: string): Promise<ErasingOutcome> {
  const { identity, wallets, erased, texts } = parts
  const user = await identity.findUser(id)
  if (user === null) return { kind: 'refused', code: 'not_found' }
  // Before the wallet is closed for nothing.
  if (user.roles.some((role) => role !== 'player')) return { kind: 'refused', code: 'staff.has_roles' }
  const closing = user.erasedAtMs === null ? await closeWallet(wallets, walletOf(id), requestId) : CLOSED
  if (closing.kind === 'refused') return closing
  // While they can ask again, if it cannot be done now.
  if (!(await forgotten(texts, id))) return { kind: 'refused', code: 'unavailable' }
  const erasure = await identity.erase(id)
  if (erasure.kind === 'refused') return erasure
  erased.add(id)
  // What was on its way when they were forgotten.
  if (!(await forgotten(texts, id))) return { kind: 'refused', code: 'unavailable' }
  return { ...erasure, record: closing.record }
}

async function forgotten(texts: ErasingParts['texts'], id: UserId): Promise<boolean> {
  try {
    await texts.erase(id)
    return true
  } catch {
    return false
  }
}

type Closing = { readonly kind: 'closed'; readonly record: RecordId | null } | Refused

const CLOSED: Closing = { kind: 'closed', record: null }

/** One that is closed, or was never opened, gets no record more: not even one that refuses. */
async function closeWallet(wallets: ErasingParts['wallets'], wallet: WalletId, requestId: string): Promise<Closing> {
  const found = await wallets.inspect(wallet)
  if (found.kind === 'refused') return found.code === 'wallet.not_open' ? CLOSED : found
  if (found.view.status === 'closed') return CLOSED
  // Each time anew: what was refused before may be empty now.
  const order = await wallets.order(wallet, { kind: 'close' }, `erase ${randomId()}`, requestId)
  if (order.kind === 'ok') return { kind: 'closed', record: order.receipt.transactionId }
  return order.code === 'wallet.closed' ? CLOSED : order
}
