// A data folder made from sealed batches: the journal as the server writes it, one batch a commit, and the store as the
// projector makes it from them.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KINDS } from '../../actors/kinds.ts'
import { Projector } from '../../actors/projection/projector.ts'
import { CommitLog } from '../../server/journal/commitLog.ts'
import { encodeFrame, encodeHeads, frameChecksum } from '../../server/journal/frame.ts'
import { type DataSet, openJournalFile } from '../../server/journal/journalFile.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import type { SealedBatch } from './logBuilder.ts'

/** Into a new journal, or behind what one already holds. */
export function writeJournal(folder: string, batches: readonly SealedBatch[], partitions: number): DataSet {
  const file = join(folder, 'journal.db')
  const { db, dataSet } = openJournalFile(file, partitions)
  const insert = db.prepare('INSERT INTO commits (id, heads, checksum, bytes) VALUES (?, ?, ?, ?)')
  const { positions } = new CommitLog(db, file, partitions).heads()
  db.exec('BEGIN')
  for (const { partition, position, bytes } of batches) {
    positions[partition] = position
    const frame = encodeFrame([{ partition, bytes }])
    const heads = encodeHeads(position, positions)
    insert.run(position, heads, frameChecksum(heads, frame), frame)
  }
  db.exec('COMMIT')
  db.close()
  return dataSet
}

/** `snapshotEvery` in records; a last round covers everything where `finalRound` says so. */
export async function writeStore(
  folder: string,
  dataSet: DataSet,
  batches: readonly SealedBatch[],
  { snapshotEvery = 4, finalRound = false, kinds = KINDS } = {},
): Promise<void> {
  const store = new SqliteStore(join(folder, 'store.db'), dataSet)
  const projector = new Projector({ kinds, store, snapshotEvery })
  await projector.resume([...Array(dataSet.partitions).keys()])
  for (const batch of batches) await projector.take([batch])
  if (finalRound) await projector.round()
  store.close()
}

/** Changes a file of the folder behind everybody's back. */
export function tamper(folder: string, file: 'journal.db' | 'store.db', sql: string): void {
  const db = new DatabaseSync(join(folder, file))
  db.exec(sql)
  db.close()
}
