// M6 in documents: each actor's keys, numbered for its life in the order of their records. Every BUCKET of them make a
// document that is inserted once; those after the last full bucket are in the actor's own document, which a round writes
// anew. All of it follows from the log alone, so that two writers come to the same documents.

import type { ProjectedKey, ProjectionWrite } from '../../actors/projection/ports.ts'
import type { KeyOutcome } from '../../actors/runtime/ports.ts'
import type { Json } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { BulkWrites } from './bulkWrites.ts'
import {
  type ActorDocument,
  type KeyBucketDocument,
  type KeyFields,
  type LedgerCollections,
  long,
  partitionKey,
} from './documents.ts'

/** More make fewer documents, and every round write more again. */
export const BUCKET = 16

/** Keys of one partition since its last round. */
interface Pending {
  /** Every key of the records up to here is in `byActor`, or in a round. */
  through: number
  byActor: Map<string, KeyFields[]>
}

export interface KeyRound {
  readonly buckets: readonly KeyBucketDocument[]
  readonly heads: ReadonlyMap<string, NonNullable<ActorDocument['k']>>
}

export class KeyBooks {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites
  private readonly pending = new Map<PartitionId, Pending>()

  constructor(collections: LedgerCollections, bulk: BulkWrites) {
    this.collections = collections
    this.bulk = bulk
  }

  /** Keeps the write's keys until their partition's round. A write noted already, or an older one, changes nothing. */
  async note(write: ProjectionWrite): Promise<void> {
    for (const { partition, firstSeq, lastSeq, keys } of write.replayed) {
      const pending = await this.reaching(partition, firstSeq)
      for (const key of keys) add(pending, key)
      pending.through = Math.max(pending.through, lastSeq)
    }
    const begun = new Set<PartitionId>()
    for (const { partition, firstSeq } of write.batches) {
      if (!begun.has(partition)) await this.reaching(partition, firstSeq)
      begun.add(partition)
    }
    for (const key of write.keys) {
      const pending = this.pending.get(key.partition)
      if (pending !== undefined) add(pending, key)
    }
    for (const { partition, lastSeq } of write.batches) {
      const pending = this.pending.get(partition)
      if (pending !== undefined) pending.through = Math.max(pending.through, lastSeq)
    }
  }

  /** What a round of this partition writes of keys. */
  async round(partition: PartitionId): Promise<KeyRound> {
    const buckets: KeyBucketDocument[] = []
    const heads = new Map<string, NonNullable<ActorDocument['k']>>()
    const byActor = this.pending.get(partition)?.byActor ?? new Map<string, KeyFields[]>()
    const found = await this.bulk.find(this.collections.actors, [...byActor.keys()], ['k'])
    const known = new Map(found.map(({ _id, k }) => [_id, k]))
    for (const [actor, news] of byActor) {
      const head = known.get(actor)
      const seq = Number(head?.s ?? 0)
      const newer = news.filter((key) => Number(key.seq) > seq)
      const last = newer.at(-1)
      if (last === undefined) continue
      let full = head?.full ?? 0
      // As long integers again: the driver reads them as numbers.
      let keys = [...(head?.keys ?? []).map((key) => ({ ...key, seq: long(Number(key.seq)) })), ...newer]
      for (; keys.length >= BUCKET; keys = keys.slice(BUCKET)) {
        buckets.push({ _id: bucketKey(actor, full++), keys: keys.slice(0, BUCKET) })
      }
      heads.set(actor, { s: last.seq, full, keys })
    }
    return { buckets, heads }
  }

  /** The partition's round is in the store. */
  settle(partition: PartitionId, seq: number): void {
    const pending = this.pending.get(partition)
    if (pending === undefined) return
    const later = [...pending.byActor]
      .map(([actor, keys]) => [actor, keys.filter((key) => Number(key.seq) > seq)] as const)
      .filter(([, keys]) => keys.length > 0)
    pending.byActor = new Map(later)
  }

  /** The partition is made again from its first record. */
  forget(partition: PartitionId): void {
    this.pending.delete(partition)
  }

  // Where somebody else has written the partition in between, what is here has a gap, and a round covers it.
  private async reaching(partition: PartitionId, firstSeq: number): Promise<Pending> {
    const known = this.pending.get(partition)
    if (known !== undefined && firstSeq <= known.through + 1) return known
    const round = await this.collections.partitions.findOne(
      { _id: partitionKey(partition) },
      { projection: { 'v.s': 1 } },
    )
    const covered = Number(round?.v.s ?? 0)
    if (covered < firstSeq - 1) {
      throw new Error(`partition ${partition}: keys of records ${covered + 1} to ${firstSeq - 1} were not handed over`)
    }
    const pending = { through: firstSeq - 1, byActor: new Map<string, KeyFields[]>() }
    this.pending.set(partition, pending)
    return pending
  }
}

function add({ byActor, through }: Pending, { actor, seq, ...outcome }: ProjectedKey): void {
  if (seq <= through) return
  const { key, hash, atMs, refused, reply } = outcome
  const fields = { key, hash, seq: long(seq), at: new Date(atMs), refused, reply: JSON.stringify(reply) }
  const keys = byActor.get(actor)
  if (keys === undefined) byActor.set(actor, [fields])
  else keys.push(fields)
}

export function bucketKey(actor: string, number: number): string {
  return `${actor}|${number}`
}

export function outcomeOf({ key, hash, seq, at, refused, reply }: KeyFields): KeyOutcome {
  // Written by `add`, from a record's reply.
  return { key, hash, seq: Number(seq), atMs: at.getTime(), refused, reply: JSON.parse(reply) as Json }
}
