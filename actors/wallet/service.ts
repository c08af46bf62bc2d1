// What the wallet routes need of the world behind them: commands to the wallet's actor, and its history from the store.
// Amounts are minor units (M1), times milliseconds since the Unix epoch. Nothing here throws for an outcome.

import type { AssetSpec } from '../../shared/assets.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Rate } from '../../shared/rates.ts'
import type { Operation } from '../runtime/record.ts'
import type { WalletCommand } from './commands.ts'
import type { AdjustmentView, WalletView, WithdrawalView } from './views.ts'

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
    /** Withdrawals that have not come to their end. */
    readonly pendingMinor: bigint
    /** Totals since the wallet was opened. */
    readonly depositedMinor: bigint
    readonly withdrawnMinor: bigint
    readonly prizesWonMinor: bigint
    /** To the platform: whatever comes pays it first. */
    readonly owedMinor: bigint
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

export interface WithdrawalOrder extends Movement {
  /** Finds the name of the address, or makes one; null where the owner has too many. Asked once the order is in form. */
  readonly destination: () => Promise<string | null>
}

export interface ConversionOrder {
  readonly from: string
  readonly to: string
  readonly amountMinor: bigint
  /** As `quote` gave it; null takes the rate of the moment. */
  readonly quote: string | null
}

export interface ConversionQuote {
  readonly quote: string
  readonly rate: Rate
  /** At most what was asked for. */
  readonly paidMinor: bigint
  readonly receivedMinor: bigint
  readonly expiresAtMs: number
}

/** What staff does to a wallet. */
export type StaffOrder =
  | Extract<WalletCommand, { kind: 'freeze' | 'unfreeze' | 'close' | 'verify' | 'withdrawal' | 'propose' | 'adjust' }>
  | ReversalOrder

/** Becomes a `reverse` once the record has been read. */
export interface ReversalOrder extends Pick<ReverseCommand, 'reason' | 'by' | 'role'> {
  readonly kind: 'reverse'
  readonly record: RecordId
  /** A decimal in the record's own asset; null for all of it. */
  readonly amount: string | null
}

type ReverseCommand = Extract<WalletCommand, { kind: 'reverse' }>

/** What an order's durable record says. */
export interface OrderReceipt {
  readonly transactionId: RecordId
  /** A transfer is `pending` until the receiver's record is durable (M9), a withdrawal until it is paid out. */
  readonly status: TransactionStatus
  /** Names the record's place for a history that shall include it (S1). */
  readonly position: string
}

export type TransactionStatus = 'pending' | 'confirmed' | 'failed' | 'cancelled'

/** One movement of the wallet's available balance; a credit is money in. */
export interface WalletTransaction {
  /** Unique within the wallet: of its ledger record, and where that has several lines with the asset, and side, behind points. */
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

/** Which of a record's lines: the first of this asset and of this side, where they are named. */
export interface LineChoice {
  readonly asset: string | null
  readonly side: 'debit' | 'credit' | null
}

export interface WalletService {
  /** S2: repeated at every sign-in; opening an open wallet changes nothing. */
  open(userId: UserId, walletId: WalletId): Promise<{ readonly kind: 'ok' } | Refused>
  balance(walletId: WalletId): Promise<{ readonly kind: 'ok'; readonly balance: WalletBalance } | Refused>
  /** M6: `key` is the client's; the same key and order answer the same receipt. */
  transfer(walletId: WalletId, order: TransferOrder, key: string, requestId: string): Promise<OrderOutcome>
  /** The sandbox provider; refused in production. */
  deposit(walletId: WalletId, order: Movement, key: string, requestId: string): Promise<OrderOutcome>
  withdraw(walletId: WalletId, order: WithdrawalOrder, key: string, requestId: string): Promise<OrderOutcome>
  /** By its owner, while nobody has approved it. The receipt names the withdrawal. */
  cancelWithdrawal(walletId: WalletId, id: RecordId, by: UserId, key: string, requestId: string): Promise<StepOutcome>
  quote(
    walletId: WalletId,
    order: Omit<ConversionOrder, 'quote'>,
  ): Promise<{ readonly kind: 'ok'; readonly quote: ConversionQuote } | Refused>
  convert(walletId: WalletId, order: ConversionOrder, key: string, requestId: string): Promise<ConversionOutcome>
  history(
    walletId: WalletId,
    filter: HistoryFilter,
  ): Promise<{ readonly kind: 'ok'; readonly page: HistoryPage } | Refused>
  /** `not_found` where the record has no such line on this wallet. */
  transaction(
    walletId: WalletId,
    record: RecordId,
    line: LineChoice,
  ): Promise<{ readonly kind: 'ok'; readonly transaction: WalletTransaction } | Refused>
}

/** For staff: whoever calls has made sure of that. */
export interface WalletStaffService {
  inspect(
    walletId: WalletId,
  ): Promise<{ readonly kind: 'ok'; readonly view: WalletView; readonly version: number } | Refused>
  /** By the records that asked, after the one given. */
  openWithdrawals(
    after: RecordId | null,
    limit: number,
  ): Promise<{ readonly kind: 'ok'; readonly page: WithdrawalPage } | Refused>
  openAdjustments(
    after: RecordId | null,
    limit: number,
  ): Promise<{ readonly kind: 'ok'; readonly page: AdjustmentPage } | Refused>
  /** By the time they run out, then by wallet and name. */
  openHolds(query: HoldQuery): Promise<{ readonly kind: 'ok'; readonly page: HoldPage } | Refused>
  /** As they are now; those that are not open are left out. */
  inspectAll(walletIds: readonly WalletId[]): Promise<Inspected>
  order(walletId: WalletId, order: StaffOrder, key: string, requestId: string): Promise<OrderOutcome>
}

export interface Inspected {
  readonly wallets: ReadonlyMap<WalletId, { readonly view: WalletView; readonly version: number }>
  /** Those that nobody could answer for. */
  readonly unreadable: readonly WalletId[]
}

export interface HoldQuery {
  readonly walletId: WalletId | null
  readonly asset: string | null
  /** Exclusive. */
  readonly expiresBeforeMs: number | null
  readonly after: HoldPlace | null
  readonly limit: number
}

export interface HoldPlace {
  readonly expiresAtMs: number
  readonly walletId: WalletId
  readonly name: string
}

interface Owned {
  readonly walletId: WalletId
  readonly userId: UserId | null
}

/** `next`: what to go on after; null at the end. */
interface OpenPage<Row, Next = RecordId> {
  readonly rows: readonly (Row & Owned)[]
  readonly next: Next | null
  /** Wallets of this page that nobody could answer for: what is open there is not among the rows. */
  readonly unreadable: readonly WalletId[]
  /** Of the states; what was asked for just before may be missing where another process serves it. */
  readonly asOfMs: number
}

export type WithdrawalPage = OpenPage<WithdrawalView>
export type AdjustmentPage = OpenPage<AdjustmentView>
export type HoldPage = OpenPage<WalletView['holds'][number], HoldPlace>

export type StepOutcome = { readonly kind: 'ok'; readonly receipt: OrderReceipt; readonly moved: Movement } | Refused

export type ConversionOutcome =
  | {
      readonly kind: 'ok'
      readonly receipt: OrderReceipt
      readonly paidMinor: bigint
      readonly receivedMinor: bigint
    }
  | Refused

export type OrderOutcome = { readonly kind: 'ok'; readonly receipt: OrderReceipt } | Refused
