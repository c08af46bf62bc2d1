// Which envelope carries a leg's money away. Records state legs and envelopes side by side; a history line needs to know
// whose delivery turns it from pending to confirmed (M9).

import { accountSpec, isOwned } from '../../shared/accounts.ts'
import { signed } from '../runtime/books.ts'
import type { Entry, Envelope, LogRecord } from '../runtime/record.ts'

/**
 * For each leg the envelope that carries it, or null: for a leg that lowers an owned account, the envelope of the same
 * asset and amount not given to an earlier leg, else the last of the same asset (fees and splits make amounts differ).
 */
export function carriersOf(record: LogRecord): readonly (Envelope | null)[] {
  const left = record.outbox.filter((envelope) => envelope.money !== null)
  return record.entries.map((entry) => {
    if (left.length === 0 || !leavesOwner(entry)) return null
    const exact = left.findIndex(({ money }) => money?.asset === entry.asset && money.amountMinor === entry.amountMinor)
    if (exact !== -1) return left.splice(exact, 1)[0] ?? null
    return record.outbox.findLast(({ money }) => money?.asset === entry.asset) ?? null
  })
}

function leavesOwner(entry: Entry): boolean {
  const spec = accountSpec(entry.account)
  return spec !== null && isOwned(spec) && signed(entry) < 0n
}
