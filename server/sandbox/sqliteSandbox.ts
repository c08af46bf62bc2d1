// The sandbox provider's book in a file of its own, sandbox-provider.db: no projection, durable, never rebuilt (S2). Lines
// are only added.

import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../actors/runtime/ports.ts'
import { GroupWriter, unavailable } from '../identity/groupWriter.ts'
import { openOwnFile } from '../ownFile.ts'
import {
  lineId,
  nextLine,
  reverseOf,
  type SandboxBook,
  type SandboxLine,
  type SandboxOrder,
  type SandboxOutcome,
  type SandboxProvider,
} from './port.ts'

export const SANDBOX_FILE = 'sandbox-provider.db'
const FORMAT = 1

const TABLES = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS lines (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    reference TEXT NOT NULL,
    account TEXT NOT NULL,
    asset TEXT NOT NULL,
    direction TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS lines_of_reference ON lines (reference);
  CREATE INDEX IF NOT EXISTS lines_of_account ON lines (account, number);
`

/** Throws DataSetError. */
function openFile(path: string, readOnly: boolean): DatabaseSync {
  return openOwnFile(path, {
    format: FORMAT,
    busyTimeoutMs: 1_000,
    readOnly,
    prepare(database, format) {
      if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${FORMAT}; COMMIT`)
    },
  })
}

export class SqliteSandbox implements SandboxProvider {
  readonly #database: DatabaseSync
  readonly #writer: GroupWriter
  readonly #clock: Clock
  readonly #of
  readonly #insert

  /** Throws DataSetError where the file cannot be used. */
  constructor(path: string, clock: Clock) {
    this.#database = openFile(path, false)
    this.#writer = new GroupWriter(this.#database)
    this.#clock = clock
    this.#database.prepare(`INSERT OR IGNORE INTO facts VALUES ('began_ms', ?)`).run(clock.nowMs())
    this.#of = this.#database.prepare('SELECT * FROM lines WHERE reference = ? ORDER BY number')
    this.#of.setReadBigInts(true)
    this.#insert = this.#database.prepare(
      'INSERT INTO lines (id, reference, account, asset, direction, amount_minor, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
  }

  carryOut(order: SandboxOrder): Promise<SandboxOutcome> {
    return this.#writer.write(() => {
      const before = this.#of.all(order.reference).map(lineOf)
      const next = nextLine(before, order)
      if (typeof next === 'string') return next
      this.#add(next, before.length + 1)
      return 'done'
    })
  }

  takeBack(reference: string): Promise<void> {
    return this.#writer.write(() => {
      const before = this.#of.all(reference).map(lineOf)
      const next = reverseOf(before)
      if (next !== null) this.#add(next, before.length + 1)
    })
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#writer.flush()
    this.#database.close()
  }

  #add({ reference, account, asset, direction, amountMinor }: SandboxOrder, number: number): void {
    const id = lineId(reference, number)
    this.#insert.run(id, reference, account, asset, direction, amountMinor, this.#clock.nowMs())
  }
}

/** Null where there is no such file. Throws DataSetError where it cannot be read. */
export function openSandboxBook(path: string): SandboxBook | null {
  return existsSync(path) ? new SqliteSandboxBook(path) : null
}

class SqliteSandboxBook implements SandboxBook {
  readonly #database: DatabaseSync

  constructor(path: string) {
    this.#database = openFile(path, true)
  }

  beganMs(): Promise<number> {
    return this.#reading(() => {
      const row = this.#database.prepare(`SELECT value FROM facts WHERE name = 'began_ms'`).get()
      if (typeof row?.value !== 'number') throw new Error('it does not say when it was begun')
      return row.value
    })
  }

  lines(account: string, after: string | null, limit: number): Promise<readonly SandboxLine[]> {
    return this.#reading(() => {
      const select = this.#database.prepare(`
        SELECT * FROM lines
        WHERE account = ? AND number > coalesce((SELECT number FROM lines WHERE id = ?), 0) ORDER BY number LIMIT ?`)
      select.setReadBigInts(true)
      return select.all(account, after, limit).map(lineOf)
    })
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close()
  }

  async #reading<T>(read: () => T): Promise<T> {
    try {
      return read()
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

function lineOf(row: Readonly<Record<string, unknown>>): SandboxLine {
  return {
    id: String(row.id),
    reference: String(row.reference),
    account: String(row.account),
    asset: String(row.asset),
    direction: row.direction === 'in' ? 'in' : 'out',
    amountMinor: BigInt(String(row.amount_minor)),
    atMs: Number(row.at_ms),
  }
}
