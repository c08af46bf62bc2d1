// LedgerReads over the store's file, on a connection of this thread. Records are found in the bytes of their batches, by
// number or by time; an account's entries by its chain, from the mark behind the moment that is asked for.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClosingRow } from '../../actors/projection/closings.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { ActorSnapshot, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { Json, LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import {
  type Closing,
  type Head,
  isBefore,
  type LedgerReads,
  type Leg,
  type LegQuery,
  type LineQuery,
  PastNotReady,
  type PendingTimer,
  type Round,
  type StoredRecord,
} from '../ledger/ports.ts'
import type { ListFound, ListQuery } from '../lists/ports.ts'
import { BatchLines } from './batchLines.ts'
import { ListRows } from './listRows.ts'
import { entryOperation, entrySide, MARK_EVERY, pack, packedNumber, packedPartition, packedRange } from './schema.ts'

/** Records whose bytes are looked through for a text, and keys of an actor passed over. */
const SEARCHED_LIMIT = 200_000
/** Entries passed over to reach a moment, where a store of an earlier release has no marks. */
const PASSED_LIMIT = 200_000

interface Chain {
  readonly asset: string
  next: Leg | null
  previous: number
}

export class SqliteLedgerRows implements LedgerReads {
  readonly partitions: number
  private readonly db: DatabaseSync
  private readonly batchAt: StatementSync
  private readonly closingAt: StatementSync
  private readonly closingAfter: StatementSync
  private readonly accounts: StatementSync
  private readonly markAfter: StatementSync
  private readonly entryAt: StatementSync
  private readonly headOf: StatementSync
  private readonly watermark: StatementSync
  private readonly lastKey: StatementSync
  private readonly keyAt: StatementSync
  private readonly roundOf: StatementSync
  private readonly snapshotOf: StatementSync
  private readonly actorsAfter: StatementSync
  private lists: ListRows | null = null
  private readonly firsts = new Map<PartitionId, number>()
  /** The batch last read of each partition: a page goes through it in several portions. It never changes (J3). */
  private readonly last = new Map<PartitionId, BatchLines>()

  constructor(db: DatabaseSync, partitions: number) {
    this.db = db
    this.partitions = partitions
    this.batchAt = db.prepare('SELECT id, last_seq, hash, bytes FROM batches WHERE id <= ? ORDER BY id DESC LIMIT 1')
    this.closingAt = db.prepare(`
      SELECT seq, at_ms, balances FROM closings WHERE partition = ? AND at_ms <= ? ORDER BY at_ms DESC, seq DESC LIMIT 1`)
    this.closingAfter = db.prepare(`
      SELECT seq FROM closings WHERE partition = ? AND at_ms > ? ORDER BY at_ms, seq LIMIT 1`)
    this.accounts = db.prepare(`
      SELECT a.id, a.asset, b.last_entry FROM accounts a JOIN balances b ON b.account = a.id
      WHERE a.name = ? AND a.id BETWEEN ? AND ?`)
    this.markAfter = db.prepare(`
      SELECT entry FROM entry_marks WHERE account = ? AND at_ms > ? ORDER BY at_ms, entry LIMIT 1`)
    this.entryAt = db.prepare(`
      SELECT account, previous, seq, leg, kind, at_ms, amount_minor, balance_after_minor FROM entries WHERE id = ?`)
    this.entryAt.setReadBigInts(true)
    this.headOf = db.prepare('SELECT seq FROM checkpoints WHERE partition = ?')
    this.watermark = db.prepare('SELECT number FROM watermarks WHERE source = ? AND destination = ?')
    this.lastKey = db.prepare('SELECT k.last_key FROM actors a JOIN key_heads k ON k.actor = a.id WHERE a.name = ?')
    this.roundOf = db.prepare('SELECT seq FROM partition_snapshots WHERE partition = ?')
    this.snapshotOf = db.prepare('SELECT snapshot FROM partition_snapshots WHERE partition = ?')
    this.actorsAfter = db.prepare(`
      SELECT a.name, s.seq, s.state, s.balances FROM actors a JOIN actor_snapshots s ON s.actor = a.id
      WHERE a.name > ? AND a.name < ? ORDER BY a.name LIMIT ?`)
    this.keyAt = db.prepare('SELECT previous, seq FROM keys WHERE id = ?')
  }

  async heads(): Promise<readonly Head[]> {
    const rows = this.db.prepare('SELECT partition, seq FROM checkpoints WHERE seq > 0 ORDER BY partition').all()
    return rows.map(({ partition, seq }) => ({ partition: Number(partition), seq: Number(seq) }))
  }

  async firstMs(partition: PartitionId): Promise<number | null> {
    const known = this.firsts.get(partition)
    if (known !== undefined) return known
    const first = this.batch(partition, 1)?.timeOf(1) ?? null
    if (first !== null) this.firsts.set(partition, first)
    return first
  }

  async record(partition: PartitionId, seq: number): Promise<StoredRecord | null> {
    const batch = seq > this.head(partition) ? null : this.batch(partition, seq)
    if (batch === null) return null
    const { firstSeq, lastSeq, hash } = batch
    return { partition, record: decodeRecord(batch.line(seq), partition), batch: { firstSeq, lastSeq, hash } }
  }

  async closing(partition: PartitionId, atMs: number): Promise<Closing | null> {
    const row = this.closingAt.get(partition, atMs)
    if (row === undefined) return null
    // Written by storeWriter.ts.
    const balances = JSON.parse(String(row.balances)) as readonly ClosingRow[]
    return { seq: Number(row.seq), atMs: Number(row.at_ms), balances }
  }

  async recordsAfter(
    partition: PartitionId,
    seq: number,
    throughMs: number,
    limit: number,
  ): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = []
    const head = this.head(partition)
    for (let next = seq + 1; next <= head; ) {
      const batch = this.batchOrThrow(partition, next)
      for (; next <= Math.min(batch.lastSeq, head); next++) {
        if (records.length >= limit || batch.timeOf(next) > throughMs) return records
        records.push(decodeRecord(batch.line(next), partition))
      }
    }
    return records
  }

  async recordsBefore(partition: PartitionId, seq: number, atMs: number, limit: number): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = []
    const later = this.closingAfter.get(partition, atMs)
    let next = Math.min(seq, this.head(partition), later === undefined ? seq : Number(later.seq))
    for (let passed = 0; next > 0; ) {
      const batch = this.batchOrThrow(partition, next)
      for (; next >= batch.firstSeq; next--) {
        if (records.length >= limit) return records
        if (batch.timeOf(next) <= atMs) records.push(decodeRecord(batch.line(next), partition))
        else if (++passed > PASSED_LIMIT) throw new PastNotReady(`records of partition ${partition}`)
      }
    }
    return records
  }

  async recordsWith({ partition, afterSeq, text, limit }: LineQuery): Promise<readonly LogRecord[]> {
    const records: LogRecord[] = []
    const head = this.head(partition)
    for (let next = afterSeq + 1; next <= head; ) {
      if (next - afterSeq > SEARCHED_LIMIT) throw new PastNotReady(`records of partition ${partition}`)
      const batch = this.batchOrThrow(partition, next)
      for (const seq of batch.with(text, next)) {
        if (seq > head) break
        records.push(decodeRecord(batch.line(seq), partition))
        if (records.length === limit) return records
      }
      next = batch.lastSeq + 1
    }
    return records
  }

  async takenThrough(source: PartitionId, destination: PartitionId): Promise<number> {
    return Number(this.watermark.get(source, destination)?.number ?? 0)
  }

  async commandsOf(_partition: PartitionId, actor: string, seq: number, limit: number): Promise<readonly number[]> {
    const seqs: number[] = []
    let id = Number(this.lastKey.get(actor)?.last_key ?? 0)
    for (let passed = 0; id > 0 && seqs.length < limit; passed++) {
      if (passed > SEARCHED_LIMIT) throw new PastNotReady(`keys of ${actor}`)
      const row = this.keyAt.get(id)
      if (row === undefined) throw new Error(`key ${id} is missing`)
      if (Number(row.seq) <= seq) seqs.push(Number(row.seq))
      id = Number(row.previous)
    }
    return seqs
  }

  async round(partition: PartitionId): Promise<Round | null> {
    const seq = Number(this.roundOf.get(partition)?.seq ?? 0)
    return seq === 0 ? null : { seq, atMs: this.batchOrThrow(partition, seq).timeOf(seq) }
  }

  async timers(partition: PartitionId): Promise<readonly PendingTimer[]> {
    const row = this.snapshotOf.get(partition)
    if (row === undefined) return []
    const { timers } = JSON.parse(String(row.snapshot)) as PartitionSnapshot // written by storeWriter.ts
    return timers.map(([actor, name, dueMs]) => ({ actor, name, dueMs }))
  }

  async snapshotsAfter(kind: string, after: string, limit: number): Promise<readonly ActorSnapshot[]> {
    const rows = this.actorsAfter.all(after === '' ? `${kind}/` : after, `${kind}0`, limit) // 0 comes after the slash
    // Written by storeWriter.ts.
    return rows.map(({ name, seq, state, balances }) => ({
      actor: String(name),
      seq: Number(seq),
      state: JSON.parse(String(state)) as Json,
      balances: JSON.parse(String(balances)) as ActorSnapshot['balances'],
    }))
  }

  async legs({ partition, account, asset, before, limit }: LegQuery): Promise<readonly Leg[]> {
    const legs: Leg[] = []
    const chains: Chain[] = []
    for (const row of this.accounts.all(account, ...packedRange(partition))) {
      if (asset !== null && row.asset !== asset) continue
      const mark = this.markAfter.get(Number(row.id), before.atMs)
      const chain = { asset: String(row.asset), next: null, previous: Number(mark?.entry ?? row.last_entry) }
      for (let passed = 0; this.step(chain, account) && !reaches(chain, before); passed++) {
        if (passed > Math.max(PASSED_LIMIT, MARK_EVERY)) throw new PastNotReady(`entries of ${account}`)
      }
      chains.push(chain)
    }
    while (legs.length < limit) {
      const newest = newestOf(chains)
      if (newest?.next == null) break
      legs.push(newest.next)
      this.step(newest, account)
    }
    return legs
  }

  async list(query: ListQuery): Promise<ListFound> {
    this.lists ??= new ListRows(this.db)
    return this.lists.list(query)
  }

  /** Goes on to the entry before; answers false at the account's first. */
  private step(chain: Chain, account: string): boolean {
    const row = chain.previous === 0 ? undefined : this.entryAt.get(chain.previous)
    if (row === undefined) {
      chain.next = null
      return false
    }
    chain.previous = Number(row.previous)
    chain.next = {
      partition: packedPartition(Number(row.account)),
      seq: Number(row.seq),
      leg: Number(row.leg),
      atMs: Number(row.at_ms),
      operation: entryOperation(Number(row.kind)),
      account,
      asset: chain.asset,
      side: entrySide(Number(row.kind)),
      amountMinor: row.amount_minor as bigint, // read as bigints
      balanceAfterMinor: row.balance_after_minor as bigint, // read as bigints
    }
    return true
  }

  private head(partition: PartitionId): number {
    return Number(this.headOf.get(partition)?.seq ?? 0)
  }

  private batch(partition: PartitionId, seq: number): BatchLines | null {
    const known = this.last.get(partition)
    if (known !== undefined && known.firstSeq <= seq && known.lastSeq >= seq) return known
    const row = this.batchAt.get(pack(partition, seq))
    if (row === undefined || !(row.bytes instanceof Uint8Array)) return null
    if (packedPartition(Number(row.id)) !== partition || Number(row.last_seq) < seq) return null
    const lines = new BatchLines(packedNumber(Number(row.id)), Number(row.last_seq), String(row.hash), row.bytes)
    this.last.set(partition, lines)
    return lines
  }

  private batchOrThrow(partition: PartitionId, seq: number): BatchLines {
    const batch = this.batch(partition, seq)
    if (batch === null) throw new Error(`record ${partition}:${seq} is not in the store`)
    return batch
  }
}

function reaches({ next }: Chain, before: LegQuery['before']): boolean {
  return next !== null && isBefore(next, before)
}

function newestOf(chains: readonly Chain[]): Chain | null {
  let newest: Chain | null = null
  for (const chain of chains) {
    if (chain.next === null) continue
    if (newest?.next == null || isBefore(newest.next, { ...chain.next, atMs: Number.MAX_SAFE_INTEGER })) newest = chain
  }
  return newest
}
