// One line of a wallet's history as its owner sees it: in words, from the wallet's own event. What staff noted is not in it.

import { NFT_KIND } from '../actors/nft/token.ts'
import type { LogRecord } from '../actors/runtime/record.ts'
import { decodeEvent } from '../actors/wallet/eventCodec.ts'
import type { WalletTransaction } from '../actors/wallet/service.ts'
import { type AssetSpec, findAsset, formatAmount } from '../shared/assets.ts'
import { type RecordId, recordId } from '../shared/ids.ts'
import type { HistoryRow } from './store/storeProtocol.ts'

export function transactionOf(row: HistoryRow): WalletTransaction {
  const transactionId = recordId(row.partition, row.seq)
  const { description, metadata } = describe(row)
  return {
    id: lineId(transactionId, row),
    transactionId,
    type: row.operation === 'none' ? 'adjustment' : row.operation,
    entryType: row.side,
    asset: specOf(row.asset),
    amountMinor: row.amountMinor,
    balanceAfterMinor: row.balanceAfterMinor,
    status: row.status,
    description,
    createdAtMs: row.atMs,
    isReversed: row.reversedBy !== null,
    metadata:
      row.reversedBy === null ? metadata : { ...metadata, reversed_by: recordId(row.partition, row.reversedBy) },
  }
}

/** Where a record has several lines of a wallet, each says of which asset, and if need be of which side. */
function lineId(record: RecordId, { record: { entries }, account, asset, side }: HistoryRow): string {
  const lines = entries.filter((entry) => entry.account === account)
  if (lines.length === 1) return record
  return lines.filter((entry) => entry.asset === asset).length === 1
    ? `${record}.${asset}`
    : `${record}.${asset}.${side}`
}

function specOf(code: string): AssetSpec {
  return findAsset(code) ?? { code, exponent: 0, type: 'token' }
}

function decimal(minor: bigint, code: string): string {
  return formatAmount(minor, specOf(code))
}

interface Words {
  readonly description: string
  readonly metadata: Readonly<Record<string, string>>
}

function describe(row: HistoryRow): Words {
  const { record, side, operation, asset } = row
  const [encoded] = record.events
  if (encoded === undefined) return { description: operation, metadata: {} }
  const event = decodeEvent(encoded)
  if (repays(row)) return { description: 'Paid what was owed', metadata: {} }
  switch (event.kind) {
    case 'deposited':
      return { description: 'Deposit', metadata: { provider: event.provider, reference: event.reference } }
    case 'withdrawal_requested': {
      const fee = decimal(event.feeMinor, event.asset)
      return { description: 'Withdrawal', metadata: { withdrawal: event.id, fee, destination: event.destination } }
    }
    case 'withdrawal_moved':
      return {
        description: `Withdrawal ${event.to}`,
        metadata: { withdrawal: event.id, original_transaction_id: event.id },
      }
    case 'adjustment_ended':
      return adjustmentWords(event.id, record)
    case 'converted': {
      const { from, to, rate } = event
      const [paid, received] = [decimal(event.paidMinor, from), decimal(event.receivedMinor, to)]
      const description = side === 'debit' ? `Converted into ${to}` : `Converted from ${from}`
      return { description, metadata: { from, paid, to, received, rate } }
    }
    case 'sent':
      return { description: `Sent to ${event.to}`, metadata: withMemo({ counterparty: event.to }, event.memo) }
    case 'received': {
      // A token's own actor: what staff minted, or delivered.
      const counterparty = event.from.startsWith(`${NFT_KIND}/`) ? 'custody' : idOf(event.from)
      const metadata = withMemo({ counterparty, sender_transaction_id: event.record }, event.memo)
      return { description: `Received from ${counterparty}`, metadata }
    }
    case 'staked':
      return { description: `Stake of match ${event.match}`, metadata: { match: event.match, seat: `${event.seat}` } }
    case 'prize':
    case 'refunded': {
      const match = idOf(event.from)
      const description = event.kind === 'prize' ? `Prize of match ${match}` : `Stake back from match ${match}`
      return { description, metadata: { match, sender_transaction_id: event.record } }
    }
    case 'returned': {
      const counterparty = idOf(event.from)
      const metadata = { counterparty, reason: event.code, original_transaction_id: event.original }
      return { description: `Returned by ${counterparty}`, metadata }
    }
    case 'held':
      return { description: 'Held', metadata: { hold: event.name } }
    case 'captured':
      return { description: 'Rest of a hold', metadata: { hold: event.name, counterparty: event.to } }
    case 'released': {
      const description = event.why === 'expired' ? 'Hold expired' : 'Hold released'
      return { description, metadata: { hold: event.name, amount: decimal(event.amountMinor, asset) } }
    }
    default:
      return { description: operation, metadata: {} }
  }
}

/** What came to the wallet went on to what it owed: out again in the same asset, by the same record. */
function repays({ record: { entries }, account, asset, side }: HistoryRow): boolean {
  const lines = entries.filter((entry) => entry.account === account && entry.asset === asset)
  return side === 'debit' && lines.length > 1
}

function adjustmentWords(id: RecordId, { events }: LogRecord): Words {
  for (const encoded of events) {
    const event = decodeEvent(encoded)
    if (event.kind === 'reversed')
      return { description: 'Reversal', metadata: { adjustment: id, reversal_of: event.line } }
  }
  return { description: 'Adjustment', metadata: { adjustment: id } }
}

function withMemo(metadata: Record<string, string>, memo: string): Record<string, string> {
  return memo === '' ? metadata : { ...metadata, memo }
}

function idOf(actor: string): string {
  return actor.slice(actor.indexOf('/') + 1)
}
