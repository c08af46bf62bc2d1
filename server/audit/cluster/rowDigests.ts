// Long collections compared in little memory: the rows of a partition, in the order of their seqs, are hashed in chunks of
// seqs. The store's digests are made first; the journal's follow and are compared chunk by chunk. Which row of a chunk
// differs is looked for afterwards, where one does.

import { createHash, type Hash } from 'node:crypto'
import type { PartitionId } from '../../../shared/ids.ts'

export interface Row {
  readonly seq: number
  /** Always in the same order. */
  readonly fields: Readonly<Record<string, string>>
}

const CHUNK = 256

/** First and last seq of a chunk. */
export function chunkRange(chunk: number): readonly [number, number] {
  return [chunk * CHUNK, (chunk + 1) * CHUNK - 1]
}

/** Hashes the rows of one partition as they come. A chunk without rows has the digest ''. */
export class RowHasher {
  /** The chunk in hand. */
  chunk = 0
  private hash: Hash | null = null

  take(row: Row): void {
    this.hash ??= createHash('sha256')
    this.hash.update(JSON.stringify([row.seq, row.fields]))
  }

  /** Digests of the chunks that end before this row, which is not taken yet. */
  *before({ seq }: Row): Generator<string> {
    for (const chunk = Math.floor(seq / CHUNK); this.chunk < chunk; this.chunk++) yield this.finish()
  }

  /** Of the chunk in hand, and forgets it. */
  finish(): string {
    const digest = this.hash?.digest('base64') ?? ''
    this.hash = null
    return digest
  }
}

export class StoredDigests {
  private readonly digests = new Map<PartitionId, string[]>()
  private hasher = new RowHasher()
  private partition: PartitionId = -1

  /** In the order of partitions, then of seqs. */
  add(partition: PartitionId, row: Row): void {
    if (partition !== this.partition) this.begin(partition)
    const digests = this.digests.get(partition)
    for (const digest of this.hasher.before(row)) digests?.push(digest)
    this.hasher.take(row)
  }

  /** No more follow. */
  seal(): void {
    this.digests.get(this.partition)?.push(this.hasher.finish())
  }

  digest(partition: PartitionId, chunk: number): string {
    return this.digests.get(partition)?.[chunk] ?? ''
  }

  chunks(partition: PartitionId): number {
    return this.digests.get(partition)?.length ?? 0
  }

  private begin(partition: PartitionId): void {
    this.seal()
    this.hasher = new RowHasher()
    this.partition = partition
    this.digests.set(partition, [])
  }
}
