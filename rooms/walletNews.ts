// What a wallet's owner is told of its balances and transactions, as the wire shows it.

import type { Entry, LogRecord } from '../actors/runtime/record.ts'
import { walletKind } from '../actors/wallet/kind.ts'
import { findAsset, formatAmount } from '../shared/assets.ts'
import { type PartitionId, recordId } from '../shared/ids.ts'

export interface BalanceRow {
  readonly available: string
  readonly held: string
}

export interface TransactionNews {
  readonly transaction_id: string
  status: 'pending' | 'confirmed' | 'returned' | 'failed' | 'cancelled'
  readonly type?: string
  readonly entry_type?: 'debit' | 'credit'
  readonly currency?: string
  readonly amount?: string
  readonly balance_after?: string
  readonly created_at?: string
}

/** Newest heard of, in minor units; undefined: neither read nor named by a record yet. */
export interface KnownBalance {
  available: bigint | undefined
  held: bigint | undefined
  /** Asked out and not gone yet: shown with what is held. */
  pending: bigint | undefined
}

export function balanceRow(asset: string, balance: KnownBalance | undefined): BalanceRow | null {
  if (balance?.available === undefined || balance.held === undefined || balance.pending === undefined) return null
  return { available: decimal(balance.available, asset), held: decimal(balance.held + balance.pending, asset) }
}

export function newsOf(partition: PartitionId, record: LogRecord, entry: Entry): TransactionNews {
  return {
    transaction_id: recordId(partition, record.seq),
    status: record.outbox.length > 0 || record.operation === 'withdrawal' ? 'pending' : 'confirmed',
    type: record.operation,
    // The owner's view: a credit of `2001` is money in.
    entry_type: entry.side,
    currency: entry.asset,
    amount: decimal(entry.amountMinor, entry.asset),
    balance_after: decimal(entry.balanceAfterMinor, entry.asset),
    created_at: isoTime(record.atMs),
  }
}

let lastMs = 0
let lastIso = ''

/** Records of one batch mostly share their millisecond. */
function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastMs = ms
    lastIso = new Date(ms).toISOString()
  }
  return lastIso
}

/** The earlier transaction that this record settles, and as what: by the wallet's own word (M9). */
export function settledBy(
  record: LogRecord,
): { readonly id: string; readonly status: TransactionNews['status'] } | null {
  const [encoded] = record.events
  if (encoded === undefined) return null
  const event = walletKind.decodeEvent(encoded)
  const told = walletKind.fateOf?.(event) ?? null
  if (told === null || told.fate === 'pending' || told.fate === 'reversed') return null
  // Money that came back: told apart from a withdrawal that failed.
  return { id: told.record, status: event.kind === 'returned' ? 'returned' : told.fate }
}

function decimal(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}
