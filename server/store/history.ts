// Histories of accounts: their entries newest first, filtered, counted, each with its record from the batch that holds
// it, and with what became of money sent (M9). Walks the accounts' chains (schema.ts); no index by account exists.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { LogRecord, Operation, Side } from '../../actors/runtime/record.ts'
import { type PartitionId, type RecordId, recordId } from '../../shared/ids.ts'
import { BatchLines } from './batchLines.ts'
import { EntryChains, type EntryRow } from './entryChains.ts'
import { entryKind, entryOperation, entrySide, packedPartition } from './schema.ts'
import { Settlements } from './settlements.ts'

export type TransactionStatus = 'pending' | 'confirmed' | 'failed'

export interface HistoryQuery {
  /** Account names, as `2001:<wallet>`; accounts of one actor. */
  readonly accounts: readonly string[]
  readonly assets?: readonly string[]
  readonly operations?: readonly Operation[]
  readonly side?: Side
  readonly status?: TransactionStatus
  /** Times of records, both included. */
  readonly fromMs?: number
  readonly toMs?: number
  /** By time; 'newest' first unless said otherwise. */
  readonly order?: 'newest' | 'oldest'
  /** How many matching entries to pass over. */
  readonly offset?: number
  /** Only entries of records before this one (after it, oldest first): pages that do not shift as entries are added. */
  readonly beyond?: number
  readonly limit: number
}

export interface Transaction {
  readonly recordId: RecordId
  readonly partition: PartitionId
  readonly seq: number
  /** Place of the entry among its record's. */
  readonly leg: number
  readonly atMs: number
  readonly operation: Operation
  readonly side: Side
  readonly account: string
  readonly asset: string
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
  readonly status: TransactionStatus
  readonly record: LogRecord
}

export interface HistoryPage {
  readonly transactions: readonly Transaction[]
  /** Matching entries, of all pages. */
  readonly total: number
  /** Seq up to which the partition is projected (S1); 0 where it never wrote. */
  readonly asOfSeq: number
}

interface Page {
  readonly entries: readonly EntryRow[]
  readonly total: number
}

export class History {
  private readonly chains: EntryChains
  private readonly lines: BatchLines
  private readonly settlements: Settlements
  private readonly amounts: StatementSync
  private readonly projected: StatementSync

  constructor(db: DatabaseSync) {
    this.chains = new EntryChains(db)
    this.lines = new BatchLines(db)
    this.settlements = new Settlements(db)
    this.amounts = db.prepare('SELECT amount_minor, balance_after_minor FROM entries WHERE id = ?')
    this.amounts.setReadBigInts(true)
    this.projected = db.prepare('SELECT seq FROM checkpoints WHERE partition = ?')
  }

  page(query: HistoryQuery): HistoryPage {
    const heads = this.chains.heads(query.accounts, query.assets ?? null)
    const first = heads[0]
    if (first === undefined) return { transactions: [], total: 0, asOfSeq: 0 }
    this.settlements.refresh()
    const matches = this.filterOf(query)
    const unfiltered = matches === null && query.beyond === undefined
    const known = unfiltered ? heads.reduce((sum, head) => sum + head.entryCount, 0) : null
    const walk = this.chains.walk(heads)
    const page = query.order === 'oldest' ? oldest(walk, query, matches) : newest(walk, query, matches, known)
    const cache = this.lines.forOneQuery()
    return {
      transactions: page.entries.map((entry) => this.transaction(entry, cache)),
      total: page.total,
      asOfSeq: Number(this.projected.get(packedPartition(first.id))?.seq ?? 0),
    }
  }

  /** One record, and what became of its money; null where the store does not have it (yet). */
  record(partition: PartitionId, seq: number): { record: LogRecord; statuses: readonly TransactionStatus[] } | null {
    const line = this.lines.forOneQuery()(partition, seq)
    if (line === null) return null
    this.settlements.refresh()
    const record = decodeRecord(line, partition)
    return { record, statuses: record.entries.map((_, leg) => this.settlements.statusOfLeg(record, leg, partition)) }
  }

  private transaction(entry: EntryRow, lineOf: (partition: PartitionId, seq: number) => string | null): Transaction {
    const partition = packedPartition(entry.account)
    const line = lineOf(partition, entry.seq)
    const amounts = this.amounts.get(entry.id)
    if (line === null || amounts === undefined) throw new Error(`record ${partition}-${entry.seq} is missing`)
    const { name, asset } = this.chains.account(entry.account)
    return {
      recordId: recordId(partition, entry.seq),
      partition,
      seq: entry.seq,
      leg: entry.leg,
      atMs: entry.atMs,
      operation: entryOperation(entry.kind),
      side: entrySide(entry.kind),
      account: name,
      asset,
      amountMinor: minorOf(amounts.amount_minor),
      balanceAfterMinor: minorOf(amounts.balance_after_minor),
      status: this.settlements.status(partition, entry.seq, entry.sentTo),
      record: decodeRecord(line, partition),
    }
  }

  /** Null where every entry matches. */
  private filterOf(query: HistoryQuery): ((entry: EntryRow) => boolean) | null {
    const { operations, side, status, fromMs, toMs } = query
    const tests: ((entry: EntryRow) => boolean)[] = []
    if (fromMs !== undefined) tests.push((entry) => entry.atMs >= fromMs)
    if (toMs !== undefined) tests.push((entry) => entry.atMs <= toMs)
    if (side !== undefined) tests.push((entry) => entrySide(entry.kind) === side)
    if (operations !== undefined) {
      const kinds = new Set(operations.flatMap((name) => [entryKind(name, 'debit'), entryKind(name, 'credit')]))
      tests.push((entry) => kinds.has(entry.kind))
    }
    if (status !== undefined) {
      tests.push(
        ({ account, seq, sentTo }) => this.settlements.status(packedPartition(account), seq, sentTo) === status,
      )
    }
    return tests.length === 0 ? null : (entry) => tests.every((test) => test(entry))
  }
}

type Matches = ((entry: EntryRow) => boolean) | null

/** Takes a page from the newest on. With the total known beforehand the walk ends with the page. */
function newest(walk: Iterable<EntryRow>, query: HistoryQuery, matches: Matches, known: number | null): Page {
  const { offset = 0, limit, fromMs = 0 } = query
  const entries: EntryRow[] = []
  let total = 0
  for (const entry of walk) {
    // A7: time never goes back in a partition, so nothing further down is younger.
    if (entry.atMs < fromMs) break
    if (matches !== null && !matches(entry)) continue
    total++
    // With a cursor the offset is not used: the cursor says where the page begins.
    if (query.beyond === undefined ? total <= offset : entry.seq >= query.beyond) continue
    if (entries.length < limit) entries.push(entry)
    else if (known !== null) break
  }
  return { entries, total: known ?? total }
}

/** Walks everything, keeps what matches, and takes the page from its end. */
function oldest(walk: Iterable<EntryRow>, query: HistoryQuery, matches: Matches): Page {
  const { offset = 0, limit, beyond, fromMs = 0 } = query
  const found: EntryRow[] = []
  for (const entry of walk) {
    if (entry.atMs < fromMs) break
    if (matches === null || matches(entry)) found.push(entry)
  }
  found.reverse()
  const begin = beyond === undefined ? offset : found.findIndex((entry) => entry.seq > beyond)
  return { entries: begin === -1 ? [] : found.slice(begin, begin + limit), total: found.length }
}

function minorOf(value: unknown): bigint {
  if (typeof value !== 'bigint') throw new Error(`${String(value)} is no amount`)
  return value
}
