// The book of jobs on SQLite. Writes are short transactions on the main thread; a document goes in and comes out part by
// part, and counts only once its run has ended.

import type { DatabaseSync } from 'node:sqlite'
import { GroupWriter, unavailable } from '../identity/groupWriter.ts'
import { openJobFile } from './jobFile.ts'
import { partsOf, readRun } from './jobRows.ts'
import type {
  Done,
  Ending,
  Failed,
  JobBook,
  JobKind,
  JobRun,
  NewRun,
  RunCursor,
  RunFilter,
  RunningRun,
  RunPage,
} from './port.ts'

type Row = Readonly<Record<string, unknown>>

export class SqliteJobBook implements JobBook {
  readonly #database: DatabaseSync
  readonly #writer: GroupWriter
  readonly #statements: ReturnType<typeof prepareAll>

  /** Throws DataSetError where the file cannot be used. */
  constructor(path: string) {
    this.#database = openJobFile(path)
    this.#writer = new GroupWriter(this.#database)
    this.#statements = prepareAll(this.#database)
  }

  claim({ id, kind, day, attempt, trigger, requestedBy, request, startedAtMs }: NewRun): Promise<'claimed' | 'taken'> {
    return this.#writer.write(() => {
      const text = JSON.stringify(request)
      const { changes } = this.#statements.claim.run(id, kind, day, attempt, trigger, requestedBy, text, startedAtMs)
      return Number(changes) === 1 ? 'claimed' : 'taken'
    })
  }

  async heartbeat(id: string, pulse: number): Promise<void> {
    await this.#writer.write(() => this.#statements.beat.run(pulse, id))
  }

  async finish(id: string, { endedAtMs, summary, document, documentType }: Done): Promise<Ending> {
    if (document !== null) await this.#keep(id, document)
    const text = JSON.stringify(summary)
    return this.#end(() => this.#statements.finish.run(endedAtMs, text, documentType, id))
  }

  async fail(id: string, { endedAtMs, error, tryAgain }: Failed): Promise<Ending> {
    return this.#end(() => this.#statements.fail.run(endedAtMs, error, tryAgain, id))
  }

  list({ kind, state }: RunFilter, before: RunCursor | null, limit: number): Promise<RunPage> {
    return this.#reading(() => {
      const place = { atMs: before?.startedAtMs ?? Number.MAX_SAFE_INTEGER, id: before?.id ?? '' }
      const rows = this.#statements.list.all({ kind, state, ...place, limit: limit + 1 })
      const runs = rows.slice(0, limit).map(runOf)
      const last = runs.at(-1)
      return { runs, next: rows.length > limit && last !== undefined ? last : null }
    })
  }

  find(id: string): Promise<JobRun | null> {
    return this.#reading(() => orNull(this.#statements.find.get(id)))
  }

  async document(id: string): Promise<Uint8Array | null> {
    const run = await this.find(id)
    if (run === null || run.documentType === null) return null
    const parts: Uint8Array[] = []
    for (;;) {
      const bytes = await this.#reading(() => this.#statements.part.get(id, parts.length)?.bytes)
      if (!(bytes instanceof Uint8Array)) return Buffer.concat(parts)
      parts.push(bytes)
      await breath()
    }
  }

  attempts(kind: JobKind, day: string): Promise<readonly JobRun[]> {
    return this.#reading(() => this.#statements.attempts.all(kind, day).map(runOf))
  }

  lastDone(kind: JobKind, throughDay: string | null): Promise<JobRun | null> {
    const { lastDay, lastRun } = this.#statements
    return this.#reading(() => orNull(throughDay === null ? lastRun.get(kind) : lastDay.get(kind, throughDay)))
  }

  running(): Promise<readonly RunningRun[]> {
    return this.#reading(() =>
      this.#statements.running.all().map((row) => ({ run: runOf(row), pulse: Number(row.pulse) })),
    )
  }

  async close(): Promise<void> {
    if (!this.#database.isOpen) return
    this.#writer.flush()
    this.#database.close()
  }

  async #keep(id: string, document: Uint8Array): Promise<void> {
    await this.#writer.write(() => this.#statements.forget.run(id))
    let number = 0
    for (const bytes of partsOf(document)) {
      const part = number++
      await this.#writer.write(() => this.#statements.keep.run({ id, part, bytes }))
    }
  }

  async #end(write: () => { readonly changes: number | bigint }): Promise<Ending> {
    return (await this.#writer.write(() => Number(write().changes))) === 1 ? 'recorded' : 'lost'
  }

  async #reading<T>(read: () => T): Promise<T> {
    try {
      return read()
    } catch (cause) {
      throw unavailable(cause)
    }
  }
}

function prepareAll(database: DatabaseSync) {
  const prepare = (sql: string) => database.prepare(sql)
  return {
    claim: prepare(
      `INSERT INTO runs (id, kind, day, attempt, started_by, requested_by, request, started_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    ),
    beat: prepare("UPDATE runs SET pulse = ? WHERE id = ? AND state = 'running'"),
    finish: prepare(
      `UPDATE runs SET state = 'done', ended_at_ms = ?, summary = ?, document_type = ?
       WHERE id = ? AND state = 'running'`,
    ),
    fail: prepare(
      `UPDATE runs SET state = 'failed', ended_at_ms = ?, error = ?, try_again = ?
       WHERE id = ? AND state = 'running'`,
    ),
    list: prepare(
      `SELECT * FROM runs WHERE (:kind IS NULL OR kind = :kind) AND (:state IS NULL OR state = :state)
         AND (started_at_ms, id) < (:atMs, :id)
       ORDER BY started_at_ms DESC, id DESC LIMIT :limit`,
    ),
    find: prepare('SELECT * FROM runs WHERE id = ?'),
    attempts: prepare('SELECT * FROM runs WHERE kind = ? AND day = ? ORDER BY attempt LIMIT 100'),
    lastDay: prepare(
      `SELECT * FROM runs WHERE kind = ? AND day <= ? AND day IS NOT NULL AND state = 'done'
       ORDER BY day DESC, attempt DESC LIMIT 1`,
    ),
    lastRun: prepare(
      "SELECT * FROM runs WHERE kind = ? AND state = 'done' ORDER BY started_at_ms DESC, id DESC LIMIT 1",
    ),
    running: prepare("SELECT * FROM runs WHERE state = 'running' ORDER BY started_at_ms LIMIT 100"),
    keep: prepare(
      `INSERT OR IGNORE INTO documents (run, part, bytes)
       SELECT :id, :part, :bytes WHERE EXISTS (SELECT 1 FROM runs WHERE id = :id AND state = 'running')`,
    ),
    forget: prepare(
      "DELETE FROM documents WHERE run = ? AND EXISTS (SELECT 1 FROM runs WHERE id = run AND state = 'running')",
    ),
    part: prepare('SELECT bytes FROM documents WHERE run = ? AND part = ?'),
  }
}

function runOf(row: Row): JobRun {
  const { requested_by: requestedBy, started_at_ms: startedAtMs, ended_at_ms: endedAtMs } = row
  const { started_by: trigger, try_again: tryAgain, document_type: documentType } = row
  const { id, kind, day, attempt, state, error } = row
  const texts = { request: parsed(row.request), summary: parsed(row.summary) }
  const who = { trigger, requestedBy }
  return readRun({
    id,
    kind,
    day,
    attempt,
    ...who,
    startedAtMs,
    state,
    endedAtMs,
    error,
    tryAgain,
    documentType,
    ...texts,
  })
}

function orNull(row: Row | undefined): JobRun | null {
  return row === undefined ? null : runOf(row)
}

function parsed(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : null
}

/** Lets what else waits for the main thread go first. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
