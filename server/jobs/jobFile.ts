// Opens jobs.db: the runs of jobs and the documents they made, a file of its own (S2). Never rebuilt: every commit is
// synced. A document is kept in parts, so that no commit of one holds the main thread (A5).

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataSetError, messageOf } from '../dataSetError.ts'

export const JOB_FILE = 'jobs.db'
const FORMAT = 1

const TABLES = `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    day TEXT,
    attempt INTEGER NOT NULL,
    started_by TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    request TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    pulse INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'running',
    ended_at_ms INTEGER,
    summary TEXT,
    error TEXT,
    try_again TEXT,
    document_type TEXT
  ) STRICT;
  CREATE INDEX runs_by_time ON runs (started_at_ms, id);
  CREATE INDEX runs_by_kind ON runs (kind, started_at_ms, id);
  CREATE INDEX runs_by_day ON runs (kind, day, attempt) WHERE day IS NOT NULL;
  CREATE INDEX runs_going ON runs (started_at_ms) WHERE state = 'running';
  CREATE TABLE documents (
    run TEXT NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (run, part)
  ) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
`

/** Throws DataSetError. */
export function openJobFile(path: string): DatabaseSync {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(path, { timeout: 250 })
    try {
      prepareFile(database)
    } catch (error) {
      database.close()
      throw error
    }
    return database
  } catch (cause) {
    throw new DataSetError(path, messageOf(cause), 'Restore it from a backup, or check the disk and its rights')
  }
}

function prepareFile(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -2000;')
  const format = database.prepare('PRAGMA user_version').get()?.user_version
  if (typeof format !== 'number' || format > FORMAT) {
    throw new Error(`it is of format ${String(format)}, made by a newer release; this one reads ${FORMAT}`)
  }
  if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`)
}
