// One line of a wallet's history as its owner sees it: in words, from the wallet's own event. What staff noted is not in it.

import { NFT_KIND } from '../actors/nft/token.ts'
import { decodeEvent } from '../actors/wallet/eventCodec.ts'
import type { WalletTransaction } from '../actors/wallet/service.ts'
import { type AssetSpec, findAsset, formatAmount } from '../shared/assets.ts'
import { recordId } from '../shared/ids.ts'
import type { HistoryRow } from './store/storeProtocol.ts'

export function transactionOf(row: HistoryRow): WalletTransaction {
  const transactionId = recordId(row.partition, row.seq)
  const { description, metadata } = describe(row)
  return {
    // The one record with two lines of a wallet, of an asset each.
    id: row.operation === 'conversion' ? `${transactionId}.${row.asset}` : transactionId,
    transactionId,
    type: row.operation === 'none' ? 'adjustment' : row.operation,
    entryType: row.side,
    asset: specOf(row.asset),
    amountMinor: row.amountMinor,
    balanceAfterMinor: row.balanceAfterMinor,
    status: row.status,
    description,
    createdAtMs: row.atMs,
    isReversed: false,
    metadata,
  }
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

function describe({ record, side, operation, asset }: HistoryRow): Words {
  const [encoded] = record.events
  if (encoded === undefined) return { description: operation, metadata: {} }
  const event = decodeEvent(encoded)
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
      return { description: 'Adjustment', metadata: { adjustment: event.id } }
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

function withMemo(metadata: Record<string, string>, memo: string): Record<string, string> {
  return memo === '' ? metadata : { ...metadata, memo }
}

function idOf(actor: string): string {
  return actor.slice(actor.indexOf('/') + 1)
}
