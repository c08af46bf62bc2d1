// What the wallet routes need of the world behind them: commands to the wallet's actor, and its history from the store.
// Amounts are minor units (M1), times milliseconds since the Unix epoch. Nothing here throws for an outcome.

import type { AssetSpec } from '../../shared/assets.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Operation } from '../runtime/record.ts'

export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly retryAfterSeconds?: number
}

export interface WalletBalance {
  readonly walletId: WalletId
  readonly userId: UserId
  readonly assets: readonly {
    readonly asset: string
    readonly availableMinor: bigint
    readonly heldMinor: bigint
    /** Totals since the wallet was opened. */
    readonly depositedMinor: bigint
    readonly withdrawnMinor: bigint
    readonly prizesWonMinor: bigint
  }[]
  readonly isLocked: boolean
  /** Null where it is not locked. */
  readonly lockReason: string | null
  /** Grows with each change of the wallet. */
  readonly version: number
  readonly asOfMs: number
}

export interface Movement {
  readonly asset: string
  readonly amountMinor: bigint
}

export interface TransferOrder extends Movement {
  readonly to: WalletId
  readonly memo: string
}

/** What an order's durable record says. */
export interface OrderReceipt {
  readonly transactionId: RecordId
  /** A transfer is `pending` until the receiver's record is durable (M9). */
  readonly status: 'pending' | 'confirmed'
  /** Names the record's place for a history that shall include it (S1). */
  readonly position: string
}

export type TransactionStatus = 'pending' | 'confirmed' | 'failed' | 'cancelled'

/** One movement of the wallet's available balance; a credit is money in. */
export interface WalletTransaction {
  /** Unique within the wallet; `transactionId` is the ledger record it belongs to. */
  readonly id: string
  readonly transactionId: RecordId
  readonly type: Exclude<Operation, 'none'>
  readonly entryType: 'debit' | 'credit'
  readonly asset: AssetSpec
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
  readonly status: TransactionStatus
  readonly description: string
  readonly createdAtMs: number
  readonly isReversed: boolean
  readonly metadata: Readonly<Record<string, string>>
}

export interface HistoryFilter {
  readonly currency: string | null
  readonly assetType: AssetSpec['type'] | null
  readonly entryType: WalletTransaction['entryType'] | null
  readonly type: WalletTransaction['type'] | null
  readonly status: TransactionStatus | null
  /** Both inclusive. */
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly sortBy: 'created_at' | 'amount'
  readonly sortOrder: 'asc' | 'desc'
  readonly limit: number
  readonly offset: number
  /** An OrderReceipt's position: waits up to 1 s until the store is that far (S1). */
  readonly position: string | null
}

export interface HistoryPage {
  readonly transactions: readonly WalletTransaction[]
  readonly totalCount: number
  readonly asOfMs: number
}

export interface WalletService {
  /** S2: repeated at every sign-in; opening an open wallet changes nothing. */
  open(userId: UserId, walletId: WalletId): Promise<{ readonly kind: 'ok' } | Refused>
  balance(walletId: WalletId): Promise<{ readonly kind: 'ok'; readonly balance: WalletBalance } | Refused>
  /** M6: `key` is the client's; the same key and order answer the same receipt. */
  transfer(walletId: WalletId, order: TransferOrder, key: string, requestId: string): Promise<OrderOutcome>
  /** The sandbox provider; refused in production. */
  deposit(walletId: WalletId, order: Movement, key: string, requestId: string): Promise<OrderOutcome>
  history(
    walletId: WalletId,
    filter: HistoryFilter,
  ): Promise<{ readonly kind: 'ok'; readonly page: HistoryPage } | Refused>
  /** `not_found` where the record does not concern this wallet. */
  transaction(
    walletId: WalletId,
    record: RecordId,
  ): Promise<{ readonly kind: 'ok'; readonly transaction: WalletTransaction } | Refused>
}

export type OrderOutcome = { readonly kind: 'ok'; readonly receipt: OrderReceipt } | Refused
