// The journal's file: how it is made, opened and recognised. One table of physical commits, and one of facts about the
// data set. A file is made under another name and renamed when it is whole, so that a file of the right name is never a
// half-made one.

import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { scanWal } from './walScan.ts'

export interface DataSet {
  /** Names the data set, so that a store of another one is never taken for this one's. */
  readonly id: string
  /** J1: fixed when the data set is made. */
  readonly partitions: number
}

const FORMAT = 1
// Measured: with pages of 16 KB a commit of 50 KB takes 0.2 ms, and a checkpoint every 4 MB never more than 5 ms.
const PAGE_BYTES = 16 * 1024
const CHECKPOINT_PAGES = 256

const TABLES = `
  BEGIN;
  CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT;
  CREATE TABLE commits (
    id INTEGER PRIMARY KEY,
    heads BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  COMMIT`

export const JOURNAL_REMEDY = 'Restore this file and its -wal from a backup, or set DATA_DIR to a new folder'

/** Opens the file for its one writer, making it where it is missing. Throws DataSetError. */
export function openJournalFile(file: string, partitions: number): { db: DatabaseSync; dataSet: DataSet } {
  if (!existsSync(file)) createJournalFile(file, partitions)
  const { db, dataSet } = openChecked(file, false, true)
  if (dataSet.partitions !== partitions) {
    db.close()
    throw new DataSetError(
      file,
      `made with ${dataSet.partitions} partitions, asked to open with ${partitions}`,
      `Start with ${dataSet.partitions} partitions: their number is fixed when a data set is made`,
    )
  }
  return { db, dataSet }
}

/** Opens the file once more after a connection went bad: never makes one, and expects readers at work. */
export function reopenJournalFile(file: string): DatabaseSync {
  if (!existsSync(file)) throw new DataSetError(file, 'the journal has disappeared', JOURNAL_REMEDY)
  return openChecked(file, false, false).db
}

/**
 * Opens an existing journal to read from. `offline` says that no writer is at work, so that the log can be checked for
 * damage; with one, a commit being written would look like it. Throws DataSetError.
 */
export function openJournalForReading(file: string, offline = false): { db: DatabaseSync; dataSet: DataSet } {
  if (!existsSync(file)) throw new DataSetError(file, 'no journal is here', 'Check DATA_DIR')
  return openChecked(file, true, offline)
}

export function configureWriter(db: DatabaseSync): void {
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  db.exec('PRAGMA cache_size = -4000; PRAGMA busy_timeout = 5000')
}

function openChecked(file: string, readOnly: boolean, offline: boolean): { db: DatabaseSync; dataSet: DataSet } {
  const damage = offline ? damageOf(file) : null
  if (damage !== null) throw new DataSetError(file, damage, JOURNAL_REMEDY)
  let db: DatabaseSync | null = null
  try {
    db = new DatabaseSync(file, { readOnly })
    if (readOnly) db.exec('PRAGMA busy_timeout = 5000; PRAGMA cache_size = -2000')
    else configureWriter(db)
    return { db, dataSet: readFacts(db, file) }
  } catch (error) {
    db?.close()
    if (error instanceof DataSetError) throw error
    throw new DataSetError(file, `not readable as a journal (${messageOf(error)})`, JOURNAL_REMEDY)
  }
}

function damageOf(file: string): string | null {
  // SQLite takes an empty file for a new database and would throw its log away.
  if (statSync(file).size === 0) return 'torn: the file is empty'
  return scanWal(`${file}-wal`)
}

function readFacts(db: DatabaseSync, file: string): DataSet {
  const rows = db.prepare('SELECT name, value FROM facts').all()
  const facts = new Map(rows.map((row) => [row.name, row.value]))
  const format = facts.get('format')
  if (format !== FORMAT) {
    throw new DataSetError(file, `of format ${format}, this program reads ${FORMAT}`, 'Use the program that wrote it')
  }
  const id = facts.get('data_set')
  const partitions = facts.get('partitions')
  if (typeof id !== 'string' || typeof partitions !== 'number') {
    throw new DataSetError(file, 'it does not say which data set it is', JOURNAL_REMEDY)
  }
  return { id, partitions }
}

/** `id`: of a data set that is made again; without one it is a new one. */
export function createJournalFile(file: string, partitions: number, id: string = randomUUID()): void {
  const draft = `${file}.new`
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(draft + suffix, { force: true })
  const db = new DatabaseSync(draft)
  try {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}`)
    configureWriter(db)
    db.exec(TABLES)
    const facts: [string, SQLInputValue][] = [
      ['format', FORMAT],
      ['data_set', id],
      ['partitions', partitions],
    ]
    const insert = db.prepare('INSERT INTO facts VALUES (?, ?)')
    for (const [name, value] of facts) insert.run(name, value)
  } finally {
    // Closing the last connection moves everything into the main file and removes the log.
    db.close()
  }
  syncFile(draft)
  renameSync(draft, file)
  syncFile(dirname(file))
}

/** A file, or the names in a folder. */
export function syncFile(path: string): void {
  const fd = openSync(path, 'r')
  fsyncSync(fd)
  closeSync(fd)
}
