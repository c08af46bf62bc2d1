// The checks of a reconciliation and what they come to: each is clean, or has discrepancies, or was not made, and then it
// says why. Plain values, so that they pass between threads.

import type { Direction } from './matching/items.ts'
import type { Proposal, Severity } from './matching/judgement.ts'

export const CHECKS = {
  chain: 'hash chain, sequence, epochs and times of every record of the journal',
  entries: 'every entry against the balance that it states: accounts, owners, no negative balance',
  trial_balance: 'Σ debit = Σ credit per asset over all accounts',
  transit: '2006 is the money of undelivered envelopes, each young enough to be under way',
  withdrawals: '2003 is the sum of open withdrawals, wallet by wallet',
  holds: '2005 is the sum of open holds, wallet by wallet',
  store_checkpoints: 'where the store says that it stands, against the journal',
  store_log: "the store's copy of the log and its balances, against the journal",
  store_history: "the store's entries of owned accounts, against the journal",
  snapshots: 'snapshots of actors and partitions, and what lists show of actors, against the fold of the journal',
  closings: "the store's closings, against the fold of the journal",
  keys: 'idempotency keys in the store, against the journal',
  fates: 'what became of records that were pending, against the journal',
  audit_log: "hash chain of the staff's audit log",
  provider: "movements of a provider's account, against the provider's statement",
} as const

export type CheckName = keyof typeof CHECKS

export type CheckStatus = 'clean' | 'discrepancies' | 'not_checked'

/** One thing that is not as it should be, or will be only in a while (`info`). */
export interface Discrepancy {
  /** The same from run to run, as long as it is there. */
  readonly id: string
  readonly check: CheckName
  /** A class of the matching; `broken` for what the ledger says against itself; `in_transit` for envelopes. */
  readonly class: string
  readonly severity: Severity
  readonly account: string | null
  readonly asset: string | null
  /** Of a provider's account: Σ statement less Σ ledger. */
  readonly direction: Direction | null
  readonly amountMinor: bigint | null
  readonly ageMs: number | null
  /** Records (`partition-seq`), and lines of the statement by their ids. */
  readonly records: readonly string[]
  readonly lines: readonly string[]
  readonly references: readonly string[]
  readonly text: string
  readonly suggested: string | null
  readonly proposal: Proposal | null
}

export interface CheckResult {
  readonly check: CheckName
  /** Of `provider`: which. */
  readonly account: string | null
  readonly status: CheckStatus
  /** Why it was not made; null where it was. */
  readonly reason: string | null
  /** What was looked at, by what it is. */
  readonly counts: Readonly<Record<string, number>>
  readonly discrepancies: readonly Discrepancy[]
}

export function notChecked(check: CheckName, reason: string, account: string | null = null): CheckResult {
  return { check, account, status: 'not_checked', reason, counts: {}, discrepancies: [] }
}

/** What is only `info` is explained: it leaves a check clean. */
export function checked(
  check: CheckName,
  counts: CheckResult['counts'],
  discrepancies: readonly Discrepancy[] = [],
  account: string | null = null,
): CheckResult {
  const isOff = discrepancies.some(({ severity }) => severity !== 'info')
  return { check, account, status: isOff ? 'discrepancies' : 'clean', reason: null, counts, discrepancies }
}

/** Something that the ledger or the store says against itself: never explained by age. */
export function brokenAt(check: CheckName, at: string, text: string): Discrepancy {
  return {
    id: `${check}/${at}`,
    check,
    class: 'broken',
    severity: 'critical',
    ...{ account: null, asset: null, direction: null, amountMinor: null, ageMs: null },
    records: /^\d+:\d+$/.test(at) ? [at.replace(':', '-')] : [],
    ...{ lines: [], references: [] },
    text: `${at}: ${text}`,
    ...{ suggested: null, proposal: null },
  }
}
