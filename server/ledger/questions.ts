// The questions that staff ask of the ledger, and the forms of their answers: plain values, so that they pass between
// threads. Amounts are minor units (M1), times milliseconds since the Unix epoch.

import type { WalletStatus } from '../../actors/wallet/commands.ts'
import type { HoldPlace } from '../../actors/wallet/service.ts'
import type { WalletView } from '../../actors/wallet/views.ts'
import type { AccountClass } from '../../shared/accounts.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { PartitionId, RecordId, WalletId } from '../../shared/ids.ts'
import type { ListFound, ListPlace, ListQuery } from '../lists/ports.ts'
import type { Head, Leg, StoredRecord } from './ports.ts'

/** Where a page ended: entries come newest first, and the next page has what is before this one. */
export interface Place {
  readonly atMs: number
  readonly partition: PartitionId
  readonly seq: number
  readonly leg: number
}

export interface EntriesQuestion {
  readonly kind: 'entries'
  readonly account: string | null
  /** Actor key; its own accounts are looked through. */
  readonly actor: string | null
  readonly asset: string | null
  readonly operation: Leg['operation'] | null
  readonly side: Leg['side'] | null
  /** Both inclusive. */
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly minMinor: bigint | null
  readonly maxMinor: bigint | null
  readonly cursor: Place | null
  readonly limit: number
}

/** Where a page of what was caused ended: under this first record, at the end of this way from envelope to envelope. */
export interface CausedPlace {
  readonly atMs: number
  readonly partition: PartitionId
  readonly seq: number
  /** Which envelope of each record, from 0. */
  readonly path: readonly number[]
  /** Entries of the record there that have been looked at. */
  readonly shown: number
}

/** Entries of records and of those that they caused, by envelopes (M4). */
export interface CausedQuestion extends Omit<EntriesQuestion, 'kind' | 'cursor'> {
  readonly kind: 'caused'
  /** One record, or those of an actor. */
  readonly cause: { readonly partition: PartitionId; readonly seq: number } | { readonly actor: string }
  readonly cursor: CausedPlace | null
}

export interface StatementQuestion {
  readonly kind: 'statement'
  /** An account that an actor owns. */
  readonly account: string
  readonly asset: string
  /** Both inclusive. */
  readonly fromMs: number
  readonly toMs: number
}

export interface BalanceQuestion {
  readonly kind: 'balance'
  /** An owned account, a system account, or the bare code of owned accounts, which means all of them. */
  readonly account: string
  readonly asset: string
  /** Null: as far as the store is. */
  readonly atMs: number | null
}

export interface TrialQuestion {
  readonly kind: 'trial'
  readonly asset: string | null
  readonly atMs: number | null
}

export interface RecordQuestion {
  readonly kind: 'record'
  readonly partition: PartitionId
  readonly seq: number
}

export interface WhereaboutsQuestion {
  readonly kind: 'whereabouts'
  readonly asset: string
  /** The record that sent the token out, and the actor it was sent to. */
  readonly record: RecordId
  readonly to: string
}

/** Holds that are open as far as the store is: when they run out, not what they hold. */
export interface HoldsQuestion {
  readonly kind: 'holds'
  readonly walletId: WalletId | null
  /** Exclusive. */
  readonly expiresBeforeMs: number | null
  readonly after: HoldPlace | null
  readonly limit: number
}

/** Wallets as of the last rounds of snapshots, in the order of their ids. */
export interface WalletsQuestion extends WalletFilter {
  readonly kind: 'wallets'
  readonly after: WalletId | null
  readonly limit: number
}

export interface WalletFilter {
  readonly status: WalletStatus | null
  readonly kycLevel: number | null
  /** Those that have something of it: available, held or on its way out. */
  readonly asset: string | null
  /** Of all three together, inclusive; null takes more than nothing. */
  readonly minMinor: bigint | null
}

/** Actors of a kind that suit, as the store has them. */
export interface ListQuestion extends ListQuery {
  readonly kind: 'list'
}

export type Question =
  | RecordQuestion
  | EntriesQuestion
  | CausedQuestion
  | StatementQuestion
  | BalanceQuestion
  | TrialQuestion
  | WhereaboutsQuestion
  | HoldsQuestion
  | WalletsQuestion
  | ListQuestion

/** What an answer rests on (S1): the moment, null where there is no record, and the last record of each partition read. */
export interface Basis {
  readonly asOfMs: number | null
  readonly positions: readonly Head[]
}

export interface RecordAnswer extends Basis {
  readonly kind: 'record'
  readonly found: StoredRecord
}

export interface EntriesAnswer extends Basis {
  readonly kind: 'entries'
  readonly legs: readonly Leg[]
  /** Null where there is nothing more. A page may be short of its limit, and even empty, and yet have a next one. */
  readonly next: Place | null
}

export interface CausedAnswer extends Basis {
  readonly kind: 'caused'
  /** Each record, and behind it what it caused; `depth` counts the envelopes from the first record. */
  readonly legs: readonly (Leg & { readonly depth: number })[]
  /** Envelopes that no record has taken. */
  readonly undelivered: number
  readonly next: CausedPlace | null
}

export interface StatementAnswer extends Basis {
  readonly kind: 'statement'
  readonly openingMinor: bigint
  readonly closingMinor: bigint
  /** Money that came to the account, and that left it. */
  readonly inMinor: bigint
  readonly outMinor: bigint
  /** Oldest first. */
  readonly legs: readonly Leg[]
}

export interface BalanceAnswer extends Basis {
  readonly kind: 'balance'
  readonly minor: bigint
}

export interface TrialRow {
  readonly asset: string
  readonly code: string
  readonly title: string
  readonly class: AccountClass
  readonly debitMinor: bigint
  readonly creditMinor: bigint
}

export interface TrialAnswer extends Basis {
  readonly kind: 'trial'
  /** By asset, then by code. */
  readonly rows: readonly TrialRow[]
}

/**
 * `account`: that account has it. `in_transit`: it was sent to that actor, and the store has not seen it come. `gone`: it
 * left that account, and to nobody. `followed`: it was passed on too often to be followed further; this is how far.
 */
export interface Spot {
  readonly state: 'account' | 'in_transit' | 'gone' | 'followed'
  readonly actor: string
  readonly account: string | null
  /** The record that says so; its time is null where the store has not come to it. */
  readonly partition: PartitionId
  readonly seq: number
  readonly atMs: number | null
}

export interface WhereaboutsAnswer extends Basis {
  readonly kind: 'whereabouts'
  readonly spot: Spot
}

export interface HoldsAnswer extends Basis {
  readonly kind: 'holds'
  readonly rows: readonly HoldPlace[]
  readonly next: HoldPlace | null
}

export interface StoredWallet {
  readonly walletId: WalletId
  readonly view: WalletView
  readonly version: number
  readonly asOfMs: number
}

export interface WalletsAnswer extends Basis {
  readonly kind: 'wallets'
  readonly rows: readonly StoredWallet[]
  /** The last that was looked at; null at the end. */
  readonly next: WalletId | null
}

export interface ListAnswer extends Basis, ListFound {
  readonly kind: 'list'
  /** Null where there is nothing more. */
  readonly next: ListPlace | null
}

export interface RefusedAnswer {
  readonly kind: 'refused'
  readonly code: ErrorCode
}

export interface Answers {
  readonly record: RecordAnswer
  readonly entries: EntriesAnswer
  readonly caused: CausedAnswer
  readonly statement: StatementAnswer
  readonly balance: BalanceAnswer
  readonly trial: TrialAnswer
  readonly whereabouts: WhereaboutsAnswer
  readonly holds: HoldsAnswer
  readonly wallets: WalletsAnswer
  readonly list: ListAnswer
}

export type Answer = Answers[keyof Answers] | RefusedAnswer

export function refused(code: ErrorCode): RefusedAnswer {
  return { kind: 'refused', code }
}
