// Which envelope carries a leg's money away. Records state legs and envelopes side by side; a history line needs to know
// whose delivery turns it from pending to confirmed (M9).

import { accountSpec, growsByDebit, isOwnedAccount } from '../../shared/accounts.ts'
import type { Entry, Envelope, LogRecord } from '../runtime/record.ts'

/**
 * The envelope that carries a leg, or null: for a leg that lowers an owned account, the envelope of the same asset and
 * amount whose turn it is among such legs, else the last of the same asset (fees and splits make amounts differ).
 */
export function carrierOf(record: LogRecord, leg: number): Envelope | null {
  const entry = record.entries[leg]
  if (entry === undefined || record.outbox.length === 0 || !leavesOwner(entry)) return null
  let turn = 0
  for (let index = 0; index < leg; index++) {
    const earlier = record.entries[index]
    if (earlier !== undefined && sameMoney(earlier, entry) && leavesOwner(earlier)) turn++
  }
  let last: Envelope | null = null
  for (const envelope of record.outbox) {
    const { money } = envelope
    if (money === null || money.asset !== entry.asset) continue
    last = envelope
    if (money.amountMinor === entry.amountMinor && turn-- === 0) return envelope
  }
  return last
}

function sameMoney(a: Entry, b: Entry): boolean {
  return a.asset === b.asset && a.amountMinor === b.amountMinor
}

function leavesOwner(entry: Entry): boolean {
  if (!isOwnedAccount(entry.account)) return false
  const spec = accountSpec(entry.account)
  return spec !== null && (entry.side === 'debit') !== growsByDebit(spec)
}
