// An audit of a whole data folder: the journal from its first commit, and, where there is one, everything the store made
// of it. Reads only; the server has to be stopped.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import { DataSetError } from '../dataSetError.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { decodeFrame, frameChecksum } from '../journal/frame.ts'
import { type DataSet, openJournalForReading } from '../journal/journalFile.ts'
import { openStoreForReading } from '../store/storeFile.ts'
import { Audit, type AuditWatcher } from './audit.ts'
import { KeyRows } from './keyRows.ts'
import { ReplayedActors } from './replayedActors.ts'
import { ReplayedPartitions } from './replayedPartitions.ts'
import { StoreCheckpoints } from './storeCheckpoints.ts'
import { StoreClosings } from './storeClosings.ts'
import { StoreEntries } from './storeEntries.ts'
import { StoreImage } from './storeImage.ts'
import { StoreKeys } from './storeKeys.ts'
import { StoreRows } from './storeRows.ts'
import type { AuditSummary } from './summary.ts'
import { LEDGER_END, type Violation } from './violation.ts'

export interface StoreFigures {
  readonly checkpointRecords: number
  readonly actorSnapshots: number
  readonly partitionSnapshots: number
  readonly entries: number
  readonly keys: number
}

export interface DataSetReport {
  readonly partitions: number
  readonly summary: AuditSummary
  /** Null where there is no store: then the journal alone was checked. */
  readonly store: StoreFigures | null
  readonly violation: Violation | null
  readonly elapsedMs: number
}

const CHUNK_BYTES = 8 * 1024 * 1024

/** Throws DataSetError where a file cannot be read at all. */
export function auditDataSet(folder: string, kinds: ReadonlyMap<string, AnyKind>): DataSetReport {
  const startedMs = performance.now()
  const file = join(folder, 'journal.db')
  const { db, dataSet } = openJournalForReading(file, true)
  const store = openStore(folder, dataSet)
  try {
    const { partitions } = dataSet
    const checks = checksOf(store, kinds, partitions)
    const audit = new Audit({ partitions, watchers: checks.watchers })
    const damage = readJournal(new CommitLog(db, file, partitions), db, audit)
    const { violation, summary } = damage === null ? audit.finish() : { violation: damage, summary: audit.summary() }
    return { partitions, summary, store: checks.figures(), violation, elapsedMs: performance.now() - startedMs }
  } finally {
    db.close()
    store?.close()
  }
}

function openStore(folder: string, dataSet: DataSet): DatabaseSync | null {
  const file = join(folder, 'store.db')
  return existsSync(file) ? openStoreForReading(file, dataSet) : null
}

interface Checks {
  readonly watchers: readonly AuditWatcher[]
  figures(): StoreFigures | null
}

function checksOf(store: DatabaseSync | null, kinds: ReadonlyMap<string, AnyKind>, partitions: number): Checks {
  if (store === null) return { watchers: [new ReplayedActors(kinds, null)], figures: () => null }
  const image = new StoreImage(store)
  const actors = new ReplayedActors(kinds, image)
  const rounds = new ReplayedPartitions(image)
  const entries = new StoreEntries(image, partitions)
  const keys = new StoreKeys(new KeyRows(image))
  const checkpointRecords = [...image.checkpoints().values()].reduce((sum, { seq }) => sum + seq, 0)
  return {
    // The copy of the log first: where it differs, so does what was made from it.
    watchers: [
      new StoreCheckpoints(image),
      new StoreRows(image),
      actors,
      rounds,
      entries,
      keys,
      new StoreClosings(image),
    ],
    figures: () => ({
      checkpointRecords,
      actorSnapshots: actors.compared,
      partitionSnapshots: rounds.compared,
      entries: entries.matched,
      keys: keys.matched,
    }),
  }
}

/** Feeds every batch to the audit; answers what it cannot say itself: a commit that is damaged beyond reading. */
function readJournal(log: CommitLog, db: DatabaseSync, audit: Audit): Violation | null {
  let id = 0
  for (;;) {
    let commits: ReturnType<CommitLog['read']>
    try {
      commits = log.read(id, CHUNK_BYTES)
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error
      return blame(db, id, audit, error)
    }
    if (commits.length === 0) return null
    for (const commit of commits) {
      for (const { partition, bytes } of commit.batches)
        if (audit.take(partition, commit.id, bytes) !== null) return null
      id = commit.id
    }
  }
}

// A row of this chunk is not what was written, or missing. Read on without the checksums: where a batch was damaged, the
// audit says where; else the first batch of the row is named. Whatever rule the damage seems to break, it is the log that
// is not what was appended.
function blame(db: DatabaseSync, after: number, audit: Audit, error: DataSetError): Violation {
  let at: string | null = null
  try {
    const rows = db.prepare('SELECT id, heads, checksum, bytes FROM commits WHERE id > ? ORDER BY id').iterate(after)
    for (const { id, heads, checksum, bytes } of rows) {
      if (!(bytes instanceof Uint8Array && heads instanceof Uint8Array)) break
      const sound = frameChecksum(heads, bytes) === checksum
      for (const batch of decodeFrame(bytes)) {
        if (!sound) at ??= `${batch.partition}:${(audit.logs[batch.partition]?.seq ?? 0) + 1}`
        const violation = audit.take(batch.partition, Number(id), batch.bytes)
        if (violation !== null) {
          const seen = `${error.message} First seen as ${violation.invariant}: ${violation.message}`
          return { ...violation, invariant: 'J3', message: seen }
        }
      }
    }
  } catch {
    // Not even its frame can be read, or SQLite gives up on the page: no place can be named.
  }
  return { invariant: 'J3', at: at ?? LEDGER_END, message: error.message, part: 'journal' }
}
