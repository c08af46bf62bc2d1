// What recovery asks of the documents (J4, M6). Snapshots of actors are read after their partition's: what a round has
// put there before it is then there too.

import { readStored } from '../../actors/projection/ports.ts'
import { keyOf } from '../../actors/projection/writeCollector.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { BulkWrites } from './bulkWrites.ts'
import { type LedgerCollections, partitionKey, recordKey } from './documents.ts'
import { bucketKey, outcomeOf } from './keyBooks.ts'
import type { PartitionDocuments } from './partitionDocuments.ts'

/** Buckets of one actor read together at most. */
const MAX_BUCKETS = 64

/** An actor's keys while they are gathered, newest bucket first. */
interface Gathered {
  readonly actor: string
  readonly runs: (readonly KeyOutcome[])[]
  /** Full buckets not read yet. */
  left: number
}

export class LedgerReads {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites
  private readonly snapshots: PartitionDocuments

  constructor(collections: LedgerCollections, bulk: BulkWrites, snapshots: PartitionDocuments) {
    this.collections = collections
    this.bulk = bulk
    this.snapshots = snapshots
  }

  async checkpoint(partition: PartitionId): Promise<Checkpoint> {
    const found = await this.collections.checkpoints.findOne({ _id: partitionKey(partition) })
    if (found === null) return EMPTY_CHECKPOINT
    return readStored(`the checkpoint of partition ${partition}`, () => {
      const { s, position, hash } = found.v
      return { seq: Number(s), position: Number(position), hash }
    })
  }

  async partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.snapshots.get(partition)
  }

  async actorSnapshots(actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    const found = await this.bulk.find(this.collections.actors, actors, ['v'])
    return found.flatMap(({ _id: actor, v }) => {
      if (v === undefined) return []
      return readStored(`the snapshot of ${actor}`, () => {
        const balances = v.balances.map(({ account, asset, minor }) => [account, asset, minor] as const)
        // Written by ledgerWrites.ts from a snapshot.
        return [{ actor, seq: Number(v.s), state: JSON.parse(v.state) as Json, balances }]
      })
    })
  }

  /** Up to the last round at least. */
  async recentKeys(actors: readonly string[], sinceMs: number): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    const heads = await this.bulk.find(this.collections.actors, actors, ['k'])
    const gathered = heads.flatMap(({ _id: actor, k }): Gathered[] =>
      k === undefined ? [] : [{ actor, runs: [k.keys.map(outcomeOf)], left: k.full }],
    )
    // Most actors end with the first look; for those that do not, each look is twice as deep.
    for (let depth = 1; ; depth = Math.min(depth * 2, MAX_BUCKETS)) {
      const deeper = gathered.filter((one) => one.left > 0 && reachesBack(one, sinceMs))
      if (deeper.length === 0) break
      await this.readBuckets(deeper, depth)
    }
    const found = new Map<string, readonly KeyOutcome[]>()
    for (const { actor, runs } of gathered) {
      const recent = runs.toReversed().flatMap((run) => run.filter(({ atMs }) => atMs >= sinceMs))
      if (recent.length > 0) found.set(actor, recent)
    }
    return found
  }

  private async readBuckets(gathered: readonly Gathered[], depth: number): Promise<void> {
    const wanted = gathered.flatMap(({ actor, left }) =>
      Array.from({ length: Math.min(depth, left) }, (_, index) => bucketKey(actor, left - 1 - index)),
    )
    const found = await this.bulk.find(this.collections.keys, wanted)
    const buckets = new Map(found.map(({ _id, keys }) => [_id, keys]))
    for (const one of gathered) {
      for (let index = Math.min(depth, one.left); index > 0; index--) {
        const id = bucketKey(one.actor, --one.left)
        const keys = buckets.get(id)
        // M6: not "no keys".
        if (keys === undefined) throw new Error(`keys ${id} are missing`)
        one.runs.push(keys.map(outcomeOf))
      }
    }
  }

  /** The newest outcome under this key, however old or new. */
  async findKey(partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    const found = await this.collections.records.findOne({ actor, key }, { sort: { _id: -1 }, projection: { line: 1 } })
    if (found === null) return null
    const outcome = keyOf(partition, decodeRecord(found.line, partition))
    if (outcome === null) throw new Error(`record ${found._id} has no key`)
    const { hash, seq, atMs, refused, reply } = outcome
    return { key, hash, seq, atMs, refused, reply }
  }

  /** The exact bytes of the batch that begins with this record (J3); null where none does. */
  async batch(partition: PartitionId, firstSeq: number): Promise<Uint8Array | null> {
    const { batches, records } = this.collections
    const found = await batches.findOne({ _id: recordKey(partition, firstSeq) })
    if (found === null) return null
    const last = Number(found.lastSeq)
    const range = { $gte: recordKey(partition, firstSeq), $lte: recordKey(partition, last) }
    const rows = await records.find({ _id: range }, { sort: { _id: 1 }, projection: { line: 1 } }).toArray()
    if (rows.length !== last - firstSeq + 1) throw new Error(`batch ${found._id}: records are missing`)
    return Buffer.from([found.header, ...rows.map(({ line }) => line), ''].join('\n'), 'utf8')
  }
}

// A7: time never goes back in a partition, so an older one ends the search.
function reachesBack({ runs }: Gathered, sinceMs: number): boolean {
  const oldest = runs.at(-1)?.[0]
  return oldest === undefined || oldest.atMs >= sinceMs
}
