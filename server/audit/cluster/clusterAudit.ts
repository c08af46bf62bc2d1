// An audit of a data set on NATS and MongoDB: the journal from its first batch, and, where there is one, everything the
// store made of it. Reads only; servers may be running, whose journal only grows and whose store is behind it.

import type { AnyKind } from '../../../actors/runtime/actor.ts'
import { Audit, type AuditWatcher } from '../audit.ts'
import type { DataSetReport, StoreFigures } from '../dataset.ts'
import { ReplayedActors } from '../replayedActors.ts'
import { ReplayedPartitions } from '../replayedPartitions.ts'
import { StoreCheckpoints } from '../storeCheckpoints.ts'
import { StoreClosings } from '../storeClosings.ts'
import { StoreKeys } from '../storeKeys.ts'
import { StoreListings } from '../storeListings.ts'
import { UnsettledMarks } from '../unsettledMarks.ts'
import { Finding, LEDGER_END } from '../violation.ts'
import type { AuditedServices } from './auditedServices.ts'
import { type JournalFeed, openJournalFeed } from './journalFeed.ts'
import { LedgerClosings } from './ledgerClosings.ts'
import { LedgerDatabase } from './ledgerDatabase.ts'
import { LedgerImage } from './ledgerImage.ts'
import { readOn } from './readOn.ts'
import { findDifference } from './rowSearch.ts'
import { StoredRows, type Suspect } from './storedRows.ts'

export interface OpenedServices {
  readonly feed: JournalFeed
  readonly ledger: LedgerDatabase
  close(): Promise<void>
}

/** Rejects with DataSetError where there is nothing that could be audited. */
export async function openAuditedServices(services: AuditedServices): Promise<OpenedServices> {
  const feed = await openJournalFeed(services)
  try {
    const ledger = await LedgerDatabase.connect(services)
    return {
      feed,
      ledger,
      async close() {
        await ledger.close()
        await feed.close()
      },
    }
  } catch (error) {
    await feed.close()
    throw error
  }
}

/** Rejects with DataSetError where the two do not belong together, with ReadingError where one stops answering. */
export async function auditServices(
  { feed, ledger }: OpenedServices,
  kinds: ReadonlyMap<string, AnyKind>,
): Promise<DataSetReport> {
  const startedMs = performance.now()
  const { partitions, dataSetId } = feed.facts
  // The store first: the journal has everything that the store has by then, and goes on.
  const store = (await ledger.isMadeFrom(dataSetId, partitions)) ? await readStore(ledger, partitions) : null
  const checks = checksOf(store instanceof Finding ? null : store, kinds)
  const audit = new Audit({ partitions, watchers: checks.watchers })
  for await (const { partition, position, bytes } of feed.batches()) {
    if (audit.take(partition, position, bytes) !== null) break
  }
  await readOn(feed, audit)
  await readAgain(feed, audit)
  const { violation, summary } = audit.finish()
  const suspect = checks.suspect()
  const precise = suspect === null ? null : await findDifference(feed, ledger, suspect)
  const misshapen = store instanceof Finding ? store.toViolation(LEDGER_END) : null
  return {
    partitions,
    summary,
    store: checks.figures(),
    violation: precise ?? violation ?? misshapen,
    elapsedMs: performance.now() - startedMs,
  }
}

/** What was reversed is looked at once its reversals are known (M8). */
async function readAgain(feed: JournalFeed, audit: Audit): Promise<void> {
  const originals = audit.originals()
  if (originals === null) return
  for await (const { partition, position, bytes } of feed.batches()) {
    if (originals.take(partition, position, bytes) !== null || originals.isFull === true) return
  }
}

interface StoreRead {
  readonly image: LedgerImage
  readonly closings: LedgerClosings
}

/** The store, or what keeps it from being one: then the journal is audited alone. */
async function readStore(ledger: LedgerDatabase, partitions: number): Promise<StoreRead | Finding> {
  try {
    const closings = await LedgerClosings.read(ledger)
    return { image: await LedgerImage.read(ledger, partitions), closings }
  } catch (error) {
    if (error instanceof Finding) return error
    throw error
  }
}

interface Checks {
  readonly watchers: readonly AuditWatcher[]
  figures(): StoreFigures | null
  suspect(): Suspect | null
}

function checksOf(store: StoreRead | null, kinds: ReadonlyMap<string, AnyKind>): Checks {
  if (store === null) {
    return { watchers: [new ReplayedActors(kinds, null)], figures: () => null, suspect: () => null }
  }
  const { image, closings } = store
  const rows = new StoredRows(image)
  const actors = new ReplayedActors(kinds, image)
  const rounds = new ReplayedPartitions(image)
  const keys = new StoreKeys(image.keys)
  const checkpointRecords = [...image.checkpoints().values()].reduce((sum, { seq }) => sum + seq, 0)
  return {
    // The copy of the log first: where it differs, so does what was made from it.
    watchers: [
      new StoreCheckpoints(image),
      rows,
      actors,
      rounds,
      keys,
      new UnsettledMarks(kinds, image),
      new StoreListings(kinds, image),
      new StoreClosings(closings),
    ],
    figures: () => ({
      checkpointRecords,
      actorSnapshots: actors.compared,
      partitionSnapshots: rounds.compared,
      entries: rows.legs,
      keys: keys.matched,
    }),
    suspect: () => rows.suspect,
  }
}
