// Finds the line of a record in the batch that holds it: the store keeps each batch's bytes once (J3), and a record is
// read from there rather than kept apart.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PartitionId } from '../../shared/ids.ts'
import { pack, packedNumber } from './schema.ts'

interface Batch {
  readonly firstSeq: number
  readonly lastSeq: number
  /** The header, then the records. */
  readonly lines: readonly string[]
}

/** Batches kept for the length of one query: a page's records often lie together. */
const KEPT = 8

export class BatchLines {
  private readonly find: StatementSync

  constructor(db: DatabaseSync) {
    this.find = db.prepare(`
      SELECT id, last_seq, bytes FROM batches WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1`)
  }

  /** Answers a function from partition and seq to the record's line, or null where no batch has it. */
  forOneQuery(): (partition: PartitionId, seq: number) => string | null {
    const kept = new Map<PartitionId, Batch[]>()
    return (partition, seq) => {
      const own = kept.get(partition) ?? []
      kept.set(partition, own)
      let batch = own.find(({ firstSeq, lastSeq }) => firstSeq <= seq && seq <= lastSeq)
      if (batch === undefined) {
        const read = this.read(partition, seq)
        if (read === null) return null
        batch = read
        own.unshift(batch)
        own.length = Math.min(own.length, KEPT)
      }
      return batch.lines[1 + seq - batch.firstSeq] ?? null
    }
  }

  private read(partition: PartitionId, seq: number): Batch | null {
    const row = this.find.get(pack(partition, 0), pack(partition, seq))
    if (row === undefined || Number(row.last_seq) < seq || !(row.bytes instanceof Uint8Array)) return null
    const { buffer, byteOffset, byteLength } = row.bytes
    const lines = Buffer.from(buffer, byteOffset, byteLength).toString('utf8').split('\n')
    return { firstSeq: packedNumber(Number(row.id)), lastSeq: Number(row.last_seq), lines }
  }
}
