// What can be asked of an NFT, and what it tells about itself. One actor for each token, so that no two of staff can mint
// the same one at once (M1, M6): whoever mints writes to this mailbox and no other.

import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'

interface Sending {
  readonly to: WalletId
  readonly by: UserId
  /** Of the matter, not of the person: it stays in the ledger for ever. */
  readonly reason: string
  /** Why that wallet would send it back, as far as whoever asks has looked; null where nothing speaks against it. */
  readonly barrier: ErrorCode | null
}

export type NftCommand =
  /** Into custody, and on to a wallet. */
  | ({ readonly kind: 'mint' } & Sending)
  /** One that came back, to a wallet again. */
  | ({ readonly kind: 'deliver' } & Sending)
  /** One that came back, out of custody: as if it had never been minted. */
  | { readonly kind: 'burn'; readonly by: UserId; readonly reason: string }
  /** Our own envelope, refused by the wallet: never refused again (M4). */
  | { readonly kind: 'returned'; readonly code: string; readonly original: RecordId; readonly from: string }

/** `record` is the event's own. */
export type NftEvent =
  | {
      readonly kind: 'minted' | 'delivered'
      readonly record: RecordId
      readonly to: WalletId
      readonly by: UserId
      readonly reason: string
    }
  | { readonly kind: 'burned'; readonly record: RecordId; readonly by: UserId; readonly reason: string }
  | {
      readonly kind: 'returned'
      readonly record: RecordId
      readonly code: string
      readonly original: RecordId
      readonly from: string
    }
