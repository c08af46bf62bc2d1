// The sums over a whole data set: Σ transit = Σ undelivered + parked (M4), the trial balance (M2), the supply of what
// exists once (M1), and the figures a person reads at the end.

import { IN_TRANSIT } from '../../shared/accounts.ts'
import type { Audit } from './audit.ts'
import { broken, LEDGER_END } from './violation.ts'

export interface AssetTotals {
  readonly asset: string
  /** Σ assets + expenses and Σ liabilities + equity + revenue, in minor units: equal in a sound ledger. */
  readonly debitMinor: bigint
  readonly creditMinor: bigint
  /** Σ of the accounts that actors own. */
  readonly ownedMinor: bigint
  readonly transitMinor: bigint
  readonly undeliveredMinor: bigint
  readonly parkedMinor: bigint
}

export interface PartitionSummary {
  readonly partition: number
  readonly seq: number
  readonly epoch: number
  readonly batches: number
  readonly bytes: number
  readonly position: number
  readonly head: string
  readonly accounts: number
  readonly timers: number
}

export interface AuditSummary {
  readonly records: number
  readonly refused: number
  readonly parked: number
  readonly batches: number
  readonly bytes: number
  readonly accounts: number
  readonly timers: number
  readonly undelivered: number
  /** Only partitions with records. */
  readonly partitions: readonly PartitionSummary[]
  readonly assets: readonly AssetTotals[]
}

interface Running {
  debitMinor: bigint
  creditMinor: bigint
  ownedMinor: bigint
  transitMinor: bigint
  undeliveredMinor: bigint
  parkedMinor: bigint
}

export function checkTotals(audit: Audit, what: 'transit' | 'trial balance'): void {
  if (what === 'transit') checkTransit(audit)
  else checkTrialBalance(audit)
}

// M4: Σ transit = Σ undelivered envelopes, and what parked records left there.
function checkTransit(audit: Audit): void {
  const transit = transitOf(audit)
  for (const [asset, sums] of transit) {
    const expected = sums.undeliveredMinor + sums.parkedMinor
    if (sums.transitMinor === expected) continue
    const parts = `${sums.undeliveredMinor} undelivered and ${sums.parkedMinor} parked`
    broken('M4', `${sums.transitMinor} ${asset} in transit, but ${parts}`, LEDGER_END)
  }
  checkNfts(audit, transit)
}

function checkTrialBalance(audit: Audit): void {
  for (const [asset, sums] of totalsOf(audit)) {
    if (sums.debitMinor !== sums.creditMinor) {
      broken('M2', `trial balance of ${asset}: ${sums.debitMinor} debit, ${sums.creditMinor} credit`, LEDGER_END)
    }
  }
}

// M1: what owners have of a token, and what is on its way to one, is what custody has of it; nfts.ts saw that this is 0 or 1.
function checkNfts(audit: Audit, transit: ReadonlyMap<string, Running>): void {
  const places = new Map<string, { custody: bigint; owned: bigint }>()
  for (const { accounts } of audit.logs) {
    for (const [asset, { custody, owned }] of accounts.nfts.all()) {
      const sum = places.get(asset) ?? { custody: 0n, owned: 0n }
      places.set(asset, { custody: sum.custody + custody, owned: sum.owned + owned })
    }
  }
  for (const [asset, { custody, owned }] of places) {
    const under = transit.get(asset)?.transitMinor ?? 0n
    if (custody <= 1n && owned + under === custody) continue
    broken('M1', `${asset}: ${owned} with owners, ${under} in transit, ${custody} in custody`, LEDGER_END)
  }
}

export function summarise(audit: Audit): AuditSummary {
  const used = audit.logs.filter((log) => log.seq > 0)
  const partitions = used.map(({ partition, seq, epoch, batches, bytes, position, head, accounts, timers }) => {
    return { partition, seq, epoch, batches, bytes, position, head, accounts: accounts.size, timers: timers.size }
  })
  const total = (pick: (row: PartitionSummary) => number): number => partitions.reduce((sum, row) => sum + pick(row), 0)
  const { records, refused, parked } = audit
  return {
    records,
    refused,
    parked,
    batches: total((row) => row.batches),
    bytes: total((row) => row.bytes),
    accounts: total((row) => row.accounts),
    timers: total((row) => row.timers),
    undelivered: [...audit.allLanes()].reduce((sum, lane) => sum + lane.undelivered, 0),
    partitions,
    assets: [...totalsOf(audit)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([asset, sums]) => ({ asset, ...sums })),
  }
}

function transitOf(audit: Audit): Map<string, Running> {
  const totals = new Map<string, Running>()
  for (const { accounts } of audit.logs) {
    for (const [asset, minor] of accounts.balancesOf(IN_TRANSIT)) runningOf(totals, asset).transitMinor += minor
  }
  for (const lane of audit.allLanes()) {
    for (const { money } of lane.waiting()) {
      if (money !== null) runningOf(totals, money.asset).undeliveredMinor += money.amountMinor
    }
  }
  for (const [asset, minor] of audit.parkedMoney.rows()) runningOf(totals, asset).parkedMinor += minor
  return totals
}

function totalsOf(audit: Audit): Map<string, Running> {
  const totals = transitOf(audit)
  for (const { accounts } of audit.logs) {
    for (const { asset, owned, spec, minor } of accounts.all()) {
      const sums = runningOf(totals, asset)
      if (owned) sums.ownedMinor += minor
      if (spec.class === 'asset' || spec.class === 'expense') sums.debitMinor += minor
      else sums.creditMinor += minor
    }
  }
  return totals
}

function runningOf(totals: Map<string, Running>, asset: string): Running {
  const found = totals.get(asset)
  if (found !== undefined) return found
  const made: Running = {
    debitMinor: 0n,
    creditMinor: 0n,
    ownedMinor: 0n,
    transitMinor: 0n,
    undeliveredMinor: 0n,
    parkedMinor: 0n,
  }
  totals.set(asset, made)
  return made
}
