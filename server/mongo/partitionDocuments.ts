// A partition's snapshot as documents: one, or where it is too large for one (an outbox of 100,000 envelopes whose
// destination is away), several parts that the one names by its seq.

import { DamagedStoreError, readStored } from '../../actors/projection/ports.ts'
import type { PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { BulkWrites } from './bulkWrites.ts'
import { type LedgerCollections, long, type PartitionDocument, partitionKey, recordKey } from './documents.ts'

/** A character takes three bytes at most, a document 16 MB. */
const PART_CHARACTERS = 4 * 1024 * 1024
/** A newer snapshot may take the place of one being read. */
const READ_ATTEMPTS = 5

export class PartitionDocuments {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites
  private readonly partCharacters: number
  /** Partitions whose last snapshot had parts. */
  private readonly inParts = new Set<PartitionId>()

  constructor(collections: LedgerCollections, bulk: BulkWrites, partCharacters = PART_CHARACTERS) {
    this.collections = collections
    this.bulk = bulk
    this.partCharacters = partCharacters
  }

  async put(partition: PartitionId, snapshot: PartitionSnapshot): Promise<void> {
    const { partitions, partitionParts } = this.collections
    const text = JSON.stringify(snapshot)
    const parts = text.length > this.partCharacters ? this.split(text) : []
    const rows = parts.map((part, index) => ({ _id: partKey(partition, snapshot.seq, index), text: part }))
    await this.bulk.insert(partitionParts, rows)
    const v = { s: long(snapshot.seq), parts: parts.length, text: parts.length === 0 ? text : '' }
    await this.bulk.raise<PartitionDocument>(partitions, [{ _id: partitionKey(partition), v }])
    if (parts.length === 0 && !this.inParts.has(partition)) return
    await partitionParts.deleteMany({ _id: { $gte: recordKey(partition, 0), $lt: recordKey(partition, snapshot.seq) } })
    if (parts.length > 0) this.inParts.add(partition)
    else this.inParts.delete(partition)
  }

  async get(partition: PartitionId): Promise<PartitionSnapshot | null> {
    const { partitions, partitionParts } = this.collections
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const found = await partitions.findOne({ _id: partitionKey(partition) })
      if (found === null) return null
      if (found.v.parts === 0) return readSnapshot(partition, found.v.text)
      const ids = Array.from({ length: found.v.parts }, (_, index) => partKey(partition, Number(found.v.s), index))
      const parts = new Map((await this.bulk.find(partitionParts, ids)).map(({ _id, text }) => [_id, text]))
      if (parts.size < ids.length) continue
      return readSnapshot(partition, ids.map((id) => parts.get(id)).join(''))
    }
    throw new DamagedStoreError(`the snapshot of partition ${partition}`, 'parts of it are missing')
  }

  private split(text: string): string[] {
    const parts: string[] = []
    for (let at = 0; at < text.length; ) {
      let end = at + this.partCharacters
      // Not between the halves of one character: each part has to be whole UTF-8.
      if (isHighSurrogate(text.charCodeAt(end - 1))) end--
      parts.push(text.slice(at, end))
      at = end
    }
    return parts
  }
}

function readSnapshot(partition: PartitionId, text: string): PartitionSnapshot {
  // Written by `put`.
  return readStored(`the snapshot of partition ${partition}`, () => JSON.parse(text) as PartitionSnapshot)
}

function partKey(partition: PartitionId, seq: number, index: number): string {
  return `${recordKey(partition, seq)}:${index}`
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
