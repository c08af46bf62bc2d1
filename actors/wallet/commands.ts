// What can be asked of a wallet, and what it tells about itself. Amounts are positive minor units (M1): whoever
// translates a wire (rooms/, server/http/) has validated assets, amounts, ids and lengths before a command is made.

import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Rate } from '../../shared/rates.ts'
import type { OwnMove, ReversalPlan } from './reversalPlan.ts'
import type { StakeCommand, StakeEvent } from './stakes.ts'

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
  /** Out of here, once staff has approved it. `destination` names an address that identity keeps: the ledger has none. */
  | {
      readonly kind: 'withdraw'
      readonly asset: string
      readonly amountMinor: bigint
      readonly destination: string
    }
  /** Takes an open withdrawal further; `note` is the reason, or the provider's reference. */
  | {
      readonly kind: 'withdrawal'
      readonly id: RecordId
      readonly step: WithdrawalStep
      readonly by: UserId
      readonly note: string
    }
  /** At the rate of the quote, else at the rate of the moment. What buys nothing of the other asset stays. */
  | {
      readonly kind: 'convert'
      readonly from: string
      readonly to: string
      readonly amountMinor: bigint
      readonly quote: Quote | null
    }
  /** Four eyes: nothing moves until somebody else has approved it. */
  | {
      readonly kind: 'propose'
      readonly direction: AdjustmentDirection
      readonly asset: string
      readonly amountMinor: bigint
      /** What it is booked against: one of ADJUSTMENT_ACCOUNTS. */
      readonly account: string
      readonly reason: string
      readonly by: UserId
      readonly role: AdjustingRole
    }
  /** As `propose`: what mirrors a record of this wallet, or a part of it. The plan is `planReversal`'s, of that record. */
  | {
      readonly kind: 'reverse'
      readonly plan: ReversalPlan
      readonly reason: string
      readonly by: UserId
      readonly role: AdjustingRole
    }
  | {
      readonly kind: 'adjust'
      readonly id: RecordId
      readonly verdict: 'approve' | 'reject'
      readonly note: string
      readonly by: UserId
      readonly role: AdjustingRole
    }
  /** A proposal's timer. */
  | { readonly kind: 'lapse'; readonly id: RecordId }
  /** Level 0 to 2 of RULES, once somebody has verified the owner. */
  | { readonly kind: 'verify'; readonly level: number; readonly by: UserId }
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
  | StakeCommand
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

export type WithdrawalStep = 'review' | 'approve' | 'reject' | 'cancel' | 'process' | 'complete' | 'fail'

export type WithdrawalStatus =
  | 'requested'
  | 'reviewing'
  | 'approved'
  | 'processing'
  | 'completed'
  | 'rejected'
  | 'failed'
  | 'cancelled'

export type AdjustingRole = 'operator' | 'admin'
/** A credit is money in for the wallet's owner. */
export type AdjustmentDirection = 'credit' | 'debit'
export type AdjustmentEnd = 'approved' | 'rejected' | 'lapsed'

/** A rate promised to this wallet for one conversion. Whoever translates a wire has checked that it is ours. */
export interface Quote {
  readonly id: string
  readonly rate: Rate
  readonly expiresAtMs: number
}

export type WalletEvent =
  | { readonly kind: 'opened'; readonly userId: UserId }
  | {
      readonly kind: 'deposited'
      readonly asset: string
      readonly amountMinor: bigint
      readonly provider: string
      readonly reference: string
      /** What it counts towards the day's limit; null in the log of versions without one. */
      readonly cents: bigint | null
    }
  | {
      readonly kind: 'withdrawal_requested'
      readonly id: RecordId
      readonly asset: string
      readonly amountMinor: bigint
      /** Part of the amount. */
      readonly feeMinor: bigint
      readonly cents: bigint
      readonly destination: string
    }
  | {
      readonly kind: 'withdrawal_moved'
      readonly id: RecordId
      readonly to: Exclude<WithdrawalStatus, 'requested'>
      readonly by: UserId
      readonly note: string
    }
  | {
      readonly kind: 'converted'
      readonly from: string
      readonly paidMinor: bigint
      readonly to: string
      readonly receivedMinor: bigint
      /** As `rateText` writes it. */
      readonly rate: string
      readonly quote: Pick<Quote, 'id' | 'expiresAtMs'> | null
    }
  | { readonly kind: 'verified'; readonly level: number; readonly by: UserId }
  | {
      readonly kind: 'adjustment_proposed'
      readonly id: RecordId
      readonly direction: AdjustmentDirection
      readonly asset: string
      readonly amountMinor: bigint
      readonly account: string
      readonly reason: string
      readonly by: UserId
      readonly expiresAtMs: number
    }
  /** Says who proposed and who decided, so that the record of the money has both. */
  | {
      readonly kind: 'adjustment_ended'
      readonly id: RecordId
      readonly end: AdjustmentEnd
      readonly proposedBy: UserId
      /** Null where time decided. */
      readonly by: UserId | null
      readonly note: string
      /** What moved on the wallet's available balance; of a debit that may be less than was proposed. */
      readonly movedMinor: bigint
      /** What of a debit became owed; null where nothing did, and in the log of versions that did not say so. */
      readonly owedMinor: bigint | null
    }
  | {
      readonly kind: 'reversal_proposed'
      readonly id: RecordId
      readonly plan: ReversalPlan
      readonly reason: string
      readonly by: UserId
      readonly expiresAtMs: number
    }
  /** Beside the `adjustment_ended` of its proposal, which has both persons. */
  | {
      readonly kind: 'reversed'
      readonly id: RecordId
      readonly record: RecordId
      readonly line: RecordId
      readonly what: ReversalPlan['what']
      readonly reason: string
      readonly moves: readonly OwnMove[]
    }
  /** Beside the event of what came in: it paid what the wallet owed first. */
  | { readonly kind: 'repaid'; readonly asset: string; readonly amountMinor: bigint }
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
  | StakeEvent
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

export type WalletStatus = 'unopened' | 'open' | 'frozen' | 'closed'

export type WalletRefusal = Extract<ErrorCode, `wallet.${string}`>
