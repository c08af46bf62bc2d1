// Opens audit-log.db: a file of its own, so that it can be kept, copied and handed over without anybody's account in it.
// Never rebuilt (S2): every commit is synced. Its table takes no change but one more row.

import type { DatabaseSync } from 'node:sqlite'
import { openOwnFile } from '../ownFile.ts'
import { READ_AT_ONCE, type Searched, type StoredEntry } from './auditLog.ts'

export const AUDIT_FILE = 'audit-log.db'
const FORMAT = 1
/** Another process, the operator's tool, may be writing; each write is short. The main thread waits meanwhile. */
const BUSY_TIMEOUT_MS = 250

// Two processes may make the file at the same moment. The triggers stop careless hands; the chain shows the others.
const TABLES = `
  CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT,
    route TEXT,
    outcome TEXT NOT NULL,
    text TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entries_by_time ON entries (at_ms);
  CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE DELETE ON entries
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
  CREATE TRIGGER IF NOT EXISTS entries_stay_as_they_are BEFORE UPDATE ON entries
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
  PRAGMA user_version = ${FORMAT};
`

/** Throws DataSetError. */
export function openAuditFile(path: string, readOnly = false): DatabaseSync {
  return openOwnFile(path, {
    format: FORMAT,
    busyTimeoutMs: BUSY_TIMEOUT_MS,
    readOnly,
    prepare(database, format) {
      if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT;`)
    },
  })
}

/** Entries after `:after`, whole. */
export const ENTRIES_AFTER = `
  SELECT seq, at_ms, actor, route, outcome, text, hash FROM entries WHERE seq > ? ORDER BY seq LIMIT ${READ_AT_ONCE}`

/** A row as it is kept, whatever has become of it: the chain's check judges. */
export function storedEntry(row: Readonly<Record<string, unknown>>): StoredEntry {
  const { at_ms: atMs, actor, route, outcome } = row
  const searched = { atMs, actor, route, outcome } as Searched // compared with what the text says
  return { seq: Number(row.seq), text: String(row.text), hash: String(row.hash), searched }
}
