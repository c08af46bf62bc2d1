// Puts a projection's write into the documents (S1), in an order in which each vouches for those before it: records and
// batches, what came back, closings, listings, full buckets of keys, actors, partitions, and checkpoints last. Cut off anywhere, the same
// write again completes it.

import type { ProjectedClosing } from '../../actors/projection/closings.ts'
import { fateNumber, type ProjectedBatch, type ProjectionWrite } from '../../actors/projection/ports.ts'
import type { ActorSnapshot } from '../../actors/runtime/ports.ts'
import type { Entry, LogRecord } from '../../actors/runtime/record.ts'
import { isOwnedAccount } from '../../shared/accounts.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { BulkWrites } from './bulkWrites.ts'
import {
  type ActorDocument,
  type BatchDocument,
  type CheckpointDocument,
  type ClosingDocument,
  closingKey,
  type LedgerCollections,
  legName,
  long,
  partitionKey,
  type RecordDocument,
  recordKey,
  type UnsettledDocument,
} from './documents.ts'
import { KeyBooks } from './keyBooks.ts'
import { putListings } from './listDocuments.ts'
import type { PartitionDocuments } from './partitionDocuments.ts'

export class LedgerWrites {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites
  private readonly snapshots: PartitionDocuments
  private readonly keys: KeyBooks

  constructor(collections: LedgerCollections, bulk: BulkWrites, snapshots: PartitionDocuments) {
    this.collections = collections
    this.bulk = bulk
    this.snapshots = snapshots
    this.keys = new KeyBooks(collections, bulk)
  }

  async apply(write: ProjectionWrite): Promise<void> {
    const { records, batches, unsettled, closings, listings, checkpoints } = this.collections
    const rows = write.batches.map((batch) => documentsOf(batch))
    await this.keys.note(write)
    await this.bulk.insert(
      records,
      rows.flatMap((row) => row.records),
    )
    await this.bulk.insert(
      batches,
      rows.map((row) => row.batch),
    )
    await this.bulk.raise<UnsettledDocument>(unsettled, fatesOf(write))
    await this.bulk.insert(closings, write.closings.map(closingOf))
    await putListings(this.bulk, listings, write.listings)
    for (const { partition, snapshot } of write.partitions) {
      await this.putActors(
        partition,
        write.actors.filter((row) => row.partition === partition).map((row) => row.snapshot),
      )
      await this.snapshots.put(partition, snapshot)
      this.keys.settle(partition, snapshot.seq)
    }
    await this.bulk.raise<CheckpointDocument>(checkpoints, write.checkpoints.map(checkpointOf))
  }

  /** What was noted of a partition and is in no round yet counts no more. */
  forget(partition: PartitionId): void {
    this.keys.forget(partition)
  }

  private async putActors(partition: PartitionId, snapshots: readonly ActorSnapshot[]): Promise<void> {
    const { actors, keys } = this.collections
    const round = await this.keys.round(partition)
    await this.bulk.insert(keys, round.buckets)
    const rows = new Map<string, ActorDocument>(snapshots.map((snapshot) => [snapshot.actor, actorOf(snapshot)]))
    for (const [actor, k] of round.heads) rows.set(actor, { ...(rows.get(actor) ?? { _id: actor }), k })
    await this.bulk.raise<ActorDocument>(actors, [...rows.values()])
  }
}

function documentsOf(projected: ProjectedBatch): {
  readonly batch: BatchDocument
  readonly records: readonly RecordDocument[]
} {
  const { partition, firstSeq, lastSeq, position, hash, bytes, records } = projected
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const [header = '', ...lines] = text.split('\n')
  const batch = { _id: recordKey(partition, firstSeq), lastSeq: long(lastSeq), position: long(position), hash, header }
  return { batch, records: records.map((record, index) => recordOf(partition, record, lines[index])) }
}

function recordOf(partition: PartitionId, record: LogRecord, line: string | undefined): RecordDocument {
  if (line === undefined) throw new Error(`record ${partition}:${record.seq} has no line in its batch`)
  const { seq, actor, atMs, operation: op, cause, entries } = record
  const keyed = cause.kind === 'command' && cause.key !== '' ? { key: cause.key } : {}
  return { _id: recordKey(partition, seq), line, actor, at: new Date(atMs), op, ...keyed, accounts: legsOf(entries) }
}

/** What finds a record by its account: a name for each leg. */
function legsOf(entries: readonly Entry[]): readonly string[] {
  const names: string[] = []
  for (const { account } of entries) {
    if (!isOwnedAccount(account)) continue
    let leg = 1
    while (names.includes(legName(account, leg))) leg++
    names.push(legName(account, leg))
  }
  return names
}

function actorOf({ actor, seq, state, balances }: ActorSnapshot): ActorDocument {
  const rows = balances.map(([account, asset, minor]) => ({ account, asset, minor }))
  return { _id: actor, v: { s: long(seq), state: JSON.stringify(state), balances: rows } }
}

/** One document each: a command that names one twice could meet itself. */
function fatesOf({ fates }: ProjectionWrite): readonly UnsettledDocument[] {
  const states = new Map<string, number>()
  for (const { partition, seq, fate, bySeq } of fates) {
    const id = recordKey(partition, seq)
    states.set(id, Math.max(states.get(id) ?? 0, fateNumber(fate, bySeq)))
  }
  return [...states].map(([_id, state]) => ({ _id, state }))
}

function closingOf({ partition, seq, atMs, balances }: ProjectedClosing): ClosingDocument {
  const _id = closingKey(partition, atMs, seq)
  return { _id, s: long(seq), at: new Date(atMs), balances: JSON.stringify(balances) }
}

function checkpointOf({
  partition,
  checkpoint,
  watermarks,
}: ProjectionWrite['checkpoints'][number]): CheckpointDocument {
  const { seq, position, hash } = checkpoint
  const taken = watermarks.map(([source, number]) => ({ source, number: long(number) }))
  return { _id: partitionKey(partition), v: { s: long(seq), position: long(position), hash, watermarks: taken } }
}
