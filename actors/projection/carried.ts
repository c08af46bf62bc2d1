// Which envelope carries a leg's money away. Records state legs and envelopes side by side; a history line needs to know
// whose delivery turns it from pending to confirmed (M9).

import { accountSpec, CHART, growsByDebit, isOwned } from '../../shared/accounts.ts'
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

// Codes are four digits. The projector asks this of every leg: a table spares it a slice and a look-up each time.
const OWNED_CODES = new Uint8Array(10_000)
for (const spec of CHART.values()) if (isOwned(spec)) OWNED_CODES[Number(spec.code)] = 1

/** Whether an account of this name belongs to an actor, not to the partition (M3). */
export function isOwnedAccount(name: string): boolean {
  const thousands = (name.charCodeAt(0) - 48) * 1000 + (name.charCodeAt(1) - 48) * 100
  return OWNED_CODES[thousands + (name.charCodeAt(2) - 48) * 10 + (name.charCodeAt(3) - 48)] === 1
}
