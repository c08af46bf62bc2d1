// The money side of a process that shares its work: journal and store on services, the partitions that are this member's,
// and the way to the others (docs/cluster.md). What both wires see of it is the same as in one process alone.

import { Membership } from '../../actors/cluster/membership.ts'
import { Ownership } from '../../actors/cluster/ownership.ts'
import type { Monotonic } from '../../actors/cluster/ports.ts'
import { Router } from '../../actors/cluster/router.ts'
import { KINDS } from '../../actors/kinds.ts'
import type { Observer } from '../../actors/runtime/ports.ts'
import { Runtime } from '../../actors/runtime/runtime.ts'
import { WalletFeed } from '../../rooms/walletFeed.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ClusterBacking, Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createObserver, type Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'
import type { MongoStore } from '../mongo/mongoStore.ts'
import { FeedRelay } from '../nats/feedRelay.ts'
import { NatsEnvelopes } from '../nats/natsEnvelopes.ts'
import { NatsLeases } from '../nats/natsLeases.ts'
import { NatsWire } from '../nats/natsWire.ts'
import { OwnFreshness } from '../store/ownFreshness.ts'
import { randomIds, systemClock, systemScheduler } from '../system.ts'
import { WalletDesk } from '../walletDesk.ts'
import { StoreHistory } from '../walletHistory.ts'
import { watchLevels } from '../watchLevels.ts'
import { ClusterFreshness } from './clusterFreshness.ts'
import { ClusterProjector } from './clusterProjector.ts'
import { ClusterStatus } from './clusterStatus.ts'
import { type OpenedJournal, openJournal, openStore } from './openServices.ts'
import { checkStoreAgainstJournal } from './storeCheck.ts'
import { TeeJournal } from './teeJournal.ts'

/** Records of a partition between two rounds of snapshots. */
const SNAPSHOT_EVERY = 10_000
/** How long a partition that is about to be handed over may take to get its snapshots. */
const SETTLE_WITHIN_MS = 1_500
/** How long a start waits for this member's share of the partitions, before it serves without them. */
const SHARE_WITHIN_MS = 30_000
const POLL_MS = 20

export const monotonic: Monotonic = { elapsedMs: () => performance.now() }

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
  const member = await joinAs(config, backing, opened, store, dataSetId, observer, log, undo)
  const { runtime, router, projector, feed, membership, ownership } = member
  watchLevels(metrics, runtime)
  const status = new ClusterStatus({ ...member, link: opened.link, partitions: config.partitions })
  status.watch(metrics)
  await status.untilServing(SHARE_WITHIN_MS, POLL_MS)
  const own = new OwnFreshness(runtime, projector, () => systemClock.nowMs())
  const freshness = new ClusterFreshness({
    runtime,
    own,
    newestOf: (walletId) => router.read({ kind: 'wallet', id: walletId }, { kind: 'balance' }),
    storeSeq: async (partition) => (await store.checkpoint(partition)).seq,
    nowMs: () => systemClock.nowMs(),
  })
  const wallets = new WalletDesk({
    runtime: router,
    history: new StoreHistory({
      reader: store,
      freshness,
      partitions: config.partitions,
      failed: (error) => log.error({ err: error }, 'history failed'),
    }),
    nowMs: () => systemClock.nowMs(),
    sandbox: !config.production,
    answered: (command, outcome, elapsedMs) => observer.answered('wallet', command, outcome, elapsedMs),
  })
  return {
    isNew,
    wallets,
    feed,
    checks: () => status.checks(),
    cluster: () => status.report(),
    drain: (deadlineMs) => drain({ membership, ownership, runtime }, deadlineMs),
    close: () => unwind(undo),
  }
}

async function joinAs(
  config: Config,
  backing: ClusterBacking,
  { journal, link }: OpenedJournal,
  store: MongoStore,
  dataSetId: string,
  observer: Observer,
  log: Log,
  undo: Undo,
) {
  const me = `m_${randomIds.newId()}`
  const { partitions } = config
  const { dataSet } = backing
  const { connection } = link
  const projector = await ClusterProjector.open(
    { backing, partitions, dataSetId, snapshotEvery: SNAPSHOT_EVERY },
    {
      onProgress: (progress) => runtime.progress(progress),
      onAlarm: (event, detail) => observer.alarm(event, detail),
      onLost: (why) => {
        // A process without it can only half serve: it ends, and others take over.
        log.fatal({ why }, 'the projector has ended')
        process.exit(1)
      },
    },
  )
  undo.push(() => projector.close())
  const replicas = backing.journalReplicas
  const leases = await NatsLeases.open(connection, { dataSet, ttlMs: backing.leaseTtlMs, replicas })
  const feed = new WalletFeed(config.pushIntervalMs)
  const isHere = (partition: PartitionId): boolean => runtime.partition(partition) !== undefined
  const relay = new FeedRelay({ connection, dataSet, me, partitions, local: feed, isHere })
  feed.onInterest = (actor, wanted) => relay.want(actor, wanted)
  const wire = new NatsWire(connection, dataSet, me)
  const envelopes = new NatsEnvelopes(connection, dataSet)
  const membership: Membership = new Membership({
    me,
    address: backing.publicAddress,
    ttlMs: backing.leaseTtlMs,
    leases,
    scheduler: systemScheduler,
    monotonic,
    observer,
    holds: () => ownership.held.length,
    changed: () => ownership.look(),
    lapsed: () => ownership.dropAll(),
  })
  const runtime: Runtime = new Runtime({
    partitions,
    kinds: KINDS,
    journal: new TeeJournal(journal, (...batch) => projector.committed(...batch)),
    store,
    transport: envelopes,
    clock: systemClock,
    scheduler: systemScheduler,
    ids: randomIds,
    owner: me,
    lease: membership,
    observer,
    feed: relay,
    limits: { maxBatchBytes: Math.min(MAX_BATCH_BYTES, journal.maxBatchBytes) },
    onLost: (partition) => ownership.lost(partition),
  })
  envelopes.attach(runtime)
  const isKind = (kind: string): boolean => KINDS.has(kind)
  const router = new Router({ partitions, runtime, wire, scheduler: systemScheduler, monotonic, isKind })
  const openings = new Map<PartitionId, readonly (() => void)[]>()
  const ownership: Ownership = new Ownership({
    partitions,
    membership,
    wire,
    runtime,
    scheduler: systemScheduler,
    monotonic,
    observer,
    serve: (partition, ask, reply) => router.serve(partition, ask, reply),
    taken(partition) {
      projector.take(partition, runtime.partition(partition)?.position ?? 0)
      openings.set(partition, [envelopes.open(partition), relay.open(partition)])
    },
    leaving: (partition) => projector.settle(partition, SETTLE_WITHIN_MS),
    left(partition) {
      for (const close of openings.get(partition) ?? []) close()
      openings.delete(partition)
      projector.release(partition)
    },
  })
  wire.answerFor(me, (partition) => ownership.concerns(partition))
  undo.push(() => {
    ownership.stop()
    feed.close()
    relay.close()
    runtime.stop()
    wire.close()
    return membership.stop()
  })
  membership.start()
  ownership.start()
  return { me, projector, feed, membership, ownership, runtime, router }
}

/** A batch of this size costs one fsync, and little of the server's patience. */
const MAX_BATCH_BYTES = 512 * 1024

interface Leaving {
  readonly membership: Membership
  readonly ownership: Ownership
  readonly runtime: Runtime
}

/** Has the others fetch what is here; what nobody fetches is brought to rest here. */
async function drain({ membership, ownership, runtime }: Leaving, deadlineMs: number): Promise<boolean> {
  const untilMs = performance.now() + deadlineMs
  membership.setDraining()
  while (ownership.size > 0 && performance.now() < untilMs) {
    if (membership.eligible.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  ownership.stop()
  if (ownership.size === 0) return true
  return runtime.drain(Math.max(0, untilMs - performance.now()))
}
