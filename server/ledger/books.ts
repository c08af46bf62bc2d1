// The balances of all accounts at a moment: for each partition the closing before it, and the fold of the records behind
// that (M3: every entry states the balance after it, so that folding is taking the last). Owned accounts are sums by code.

import { signed } from '../../actors/runtime/books.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { accountCode, accountSpec, isOwned } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { type Head, type LedgerReads, NEWEST, PastNotReady } from './ports.ts'
import type { Basis } from './questions.ts'

/** Records folded of one partition at most: closings lie far closer together, where the store has them. */
const FOLD_LIMIT = 20_000

export interface BookRow {
  /** A system account, or the bare code of owned ones. */
  readonly account: string
  readonly asset: string
  readonly minor: bigint
}

export interface Books extends Basis {
  readonly rows: readonly BookRow[]
}

/** `atMs` null: as far as the store is. Rejects with PastNotReady. */
export async function booksAt(reads: LedgerReads, atMs: number | null): Promise<Books> {
  const heads = await reads.heads()
  const parts = await Promise.all(heads.map((head) => partitionAt(reads, head.partition, atMs ?? NEWEST.atMs)))
  const sums = new Map<string, BookRow>()
  for (const part of parts) {
    for (const { account, asset, minor } of part.balances.values()) {
      const name = `${account} ${asset}`
      sums.set(name, { account, asset, minor: minor + (sums.get(name)?.minor ?? 0n) })
    }
  }
  const reached = parts.filter(({ seq }) => seq > 0)
  const newestMs = reached.length === 0 ? null : Math.max(...reached.map((part) => part.atMs))
  return {
    asOfMs: atMs ?? newestMs,
    positions: reached.map(({ partition, seq }): Head => ({ partition, seq })),
    rows: [...sums.values()],
  }
}

interface PartitionBooks {
  readonly partition: PartitionId
  readonly balances: ReadonlyMap<string, BookRow>
  readonly seq: number
  readonly atMs: number
}

async function partitionAt(reads: LedgerReads, partition: PartitionId, atMs: number): Promise<PartitionBooks> {
  const closing = await reads.closing(partition, atMs)
  const balances = new Map<string, BookRow>()
  for (const [account, asset, minor] of closing?.balances ?? []) put(balances, account, asset, BigInt(minor))
  const records = await reads.recordsAfter(partition, closing?.seq ?? 0, atMs, FOLD_LIMIT + 1)
  if (records.length > FOLD_LIMIT) throw new PastNotReady(`balances of partition ${partition}`)
  for (const record of records) post(balances, record)
  const last = records.at(-1) ?? closing
  return { partition, balances, seq: last?.seq ?? 0, atMs: last?.atMs ?? 0 }
}

function post(balances: Map<string, BookRow>, { entries }: LogRecord): void {
  for (const entry of entries) {
    const { account, asset, balanceAfterMinor } = entry
    const spec = accountSpec(account)
    if (spec === null || !isOwned(spec)) {
      put(balances, account, asset, balanceAfterMinor)
    } else {
      const code = accountCode(account)
      put(balances, code, asset, (balances.get(`${code} ${asset}`)?.minor ?? 0n) + signed(entry))
    }
  }
}

function put(balances: Map<string, BookRow>, account: string, asset: string, minor: bigint): void {
  balances.set(`${account} ${asset}`, { account, asset, minor })
}
