// An audit of a whole data folder: the journal from its first commit, and, where there is one, everything the store made
// of it. Reads only. Beside a running server it is an audit as of its beginning: of the store as it was then, and of the
// journal, which had all of that, through its last commit.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { type DataSet, openJournalForReading } from '../journal/journalFile.ts'
import { openStoreForReading } from '../store/storeFile.ts'
import { Audit, type AuditWatcher } from './audit.ts'
import { readCommits } from './commits.ts'
import { KeyRows } from './keyRows.ts'
import { ListingImage } from './listingImage.ts'
import { ReplayedActors } from './replayedActors.ts'
import { ReplayedPartitions } from './replayedPartitions.ts'
import { StoreCheckpoints } from './storeCheckpoints.ts'
import { StoreClosings } from './storeClosings.ts'
import { StoreEntries } from './storeEntries.ts'
import { StoreImage } from './storeImage.ts'
import { StoreKeys } from './storeKeys.ts'
import { StoreListings } from './storeListings.ts'
import { StoreRows } from './storeRows.ts'
import type { AuditSummary } from './summary.ts'
import { UnsettledMarks } from './unsettledMarks.ts'
import type { Violation } from './violation.ts'

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

/**
 * With a server `running`, the journal's log is not checked for damage, which its own start has done. Throws DataSetError
 * where a file cannot be read at all.
 */
export function auditDataSet(
  folder: string,
  kinds: ReadonlyMap<string, AnyKind>,
  server: 'stopped' | 'running' = 'stopped',
): DataSetReport {
  const startedMs = performance.now()
  const file = join(folder, 'journal.db')
  const { db, dataSet } = openJournalForReading(file, server === 'stopped')
  const store = openStore(folder, dataSet)
  try {
    const { partitions } = dataSet
    const checks = checksOf(store, kinds, partitions)
    const audit = new Audit({ partitions, watchers: checks.watchers })
    const through = server === 'running' ? lastCommit(db) : Number.POSITIVE_INFINITY
    const log = new CommitLog(db, file, partitions)
    const damage = readCommits(log, db, audit, through) ?? readAgain(log, db, audit, through)
    const { violation, summary } = damage === null ? audit.finish() : { violation: damage, summary: audit.summary() }
    return { partitions, summary, store: checks.figures(), violation, elapsedMs: performance.now() - startedMs }
  } finally {
    db.close()
    store?.close()
  }
}

function lastCommit(db: DatabaseSync): number {
  return Number(db.prepare('SELECT max(id) AS id FROM commits').get()?.id ?? 0)
}

/** What was reversed is looked at once its reversals are known (M8). */
function readAgain(log: CommitLog, db: DatabaseSync, audit: Audit, through: number): Violation | null {
  const originals = audit.originals()
  return originals === null ? null : readCommits(log, db, originals, through)
}

function openStore(folder: string, dataSet: DataSet): DatabaseSync | null {
  const file = join(folder, 'store.db')
  if (!existsSync(file)) return null
  const store = openStoreForReading(file, dataSet)
  // One moment of it, from the first read on.
  store.exec('BEGIN; SELECT * FROM facts')
  return store
}

interface Checks {
  readonly watchers: readonly AuditWatcher[]
  figures(): StoreFigures | null
}

function marksOf(image: StoreImage, kinds: ReadonlyMap<string, AnyKind>): UnsettledMarks {
  const checkpoints = image.checkpoints()
  const through = (partition: number): number => checkpoints.get(partition)?.seq ?? 0
  return new UnsettledMarks(kinds, { through, unsettled: image.unsettled() })
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
      marksOf(image, kinds),
      new StoreClosings(image),
      new StoreListings(kinds, new ListingImage(store, image)),
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
