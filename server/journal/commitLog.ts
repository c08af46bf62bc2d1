// Reading the journal's commits over one connection: in order, in bounded chunks, each row checked. Used by the writer
// (to know its heads and settle repeats), by replay, by the projector and by whoever audits the file.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PartitionId } from '../../shared/ids.ts'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { BrokenFrameError, decodeFrame, decodeHeads, type FramedBatch, frameChecksum } from './frame.ts'
import { JOURNAL_REMEDY } from './journalFile.ts'

export interface Commit {
  /** The position of every batch in it. */
  readonly id: number
  readonly frame: Uint8Array
  readonly batches: readonly FramedBatch[]
}

export interface Heads {
  readonly lastId: number
  /** Position of each partition's last batch, by partition; 0 where it has none. */
  readonly positions: Float64Array
}

export class CommitLog {
  readonly file: string
  readonly partitions: number
  private readonly after: StatementSync
  private readonly at: StatementSync
  private readonly headsAt: StatementSync
  private readonly last: StatementSync

  constructor(db: DatabaseSync, file: string, partitions: number) {
    this.file = file
    this.partitions = partitions
    this.after = db.prepare('SELECT id, heads, checksum, bytes FROM commits WHERE id > ? ORDER BY id')
    this.at = db.prepare('SELECT id, heads, checksum, bytes FROM commits WHERE id = ?')
    this.headsAt = db.prepare('SELECT id, heads FROM commits WHERE id = ?')
    this.last = db.prepare('SELECT id, heads FROM commits ORDER BY id DESC LIMIT 1')
  }

  heads(): Heads {
    return this.guarded(() => {
      const row = this.last.get()
      if (row === undefined) return { lastId: 0, positions: new Float64Array(this.partitions) }
      return { lastId: numberOf(row.id), positions: this.headsOf(row) }
    })
  }

  /** The commits after `id`, until they hold `maxBytes`; none where there are no more. Throws DataSetError. */
  read(id: number, maxBytes: number): readonly Commit[] {
    return this.guarded(() => {
      const commits: Commit[] = []
      let bytes = 0
      let previous = id
      for (const row of this.after.iterate(id)) {
        const commit = checked(row, previous)
        commits.push(commit)
        previous = commit.id
        bytes += commit.frame.byteLength
        if (bytes >= maxBytes) break
      }
      return commits
    })
  }

  /** The commit of this id, or null where there is none. Throws DataSetError. */
  commit(id: number): Commit | null {
    return this.guarded(() => {
      const row = this.at.get(id)
      return row === undefined ? null : checked(row, id - 1)
    })
  }

  /** The batch that follows position `expected` in a partition, if one does (J2: an append may be repeated). */
  successor(partition: PartitionId, expected: number): { id: number; bytes: Uint8Array } | null {
    return this.guarded(() => {
      const id = this.firstBeyond(partition, expected)
      const row = id === null ? undefined : this.at.get(id)
      if (row === undefined || id === null) return null
      const batch = checked(row, id - 1).batches.find((framed) => framed.partition === partition)
      if (batch === undefined) throw new BrokenFrameError(`commit ${id} has no batch of partition ${partition}`)
      return { id, bytes: batch.bytes }
    })
  }

  // A partition's head only grows with the id, so the first commit beyond a position is found by halving.
  private firstBeyond(partition: PartitionId, expected: number): number | null {
    const { lastId, positions } = this.heads()
    if ((positions[partition] ?? 0) <= expected) return null
    let low = expected + 1
    let high = lastId
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const row = this.headsAt.get(middle)
      if (row === undefined) throw new BrokenFrameError(`commit ${middle} is missing`)
      if ((this.headsOf(row)[partition] ?? 0) > expected) high = middle
      else low = middle + 1
    }
    return low
  }

  private headsOf(row: Row): Float64Array {
    return decodeHeads(numberOf(row.id), bytesOf(row.heads), this.partitions)
  }

  private guarded<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      if (error instanceof DataSetError) throw error
      throw new DataSetError(this.file, `damaged (${messageOf(error)})`, JOURNAL_REMEDY)
    }
  }
}

type Row = Readonly<Record<string, unknown>>

function checked(row: Row, previous: number): Commit {
  const id = numberOf(row.id)
  if (id !== previous + 1) throw new BrokenFrameError(`commit ${previous + 1} is missing`)
  const frame = bytesOf(row.bytes)
  if (frameChecksum(bytesOf(row.heads), frame) !== row.checksum) {
    throw new BrokenFrameError(`commit ${id} is not what was written`)
  }
  return { id, frame, batches: decodeFrame(frame) }
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new BrokenFrameError(`${String(value)} is no number`)
  return value
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new BrokenFrameError('a row without bytes')
  return value
}
