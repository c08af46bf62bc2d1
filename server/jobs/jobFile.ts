// Opens jobs.db: the runs of jobs and the documents they made, a file of its own (S2). Never rebuilt: every commit is
// synced. A document is kept in parts, so that no commit of one holds the main thread (A5).

import type { DatabaseSync } from 'node:sqlite'
import { openOwnFile } from '../ownFile.ts'

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
  return openOwnFile(path, {
    format: FORMAT,
    busyTimeoutMs: 250,
    pragmas: 'PRAGMA cache_size = -2000;',
    prepare(database, format) {
      if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`)
    },
  })
}
