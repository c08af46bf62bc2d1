// What the admin routes need of NFTs: a token as its actor has it, with where the ledger saw it last, and orders of staff.
// Nothing here throws for an outcome.

import type { PartitionId, RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { OrderOutcome, Refused } from '../wallet/service.ts'
import type { NftView } from './state.ts'
import type { Token } from './token.ts'

/** What staff does to a token. `reason` is about the matter: it stays in the ledger for ever. */
export type NftOrder =
  | { readonly kind: 'mint' | 'deliver'; readonly to: WalletId; readonly by: UserId; readonly reason: string }
  | { readonly kind: 'burn'; readonly by: UserId; readonly reason: string }

/**
 * `account`: that account has it. `in_transit`: it was sent to that actor, which has not taken it as far as the store knows.
 * `gone`: it left that account, and to nobody. `followed`: passed on too often; so far it was followed.
 */
export interface NftLocation {
  readonly state: 'account' | 'in_transit' | 'gone' | 'followed'
  /** Actor key. */
  readonly actor: string
  readonly account: string | null
  /** Says so, since `atMs`; that is null where the store has not come to it. */
  readonly record: RecordId
  readonly atMs: number | null
}

export interface NftInspection {
  readonly view: NftView
  readonly version: number
  /** Null for a token that is not minted. */
  readonly location: NftLocation | null
  /** What `location` rests on (S1). */
  readonly asOfMs: number | null
  readonly positions: readonly { readonly partition: PartitionId; readonly seq: number }[]
}

export interface NftStaffService {
  inspect(token: Token): Promise<{ readonly kind: 'ok'; readonly found: NftInspection } | Refused>
  /** M6: `key` is the caller's; the same key and order answer the same receipt. */
  order(token: Token, order: NftOrder, key: string, requestId: string): Promise<OrderOutcome>
}
