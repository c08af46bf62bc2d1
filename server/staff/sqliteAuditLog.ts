// The audit log on SQLite. An append is a short transaction on the main thread, shared by all that came in one turn of
// the loop: half a millisecond with its sync. The head is read inside it, so that the operator's tool may append to the
// file of a running server.

import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../actors/runtime/ports.ts'
import { GroupWriter, unavailable } from '../identity/groupWriter.ts'
import { parseEntry, sealEntry } from './auditEntry.ts'
import { ENTRIES_AFTER, openAuditFile, storedEntry } from './auditFile.ts'
import {
  type AuditEntry,
  type AuditFact,
  type AuditHead,
  type AuditLog,
  type AuditPage,
  type AuditQuery,
  SEARCHED_AT_ONCE,
  type StoredEntry,
} from './auditLog.ts'

export class SqliteAuditLog implements AuditLog {
  readonly #database: DatabaseSync
  readonly #writer: GroupWriter
  readonly #clock: Clock
  readonly #insert
  readonly #newest
  readonly #after
  readonly #firstAt
  readonly #search

  /** Throws DataSetError where the file cannot be used. */
  constructor(path: string, clock: Clock) {
    this.#database = openAuditFile(path)
    this.#writer = new GroupWriter(this.#database)
    this.#clock = clock
    const prepare = (sql: string) => this.#database.prepare(sql)
    this.#insert = prepare(
      'INSERT INTO entries (seq, at_ms, actor, route, outcome, text, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#newest = prepare('SELECT seq, at_ms, hash FROM entries ORDER BY seq DESC LIMIT 1')
    this.#after = prepare(ENTRIES_AFTER)
    this.#firstAt = prepare('SELECT seq FROM entries WHERE at_ms >= ? ORDER BY at_ms, seq LIMIT 1')
    this.#search = prepare(
      `SELECT text, hash FROM entries WHERE seq >= :lowest AND seq < :before
         AND (:actor IS NULL OR actor = :actor) AND (:route IS NULL OR route = :route)
         AND (:outcome IS NULL OR outcome = :outcome)
       ORDER BY seq DESC LIMIT :limit`,
    )
  }

  append(fact: AuditFact): Promise<AuditEntry> {
    return this.#writer.write(() => {
      const newest = this.#newestRow()
      const { entry, text } = sealEntry(fact, newest?.head ?? null, this.#clock.nowMs(), newest?.atMs ?? 0)
      const { seq, atMs, actor, route, outcome, hash } = entry
      this.#insert.run(seq, atMs, actor, route, outcome, text, hash)
      return entry
    })
  }

  page(query: AuditQuery): Promise<AuditPage> {
    return this.#reading(() => {
      const end = (this.#newestRow()?.head.seq ?? 0) + 1
      const top = Math.min(query.before ?? end, end, query.toMs === null ? end : (this.#firstSeqAt(query.toMs) ?? end))
      const bottom = query.fromMs === null ? 1 : (this.#firstSeqAt(query.fromMs) ?? end)
      const lowest = Math.max(bottom, top - SEARCHED_AT_ONCE)
      const { actor, route, outcome, limit } = query
      const rows = this.#search.all({ lowest, before: top, actor, route, outcome, limit })
      const entries = rows.map((row) => readable(row))
      const last = entries.length < limit ? lowest : (entries.at(-1)?.seq ?? lowest)
      return { entries, next: last > bottom ? last : null }
    })
  }

  head(): Promise<AuditHead | null> {
    return this.#reading(() => this.#newestRow()?.head ?? null)
  }

  read(after: number): Promise<readonly StoredEntry[]> {
    return this.#reading(() => this.#after.all(after).map(storedEntry))
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#writer.flush()
    this.#database.close()
  }

  #newestRow(): { readonly head: AuditHead; readonly atMs: number } | null {
    const row = this.#newest.get()
    return row === undefined
      ? null
      : { head: { seq: Number(row.seq), hash: String(row.hash) }, atMs: Number(row.at_ms) }
  }

  #firstSeqAt(atMs: number): number | null {
    const seq = this.#firstAt.get(atMs)?.seq
    return typeof seq === 'number' ? seq : null
  }

  async #reading<T>(read: () => T): Promise<T> {
    try {
      return read()
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

function readable(row: Readonly<Record<string, unknown>>): AuditEntry {
  const entry = parseEntry(String(row.text), String(row.hash))
  if (entry === null) throw new Error('the audit log has an entry that cannot be read: verify it')
  return entry
}
