// Opens identity.db: its own file, never rebuilt (S2), so every commit is synced. Refuses what it cannot read, naming
// the file and what to do.

import type { DatabaseSync } from 'node:sqlite'
import { openOwnFile } from '../ownFile.ts'

const FORMAT = 4

const TABLES_OF_2 = `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    email TEXT UNIQUE,
    password_hash TEXT,
    roles TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash BLOB NOT NULL,
    used_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    previous_hash BLOB,
    previous_until_ms INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_user ON sessions (user_id, used_at_ms);
  CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);
  CREATE TABLE login_failures (
    email_hash BLOB PRIMARY KEY,
    attempts INTEGER NOT NULL,
    forget_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX login_failures_by_age ON login_failures (forget_at_ms);
`

const DESTINATIONS = `
  CREATE TABLE destinations (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    UNIQUE (user_id, address)
  ) STRICT, WITHOUT ROWID;
`

// Staff are few among many users: they are found, and admins counted, without looking at everybody.
const STAFF_INDEX = `CREATE INDEX IF NOT EXISTS users_of_staff ON users (id) WHERE roles <> '["player"]';`

/** Not of the format: earlier releases read a file that has it. */
const NAME_INDEX = 'CREATE INDEX IF NOT EXISTS users_by_name ON users (display_name, id);'

const FACTORS_AND_ERASED = `
  ALTER TABLE users ADD COLUMN factor TEXT;
  ALTER TABLE users ADD COLUMN erased_at_ms INTEGER;
  CREATE INDEX users_erased ON users (erased_at_ms) WHERE erased_at_ms IS NOT NULL;
  ALTER TABLE sessions ADD COLUMN factor TEXT;
  CREATE TABLE factors (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    last_step INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    hash BLOB NOT NULL,
    PRIMARY KEY (user_id, hash)
  ) STRICT, WITHOUT ROWID;
`

/** What makes a file of each earlier format one of the next. */
const UPGRADES: readonly string[] = [
  TABLES_OF_2,
  `ALTER TABLE sessions ADD COLUMN previous_hash BLOB;
   ALTER TABLE sessions ADD COLUMN previous_until_ms INTEGER;`,
  DESTINATIONS + STAFF_INDEX,
  FACTORS_AND_ERASED,
]

/** Throws DataSetError. */
export function openIdentityFile(path: string): DatabaseSync {
  return openOwnFile(path, {
    format: FORMAT,
    busyTimeoutMs: 2_000,
    // What is deleted is overwritten: of an erased person no bytes stay behind.
    pragmas: 'PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;',
    prepare(database, format) {
      upgrade(database, format)
      database.exec(NAME_INDEX)
    },
  })
}

function upgrade(database: DatabaseSync, format: number): void {
  if (format > 0) {
    const state = database.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (state !== 'ok') throw new Error(`it is damaged (${String(state)})`)
  }
  if (format === FORMAT) return
  // A new file gets the tables of format 2 at once.
  const steps = format === 0 ? [UPGRADES[0], ...UPGRADES.slice(2)] : UPGRADES.slice(format)
  database.exec(`BEGIN IMMEDIATE; ${steps.join('\n')} PRAGMA user_version = ${FORMAT}; COMMIT;`)
}
