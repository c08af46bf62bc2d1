// This process as a member: the runtime with the partitions that are its share, and everything by which members find
// each other, hand partitions over, and bring commands, envelopes and news to where they belong.

import { Membership } from '../../actors/cluster/membership.ts'
import { Ownership } from '../../actors/cluster/ownership.ts'
import type { MemberId, Monotonic } from '../../actors/cluster/ports.ts'
import { Router } from '../../actors/cluster/router.ts'
import { KINDS } from '../../actors/kinds.ts'
import type { Observer } from '../../actors/runtime/ports.ts'
import { Runtime } from '../../actors/runtime/runtime.ts'
import { OwnedPartitions } from '../../rooms/ownedPartitions.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { fixedRates } from '../../shared/rates.ts'
import type { ClusterBacking, Config } from '../config.ts'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { EventPublisher } from '../events/eventPublisher.ts'
import { type OpenFeeds, openFeeds } from '../feeds.ts'
import type { Halts } from '../halts.ts'
import type { MongoStore } from '../mongo/mongoStore.ts'
import { EventStream } from '../nats/eventStream.ts'
import { FeedRelay } from '../nats/feedRelay.ts'
import { listenOn } from '../nats/listen.ts'
import { NatsEnvelopes } from '../nats/natsEnvelopes.ts'
import { NatsLeases } from '../nats/natsLeases.ts'
import { NatsWire } from '../nats/natsWire.ts'
import type { DecisionBook } from '../operator/decisionBook.ts'
import { hearOperators } from '../operator/operatorWire.ts'
import { randomIds, systemClock, systemScheduler } from '../system.ts'
import type { ClusterProjector } from './clusterProjector.ts'
import { HaltDesk } from './haltDesk.ts'
import type { OpenedJournal } from './openServices.ts'
import { TeeJournal } from './teeJournal.ts'

/** How long a partition that is about to be handed over may take to get its snapshots, ms. */
const SETTLE_WITHIN_MS = 1_500
/** A batch of this size costs one fsync, and little of the server's patience. */
const MAX_BATCH_BYTES = 512 * 1024

/** News that were missed are made up for once the connection stands again, within this time. */
const RECONNECT_WITHIN_MS = 10 * 60 * 1000

const monotonic: Monotonic = { elapsedMs: () => performance.now() }

export interface MemberParts {
  readonly config: Config
  readonly backing: ClusterBacking
  readonly opened: OpenedJournal
  readonly store: MongoStore
  readonly projector: ClusterProjector
  readonly halts: Halts
  readonly book: DecisionBook
  readonly observer: Observer
}

export class ClusterMember {
  readonly me: MemberId = `m_${randomIds.newId()}`
  readonly projector: ClusterProjector
  readonly feeds: OpenFeeds
  readonly owned: OwnedPartitions
  readonly membership: Membership
  readonly ownership: Ownership
  readonly runtime: Runtime
  readonly router: Router
  private readonly parts: MemberParts
  private readonly relay: FeedRelay
  private readonly wire: NatsWire
  private readonly envelopes: NatsEnvelopes
  private readonly desk: HaltDesk
  private readonly deafen: () => void
  /** Null where other services are not told. */
  private readonly events: EventPublisher | null
  /** What a partition that serves here listens to, beside asks. */
  private readonly openings = new Map<PartitionId, readonly (() => void)[]>()

  private constructor(parts: MemberParts, leases: NatsLeases) {
    const { config, backing, opened, observer } = parts
    const { connection } = opened.link
    const { dataSet } = backing
    const { partitions } = config
    const { me } = this
    this.parts = parts
    this.projector = parts.projector
    const listen = listenOn(connection, (event, detail) => observer.alarm(event, detail))
    this.feeds = openFeeds(config.pushIntervalMs, observer)
    const isHere = (partition: PartitionId): boolean => this.runtime.partition(partition) !== undefined
    this.events = this.makeEvents()
    this.relay = new FeedRelay({ connection, listen, dataSet, me, partitions, local: this.feeds.all, isHere })
    this.feeds.all.onInterest = (actor, wanted) => this.relay.want(actor, wanted)
    this.wire = new NatsWire(connection, listen, dataSet, me)
    this.envelopes = new NatsEnvelopes(connection, listen, dataSet)
    this.membership = this.makeMembership(leases)
    this.runtime = this.makeRuntime()
    this.owned = new OwnedPartitions(this.runtime, this.membership, (error) => this.feeds.listenerThrew('', error))
    this.envelopes.attach(this.runtime)
    const { runtime, wire } = this
    const isKind = (kind: string): boolean => KINDS.has(kind)
    this.router = new Router({ partitions, runtime, wire, scheduler: systemScheduler, monotonic, isKind })
    this.ownership = this.makeOwnership()
    wire.answerFor(me, (partition) => this.ownership.concerns(partition))
    this.desk = this.makeDesk()
    const operators = { report: () => this.desk.report(), decided: () => void this.desk.look() }
    this.deafen = hearOperators(connection, dataSet, operators)
    // What others have sent meanwhile is lost.
    opened.link.onLost(() => void opened.link.whenConnected(RECONNECT_WITHIN_MS).then(() => this.relay.catchUp()))
  }

  /**
   * A member that nobody knows of yet. Rejects where the leases cannot be had, or are not of this configuration.
   */
  static async open(parts: MemberParts): Promise<ClusterMember> {
    const { backing, opened } = parts
    const { dataSet, leaseTtlMs: ttlMs, journalReplicas: replicas } = backing
    const leases = await NatsLeases.open(opened.link.connection, { dataSet, ttlMs, replicas }).catch(
      (error: unknown) => {
        if (error instanceof DataSetError) throw error
        throw new DataSetError('NATS_URL', `the leases cannot be had (${messageOf(error)})`, 'Check its JetStream')
      },
    )
    const member = new ClusterMember(parts, leases)
    member.membership.watch()
    return member
  }

  /** From now on it has a lease, and takes its share. */
  join(): void {
    this.membership.start()
    this.ownership.start()
    this.desk.start()
  }

  /** Serves nothing any more, and tells the others that it does not. */
  async leave(): Promise<void> {
    this.deafen()
    this.desk.stop()
    this.ownership.stop()
    this.feeds.close()
    this.events?.close()
    this.relay.close()
    this.runtime.stop()
    this.wire.close()
    await this.membership.stop()
  }

  private makeEvents(): EventPublisher | null {
    const { backing, opened, observer } = this.parts
    if (backing.events === null) return null
    const { dataSet, journalReplicas: replicas, events } = backing
    const sink = new EventStream(opened.link.connection, { dataSet, replicas, ...events })
    return new EventPublisher({
      ...{ sink, journal: opened.journal },
      alarm: (event, detail) => observer.alarm(event, detail),
    })
  }

  private makeDesk(): HaltDesk {
    const { me, runtime, ownership, projector } = this
    const { config, backing, opened, halts, book, observer } = this.parts
    return new HaltDesk({
      me,
      dataSet: backing.dataSet,
      dataSetId: opened.journal.dataSet.dataSetId,
      keysFile: config.operatorKeysFile,
      halts,
      book,
      projector,
      runtime,
      ownership,
      observer,
      scheduler: systemScheduler,
      now: () => new Date(systemClock.nowMs()),
    })
  }

  private makeMembership(leases: NatsLeases): Membership {
    const { backing, observer } = this.parts
    return new Membership({
      me: this.me,
      address: backing.publicAddress,
      ttlMs: backing.leaseTtlMs,
      leases,
      scheduler: systemScheduler,
      monotonic,
      observer,
      holds: () => this.ownership.held.length,
      changed: () => this.ownership.look(),
      lapsed: () => this.ownership.dropAll(),
    })
  }

  private makeRuntime(): Runtime {
    const { config, opened, store, observer } = this.parts
    const { journal } = opened
    return new Runtime({
      partitions: config.partitions,
      kinds: KINDS,
      journal: new TeeJournal(journal, (...batch) => {
        this.projector.committed(...batch)
        this.events?.committed(...batch)
      }),
      store,
      transport: this.envelopes,
      clock: systemClock,
      scheduler: systemScheduler,
      ids: randomIds,
      rates: fixedRates(config.prices),
      owner: this.me,
      lease: this.membership,
      observer,
      feed: this.relay,
      limits: { maxBatchBytes: Math.min(MAX_BATCH_BYTES, journal.maxBatchBytes) },
      onLost: (partition) => this.ownership.lost(partition),
    })
  }

  private makeOwnership(): Ownership {
    const { membership, wire, runtime, projector, router } = this
    const { config, opened, store, observer } = this.parts
    return new Ownership({
      partitions: config.partitions,
      membership,
      wire,
      runtime,
      scheduler: systemScheduler,
      observer,
      serve: (partition, ask, reply) => router.serve(partition, ask, reply),
      canRead: (partition) => Promise.all([store.checkpoint(partition), opened.journal.head(partition)]),
      prepare: (partition) => this.desk.prepare(partition),
      failing: (partition, error) => this.desk.failing(partition, error),
      taken: (partition) => {
        this.desk.taken(partition)
        const position = runtime.partition(partition)?.position ?? 0
        projector.take(partition, position)
        this.events?.take(partition, position)
        this.openings.set(partition, [this.envelopes.open(partition), this.relay.open(partition)])
        this.owned.serving(partition)
      },
      leaving: async (partition) => {
        await Promise.all([projector.settle(partition, SETTLE_WITHIN_MS), this.owned.leaving(partition)])
      },
      left: (partition) => {
        this.owned.lost(partition)
        this.desk.left(partition)
        for (const close of this.openings.get(partition) ?? []) close()
        this.openings.delete(partition)
        projector.release(partition)
        this.events?.release(partition)
        this.relay.ownerChanged(partition)
      },
    })
  }
}
