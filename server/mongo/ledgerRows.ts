// LedgerReads over the documents. Records are ranges of `_id`, an account's entries are found through the index
// `legs_of_account`; a closing after the moment that is asked for says where among them to begin. Documents are never
// changed, and nothing is read beyond the checkpoints that were read first: so the whole is of one moment.

import type { ClosingRow } from '../../actors/projection/closings.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { ActorSnapshot, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import {
  type Closing,
  type Head,
  isBefore,
  type LedgerReads,
  type Leg,
  type LegQuery,
  type LineQuery,
  legsOfRecord,
  PastNotReady,
  type PendingTimer,
  type Round,
  type StoredRecord,
} from '../ledger/ports.ts'
import type { ListFound, ListQuery } from '../lists/ports.ts'
import {
  closingKey,
  type LedgerCollections,
  long,
  partitionKey,
  placeOf,
  type RecordDocument,
  recordKey,
} from './documents.ts'
import { findListed } from './listDocuments.ts'

/** Read together. */
const PORTION = 500
/** Records passed over in search of an asset that the account has seldom, or never, had. */
const PASSED_LIMIT = 20_000
/** Records that the server looks through for a text. */
const SEARCHED_LIMIT = 200_000
/** Larger than any time of a record: the end of a partition's closings. */
const LAST_MS = 10 ** 15 - 1

/** Snapshots, as recovery reads them. */
interface Snapshots {
  partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null>
  actorSnapshots(actors: readonly string[]): Promise<readonly ActorSnapshot[]>
}

export class MongoLedgerRows implements LedgerReads {
  readonly partitions: number
  private readonly collections: LedgerCollections
  private readonly recovery: Snapshots
  private known: ReadonlyMap<PartitionId, number> | null = null
  /** By destination and source, as of `known`. */
  private taken: ReadonlyMap<PartitionId, ReadonlyMap<PartitionId, number>> = new Map()

  /** For one question: the checkpoints are read once. */
  constructor(collections: LedgerCollections, partitions: number, recovery: Snapshots) {
    this.recovery = recovery
    this.collections = collections
    this.partitions = partitions
  }

  async heads(): Promise<readonly Head[]> {
    return [...(await this.checkpoints())].map(([partition, seq]) => ({ partition, seq }))
  }

  async firstMs(partition: PartitionId): Promise<number | null> {
    const first = await this.collections.records.findOne({ _id: recordKey(partition, 1) }, { projection: { at: 1 } })
    return first === null ? null : first.at.getTime()
  }

  async record(partition: PartitionId, seq: number): Promise<StoredRecord | null> {
    if (seq > (await this.head(partition))) return null
    const _id = recordKey(partition, seq)
    const found = await this.collections.records.findOne({ _id })
    const range = { $gte: recordKey(partition, 0), $lte: _id }
    const batch = await this.collections.batches.findOne({ _id: range }, { sort: { _id: -1 } })
    if (found === null || batch === null) throw new Error(`record ${partition}:${seq} is not in the store`)
    const firstSeq = Number(batch._id.slice(batch._id.indexOf(':') + 1))
    const record = decodeRecord(found.line, partition)
    return { partition, record, batch: { firstSeq, lastSeq: Number(batch.lastSeq), hash: batch.hash } }
  }

  async closing(partition: PartitionId, atMs: number): Promise<Closing | null> {
    const last = closingKey(partition, Math.min(atMs, LAST_MS) + 1, 0)
    const range = { $gte: closingKey(partition, 0, 0), $lt: last }
    // Closings go in before the checkpoint that covers them.
    const s = { $lte: long(await this.head(partition)) }
    const found = await this.collections.closings.findOne({ _id: range, s }, { sort: { _id: -1 } })
    if (found === null) return null
    // Written by ledgerWrites.ts.
    const balances = JSON.parse(found.balances) as readonly ClosingRow[]
    return { seq: Number(found.s), atMs: found.at.getTime(), balances }
  }

  async recordsAfter(
    partition: PartitionId,
    seq: number,
    throughMs: number,
    limit: number,
  ): Promise<readonly LogRecord[]> {
    const range = { $gt: recordKey(partition, seq), $lte: recordKey(partition, await this.head(partition)) }
    const cursor = this.collections.records.find<Pick<RecordDocument, 'line'>>(
      { _id: range },
      { sort: { _id: 1 }, limit, batchSize: PORTION, projection: { line: 1 } },
    )
    const records: LogRecord[] = []
    try {
      while (await cursor.hasNext()) {
        for (const { line } of cursor.readBufferedDocuments(PORTION)) {
          const record = decodeRecord(line, partition)
          // A7: time never goes back in a partition.
          if (record.atMs > throughMs) return records
          records.push(record)
        }
      }
      return records
    } finally {
      await cursor.close()
    }
  }

  async recordsBefore(partition: PartitionId, seq: number, atMs: number, limit: number): Promise<readonly LogRecord[]> {
    const range = await this.rangeTo(partition, seq, atMs)
    const at = { $lte: new Date(Math.min(atMs, LAST_MS)) }
    const found = await this.collections.records
      .find({ _id: range, at }, { sort: { _id: -1 }, limit, projection: { line: 1 } })
      .toArray()
    return found.map(({ line }) => decodeRecord(line, partition))
  }

  async recordsWith({ partition, afterSeq, text, limit }: LineQuery): Promise<readonly LogRecord[]> {
    const head = await this.head(partition)
    const end = Math.min(head, afterSeq + SEARCHED_LIMIT)
    const range = { $gt: recordKey(partition, afterSeq), $lte: recordKey(partition, end) }
    const line = { $regex: text.replace(/[^\w"/:,-]/g, '\\$&') }
    const found = await this.collections.records
      .find({ _id: range, line }, { sort: { _id: 1 }, limit, projection: { line: 1 } })
      .toArray()
    if (found.length < limit && end < head) throw new PastNotReady(`records of partition ${partition}`)
    return found.map((row) => decodeRecord(row.line, partition))
  }

  async takenThrough(source: PartitionId, destination: PartitionId): Promise<number> {
    await this.checkpoints()
    return this.taken.get(destination)?.get(source) ?? 0
  }

  async commandsOf(partition: PartitionId, actor: string, seq: number, limit: number): Promise<readonly number[]> {
    const _id = { $gte: recordKey(partition, 1), $lte: recordKey(partition, Math.min(seq, await this.head(partition))) }
    const filter = { actor, key: { $exists: true }, _id }
    const found = await this.collections.records
      .find(filter, { sort: { _id: -1 }, limit, projection: { _id: 1 } })
      .toArray()
    return found.map((row) => placeOf(row._id).seq)
  }

  async round(partition: PartitionId): Promise<Round | null> {
    const _id = partitionKey(partition)
    const seq = Number((await this.collections.partitions.findOne({ _id }, { projection: { 'v.s': 1 } }))?.v.s ?? 0)
    const record = await this.collections.records.findOne({ _id: recordKey(partition, seq) }, { projection: { at: 1 } })
    return record === null ? null : { seq, atMs: record.at.getTime() }
  }

  async timers(partition: PartitionId): Promise<readonly PendingTimer[]> {
    const snapshot = await this.recovery.partitionSnapshot(partition)
    return (snapshot?.timers ?? []).map(([actor, name, dueMs]) => ({ actor, name, dueMs }))
  }

  async snapshotsAfter(kind: string, after: string, limit: number): Promise<readonly ActorSnapshot[]> {
    const range = { $gt: after === '' ? `${kind}/` : after, $lt: `${kind}0` } // 0 comes after the slash
    const found = await this.collections.actors
      .find({ _id: range, v: { $exists: true } }, { sort: { _id: 1 }, limit, projection: { _id: 1 } })
      .toArray()
    const actors = found.map(({ _id }) => _id)
    const snapshots = new Map((await this.recovery.actorSnapshots(actors)).map((row) => [row.actor, row]))
    return actors.flatMap((actor) => snapshots.get(actor) ?? [])
  }

  async legs({ partition, account, asset, before, limit }: LegQuery): Promise<readonly Leg[]> {
    const legs: Leg[] = []
    let passed = 0
    for (let seq = before.seq; legs.length < limit; ) {
      if (passed > PASSED_LIMIT) throw new PastNotReady(`entries of ${account} in ${asset}`)
      const range = await this.rangeTo(partition, seq, before.atMs)
      const found = await this.collections.records
        .find(
          { accounts: account, _id: range },
          { sort: { _id: -1 }, limit: Math.min(limit + 1, PORTION), projection: { line: 1 } },
        )
        .toArray()
      for (const { line } of found) {
        const record = decodeRecord(line, partition)
        seq = record.seq - 1
        for (const leg of legsOfRecord(partition, record).toReversed()) {
          const wanted = leg.account === account && (asset === null || leg.asset === asset)
          if (wanted && isBefore(leg, before)) legs.push(leg)
        }
      }
      if (found.length === 0) break
      passed += found.length
    }
    return legs.slice(0, limit)
  }

  list(query: ListQuery): Promise<ListFound> {
    return findListed(this.collections.listings, query)
  }

  /** Records at or below `seq` that may be of this moment or earlier. */
  private async rangeTo(partition: PartitionId, seq: number, atMs: number): Promise<{ $gte: string; $lte: string }> {
    const from = closingKey(partition, Math.min(atMs, LAST_MS) + 1, 0)
    const range = { $gte: from, $lte: closingKey(partition, LAST_MS, 0) }
    const later = atMs >= LAST_MS ? null : await this.collections.closings.findOne({ _id: range }, { sort: { _id: 1 } })
    const end = Math.min(seq, await this.head(partition), later === null ? seq : Number(later.s))
    return { $gte: recordKey(partition, 1), $lte: recordKey(partition, end) }
  }

  private async head(partition: PartitionId): Promise<number> {
    return (await this.checkpoints()).get(partition) ?? 0
  }

  private async checkpoints(): Promise<ReadonlyMap<PartitionId, number>> {
    if (this.known !== null) return this.known
    const found = await this.collections.checkpoints.find({}, { projection: { 'v.s': 1, 'v.watermarks': 1 } }).toArray()
    this.taken = new Map(
      found.map(({ _id, v }) => [Number(_id), new Map(v.watermarks.map((row) => [row.source, Number(row.number)]))]),
    )
    const rows = found.map(({ _id, v }) => [Number(_id), Number(v.s)] as const)
    this.known = new Map(rows.filter(([, seq]) => seq > 0).sort(([a], [b]) => a - b))
    return this.known
  }
}

/** Every closing of a partition. */
export function closingsOf(partition: PartitionId): { $gte: string; $lt: string } {
  return { $gte: `${partitionKey(partition)}:`, $lt: `${partitionKey(partition + 1)}:` }
}
