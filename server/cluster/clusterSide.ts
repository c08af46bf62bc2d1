// The money side of a process that shares its work: journal and store on services, and this process as a member among
// others (docs/cluster.md). What both wires see of it is the same as in one process alone.

import { fixedRates } from '../../shared/rates.ts'
import type { ClusterBacking, Config } from '../config.ts'
import { Halts } from '../halts.ts'
import { loadTokenSecret } from '../identity/secret.ts'
import { type LedgerDesk, StoreLedgerDesk } from '../ledger/ledgerDesk.ts'
import { type ListDesk, StoreListDesk } from '../lists/listDesk.ts'
import type { Log } from '../log.ts'
import { createObserver, type Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'
import type { MongoStore } from '../mongo/mongoStore.ts'
import { NftDesk } from '../nftDesk.ts'
import { openDecisionBook } from '../operator/decisionBook.ts'
import { readOperatorKeys } from '../operator/operatorKeys.ts'
import { Quotes } from '../quotes.ts'
import type { SandboxProvider } from '../sandbox/port.ts'
import { StaffDesk, type StaffDeskOptions } from '../staffDesk.ts'
import { caughtUp, OwnFreshness } from '../store/ownFreshness.ts'
import { randomIds, systemClock } from '../system.ts'
import { type DeskOptions, WalletDesk } from '../walletDesk.ts'
import { StoreHistory } from '../walletHistory.ts'
import { watchLevels } from '../watchLevels.ts'
import { BoundedReader } from './boundedReader.ts'
import { ClusterFreshness } from './clusterFreshness.ts'
import { ClusterMember } from './clusterMember.ts'
import { ClusterProjector } from './clusterProjector.ts'
import { ClusterStatus } from './clusterStatus.ts'
import { openClusterSandbox, openJournal, openStore } from './openServices.ts'
import { checkStoreAgainstJournal } from './storeCheck.ts'

/** Records of a partition between two rounds of snapshots. */
const SNAPSHOT_EVERY = 10_000
/** How long a start waits for this member's share of the partitions, before it serves without them, ms. */
const SHARE_WITHIN_MS = 30_000
const POLL_MS = 20

/** Everything that was opened, to be closed in the opposite order. */
type Undo = (() => unknown)[]

/** Rejects with DataSetError where a service cannot be used; nothing is left open then. */
export async function openClusterSide(
  config: Config,
  backing: ClusterBacking,
  metrics: Metrics,
  log: Log,
): Promise<MoneySide> {
  const undo: Undo = []
  try {
    return await open(config, backing, metrics, log, undo)
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

async function open(
  config: Config,
  backing: ClusterBacking,
  metrics: Metrics,
  log: Log,
  undo: Undo,
): Promise<MoneySide> {
  const observer = createObserver(metrics, log)
  const data = { backing, partitions: config.partitions }
  const opened = await openJournal(data, 'server', (event, detail) => observer.alarm(event, detail))
  undo.push(() => opened.close())
  const { dataSetId } = opened.journal.dataSet
  const store = await openStore({ ...data, dataSetId }, (text) => log.warn(text))
  undo.push(() => store.close())
  const { isNew } = await checkStoreAgainstJournal(opened.journal, store, config.partitions)
  const { book, close } = await openDecisionBook(backing.mongoUrl, backing.dataSet)
  undo.push(close)
  // A file that cannot be read is refused now, not when it is needed.
  readOperatorKeys(config.operatorKeysFile)
  const halts = new Halts({ newId: () => randomIds.newId(), nowMs: () => systemClock.nowMs() })
  const projector: ClusterProjector = await ClusterProjector.open(
    { ...data, dataSetId, snapshotEvery: SNAPSHOT_EVERY },
    {
      onProgress: (progress) => member.runtime.progress(progress),
      onAlarm: (event, detail) => observer.alarm(event, detail),
      onHalt: (partition, seq, reason) => halts.note({ partition, stage: 'projector', seq, reason }),
      onLost: (why) => {
        // A process without it can only half serve: it ends, and others take over.
        log.fatal({ why }, 'the projector has ended')
        process.exit(1)
      },
    },
  )
  undo.push(() => projector.close())
  const member: ClusterMember = await ClusterMember.open({
    config,
    backing,
    opened,
    store,
    projector,
    halts,
    book,
    observer,
  })
  undo.push(() => member.leave())
  watchLevels(metrics, member.runtime)
  const { me, feeds, owned, membership, ownership, runtime, router } = member
  const sandbox = config.production ? null : await openClusterSandbox(backing)
  undo.push(() => sandbox?.close())
  const { link } = opened
  const { partitions } = config
  const status = new ClusterStatus({ me, membership, ownership, runtime, router, projector, halts, link, partitions })
  status.watch(metrics)
  const answered: Answered = (command, outcome, elapsedMs) => observer.answered('wallet', command, outcome, elapsedMs)
  const desk = deskOptions(config, member, store, sandbox, answered, log)
  return {
    isNew,
    wallets: new WalletDesk(desk),
    staff: new StaffDesk(desk),
    feed: feeds.wallets,
    actorFeed: feeds.actors,
    owned,
    ledger: desk.ledger,
    lists: desk.lists,
    actors: router,
    nfts: new NftDesk({
      ...{ runtime: router, ledger: desk.ledger, production: config.production },
      answered: (command, outcome, elapsedMs) => observer.answered('nft', command, outcome, elapsedMs),
    }),
    checks: () => status.checks(),
    cluster: () => status.report(),
    join(stopping) {
      member.join()
      return status.untilServing(stopping, SHARE_WITHIN_MS, POLL_MS)
    },
    drain: (deadlineMs) => drain(member, deadlineMs),
    close: () => unwind(undo),
  }
}

type Answered = (command: string, outcome: string, elapsedMs: number) => void

function deskOptions(
  config: Config,
  { runtime, router, projector }: ClusterMember,
  store: MongoStore,
  sandbox: SandboxProvider | null,
  answered: Answered,
  log: Log,
): DeskOptions & StaffDeskOptions & { readonly ledger: LedgerDesk; readonly lists: ListDesk } {
  const nowMs = (): number => systemClock.nowMs()
  const freshness = new ClusterFreshness({
    runtime,
    own: new OwnFreshness(runtime, projector, nowMs),
    newestOf: (walletId) => router.read({ kind: 'wallet', id: walletId }, { kind: 'balance' }),
    storeSeq: async (partition) => (await store.checkpoint(partition)).seq,
    nowMs,
  })
  const catchUp = (limitMs: number): Promise<void> => caughtUp(runtime, projector, limitMs)
  const failed = (error: unknown): void => log.error({ err: error }, 'history failed')
  const history = new StoreHistory({
    reader: new BoundedReader(store),
    freshness,
    partitions: config.partitions,
    failed,
  })
  const asking = {
    ...{ store, catchUp, nowMs },
    failed: (error: unknown) => log.error({ err: error }, 'a question about the ledger failed'),
  }
  return {
    runtime: router,
    history,
    catchUp,
    ledger: new StoreLedgerDesk(asking),
    lists: new StoreListDesk(asking),
    nowMs,
    sandbox,
    rates: fixedRates(config.prices),
    quotes: new Quotes(loadTokenSecret(config.tokenSecret), systemClock, randomIds),
    answered,
  }
}

/** Has the others fetch what is here; what nobody fetches is brought to rest here. */
async function drain({ membership, ownership, runtime }: ClusterMember, deadlineMs: number): Promise<boolean> {
  const untilMs = performance.now() + deadlineMs
  membership.setDraining()
  while (performance.now() < untilMs) {
    const isLast = membership.eligible.every((id) => id === membership.me)
    // The last of those that leave takes what the others still have, until it is alone.
    if (isLast ? membership.live.length === 0 : ownership.size === 0) break
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  ownership.stop()
  if (ownership.size === 0) return true
  return runtime.drain(Math.max(0, untilMs - performance.now()))
}

async function unwind(undo: Undo): Promise<void> {
  for (const step of undo.reverse()) {
    try {
      await step()
    } catch {
      // the others are closed all the same
    }
  }
  undo.length = 0
}
