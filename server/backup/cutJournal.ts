// The journal of a backup as it was at a moment: up to the greatest cut of which nothing rests on a record that goes
// (server/export/cut.ts), batch by batch as they are, so that heads and chain are those of then.

import { join } from 'node:path'
import { DataSetError } from '../dataSetError.ts'
import type { Cut } from '../export/cut.ts'
import { damaged, findCut } from '../export/findCut.ts'
import { LedgerTally } from '../export/ledgerTally.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { JournalDraft } from '../journal/journalDraft.ts'
import { type DataSet, openJournalForReading } from '../journal/journalFile.ts'
import { JOURNAL_FILE } from './dataFiles.ts'

const PIECE_BYTES = 4 * 1024 * 1024

export interface OpenCopy {
  readonly dataSet: DataSet
  batches(): Generator<{ readonly partition: number; readonly position: number; readonly bytes: Uint8Array }, void>
  close(): void
}

/** Of a backup, whose journal nobody writes. Throws DataSetError. */
export function openCopy(folder: string): OpenCopy {
  const file = join(folder, JOURNAL_FILE)
  const { db, dataSet } = openJournalForReading(file, true)
  const log = new CommitLog(db, file, dataSet.partitions)
  return {
    dataSet,
    *batches() {
      for (let through = 0; ; ) {
        const commits = log.read(through, PIECE_BYTES)
        if (commits.length === 0) return
        for (const { id: position, batches } of commits) {
          for (const { partition, bytes } of batches) yield { partition, position, bytes }
          through = position
        }
      }
    },
    close: () => db.close(),
  }
}

export function cutAt({ dataSet, batches }: OpenCopy, asOfMs: number): Promise<Cut> {
  const source = {
    ...{ dataSetId: dataSet.id, partitions: dataSet.partitions },
    async *batches() {
      yield* batches()
    },
  }
  return findCut(source, asOfMs)
}

/** Answers how many records stay. Throws DataSetError. */
export function writeCut(copy: OpenCopy, { seqs }: Cut, folder: string): number {
  const draft = new JournalDraft(join(folder, JOURNAL_FILE), copy.dataSet)
  try {
    const tally = new LedgerTally(copy.dataSet.partitions)
    const wanted = seqs.reduce((sum, seq) => sum + seq, 0)
    for (const { partition, bytes } of copy.batches()) {
      if (tally.records >= wanted) break
      if ((tally.logs[partition]?.seq ?? 0) >= (seqs[partition] ?? 0)) continue
      const wrong = tally.take(partition, bytes)
      if (wrong !== null) throw damaged(copy.dataSet.id, wrong)
      draft.add(partition, bytes)
    }
    const short = tally.logs.find(({ seq }, partition) => seq !== seqs[partition])
    if (short !== undefined)
      throw new DataSetError(
        JOURNAL_FILE,
        `partition ${short.partition} ends at ${short.seq}`,
        'Restore another backup',
      )
    draft.finish()
    return tally.records
  } catch (error) {
    draft.abandon()
    throw error
  }
}
