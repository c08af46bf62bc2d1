// What can be asked of a wallet, and what it tells about itself. Amounts are positive minor units (M1): whoever
// translates a wire (rooms/, server/http/) has validated assets, amounts, ids and lengths before a command is made.

import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'

export type WalletCommand =
  | { readonly kind: 'open'; readonly userId: UserId }
  | {
      readonly kind: 'deposit'
      readonly asset: string
      readonly amountMinor: bigint
      readonly provider: 'sandbox'
      readonly reference: string
    }
  | {
      readonly kind: 'send'
      readonly to: WalletId
      readonly asset: string
      readonly amountMinor: bigint
      readonly memo: string
    }
  | {
      readonly kind: 'hold'
      readonly name: string
      readonly asset: string
      readonly amountMinor: bigint
      readonly expiresAtMs: number
    }
  /** Pays part or all of a hold to another wallet; `releaseRest` gives what is left back to its owner at once. */
  | {
      readonly kind: 'capture'
      readonly name: string
      readonly amountMinor: bigint
      readonly to: WalletId
      readonly releaseRest: boolean
    }
  | { readonly kind: 'release'; readonly name: string }
  | { readonly kind: 'freeze'; readonly reason: string }
  | { readonly kind: 'unfreeze' }
  | { readonly kind: 'close' }
  /** An envelope with money from another actor (M4). */
  | {
      readonly kind: 'receive'
      readonly asset: string
      readonly amountMinor: bigint
      readonly from: string
      readonly record: RecordId
      readonly memo: string
    }
  /** Our own envelope, refused by its receiver: never refused again (M4). */
  | {
      readonly kind: 'returned'
      readonly asset: string
      readonly amountMinor: bigint
      readonly code: string
      readonly original: RecordId
      readonly from: string
    }
  /** A hold's timer. */
  | { readonly kind: 'expire'; readonly name: string }

export type WalletEvent =
  | { readonly kind: 'opened'; readonly userId: UserId }
  | {
      readonly kind: 'deposited'
      readonly asset: string
      readonly amountMinor: bigint
      readonly provider: string
      readonly reference: string
    }
  | {
      readonly kind: 'sent'
      readonly asset: string
      readonly amountMinor: bigint
      readonly to: string
      readonly memo: string
    }
  | {
      readonly kind: 'received'
      readonly asset: string
      readonly amountMinor: bigint
      readonly from: string
      readonly record: RecordId
      readonly memo: string
    }
  | {
      readonly kind: 'returned'
      readonly asset: string
      readonly amountMinor: bigint
      readonly code: string
      readonly original: RecordId
      readonly from: string
    }
  | {
      readonly kind: 'held'
      readonly name: string
      readonly asset: string
      readonly amountMinor: bigint
      readonly expiresAtMs: number
    }
  | { readonly kind: 'captured'; readonly name: string; readonly amountMinor: bigint; readonly to: string }
  | {
      readonly kind: 'released'
      readonly name: string
      readonly amountMinor: bigint
      readonly why: 'released' | 'expired' | 'rest'
    }
  | { readonly kind: 'frozen'; readonly reason: string }
  | { readonly kind: 'unfrozen' }
  | { readonly kind: 'closed' }

export type WalletQuery = { readonly kind: 'balance' }

export interface WalletView {
  readonly status: WalletStatus
  readonly userId: UserId | null
  readonly lockReason: string
  readonly assets: readonly AssetView[]
  readonly holds: readonly {
    readonly name: string
    readonly asset: string
    readonly leftMinor: bigint
    readonly expiresAtMs: number
  }[]
}

export interface AssetView {
  readonly asset: string
  readonly availableMinor: bigint
  readonly heldMinor: bigint
  readonly depositedMinor: bigint
}

export type WalletStatus = 'unopened' | 'open' | 'frozen' | 'closed'

export type WalletRefusal = Extract<ErrorCode, `wallet.${string}`>
