// The commits of a data folder's journal as whoever audits them is fed: in order, in bounded chunks, each row checked. A
// row that is not what was written is read on without its checksum, so that the place of the damage can be named.

import type { DatabaseSync } from 'node:sqlite'
import { DataSetError } from '../dataSetError.ts'
import type { CommitLog } from '../journal/commitLog.ts'
import { decodeFrame, frameChecksum } from '../journal/frame.ts'
import { LEDGER_END, type Violation } from './violation.ts'

export interface BatchTaker {
  /** How far each partition was taken. */
  readonly logs: readonly { readonly seq: number }[]
  /** True where nothing that follows is wanted. */
  readonly isFull?: boolean
  /** Answers the first finding so far, or null. */
  take(partition: number, position: number, bytes: Uint8Array): Violation | null
}

const CHUNK_BYTES = 8 * 1024 * 1024

/**
 * Feeds every batch to the taker, until it finds something or is full, through the commit of this id where one is named.
 * Answers what the taker cannot say itself: a commit that is damaged beyond reading.
 */
export function readCommits(
  log: CommitLog,
  db: DatabaseSync,
  taker: BatchTaker,
  through = Number.POSITIVE_INFINITY,
): Violation | null {
  let id = 0
  while (id < through && taker.isFull !== true) {
    let commits: ReturnType<CommitLog['read']>
    try {
      commits = log.read(id, CHUNK_BYTES)
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error
      return blame(db, id, taker, error)
    }
    if (commits.length === 0) return null
    for (const commit of commits) {
      if (commit.id > through) return null
      for (const { partition, bytes } of commit.batches)
        if (taker.take(partition, commit.id, bytes) !== null) return null
      id = commit.id
    }
  }
  return null
}

// A row of this chunk is not what was written, or missing. Read on without the checksums: where a batch was damaged, the
// taker says where; else the first batch of the row is named. Whatever rule the damage seems to break, it is the log that
// is not what was appended. Damage behind all that is wanted is not this reader's.
function blame(db: DatabaseSync, after: number, taker: BatchTaker, error: DataSetError): Violation | null {
  let at: string | null = null
  try {
    const rows = db.prepare('SELECT id, heads, checksum, bytes FROM commits WHERE id > ? ORDER BY id').iterate(after)
    for (const { id, heads, checksum, bytes } of rows) {
      if (taker.isFull === true) return null
      if (!(bytes instanceof Uint8Array && heads instanceof Uint8Array)) break
      const sound = frameChecksum(heads, bytes) === checksum
      for (const batch of decodeFrame(bytes)) {
        if (!sound) at ??= `${batch.partition}:${(taker.logs[batch.partition]?.seq ?? 0) + 1}`
        const violation = taker.take(batch.partition, Number(id), batch.bytes)
        if (violation !== null) {
          const seen = `${error.message} First seen as ${violation.invariant}: ${violation.message}`
          return { ...violation, invariant: 'J3', message: seen, part: 'journal' }
        }
      }
    }
  } catch {
    // Not even its frame can be read, or SQLite gives up on the page: no place can be named.
  }
  return { invariant: 'J3', at: at ?? LEDGER_END, message: error.message, part: 'journal' }
}
