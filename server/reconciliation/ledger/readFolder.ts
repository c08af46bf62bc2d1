// The ledger of a data folder, its server running or not. The store is read first, in one transaction, and the journal
// after it, through one commit: so the journal has all that the store has by then, and both are of one moment.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { KINDS } from '../../../actors/kinds.ts'
import { readCommits } from '../../audit/commits.ts'
import { KeyRows } from '../../audit/keyRows.ts'
import { ListingImage } from '../../audit/listingImage.ts'
import { ReplayedActors } from '../../audit/replayedActors.ts'
import { ReplayedPartitions } from '../../audit/replayedPartitions.ts'
import { StoreCheckpoints } from '../../audit/storeCheckpoints.ts'
import { StoreClosings } from '../../audit/storeClosings.ts'
import { StoreEntries } from '../../audit/storeEntries.ts'
import { StoreImage } from '../../audit/storeImage.ts'
import { StoreKeys } from '../../audit/storeKeys.ts'
import { StoreListings } from '../../audit/storeListings.ts'
import { StoreRows } from '../../audit/storeRows.ts'
import { UnsettledMarks } from '../../audit/unsettledMarks.ts'
import { messageOf } from '../../dataSetError.ts'
import { CommitLog } from '../../journal/commitLog.ts'
import { type DataSet, openJournalForReading } from '../../journal/journalFile.ts'
import { tryLockDataFolder } from '../../journal/lock.ts'
import { openStoreForReading } from '../../store/storeFile.ts'
import { type LedgerReading, readLedger } from './ledgerReading.ts'
import { brokenStore, noStore, type StoreSide, storeSide } from './storeSide.ts'

/** Rejects with DataSetError where there is no journal, or none that can be opened. */
export async function readFolder(folder: string, nowMs: () => number): Promise<LedgerReading> {
  const file = join(folder, 'journal.db')
  const { db, dataSet } = openJournal(folder, file)
  const opened = openStore(folder, dataSet)
  try {
    const log = new CommitLog(db, file, dataSet.partitions)
    return await readLedger({
      dataSetId: dataSet.id,
      partitions: dataSet.partitions,
      store: opened.side,
      // Without a store, actors are still folded: an actor's own idea of its money against its accounts.
      watchers: opened.db === null ? [new ReplayedActors(KINDS, null)] : [],
      feed: async (audit) => readCommits(log, db, audit, log.heads().lastId),
      nowMs: nowMs(),
    })
  } finally {
    db.close()
    opened.db?.close()
  }
}

// Nobody may write while the log of the file is checked for damage; beside a server that is left out: it made its own
// check when it started.
function openJournal(folder: string, file: string): ReturnType<typeof openJournalForReading> {
  const lock = tryLockDataFolder(folder)
  try {
    return openJournalForReading(file, lock !== null)
  } finally {
    lock?.release()
  }
}

interface OpenedStore {
  readonly db: DatabaseSync | null
  readonly side: StoreSide
}

function openStore(folder: string, dataSet: DataSet): OpenedStore {
  const file = join(folder, 'store.db')
  if (!existsSync(file)) return { db: null, side: noStore('there is no store here') }
  let db: DatabaseSync | null = null
  try {
    db = openStoreForReading(file, dataSet)
    db.exec('BEGIN')
    const image = new StoreImage(db)
    return { db, side: sideOf(image, new ListingImage(db, image), dataSet.partitions) }
  } catch (error) {
    db?.close()
    return { db: null, side: brokenStore(messageOf(error)) }
  }
}

function sideOf(image: StoreImage, listings: ListingImage, partitions: number): StoreSide {
  const checkpoints = image.checkpoints()
  const through = (partition: number): number => checkpoints.get(partition)?.seq ?? 0
  const made: { actors?: ReplayedActors; rounds?: ReplayedPartitions; entries?: StoreEntries; keys?: StoreKeys } = {}
  const parts = [
    { check: 'store_checkpoints', make: () => new StoreCheckpoints(image) },
    { check: 'store_log', make: () => new StoreRows(image) },
    {
      check: 'store_history',
      make: () => (made.entries = new StoreEntries(image, partitions)),
      counts: () => ({ entries: made.entries?.matched ?? 0 }),
    },
    {
      check: 'snapshots',
      make: () => (made.actors = new ReplayedActors(KINDS, image)),
      counts: () => ({ actors: made.actors?.compared ?? 0 }),
    },
    {
      check: 'snapshots',
      make: () => (made.rounds = new ReplayedPartitions(image)),
      counts: () => ({ partitions: made.rounds?.compared ?? 0 }),
    },
    { check: 'snapshots', make: () => new StoreListings(KINDS, listings) },
    { check: 'closings', make: () => new StoreClosings(image) },
    {
      check: 'keys',
      make: () => (made.keys = new StoreKeys(new KeyRows(image))),
      counts: () => ({ keys: made.keys?.matched ?? 0 }),
    },
    { check: 'fates', make: () => new UnsettledMarks(KINDS, { through, unsettled: image.unsettled() }) },
  ] as const
  return storeSide(parts, through)
}
