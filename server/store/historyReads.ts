// History from the store: walks an account's chain of entries, newest first, filters, and reads each line's record from
// its batch. Bounded: a filter that would walk further than WALK_LIMIT entries stops there.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { carrierOf } from '../../actors/projection/carried.ts'
import { fateOfNumber, mayHaveFate } from '../../actors/projection/ports.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { LogRecord, Operation } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { entryKind, entryOperation, entrySide, pack, packedNumber, packedPartition, packedRange } from './schema.ts'
import { type HistoryQuery, type HistoryResult, type HistoryRow, isAskedFor } from './storeProtocol.ts'

const WALK_LIMIT = 50_000

interface Entry {
  readonly id: number
  readonly previous: number
  readonly asset: string
  readonly seq: number
  readonly kind: number
  readonly atMs: number
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
  readonly sentTo: number | null
}

interface Chain {
  readonly asset: string
  readonly count: number
  next: Entry | null
}

export class HistoryReads {
  private readonly accounts: StatementSync
  private readonly entryAt: StatementSync
  private readonly batchOf: StatementSync
  private readonly unsettled: StatementSync
  private readonly watermark: StatementSync

  constructor(db: DatabaseSync) {
    this.accounts = db.prepare(`
      SELECT a.asset, b.last_entry, b.entry_count FROM accounts a JOIN balances b ON b.account = a.id
      WHERE a.name = ? AND a.id BETWEEN ? AND ?`)
    this.entryAt = db.prepare(`
      SELECT id, previous, seq, kind, at_ms, amount_minor, balance_after_minor, sent_to FROM entries WHERE id = ?`)
    this.entryAt.setReadBigInts(true)
    this.batchOf = db.prepare('SELECT id, last_seq, bytes FROM batches WHERE id <= ? ORDER BY id DESC LIMIT 1')
    this.unsettled = db.prepare('SELECT state FROM unsettled WHERE record = ?')
    this.watermark = db.prepare('SELECT number FROM watermarks WHERE source = ? AND destination = ?')
  }

  page(query: HistoryQuery): HistoryResult {
    const chains = this.chains(query)
    const plain = query.sortBy === 'created_at' && query.sortOrder === 'desc'
    const unfiltered = [query.side, query.operation, query.status, query.fromMs, query.toMs].every(
      (value) => value === null,
    )
    const kept: Entry[] = []
    let matched = 0
    for (const entry of this.newestFirst(chains)) {
      if (query.fromMs !== null && entry.atMs < query.fromMs) break
      if (!this.matches(entry, query)) continue
      matched++
      if (!plain || (matched > query.offset && kept.length < query.limit)) kept.push(entry)
      if (plain && unfiltered && kept.length === query.limit) break
    }
    const ordered = plain ? kept : sorted(kept, query).slice(query.offset, query.offset + query.limit)
    const totalCount = unfiltered ? chains.reduce((sum, chain) => sum + chain.count, 0) : matched
    return { rows: ordered.map((entry) => this.row(query.partition, query.account, entry)), totalCount }
  }

  transaction(partition: PartitionId, seq: number, account: string, asked: string | null): HistoryRow | null {
    const record = this.record(partition, seq)
    const leg = record?.entries.findIndex((row) => row.account === account && (asked ?? row.asset) === row.asset) ?? -1
    const entry = record?.entries[leg]
    if (record === null || entry === undefined) return null
    const carrier = carrierOf(record, leg)
    const { asset, side, amountMinor, balanceAfterMinor } = entry
    const sentTo = carrier === null ? null : pack(carrier.destination, carrier.number)
    const { atMs, operation } = record
    const status = this.status(partition, seq, operation, sentTo)
    return { partition, seq, atMs, operation, side, account, asset, amountMinor, balanceAfterMinor, status, record }
  }

  private chains(query: HistoryQuery): Chain[] {
    const [low, high] = packedRange(query.partition)
    const chains: Chain[] = []
    for (const row of this.accounts.all(query.account, low, high)) {
      const asset = String(row.asset)
      if (!isAskedFor(asset, query)) continue
      chains.push({ asset, count: Number(row.entry_count), next: this.entry(Number(row.last_entry), asset) })
    }
    return chains
  }

  /** Entries of all chains, merged by their place in the file, which within a partition is their order in time. */
  private *newestFirst(chains: Chain[]): Generator<Entry> {
    for (let walked = 0; walked < WALK_LIMIT; walked++) {
      let newest: Chain | null = null
      for (const chain of chains) {
        if (chain.next !== null && chain.next.id > (newest?.next?.id ?? 0)) newest = chain
      }
      if (newest?.next == null) return
      const entry = newest.next
      newest.next = this.entry(entry.previous, newest.asset)
      yield entry
    }
  }

  private entry(id: number, asset: string): Entry | null {
    const row = id === 0 ? undefined : this.entryAt.get(id)
    if (row === undefined) return null
    return {
      id,
      previous: Number(row.previous),
      asset,
      seq: Number(row.seq),
      kind: Number(row.kind),
      atMs: Number(row.at_ms),
      amountMinor: row.amount_minor as bigint, // read as bigints
      balanceAfterMinor: row.balance_after_minor as bigint, // read as bigints
      sentTo: row.sent_to === null ? null : Number(row.sent_to),
    }
  }

  private matches(entry: Entry, query: HistoryQuery): boolean {
    if (query.toMs !== null && entry.atMs > query.toMs) return false
    if (query.side !== null && entrySide(entry.kind) !== query.side) return false
    if (query.operation !== null && entry.kind >> 1 !== entryKind(query.operation, 'debit') >> 1) return false
    return query.status === null || this.statusOf(query.partition, entry) === query.status
  }

  private statusOf(partition: PartitionId, { seq, kind, sentTo }: Entry): HistoryRow['status'] {
    return this.status(partition, seq, entryOperation(kind), sentTo)
  }

  // M9: what became of money sent is the receiver's record to say.
  private status(
    partition: PartitionId,
    seq: number,
    operation: Operation,
    sentTo: number | null,
  ): HistoryRow['status'] {
    if (!mayHaveFate(operation, sentTo)) return 'confirmed'
    const fate = fateOfNumber(Number(this.unsettled.get(pack(partition, seq))?.state ?? 0))
    if (fate !== null) return fate
    if (sentTo === null) return 'confirmed'
    const taken = this.watermark.get(partition, packedPartition(sentTo))
    return Number(taken?.number ?? 0) >= packedNumber(sentTo) ? 'confirmed' : 'pending'
  }

  private row(partition: PartitionId, account: string, entry: Entry): HistoryRow {
    const record = this.record(partition, entry.seq)
    if (record === null) throw new Error(`record ${partition}:${entry.seq} is not in the store`)
    const { seq, atMs, asset, amountMinor, balanceAfterMinor } = entry
    const status = this.statusOf(partition, entry)
    const operation = entryOperation(entry.kind)
    const side = entrySide(entry.kind)
    return { partition, seq, atMs, operation, side, account, asset, amountMinor, balanceAfterMinor, status, record }
  }

  record(partition: PartitionId, seq: number): LogRecord | null {
    const row = this.batchOf.get(pack(partition, seq))
    if (row === undefined || !(row.bytes instanceof Uint8Array)) return null
    const firstSeq = packedNumber(Number(row.id))
    if (packedPartition(Number(row.id)) !== partition || Number(row.last_seq) < seq) return null
    return decodeRecord(line(row.bytes, seq - firstSeq + 1), partition)
  }
}

function sorted(entries: Entry[], query: HistoryQuery): Entry[] {
  const sign = query.sortOrder === 'asc' ? 1 : -1
  const byAmount = (a: Entry, b: Entry): number =>
    a.amountMinor < b.amountMinor ? -1 : a.amountMinor > b.amountMinor ? 1 : a.id - b.id
  return entries.sort((a, b) => sign * (query.sortBy === 'amount' ? byAmount(a, b) : a.id - b.id))
}

/** The line of this number (the header is 0) of a batch. */
function line(bytes: Uint8Array, number: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let from = 0
  for (let skipped = 0; skipped < number; skipped++) from = buffer.indexOf(10, from) + 1
  return buffer.toString('utf8', from, buffer.indexOf(10, from))
}
