// What the ledger says of the accounts that a provider has the other side of, gathered while the audit reads the journal:
// all that one record moved on such an account is one movement, under the name that the provider knows it by.

import type { Json } from '../../../actors/runtime/record.ts'
import type { WalletEvent } from '../../../actors/wallet/commands.ts'
import { decodeEvent } from '../../../actors/wallet/eventCodec.ts'
import { isWalletId, type RecordId, recordId, type WalletId } from '../../../shared/ids.ts'
import type { Audit, AuditWatcher } from '../../audit/audit.ts'
import type { PartitionLog } from '../../audit/partitionLog.ts'
import type { RecordLine } from '../../audit/recordLine.ts'
import { MOST_ITEMS } from '../limits.ts'
import type { Movement } from '../matching/items.ts'
import { reconciledBy } from '../matching/judgement.ts'
import { depositReference, payoutReference } from '../matching/references.ts'

/** Bank, Stripe, custody on a chain. */
export function isProviderAccount(account: string): boolean {
  return account === '1001' || account === '1002' || account.startsWith('1003')
}

export class Movements implements AuditWatcher {
  /** By account; null where there are more than are matched at once. */
  readonly accounts = new Map<string, Movement[] | null>()
  /** Reasons of adjustments that wait for a second person, by the record that proposed. */
  private readonly reasons = new Map<RecordId, string>()

  before(): void {}

  after(_audit: Audit, log: PartitionLog, record: RecordLine): void {
    const moved = movedBy(record)
    // Most records are transfers: their events are not looked at.
    const mayEnd = record.operation === 'none' && this.reasons.size > 0
    if (moved.length === 0 && record.operation !== 'adjustment' && !mayEnd) return
    const wallet = walletOf(record.actor)
    const events = wallet === null ? [] : eventsOf(record)
    const references = this.referencesOf(wallet, events)
    for (const { account, asset, minor } of moved) {
      const kept = this.accounts.get(account) ?? (this.accounts.has(account) ? null : [])
      if (kept === null) continue
      kept.push({
        side: 'movement',
        record: recordId(log.partition, record.seq),
        wallet,
        asset,
        direction: minor > 0n ? 'in' : 'out',
        amountMinor: minor > 0n ? minor : -minor,
        atMs: record.atMs,
        references,
      })
      this.accounts.set(account, kept.length > MOST_ITEMS ? null : kept)
    }
  }

  batch(): void {}

  end(): void {}

  private referencesOf(wallet: WalletId | null, events: readonly WalletEvent[]): readonly string[] {
    const references: string[] = []
    for (const event of events) {
      if (event.kind === 'deposited' && wallet !== null) references.push(depositReference(wallet, event.reference))
      if (event.kind === 'withdrawal_moved' && event.to === 'completed' && wallet !== null)
        references.push(payoutReference(wallet, event.id))
      if (event.kind === 'adjustment_proposed') this.reasons.set(event.id, event.reason)
      if (event.kind === 'adjustment_ended') {
        const named = reconciledBy(this.reasons.get(event.id) ?? '')
        this.reasons.delete(event.id)
        if (named !== null) references.push(named)
      }
    }
    return references
  }
}

interface Moved {
  readonly account: string
  readonly asset: string
  /** Debits less credits: these are accounts of assets. */
  minor: bigint
}

function movedBy({ entries }: RecordLine): readonly Moved[] {
  const moved: Moved[] = []
  for (const { account, asset, debit, amountMinor } of entries) {
    if (!isProviderAccount(account)) continue
    const known = moved.find((one) => one.account === account && one.asset === asset)
    const minor = debit ? amountMinor : -amountMinor
    if (known === undefined) moved.push({ account, asset, minor })
    else known.minor += minor
  }
  return moved.filter(({ minor }) => minor !== 0n)
}

export function walletOf(actor: string): WalletId | null {
  const id = actor.startsWith('wallet/') ? actor.slice('wallet/'.length) : ''
  return isWalletId(id) ? id : null
}

/** Of a wallet's record; what does not decode is another check's to name (A3). */
export function eventsOf({ events }: RecordLine): readonly WalletEvent[] {
  if (events.isEmpty) return []
  try {
    return (JSON.parse(events.text()) as Json[]).map(decodeEvent) // the audit's reader has checked that it is a list
  } catch {
    return []
  }
}
