// The store's file: made, opened and recognised. It is a projection (S1): where it is damaged or of another data set,
// the remedy is to delete it, and it is made again from the journal.

import { existsSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { DataSetError, messageOf } from '../dataSetError.ts'
import type { DataSet } from '../journal/journalFile.ts'
import { LATER_INDEXES, LEDGER_SCHEMA, LISTING_SCHEMA, SCHEMA, STORE_FORMAT } from './schema.ts'

const PAGE_BYTES = 8 * 1024
/** Hot pages are rewritten by every write; the longer the log, the fewer copies of each reach the main file. */
const CHECKPOINT_PAGES = 4096
const WRITER_CACHE_KB = 16 * 1024
const READER_CACHE_KB = 8 * 1024

export const STORE_REMEDY = 'Delete this file with its -wal and -shm: it is made again from the journal'

/** Opens the store of this data set for its one writer, making it where it is missing. Throws DataSetError. */
export function openStoreFile(file: string, dataSet: DataSet): DatabaseSync {
  if (!existsSync(file)) createStoreFile(file, dataSet)
  return openChecked(file, dataSet, false)
}

export function openStoreForReading(file: string, dataSet: DataSet): DatabaseSync {
  if (!existsSync(file)) throw new DataSetError(file, 'no store is here', 'Check DATA_DIR')
  return openChecked(file, dataSet, true)
}

function openChecked(file: string, dataSet: DataSet, readOnly: boolean): DatabaseSync {
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(file, { readOnly })
    const cacheKb = readOnly ? READER_CACHE_KB : WRITER_CACHE_KB
    db.exec(`PRAGMA busy_timeout = 5000; PRAGMA cache_size = -${cacheKb}; PRAGMA temp_store = MEMORY`)
    if (!readOnly) {
      // S1: the journal has everything, so a power cut may take the last writes back; it may not tear them.
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
    }
    checkFacts(db, file, dataSet)
    if (!readOnly) db.exec(LATER_INDEXES + LEDGER_SCHEMA + LISTING_SCHEMA)
    return db
  } catch (error) {
    db?.close()
    if (error instanceof DataSetError) throw error
    throw new DataSetError(file, `not readable as a store (${messageOf(error)})`, STORE_REMEDY)
  }
}

function checkFacts(db: DatabaseSync, file: string, dataSet: DataSet): void {
  const facts = new Map(
    db
      .prepare('SELECT name, value FROM facts')
      .all()
      .map((row) => [row.name, row.value]),
  )
  if (facts.get('format') !== STORE_FORMAT) {
    throw new DataSetError(file, `of format ${facts.get('format')}, this program reads ${STORE_FORMAT}`, STORE_REMEDY)
  }
  if (facts.get('data_set') !== dataSet.id) {
    const remedy = 'Bring back the journal that belongs to it, or delete it with its -wal and -shm if it is a left-over'
    throw new DataSetError(file, 'made from another journal than the one beside it', remedy)
  }
}

// Under another name until it is whole, as the journal's.
function createStoreFile(file: string, dataSet: DataSet): void {
  const draft = `${file}.new`
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  // Left-overs of a deleted store would be taken for the new one's log.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  const db = new DatabaseSync(draft)
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; BEGIN`)
  db.exec(SCHEMA)
  const insert = db.prepare('INSERT INTO facts VALUES (?, ?)')
  insert.run('format', STORE_FORMAT)
  insert.run('data_set', dataSet.id)
  insert.run('partitions', dataSet.partitions)
  db.exec('COMMIT')
  db.close()
  renameSync(draft, file)
}
