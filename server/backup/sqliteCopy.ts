// Copies of SQLite files, each of one moment, while others write to them: page by page, under a read transaction that stays
// open until the last. A copy is one file without a log beside it, so that reading it leaves nothing behind.

import { chmodSync, existsSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { DataSetError, isFullDisk, messageOf } from '../dataSetError.ts'
import { syncFile } from '../journal/journalFile.ts'

/** Pages in a piece; between two of them whoever else has to do something does it. */
const PAGES = 1024
const REMEDY = 'Check it and its disk; a damaged file is not backed up'

/** Answers whether there was one. Rejects with DataSetError where it cannot be read or is damaged, or as a full disk does. */
export async function copySqliteFile(from: string, to: string): Promise<boolean> {
  if (!existsSync(from)) return false
  try {
    const db = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
    try {
      await copySqlite(db, to)
    } finally {
      db.close()
    }
    return true
  } catch (error) {
    // Room is missing where it goes, which whoever asked for the copy knows better.
    if (error instanceof DataSetError || isFullDisk(error)) throw error
    throw new DataSetError(from, messageOf(error), REMEDY)
  }
}

/** The same of a file that is open; one that is in a read transaction is copied as that sees it. */
export async function copySqlite(db: DatabaseSync, to: string): Promise<void> {
  const begins = !db.isTransaction
  // From the first read on it is one moment.
  if (begins) db.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
  try {
    await backup(db, to, { rate: PAGES })
  } finally {
    if (begins) db.exec('ROLLBACK')
  }
  settle(to, true)
}

/** Makes it a file without a log, its owner's alone, on the disk. Throws DataSetError where `checked` and it is damaged. */
export function settle(file: string, checked: boolean): void {
  const db = new DatabaseSync(file)
  try {
    db.exec('PRAGMA journal_mode = DELETE')
    const state = checked ? db.prepare('PRAGMA quick_check(1)').get()?.quick_check : 'ok'
    if (state !== 'ok') throw new DataSetError(file, `what was copied is damaged (${String(state)})`, REMEDY)
  } finally {
    db.close()
  }
  chmodSync(file, 0o600)
  syncFile(file)
}
