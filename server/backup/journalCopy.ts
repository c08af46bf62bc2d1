// The journal of a backup: commit for commit the one it is a copy of, up to the commit that was the last when the copying
// began, so that positions are the same. Every batch is followed on its way (chain, seqs, epochs: J3), and the store that
// was copied before has to be a projection of it (S1).

import type { DatabaseSync } from 'node:sqlite'
import { Names } from '../audit/names.ts'
import { PartitionLog } from '../audit/partitionLog.ts'
import { DataSetError } from '../dataSetError.ts'
import { damaged } from '../export/findCut.ts'
import { followBatch } from '../export/followBatch.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { JournalDraft } from '../journal/journalDraft.ts'
import type { DataSet } from '../journal/journalFile.ts'
import { STORE_REMEDY } from '../store/storeFile.ts'
import type { PartitionEnd } from './backupForm.ts'

const PIECE_BYTES = 4 * 1024 * 1024

/** How far a store follows a partition: the batch at this position, of this hash, was its last. */
export interface StoreCheckpoint {
  readonly partition: number
  readonly seq: number
  readonly position: number
  readonly hash: string
}

export interface JournalSource {
  readonly db: DatabaseSync
  readonly file: string
  readonly dataSet: DataSet
}

export interface CopiedJournal {
  readonly lastCommit: number
  readonly partitions: readonly PartitionEnd[]
}

/** Throws DataSetError where the journal is damaged, or the store is not made from it. */
export function copyJournal(
  { db, file, dataSet }: JournalSource,
  to: string,
  store: readonly StoreCheckpoint[],
): CopiedJournal {
  const log = new CommitLog(db, file, dataSet.partitions)
  // What can be read is durable: a commit is seen once it is synced.
  const { lastId, positions } = log.heads()
  const projected = new ProjectedEnds(file, store, positions)
  const names = new Names()
  const logs = Array.from(positions, (_, partition) => new PartitionLog(partition, names))
  const draft = new JournalDraft(to, dataSet)
  try {
    for (let through = 0; through < lastId; ) {
      for (const { id, batches } of log.read(through, PIECE_BYTES)) {
        if (id > lastId) break
        for (const { partition, bytes } of batches) {
          follow(logs, partition, bytes, dataSet.id)
          projected.passed(logs[partition], id)
        }
        draft.commit(batches)
        through = id
      }
    }
    projected.finish()
    draft.finish()
  } catch (error) {
    draft.abandon()
    throw error
  }
  const partitions = logs.map(({ partition, seq, atMs, head }): PartitionEnd => {
    const at = seq === 0 ? null : new Date(atMs).toISOString()
    return { partition, seq, position: positions[partition] ?? 0, at, head }
  })
  return { lastCommit: lastId, partitions }
}

function follow(logs: readonly PartitionLog[], partition: number, bytes: Uint8Array, dataSetId: string): void {
  const log = logs[partition]
  if (log === undefined) throw damaged(dataSetId, `a batch of partition ${partition} among ${logs.length}`)
  const followed = followBatch(log, bytes, () => {})
  if (followed.kind === 'refused') throw damaged(dataSetId, followed.why)
}

/** S1: a store copied before its journal is never ahead of it, and stands at batches that the journal has. */
class ProjectedEnds {
  private readonly file: string
  private readonly awaited: Map<number, StoreCheckpoint>

  constructor(file: string, store: readonly StoreCheckpoint[], positions: Float64Array) {
    this.file = file
    this.awaited = new Map(store.filter(({ seq }) => seq > 0).map((end) => [end.partition, end]))
    for (const end of this.awaited.values())
      if (end.position > (positions[end.partition] ?? 0)) throw this.differs(end, 'the store is ahead of the journal')
  }

  passed(log: PartitionLog | undefined, position: number): void {
    const end = log === undefined ? undefined : this.awaited.get(log.partition)
    if (end?.position !== position) return
    if (log?.seq !== end.seq || log.head !== end.hash) throw this.differs(end, 'the store was made from another batch')
    this.awaited.delete(end.partition)
  }

  finish(): void {
    for (const end of this.awaited.values()) throw this.differs(end, 'the store was made from another journal')
  }

  private differs({ partition, position }: StoreCheckpoint, what: string): DataSetError {
    const remedy = `Find out which of the two is damaged (npm run verify); where it is the store: ${STORE_REMEDY}`
    return new DataSetError(this.file, `${what}, in partition ${partition} at position ${position}`, remedy)
  }
}
