// Closings: what every account code of a partition stood at after a batch, some hundred records apart. A question about a
// past moment begins at the closing before it and folds the few records behind that, instead of the whole log. System
// accounts keep their names; accounts that actors own are summed under their bare code, which no owned account has.

import { type AccountSpec, accountSpec, isOwned } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { type Balances, signed } from '../runtime/books.ts'
import type { LogRecord } from '../runtime/record.ts'

/** [account or code, asset, minor units on its normal side]; what is zero is left out. */
export type ClosingRow = readonly [string, string, string]

export interface ProjectedClosing {
  readonly partition: PartitionId
  /** The last record it covers, and its time. */
  readonly seq: number
  readonly atMs: number
  readonly balances: readonly ClosingRow[]
}

/** Records between two closings where there are few accounts. */
const LEAST_RECORDS = 128
/** Records for each row of a closing, so that many assets (each NFT is one) cannot make closings the most of the store. */
const RECORDS_A_ROW = 8

/** Whether a closing is due after a batch: at multiples that follow from the log alone, wherever a projector began. */
export function closingDue(firstSeq: number, lastSeq: number, rows: number): boolean {
  let every = LEAST_RECORDS
  while (every < rows * RECORDS_A_ROW) every *= 2
  return Math.floor(lastSeq / every) > Math.floor((firstSeq - 1) / every)
}

/** Sums of the accounts that actors own, by code and asset. */
export class OwnedTotals {
  private readonly sums = new Map<string, Map<AccountSpec, bigint>>()
  private count = 0

  static restore(rows: readonly ClosingRow[]): OwnedTotals {
    const totals = new OwnedTotals()
    for (const [code, asset, minor] of rows) {
      const spec = accountSpec(code)
      if (spec !== null) totals.add(spec, asset, BigInt(minor))
    }
    return totals
  }

  /** Of those that are not zero. */
  get size(): number {
    return this.count
  }

  apply(record: LogRecord): void {
    for (const entry of record.entries) {
      const spec = accountSpec(entry.account)
      if (spec !== null && isOwned(spec)) this.add(spec, entry.asset, signed(entry))
    }
  }

  /** In canonical order. */
  rows(): readonly ClosingRow[] {
    const rows: ClosingRow[] = []
    for (const [asset, sums] of this.sums) {
      for (const [{ code }, minor] of sums) rows.push([code, asset, minor.toString()])
    }
    return rows.sort(byName)
  }

  // What is zero is forgotten, as it is by whoever restores the rows: both count alike, and NFTs that left take no room.
  private add(spec: AccountSpec, asset: string, minor: bigint): void {
    const sums = this.sums.get(asset) ?? new Map<AccountSpec, bigint>()
    const before = sums.get(spec)
    const after = (before ?? 0n) + minor
    if (after === 0n) sums.delete(spec)
    else sums.set(spec, after)
    this.count += Number(after !== 0n) - Number(before !== undefined)
    if (sums.size === 0) this.sums.delete(asset)
    else this.sums.set(asset, sums)
  }
}

/** The rows of a closing: system accounts, and the sums of owned ones. */
export function closingRows(system: Balances, owned: OwnedTotals): readonly ClosingRow[] {
  const rows: ClosingRow[] = [...owned.rows()]
  for (const { account, asset, minor } of system.all) if (minor !== 0n) rows.push([account, asset, minor.toString()])
  return rows.sort(byName)
}

function byName(a: ClosingRow, b: ClosingRow): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0
}
