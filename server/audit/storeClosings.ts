// The closings that answers about the past begin at (S1, docs/ledger.md): each one that the store has is what the accounts
// of its partition stood at after that batch of the journal, and there is none that belongs to no batch. One that is
// missing makes an answer slower, not wrong.

import { accountCode, accountSpec, isOwned } from '../../shared/accounts.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { EntryLine, RecordLine } from './recordLine.ts'
import type { StoreImage } from './storeImage.ts'
import { storeDiffers } from './violation.ts'

export type StoredClosings = Pick<StoreImage, 'closing' | 'closingCount'>

interface Sum {
  readonly account: string
  readonly asset: string
  minor: bigint
}

export class StoreClosings implements AuditWatcher {
  private readonly store: StoredClosings
  /** By partition: system accounts, and sums of owned accounts by code; those that are not zero. */
  private readonly sums: Map<string, Sum>[] = []
  private readonly matched = new Map<number, number>()

  constructor(store: StoredClosings) {
    this.store = store
  }

  before(): void {}

  after(_audit: Audit, { partition }: PartitionLog, { entries }: RecordLine): void {
    const sums = this.sums[partition] ?? new Map<string, Sum>()
    this.sums[partition] = sums
    for (const entry of entries) post(sums, entry)
  }

  batch(_audit: Audit, { partition, seq, atMs }: PartitionLog): void {
    const stored = this.store.closing(partition, atMs, seq)
    if (stored === null) return
    this.matched.set(partition, (this.matched.get(partition) ?? 0) + 1)
    const rows = [...(this.sums[partition]?.values() ?? [])]
    rows.sort((a, b) => compareText(a.account, b.account) || compareText(a.asset, b.asset))
    const given = JSON.stringify(rows.map(({ account, asset, minor }) => [account, asset, minor.toString()]))
    if (stored !== given)
      storeDiffers('S1', `the store closes with ${stored}, the journal gives ${given}`, `${partition}:${seq}`)
  }

  end(audit: Audit): void {
    for (const { partition, seq } of audit.logs) {
      const [has, matched] = [this.store.closingCount(partition), this.matched.get(partition) ?? 0]
      if (has !== matched)
        storeDiffers('S1', `the store has ${has} closings, ${matched} at ends of batches`, `${partition}:${seq}`)
    }
  }
}

function post(sums: Map<string, Sum>, { account, asset, debit, amountMinor, afterMinor }: EntryLine): void {
  const spec = accountSpec(account)
  const name = spec !== null && isOwned(spec) ? accountCode(account) : account
  const key = `${name} ${asset}`
  const sum = sums.get(key) ?? { account: name, asset, minor: 0n }
  sums.set(key, sum)
  // Every code that actors own is a liability: it grows by credits.
  if (name === account) sum.minor = afterMinor
  else sum.minor += debit ? -amountMinor : amountMinor
  if (sum.minor === 0n) sums.delete(key)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
