// Opens a file that is nobody's projection (S2): identity, the audit log, the book of jobs. Each is a file of its own, so that
// it is kept, copied and handed over by itself; never rebuilt, so every commit is synced; refused where it cannot be read,
// with its name and what to do.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataSetError, messageOf } from './dataSetError.ts'

export interface OwnFile {
  /** The newest one that is read; a file that has none yet is new, and of format 0. */
  readonly format: number
  /** How long the main thread waits for another process that writes. */
  readonly busyTimeoutMs: number
  readonly readOnly?: boolean
  /** Beside those of every such file. */
  readonly pragmas?: string
  /** Makes a file of an earlier format one of this; not asked where the file is only read. */
  readonly prepare: (database: DatabaseSync, format: number) => void
}

/** Throws DataSetError. */
export function openOwnFile(path: string, file: OwnFile): DatabaseSync {
  const { readOnly = false } = file
  try {
    if (!readOnly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(path, { timeout: file.busyTimeoutMs, readOnly })
    try {
      if (!readOnly) database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${file.pragmas ?? ''}`)
      const format = formatOf(database)
      if (format > file.format) {
        throw new Error(`it is of format ${format}, made by a newer release; this one reads ${file.format}`)
      }
      if (!readOnly) file.prepare(database, format)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  } catch (cause) {
    throw new DataSetError(path, messageOf(cause), 'Restore it from a backup, or check the disk and its rights')
  }
}

function formatOf(database: DatabaseSync): number {
  const format = database.prepare('PRAGMA user_version').get()?.user_version
  if (typeof format !== 'number') throw new Error('it does not say of what format it is')
  return format
}
