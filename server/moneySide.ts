// Everything that money passes through in this process: journal, store and projector, the runtime over them, and the
// desk that both wires talk to.

import { join } from 'node:path'
import { KINDS } from '../actors/kinds.ts'
import type { NftStaffService } from '../actors/nft/service.ts'
import { LocalTransport } from '../actors/runtime/localTransport.ts'
import { Runtime } from '../actors/runtime/runtime.ts'
import type { WalletService, WalletStaffService } from '../actors/wallet/service.ts'
import type { ActorFeed } from '../rooms/actorFeed.ts'
import { type Owned, OwnedPartitions } from '../rooms/ownedPartitions.ts'
import type { WalletFeed } from '../rooms/walletFeed.ts'
import { fixedRates } from '../shared/rates.ts'
import { type ClusterReport, singleReport } from './cluster/clusterReport.ts'
import type { Config } from './config.ts'
import { openFeeds } from './feeds.ts'
import { Halts } from './halts.ts'
import { loadTokenSecret } from './identity/secret.ts'
import { openSqliteJournal } from './journal/sqliteJournal.ts'
import { type LedgerDesk, StoreLedgerDesk } from './ledger/ledgerDesk.ts'
import { type ListDesk, StoreListDesk } from './lists/listDesk.ts'
import type { Log } from './log.ts'
import { createObserver, type Metrics } from './metrics.ts'
import { NftDesk } from './nftDesk.ts'
import { Quotes } from './quotes.ts'
import { SANDBOX_FILE, SqliteSandbox } from './sandbox/sqliteSandbox.ts'
import { StaffDesk, type StaffDeskOptions } from './staffDesk.ts'
import { EmbeddedProjector } from './store/embeddedProjector.ts'
import { SqliteLedgerReader } from './store/ledgerReader.ts'
import { caughtUp, OwnFreshness } from './store/ownFreshness.ts'
import { SqliteStoreReader } from './store/storeReader.ts'
import { randomIds, systemClock, systemScheduler } from './system.ts'
import { type DeskOptions, WalletDesk } from './walletDesk.ts'
import { StoreHistory } from './walletHistory.ts'
import { watchLevels } from './watchLevels.ts'

/** Records of a partition between two rounds of snapshots. */
const SNAPSHOT_EVERY = 10_000

export interface MoneySide {
  /** Nothing was ever written here before this start. */
  readonly isNew: boolean
  readonly wallets: WalletService
  readonly staff: WalletStaffService
  readonly feed: WalletFeed
  /** Records of actors of any kind, once they are durable. */
  readonly actorFeed: ActorFeed
  /** What serves here, for whatever has to live beside it (C3). */
  readonly owned: Owned
  /** What staff ask of the ledger. */
  readonly ledger: LedgerDesk
  /** Lists over many actors of a kind. */
  readonly lists: ListDesk
  readonly nfts: NftStaffService
  /** Asks of actors of any kind, wherever they live. */
  readonly actors: Pick<Runtime, 'submit' | 'read'>
  /** `ok`, or what is wrong, of each part. */
  checks(): Readonly<Record<string, string>>
  /** Who shares the work, and what of it is here. */
  cluster(): ClusterReport
  /** Begins to take a share of the work, once everything else of the process is open; resolves when it has it, or has to stop. */
  join(stopping: AbortSignal): Promise<void>
  /** Answers whether nothing was left over. */
  drain(deadlineMs: number): Promise<boolean>
  close(): Promise<void>
}

export async function openMoneySide(config: Config, metrics: Metrics, log: Log): Promise<MoneySide> {
  const observer = createObserver(metrics, log)
  // A process without one of its threads can only half serve: it ends, and a new start recovers (J4).
  const lost = (thread: string, why: string): void => {
    log.fatal({ thread, why }, 'a thread has ended')
    process.exit(1)
  }
  const journalFile = join(config.dataDir, 'journal.db')
  let committed: (position: number) => void = () => {}
  const journal = await openSqliteJournal({
    file: journalFile,
    partitions: config.partitions,
    minCommitIntervalMs: config.commitIntervalMs,
    onAlarm: (event, detail) => observer.alarm(event, detail),
    onCommitted: (position) => committed(position),
  })
  const isNew = journal.committedThrough === 0
  const storeFile = join(config.dataDir, 'store.db')
  const { dataSet } = journal
  const halts = new Halts({ newId: () => randomIds.newId(), nowMs: () => systemClock.nowMs() })
  const projector = await EmbeddedProjector.open(
    { journalFile, storeFile, dataSet, snapshotEvery: SNAPSHOT_EVERY },
    {
      onProgress: (progress) => runtime.progress(progress),
      onAlarm: (event, detail) => observer.alarm(event, detail),
      onHalt: (partition, seq, reason) => halts.note({ partition, stage: 'projector', seq, reason }),
      onLost: (why) => lost('store projector', why),
    },
  )
  committed = (position) => projector.committed(position)
  const reader = new SqliteStoreReader({ storeFile, dataSet }, (why) => lost('store reader', why))
  const feeds = openFeeds(config.pushIntervalMs, observer)
  const transport = new LocalTransport()
  const rates = fixedRates(config.prices)
  const runtime = new Runtime({
    partitions: config.partitions,
    kinds: KINDS,
    journal,
    store: reader,
    transport,
    clock: systemClock,
    scheduler: systemScheduler,
    ids: randomIds,
    rates,
    observer,
    feed: feeds.all,
    onLost: (partition) => owned.lost(partition),
  })
  const owned = new OwnedPartitions(runtime, { held: () => true }, (error) => feeds.listenerThrew('', error))
  transport.attach(runtime)
  const partitions = [...Array(config.partitions).keys()]
  try {
    await runtime.start(partitions)
  } catch (error) {
    runtime.stop()
    await projector.close()
    await reader.close()
    await journal.close()
    throw error
  }
  for (const partition of partitions) owned.serving(partition)
  // What is durable from earlier the projector takes up only now: until every wallet answers, the machine is recovery's.
  committed(journal.committedThrough)
  watchLevels(metrics, runtime)
  const me = `m_${randomIds.newId()}`
  const catchUp = (limitMs: number): Promise<void> => caughtUp(runtime, projector, limitMs)
  const ledgerReader = new SqliteLedgerReader({ storeFile, dataSet })
  const asking = {
    catchUp,
    nowMs: () => systemClock.nowMs(),
    failed: (error: unknown) => log.error({ err: error }, 'a question about the ledger failed'),
  }
  const ledger = new StoreLedgerDesk({ store: ledgerReader, ...asking })
  // A thread of its own: players' lists do not wait for what staff ask.
  const listReader = new SqliteLedgerReader({ storeFile, dataSet })
  const sandbox = config.production ? null : new SqliteSandbox(join(config.dataDir, SANDBOX_FILE), systemClock)
  const desk: DeskOptions & StaffDeskOptions = {
    runtime,
    history: new StoreHistory({
      reader,
      freshness: new OwnFreshness(runtime, projector, () => systemClock.nowMs()),
      partitions: config.partitions,
      failed: (error) => log.error({ err: error }, 'history failed'),
    }),
    catchUp,
    ledger,
    nowMs: () => systemClock.nowMs(),
    sandbox,
    rates,
    quotes: new Quotes(loadTokenSecret(config.tokenSecret), systemClock, randomIds),
    answered: (command, outcome, elapsedMs) => observer.answered('wallet', command, outcome, elapsedMs),
  }
  return {
    isNew,
    wallets: new WalletDesk(desk),
    staff: new StaffDesk(desk),
    feed: feeds.wallets,
    actorFeed: feeds.actors,
    owned,
    ledger,
    lists: new StoreListDesk({ store: listReader, ...asking }),
    actors: runtime,
    nfts: new NftDesk({
      ...{ runtime, ledger, production: config.production },
      answered: (command, outcome, elapsedMs) => observer.answered('nft', command, outcome, elapsedMs),
    }),
    checks: () => ({
      runtime: runtime.serving && runtime.partitions.size === config.partitions ? 'ok' : 'partitions missing',
      store: projector.ok ? 'ok' : 'projector halted',
    }),
    cluster: () => singleReport({ me, runtime, projector, halts }),
    // Alone, it has everything from the start.
    join: () => Promise.resolve(),
    async drain(deadlineMs) {
      await Promise.all(partitions.map((partition) => owned.leaving(partition)))
      return runtime.drain(deadlineMs)
    },
    async close() {
      feeds.close()
      runtime.stop()
      await projector.close()
      await ledgerReader.close()
      await listReader.close()
      await sandbox?.close()
      await reader.close()
      await journal.close()
    },
  }
}
