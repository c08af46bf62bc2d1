// The ledger of a cluster, servers running or not: the store's image first, then the journal, which has everything that
// the store has by then, and goes on until its partitions fit each other (M4).

import { KINDS } from '../../../actors/kinds.ts'
import type { AuditedServices } from '../../audit/cluster/auditedServices.ts'
import { openAuditedServices } from '../../audit/cluster/clusterAudit.ts'
import type { JournalFeed } from '../../audit/cluster/journalFeed.ts'
import { LedgerClosings } from '../../audit/cluster/ledgerClosings.ts'
import type { LedgerDatabase } from '../../audit/cluster/ledgerDatabase.ts'
import { LedgerImage } from '../../audit/cluster/ledgerImage.ts'
import { readOn } from '../../audit/cluster/readOn.ts'
import { StoredRows } from '../../audit/cluster/storedRows.ts'
import { ReplayedActors } from '../../audit/replayedActors.ts'
import { ReplayedPartitions } from '../../audit/replayedPartitions.ts'
import { StoreCheckpoints } from '../../audit/storeCheckpoints.ts'
import { StoreClosings, type StoredClosings } from '../../audit/storeClosings.ts'
import { StoreKeys } from '../../audit/storeKeys.ts'
import { StoreListings } from '../../audit/storeListings.ts'
import { UnsettledMarks } from '../../audit/unsettledMarks.ts'
import { Finding } from '../../audit/violation.ts'
import { type LedgerReading, readLedger } from './ledgerReading.ts'
import { brokenStore, noStore, type StoreSide, storeSide } from './storeSide.ts'

/** Rejects with DataSetError where there is nothing to read, with ReadingError where a service stops answering. */
export async function readServices(services: AuditedServices, nowMs: () => number): Promise<LedgerReading> {
  const { feed, ledger, close } = await openAuditedServices(services)
  try {
    const { partitions, dataSetId } = feed.facts
    const store = (await ledger.isMadeFrom(dataSetId, partitions))
      ? await openStore(ledger, partitions)
      : noStore('there is no store here')
    return await readLedger({
      dataSetId,
      partitions,
      store,
      watchers: store.watchers.length === 0 ? [new ReplayedActors(KINDS, null)] : [],
      feed: (audit) => feedAll(feed, audit),
      nowMs: nowMs(),
    })
  } finally {
    await close()
  }
}

async function feedAll(feed: JournalFeed, audit: Parameters<typeof readOn>[1]): Promise<null> {
  for await (const { partition, position, bytes } of feed.batches()) {
    if (audit.take(partition, position, bytes) !== null) return null
  }
  await readOn(feed, audit)
  return null
}

async function openStore(ledger: LedgerDatabase, partitions: number): Promise<StoreSide> {
  try {
    const closings = await LedgerClosings.read(ledger)
    return sideOf(await LedgerImage.read(ledger, partitions), closings)
  } catch (error) {
    // A document of another shape: nothing of the store can be compared then.
    if (error instanceof Finding) return brokenStore(error.message)
    throw error
  }
}

function sideOf(image: LedgerImage, closings: StoredClosings): StoreSide {
  const rows = new StoredRows(image)
  const made: { actors?: ReplayedActors; rounds?: ReplayedPartitions; keys?: StoreKeys } = {}
  const parts = [
    { check: 'store_checkpoints', make: () => new StoreCheckpoints(image) },
    // Records with their lines of history, and batches: balances here are those of snapshots.
    { check: 'store_log', make: () => rows, counts: () => ({ entries: rows.legs }) },
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
    { check: 'snapshots', make: () => new StoreListings(KINDS, image) },
    { check: 'closings', make: () => new StoreClosings(closings) },
    {
      check: 'keys',
      make: () => (made.keys = new StoreKeys(image.keys)),
      counts: () => ({ keys: made.keys?.matched ?? 0 }),
    },
    { check: 'fates', make: () => new UnsettledMarks(KINDS, image) },
  ] as const
  return storeSide(parts, (partition) => image.through(partition))
}
