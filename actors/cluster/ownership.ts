// Takes the partitions that belong to this member and gives up those that do not (docs/cluster.md, Ownership). The member
// that should have a partition fetches it; the one that has it lets go when it is asked. Two members that both believe
// they own a partition are kept apart by the journal's fence when they write (J2); that they do not both answer reads is
// kept here: a partition is claimed only once nobody else can answer for it (C1).

import type { PartitionId } from '../../shared/ids.ts'
import type { Observer, Scheduler } from '../runtime/ports.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { Turns } from '../runtime/turns.ts'
import type { Membership } from './membership.ts'
import { Placement } from './placement.ts'
import type { HandOver, MemberId, PartitionService, RemoteAsk, RemoteOutcome, Wire } from './ports.ts'

/** Looks around this often, whether or not anything is known to have changed. */
const LOOK_EVERY_MS = 200
/** A partition that cannot be recovered is tried again for ever, less and less often. */
const LONGEST_RETRY_MS = 2_000
/** Partitions recovered at a time: recovery shares the main thread with those that serve. */
const RECOVERIES_AT_A_TIME = 4
/** One that takes longer waits for its store or its stream, which are not everybody's: others begin beside it. */
const RECOVERY_PATIENCE_MS = 2_000
/** How long what is under way in a partition may take to land before it is let go all the same. */
const RELEASE_WITHIN_MS = 2_000
/** An owner that has not finished letting go by then says so, and is asked again. */
const ANSWER_WITHIN_MS = 400

/** Serves on, while its next recovery is made short. */
interface Preparing {
  readonly kind: 'preparing'
  readonly close: () => void
  readonly left: Promise<void>
}

type Hold =
  | { readonly kind: 'taking' }
  | { readonly kind: 'held'; readonly close: () => void }
  | Preparing
  /** Decides nothing any more. */
  | { readonly kind: 'leaving'; readonly left: Promise<void> }

export interface OwnershipOptions {
  readonly partitions: number
  readonly membership: Membership
  readonly wire: Wire
  readonly runtime: Pick<Runtime, 'acquire' | 'release' | 'forget' | 'partition'>
  readonly scheduler: Scheduler
  readonly observer: Observer
  readonly serve: (partition: PartitionId, ask: RemoteAsk, reply: (outcome: RemoteOutcome) => void) => void
  /** Rejects where the partition could not be recovered now, whoever has it: asked before its owner is. */
  readonly canRead: (partition: PartitionId) => Promise<unknown>
  /** Done before the partition is recovered, while nobody serves it. */
  readonly prepare: (partition: PartitionId) => Promise<void>
  /** A try to take the partition has failed, and is made again. Null: it does not belong here any more. */
  readonly failing: (partition: PartitionId, error: unknown) => void
  /** The partition serves here from now on. */
  readonly taken: (partition: PartitionId) => void
  /** The partition will be let go in a moment: what shortens its next recovery may be done now. */
  readonly leaving: (partition: PartitionId) => Promise<void>
  /** The partition does not serve here any more. */
  readonly left: (partition: PartitionId) => void
}

export class Ownership {
  private readonly options: OwnershipOptions
  private readonly placement: Placement
  private readonly holds = new Map<PartitionId, Hold>()
  /** Tries in a row that have failed. */
  private readonly failures = new Map<PartitionId, number>()
  private readonly turns: Turns
  private stopped = false

  constructor(options: OwnershipOptions) {
    this.options = options
    this.placement = new Placement(options.partitions)
    const { scheduler } = options
    this.turns = new Turns({ atATime: RECOVERIES_AT_A_TIME, patience: { ms: RECOVERY_PATIENCE_MS, scheduler } })
  }

  start(): void {
    this.look()
    this.watch()
  }

  /** Partitions that belong to this member and do not serve here. */
  get missing(): number {
    const { membership, runtime, partitions } = this.options
    const { eligible, me } = membership
    let missing = 0
    for (let partition = 0; partition < partitions; partition++) {
      if (runtime.partition(partition) === undefined && this.placement.ownerOf(partition, eligible) === me) missing++
    }
    return missing
  }

  /** Partitions that are held, on their way here or on their way out. */
  get size(): number {
    return this.holds.size
  }

  get held(): readonly PartitionId[] {
    return [...this.holds].flatMap(([partition, hold]) => (hold.kind === 'held' ? [partition] : []))
  }

  /** Begins to take what belongs here. */
  look(): void {
    if (this.stopped) return
    const { membership, partitions } = this.options
    const { eligible } = membership
    // Nobody is asked to let go for one who could not take it yet.
    if (!eligible.includes(membership.me) || membership.mayHaveMissed) return
    for (let partition = 0; partition < partitions; partition++) {
      if (this.holds.has(partition) || this.placement.ownerOf(partition, eligible) !== membership.me) continue
      this.holds.set(partition, { kind: 'taking' })
      void this.take(partition)
    }
  }

  /** The runtime has lost it to another owner. */
  lost(partition: PartitionId): void {
    const hold = this.holds.get(partition)
    if (hold?.kind === 'held' || hold?.kind === 'preparing') this.close(partition, hold.close)
  }

  /** C1: the lease is over, so that anybody may own anything: nothing here is to be trusted. */
  dropAll(): void {
    for (const [partition, hold] of this.holds) {
      // What is being taken finds out by itself that the term is another.
      if (hold.kind === 'taking') continue
      this.options.runtime.forget(partition)
      // One that is leaving is closed by whoever lets it go; until then it is nobody's to take again here.
      if (hold.kind !== 'leaving') this.close(partition, hold.close)
    }
  }

  /** Lets a partition go and takes it anew, so that it is prepared again. */
  async renew(partition: PartitionId): Promise<void> {
    const hold = this.holds.get(partition)
    if (hold?.kind === 'held') await this.leave(partition, hold.close)
    this.look()
  }

  /** Whether this member serves the partition or may be about to. */
  concerns(partition: PartitionId): boolean {
    return this.holds.has(partition)
  }

  stop(): void {
    this.stopped = true
  }

  private watch(): void {
    this.options.scheduler.after(LOOK_EVERY_MS, () => {
      if (this.stopped) return
      this.look()
      this.watch()
    })
  }

  private async take(partition: PartitionId): Promise<void> {
    try {
      const term = await this.turns.run(() => this.fetch(partition))
      if (term !== null && this.serve(partition, term)) return
    } catch (error) {
      this.failures.set(partition, (this.failures.get(partition) ?? 0) + 1)
      this.options.observer.alarm('partition.not_taken', { partition, error: String(error) })
      this.options.failing(partition, error)
    }
    this.lookAgain(partition)
  }

  // Not now: after a while it is looked at again.
  private lookAgain(partition: PartitionId): void {
    const failures = this.failures.get(partition) ?? 0
    const afterMs = Math.min(LONGEST_RETRY_MS, (LOOK_EVERY_MS / 2) * 2 ** failures)
    this.options.scheduler.after(afterMs, () => {
      if (this.holds.get(partition)?.kind === 'taking') this.holds.delete(partition)
      this.look()
      if (failures > 0 && !this.holds.has(partition)) this.notFailing(partition)
    })
  }

  private notFailing(partition: PartitionId): void {
    if (this.failures.delete(partition)) this.options.failing(partition, null)
  }

  private async isFree(partition: PartitionId): Promise<boolean> {
    const { wire, membership } = this.options
    const answer = await wire.requestHandOver(partition, membership.me)
    switch (answer) {
      case 'released':
        return true
      case 'releasing':
      case 'refused':
        return false
      case 'nobody':
      case 'lost':
        return this.isQuiet(partition)
    }
  }

  // C1: nobody may still answer from the memory of an owner: not one that cannot be reached, nor one not heard of yet.
  private async isQuiet(partition: PartitionId): Promise<boolean> {
    const { wire, membership } = this.options
    const others = await membership.census()
    if (others === null) return false
    const serving = await Promise.all(others.map((member) => wire.serves(member, partition)))
    return serving.every((serves) => serves === false)
  }

  // Its owner is asked last: until this member can take the partition at once, it serves where it is. Answers the term in
  // which it was fetched: what is found out in one proves nothing in the next.
  private async fetch(partition: PartitionId): Promise<number | null> {
    const { canRead, prepare, runtime, membership } = this.options
    if (!this.wanted(partition)) return null
    const { term } = membership
    await canRead(partition)
    if (!(await this.isFree(partition)) || !this.wanted(partition)) return null
    await prepare(partition)
    // Between reading the log and claiming it: whoever takes it after this was asked is found by the fence.
    return (await runtime.acquire(partition, () => this.isQuiet(partition))) ? term : null
  }

  private serve(partition: PartitionId, term: number): boolean {
    // The lease may have run out meanwhile, or the partition be lost again.
    const lapsed = !this.options.membership.held() || this.options.membership.term !== term
    if (lapsed || this.options.runtime.partition(partition) === undefined) {
      this.options.runtime.forget(partition)
      return false
    }
    const service: PartitionService = {
      ask: (ask, reply) => this.options.serve(partition, ask, reply),
      handOver: (to) => this.handOver(partition, to),
    }
    this.holds.set(partition, { kind: 'held', close: this.options.wire.open(partition, service) })
    this.notFailing(partition)
    this.options.taken(partition)
    return true
  }

  private wanted(partition: PartitionId): boolean {
    const { membership } = this.options
    return (
      !this.stopped && membership.held() && this.placement.ownerOf(partition, membership.eligible) === membership.me
    )
  }

  private async handOver(partition: PartitionId, to: MemberId): Promise<HandOver> {
    const { membership, scheduler } = this.options
    const hold = this.holds.get(partition)
    if (hold === undefined || hold.kind === 'taking') return 'refused'
    // As long as this member sees itself as the owner, whoever asks knows less, or more, than it does: later.
    if (hold.kind === 'held' && this.placement.ownerOf(partition, membership.eligible) !== to) return 'refused'
    const left = hold.kind === 'held' ? this.leave(partition, hold.close) : hold.left
    const late = new Promise<HandOver>((resolve) =>
      scheduler.after(ANSWER_WITHIN_MS, () =>
        resolve(this.holds.get(partition)?.kind === 'leaving' ? 'releasing' : 'refused'),
      ),
    )
    return Promise.race([left.then((): HandOver => 'released'), late])
  }

  private leave(partition: PartitionId, close: () => void): Promise<void> {
    const left = Promise.resolve()
      .then(() => this.options.leaving(partition))
      .catch(() => {})
      .then(() => this.letGo(partition, preparing))
    const preparing: Preparing = { kind: 'preparing', close, left }
    this.holds.set(partition, preparing)
    return left
  }

  private async letGo(partition: PartitionId, preparing: Preparing): Promise<void> {
    // It may have been lost meanwhile, and even be here again.
    if (this.holds.get(partition) !== preparing) return
    this.holds.set(partition, { kind: 'leaving', left: preparing.left })
    await this.options.runtime.release(partition, RELEASE_WITHIN_MS)
    this.close(partition, preparing.close)
  }

  private close(partition: PartitionId, close: () => void): void {
    close()
    this.holds.delete(partition)
    this.options.left(partition)
  }
}
