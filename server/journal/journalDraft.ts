// A journal that is made again from what another one holds: by an import, a backup or a restore. It is nobody's until it
// is whole, so nothing in it is synced before `finish`, and whoever makes it renames it, or the folder it is in, last.

import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { PartitionId } from '../../shared/ids.ts'
import { encodeFrame, encodeHeads, type FramedBatch, frameChecksum } from './frame.ts'
import { createJournalFile, type DataSet, syncFile } from './journalFile.ts'

/** A commit takes batches up to here; a larger batch has one alone. */
const COMMIT_BYTES = 512 * 1024
/** What one transaction holds in memory at most, about. */
const TRANSACTION_BYTES = 16 * 1024 * 1024

export class JournalDraft {
  private readonly file: string
  private readonly db: DatabaseSync
  private readonly insert: StatementSync
  private readonly heads: Float64Array
  private lastId = 0
  private pending: FramedBatch[] = []
  private pendingBytes = 0
  private unwrittenBytes = 0

  /** Makes the file. */
  constructor(file: string, { id, partitions }: DataSet) {
    createJournalFile(file, partitions, id)
    this.file = file
    this.db = new DatabaseSync(file)
    try {
      this.db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000; BEGIN')
      this.insert = this.db.prepare('INSERT INTO commits (id, heads, checksum, bytes) VALUES (?, ?, ?, ?)')
    } catch (error) {
      this.db.close()
      throw error
    }
    this.heads = new Float64Array(partitions)
  }

  /** The next batch of a partition, whose bytes are copied. Batches share commits, as group commit would have them. */
  add(partition: PartitionId, bytes: Uint8Array): void {
    const isFull = this.pendingBytes > 0 && this.pendingBytes + bytes.byteLength > COMMIT_BYTES
    // A position names one batch of a partition.
    if (isFull || this.pending.some((batch) => batch.partition === partition)) this.flush()
    this.pending.push({ partition, bytes: Uint8Array.from(bytes) })
    this.pendingBytes += bytes.byteLength
  }

  /** One commit of exactly these batches: its position is that of the commit it is a copy of, if all before it are. */
  commit(batches: readonly FramedBatch[]): void {
    const id = ++this.lastId
    for (const { partition } of batches) this.heads[partition] = id
    const heads = encodeHeads(id, this.heads)
    const frame = encodeFrame(batches)
    this.insert.run(id, heads, frameChecksum(heads, frame), frame)
    this.unwrittenBytes += frame.byteLength
    if (this.unwrittenBytes < TRANSACTION_BYTES) return
    this.db.exec('COMMIT; BEGIN')
    this.unwrittenBytes = 0
  }

  /** Everything is on the disk when this returns. */
  finish(): void {
    this.flush()
    this.db.exec('COMMIT; PRAGMA journal_mode = WAL')
    this.db.close()
    syncFile(this.file)
  }

  /** Lets go of the file, which is not whole. */
  abandon(): void {
    if (this.db.isOpen) this.db.close()
  }

  private flush(): void {
    if (this.pending.length === 0) return
    this.commit(this.pending)
    this.pending = []
    this.pendingBytes = 0
  }
}
