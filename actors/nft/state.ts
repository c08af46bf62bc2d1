// An NFT's state: the fold of its events (A3). It knows where it was sent, and whether it came back; who has it since only
// the ledger tells, for wallets pass it on without asking (M9).

import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { NftEvent } from './commands.ts'

/** What one of staff has done. */
export interface Deed {
  readonly record: RecordId
  readonly atMs: number
  readonly by: UserId
  readonly reason: string
}

/** `absent`: never minted, or burned. `sent`: with a wallet, or on its way to one. `unclaimed`: here, in 2007. */
export type NftStatus = 'absent' | 'sent' | 'unclaimed'

export interface Nft {
  readonly id: string
  status: NftStatus
  minted: Deed | null
  /** The last time it left: by its minting, or by a delivery. */
  sent: (Deed & { readonly to: WalletId }) | null
  /** Why it came back the last time; null once it has left again. */
  returned: { readonly record: RecordId; readonly atMs: number; readonly code: string; readonly from: string } | null
  /** The last time, where it was. */
  burned: Deed | null
}

export type NftQuery = { readonly kind: 'state' }
export type NftView = Readonly<Nft>

export function newNft(id: string): Nft {
  return { id, status: 'absent', minted: null, sent: null, returned: null, burned: null }
}

export function evolve(nft: Nft, event: NftEvent, atMs: number): void {
  switch (event.kind) {
    case 'minted':
    case 'delivered': {
      const { kind, record, to, by, reason } = event
      nft.status = 'sent'
      nft.sent = { record, atMs, by, reason, to }
      nft.returned = null
      if (kind === 'minted') nft.minted = { record, atMs, by, reason }
      return
    }
    case 'returned': {
      const { record, code, from } = event
      nft.status = 'unclaimed'
      nft.returned = { record, atMs, code, from }
      return
    }
    case 'burned': {
      const { record, by, reason } = event
      nft.status = 'absent'
      nft.minted = null
      nft.sent = null
      nft.returned = null
      nft.burned = { record, atMs, by, reason }
      return
    }
    default:
      event satisfies never
  }
}

export function view(nft: Nft, _query: NftQuery): NftView {
  return { ...nft }
}
