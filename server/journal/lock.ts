// One process per data folder. The lock is a transaction that stays open on a small SQLite file: the system lets go of
// it when the process ends, however it ends, so that a crash never leaves a folder locked.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { refuseMarked } from '../folderMarks.ts'

export interface FolderLock {
  readonly folder: string
  release(): void
}

const SQLITE_BUSY = 5

// A lock nobody refers to would be collected, and with it the connection that holds it.
const held = new Set<DatabaseSync>()

/** Creates the folder where it is missing. Throws DataSetError when another process has it, or it is no data folder. */
export function lockDataFolder(folder: string): FolderLock {
  const lock = tryLockDataFolder(folder)
  if (lock !== null) return lock
  throw new DataSetError(
    folder,
    `in use by another server${ownerOf(pidFileOf(folder))}`,
    'Stop that one first, or set DATA_DIR to another folder',
  )
}

/** The same, but null when another process has it. */
export function tryLockDataFolder(folder: string): FolderLock | null {
  // Not a byte is written into a backup.
  refuseMarked(folder)
  const db = openLockFile(folder)
  try {
    db.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!isBusy(error)) throw unusable(folder, error)
    return null
  }
  held.add(db)
  const release = (): void => {
    if (!held.delete(db)) return
    db.exec('ROLLBACK')
    db.close()
  }
  try {
    // Once more: a restore that began in between has seen the file of the lock, or its mark is seen here.
    refuseMarked(folder)
    writeFileSync(pidFileOf(folder), `${process.pid}\n`)
  } catch (error) {
    release()
    throw error instanceof DataSetError ? error : unusable(folder, error)
  }
  return { folder, release }
}

function pidFileOf(folder: string): string {
  return join(folder, 'lock.pid')
}

function openLockFile(folder: string): DatabaseSync {
  try {
    // Balances, sessions and password hashes: nobody else's to read.
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new DatabaseSync(join(folder, 'lock.db'))
  } catch (error) {
    throw unusable(folder, error)
  }
}

/** For what cannot be written into the data folder itself. */
export function unusable(folder: string, error: unknown): DataSetError {
  return new DataSetError(
    folder,
    messageOf(error),
    'Make it a folder this user can write to, or set DATA_DIR to another',
  )
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function ownerOf(pidFile: string): string {
  try {
    return `, pid ${readFileSync(pidFile, 'utf8').trim()}`
  } catch {
    return ''
  }
}
