// Statements that were handed in, in a file of their own: statements.db.

import type { DatabaseSync } from 'node:sqlite'
import type { UserId } from '../../../shared/ids.ts'
import { GroupWriter, unavailable } from '../../identity/groupWriter.ts'
import { openOwnFile } from '../../ownFile.ts'
import { MOST_STATEMENTS, type StatementBook, type StatementRow, type StoredStatement } from './book.ts'
import type { HandedIn } from './fileStatement.ts'

export const STATEMENTS_FILE = 'statements.db'
const FORMAT = 1

const TABLES = `
  CREATE TABLE IF NOT EXISTS statements (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    format TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    by_user TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS statements_of_account ON statements (account, number);
`

export class SqliteStatements implements StatementBook {
  readonly #database: DatabaseSync
  readonly #writer: GroupWriter

  /** Throws DataSetError where the file cannot be used. `readOnly`: it has to be there. */
  constructor(path: string, readOnly = false) {
    this.#database = openOwnFile(path, {
      format: FORMAT,
      busyTimeoutMs: 1_000,
      readOnly,
      prepare(database, format) {
        if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${FORMAT}; COMMIT`)
      },
    })
    this.#writer = new GroupWriter(this.#database)
  }

  add({
    id,
    account,
    format,
    fromMs,
    toMs,
    lines,
    by,
    atMs,
    text,
  }: StoredStatement): Promise<'added' | 'already' | 'full'> {
    return this.#writer.write(() => {
      if (this.#database.prepare('SELECT 1 FROM statements WHERE id = ?').get(id) !== undefined) return 'already'
      const count = this.#database.prepare('SELECT count(*) AS count FROM statements').get()?.count
      if (Number(count) >= MOST_STATEMENTS) return 'full'
      this.#database
        .prepare(
          `INSERT INTO statements (id, account, format, from_ms, to_ms, lines, by_user, at_ms, text)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(id, account, format, fromMs, toMs, lines, by, atMs, text)
      return 'added'
    })
  }

  list(before: string | null, limit: number): Promise<readonly StatementRow[]> {
    return this.#reading(() =>
      this.#database
        .prepare(
          `SELECT id, account, format, from_ms, to_ms, lines, by_user, at_ms FROM statements
           WHERE number < coalesce((SELECT number FROM statements WHERE id = ?), 9e15) ORDER BY number DESC LIMIT ?`,
        )
        .all(before, limit)
        .map(rowOf),
    )
  }

  accounts(): Promise<readonly string[]> {
    return this.#reading(() =>
      this.#database
        .prepare('SELECT DISTINCT account FROM statements ORDER BY account')
        .all()
        .map(({ account }) => String(account)),
    )
  }

  async *of(account: string): AsyncGenerator<HandedIn, void, undefined> {
    const next = this.#database.prepare(
      'SELECT * FROM statements WHERE account = ? AND number > ? ORDER BY number LIMIT 1',
    )
    for (let number = 0; ; ) {
      const row = await this.#reading(() => next.get(account, number))
      if (row === undefined) return
      const { format, fromMs, toMs } = rowOf(row)
      yield { account, format, fromMs, toMs, text: String(row.text) }
      number = Number(row.number)
    }
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#writer.flush()
    this.#database.close()
  }

  async #reading<T>(read: () => T): Promise<T> {
    try {
      return read()
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

function rowOf(row: Readonly<Record<string, unknown>>): StatementRow {
  return {
    id: String(row.id),
    account: String(row.account),
    format: row.format === 'csv' ? 'csv' : 'ndjson',
    fromMs: Number(row.from_ms),
    toMs: Number(row.to_ms),
    lines: Number(row.lines),
    by: String(row.by_user) as UserId, // as the route wrote it
    atMs: Number(row.at_ms),
  }
}
