// The thread that owns the journal's only writing connection. It takes one commit at a time and answers when the disk
// has it: synchronous FULL, so that a commit answered is a commit synced (J1). It decides nothing but whether the disk
// took it.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, troubleOf } from '../dataSetError.ts'
import { CommitLog } from './commitLog.ts'
import { frameChecksum } from './frame.ts'
import { type DataSet, JOURNAL_REMEDY, openJournalFile, reopenJournalFile } from './journalFile.ts'
import type { FoundHeads, FromWriter, ToWriter, WriterOptions } from './protocol.ts'

const SQLITE_FULL = 13
/** The most SQLite can have. */
const MAX_PAGES = 0xfffffffe

class Writer {
  readonly dataSet: DataSet
  private readonly options: WriterOptions
  private db: DatabaseSync
  private log: CommitLog
  private insert: StatementSync
  private maxBytes: number
  /** After an error other than a full disk the connection is not trusted any more. */
  private reopenFirst = false
  /** A failed commit may have left frames behind the log's end: see restartLog. */
  private restartDue = false

  constructor(options: WriterOptions) {
    const { db, dataSet } = openJournalFile(options.file, options.partitions)
    this.options = options
    this.dataSet = dataSet
    this.db = db
    this.log = new CommitLog(db, options.file, options.partitions)
    this.insert = prepareInsert(db)
    this.maxBytes = options.maxBytes
    this.limit(options.maxBytes)
  }

  heads(): FoundHeads {
    const { lastId, positions } = this.log.heads()
    return { lastId, heads: positions }
  }

  /** Reads the newest rows, so that a damaged file is refused before anything is built on it. */
  check(): void {
    const { lastId } = this.log.heads()
    const bytes = pragma(this.db, 'page_size') * pragma(this.db, 'page_count')
    const share = Math.min(1, this.options.checkBytes / Math.max(1, bytes))
    let id = Math.floor(lastId * (1 - share))
    while (id < lastId) {
      const commits = this.log.read(id, 1 << 22)
      const last = commits.at(-1)
      if (last === undefined) break
      id = last.id
    }
  }

  limit(maxBytes: number): void {
    this.maxBytes = maxBytes
    const pages = maxBytes === 0 ? MAX_PAGES : Math.max(1, Math.floor(maxBytes / pragma(this.db, 'page_size')))
    this.db.exec(`PRAGMA max_page_count = ${pages}`)
  }

  commit(id: number, heads: Uint8Array, frame: Uint8Array): FromWriter {
    try {
      if (this.reopenFirst) this.reopen()
      const { lastId } = this.restartDue ? this.log.heads() : { lastId: id - 1 }
      // A commit that had failed is in the file after all, or another process writes here: the heads settle it (J2).
      if (lastId !== id - 1) throw new Error(`the file ends at commit ${lastId}, not ${id - 1}`)
      this.insert.run(id, heads, frameChecksum(heads, frame), frame)
    } catch (error) {
      return this.failed(id, error)
    }
    if (this.restartDue) this.restartLog()
    return { kind: 'committed', id }
  }

  settle(request: number, partition: number, expected: number, bytes: Uint8Array): FromWriter {
    try {
      const there = this.log.successor(partition, expected)
      const same = there !== null && Buffer.compare(there.bytes, bytes) === 0
      return { kind: 'settled', request, position: same ? there.id : null }
    } catch {
      return { kind: 'settled', request, position: 'unknown' }
    }
  }

  close(): void {
    this.db.close()
  }

  private failed(id: number, error: unknown): FromWriter {
    this.restartDue = true
    this.reopenFirst = !(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL)
    let found: FoundHeads | null = null
    try {
      if (this.db.isTransaction) this.db.exec('ROLLBACK')
      found = this.heads()
    } catch {
      this.reopenFirst = true
    }
    return { kind: 'failed', id, message: messageOf(error), found }
  }

  private reopen(): void {
    if (this.db.isOpen) this.db.close()
    this.db = reopenJournalFile(this.options.file)
    this.log = new CommitLog(this.db, this.options.file, this.options.partitions)
    this.insert = prepareInsert(this.db)
    this.limit(this.maxBytes)
    this.reopenFirst = false
  }

  // A failed commit's frames lie behind the log's end under its present salts. Were a later commit shorter, a crash
  // would leave them looking like damage (walScan.ts). A restarted log has new salts.
  private restartLog(): void {
    try {
      const row = this.db.prepare('PRAGMA wal_checkpoint(RESTART)').get()
      this.restartDue = row?.busy !== 0
    } catch {
      // The disk is still in trouble: the next commit tries again.
    }
  }
}

function pragma(db: DatabaseSync, name: 'page_size' | 'page_count'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name])
}

function prepareInsert(db: DatabaseSync): StatementSync {
  return db.prepare('INSERT INTO commits (id, heads, checksum, bytes) VALUES (?, ?, ?, ?)')
}

function serve(port: NonNullable<typeof parentPort>, options: WriterOptions): void {
  const say = (message: FromWriter): void => port.postMessage(message)
  let writer: Writer
  try {
    writer = new Writer(options)
    writer.check()
    say({ kind: 'opened', dataSet: writer.dataSet, ...writer.heads() })
  } catch (error) {
    say({ kind: 'refused', trouble: troubleOf(error, options.file, JOURNAL_REMEDY) })
    return
  }
  port.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'commit':
        return say(writer.commit(message.id, message.heads, message.frame))
      case 'settle':
        return say(writer.settle(message.request, message.partition, message.expected, message.bytes))
      case 'limit':
        return writer.limit(message.maxBytes)
      case 'close':
        writer.close()
        say({ kind: 'closed' })
        port.close()
    }
  })
}

if (parentPort !== null) serve(parentPort, workerData as WriterOptions)
