// The actor runtime of one process: routes asks and envelopes to its partitions, recovers them, keeps them swept, and
// drains them. It knows partitions and actors by name only.

import type { PartitionId } from '../../shared/ids.ts'
import { actorKey, isActorKey, partitionOf } from '../../shared/partition.ts'
import { DEFAULT_PRICES, fixedRates, type Rates } from '../../shared/rates.ts'
import type { AnyKind } from './actor.ts'
import { Admission } from './admission.ts'
import type { ActorAddress, Answer, AskMeta, Environment, ReadAnswer } from './answers.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { Partition } from './partition.ts'
import type {
  Clock,
  CommitFeed,
  EnvelopeTransport,
  Ids,
  Journal,
  Lease,
  Observer,
  Progress,
  RecoveryStore,
  Scheduler,
  Taken,
} from './ports.ts'
import type { Envelope } from './record.ts'
import { BrokenLogError, claim, recover } from './recovery.ts'

export interface RuntimeOptions {
  /** P of J1, fixed when the data set is made. */
  readonly partitions: number
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly journal: Journal
  readonly store: RecoveryStore
  /** Where envelopes are sent. */
  readonly transport: EnvelopeTransport
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly ids: Ids
  /** Those of DEFAULT_PRICES where they are not given. */
  readonly rates?: Rates
  /** A name of this process, different at each start; made of `ids` where it is not given. */
  readonly owner?: string
  /** C1. Always held where it is not given: an embedded server has its data set to itself. */
  readonly lease?: Lease
  readonly observer: Observer
  readonly feed?: CommitFeed
  readonly limits?: Partial<Limits>
  /** The partition has another owner now, or its memory could not be trusted. Not called for what is released. */
  readonly onLost?: (partition: PartitionId) => void
}

export class Runtime implements EnvelopeTransport {
  private readonly env: Environment
  private readonly onLost: (partition: PartitionId) => void
  private readonly owned = new Map<PartitionId, Partition>()
  private readonly progressOf = new Map<PartitionId, Progress>()
  /** Newest record of each partition when it began to serve here: what counts until the projector tells of it. */
  private readonly servedFrom = new Map<PartitionId, number>()
  private stopped = false
  private shed = false
  /** When it was last looked at. */
  private lagAtMs = 0
  private cancelSweep: (() => void) | null = null

  constructor(options: RuntimeOptions) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const admission = new Admission(options.clock, limits)
    this.env = {
      ...options,
      rates: options.rates ?? fixedRates(DEFAULT_PRICES),
      owner: options.owner ?? options.ids.newId(),
      lease: options.lease ?? ALWAYS_HELD,
      feed: options.feed ?? null,
      limits,
      admission,
      shedding: () => this.isShedding(),
    }
    this.onLost = options.onLost ?? ((): void => {})
  }

  /**
   * Recovers these partitions and serves them. Store and journal errors are retried; a broken log rejects. Resolves when
   * all of them serve, or when the runtime is stopped.
   */
  async start(partitions: readonly PartitionId[]): Promise<void> {
    let missing = partitions
    while (missing.length > 0 && !this.stopped) {
      try {
        missing = await this.recoverAll(missing)
      } catch (error) {
        if (error instanceof BrokenLogError || (error instanceof Error && error.name === 'CorruptBatchError'))
          throw error
        this.env.observer.alarm('recovery.failed', { partitions: missing, error: String(error) })
      }
      if (missing.length > 0) await this.pause()
    }
    this.scheduleSweep()
  }

  /**
   * One try to take a partition: true once it serves, false where another owner was quicker, or where `mayClaim` says no,
   * which is asked once the log is read: what comes into the log after that fences the claim. Rejects when store or
   * journal cannot be read now, or the log is broken.
   */
  async acquire(partition: PartitionId, mayClaim = ALWAYS): Promise<boolean> {
    if (this.owned.has(partition)) return true
    const others = await this.recoverAll([partition], mayClaim)
    this.scheduleSweep()
    return others.length === 0
  }

  /**
   * Lets a partition go: takes nothing new, lets what is under way land, and forgets it. Answers whether everything had
   * landed within the deadline; what had not is the next owner's to find out (J2).
   */
  release(id: PartitionId, deadlineMs: number): Promise<boolean> {
    const partition = this.owned.get(id)
    if (partition === undefined) return Promise.resolve(true)
    return new Promise((resolve) => {
      const left = (clean: boolean): void => {
        cancel()
        if (this.owned.get(id) === partition) this.dismiss(id)
        partition.drop()
        resolve(clean)
      }
      const cancel = this.env.scheduler.after(deadlineMs, () => left(false))
      partition.leave(left)
    })
  }

  /** Lets a partition go at once: nothing of what waits for the disk is answered. */
  forget(id: PartitionId): void {
    this.owned.get(id)?.drop()
    this.dismiss(id)
  }

  /** Never rejects. The answer, with all it was computed from, is durable (A4). */
  ask(to: ActorAddress, command: unknown, meta: AskMeta): Promise<Answer> {
    return new Promise((resolve) => this.submit(to, command, meta, resolve))
  }

  /** As `ask`, calling back once: the way of every command, and shorter by some promises. */
  submit(to: ActorAddress, command: unknown, meta: AskMeta, reply: (answer: Answer) => void): void {
    const actor = actorKey(to.kind, to.id)
    if (!this.isKnown(to.kind, actor)) return reply({ kind: 'refused', code: 'not_found', seq: null })
    const partition = this.owned.get(partitionOf(actor, this.env.partitions))
    if (partition === undefined) reply({ kind: 'refused', code: 'unavailable', seq: null })
    else partition.ask(actor, command, meta, reply)
  }

  read(to: ActorAddress, query: unknown): Promise<ReadAnswer> {
    return new Promise((resolve) => {
      const actor = actorKey(to.kind, to.id)
      if (!this.isKnown(to.kind, actor)) return resolve({ kind: 'refused', code: 'not_found' })
      const partition = this.owned.get(partitionOf(actor, this.env.partitions))
      if (partition === undefined) resolve({ kind: 'refused', code: 'unavailable' })
      else partition.read(actor, query, resolve)
    })
  }

  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void {
    this.owned.get(destination)?.deliver(source, envelopes)
  }

  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    this.owned.get(source)?.acknowledge(destination, through, taken)
  }

  probe(source: PartitionId, destination: PartitionId): void {
    this.owned.get(destination)?.probe(source)
  }

  /** From the projector: what the store has (A6, M6, C2). */
  progress(progress: Progress): void {
    this.progressOf.set(progress.partition, progress)
    this.owned.get(progress.partition)?.progress(progress)
    this.lagAtMs = Number.NEGATIVE_INFINITY
  }

  /** Durable records that the store does not have yet, over all partitions. */
  projectorLag(): number {
    let lag = 0
    for (const [id, { seqs }] of this.owned) {
      const projected = this.progressOf.get(id)?.projectedSeq ?? this.servedFrom.get(id) ?? 0
      lag += Math.max(0, seqs.durableSeq - projected)
    }
    return lag
  }

  partition(id: PartitionId): Partition | undefined {
    return this.owned.get(id)
  }

  get partitions(): ReadonlyMap<PartitionId, Partition> {
    return this.owned
  }

  get serving(): boolean {
    return !this.stopped && this.owned.size > 0
  }

  /**
   * Takes no more client commands, waits until every answer is out and every envelope delivered, or the deadline has
   * passed. Answers whether nothing was left.
   */
  async drain(deadlineMs: number): Promise<boolean> {
    for (const partition of this.owned.values()) partition.drain()
    let waitedMs = 0
    while (![...this.owned.values()].every((partition) => partition.drained)) {
      if (waitedMs >= deadlineMs) return false
      await new Promise<void>((resolve) => this.env.scheduler.after(DRAIN_POLL_MS, resolve))
      waitedMs += DRAIN_POLL_MS
    }
    return true
  }

  /** Drops everything in memory at once; what was not answered never will be. */
  stop(): void {
    this.stopped = true
    this.cancelSweep?.()
    for (const partition of this.owned.values()) partition.drop()
    this.owned.clear()
  }

  // C2. Looked at by itself, not only when there is progress: a store that is away makes none.
  private isShedding(): boolean {
    const nowMs = this.env.clock.nowMs()
    if (Math.abs(nowMs - this.lagAtMs) >= LAG_EVERY_MS) {
      this.lagAtMs = nowMs
      this.shed = this.projectorLag() > this.env.limits.maxProjectorLag
    }
    return this.shed
  }

  private isKnown(kind: string, actor: string): boolean {
    return this.env.kinds.has(kind) && isActorKey(actor)
  }

  /** One try. Answers the partitions that another owner took meanwhile. */
  private async recoverAll(partitions: readonly PartitionId[], mayClaim = ALWAYS): Promise<readonly PartitionId[]> {
    const recovered = await recover(partitions, this.env)
    if (!(await mayClaim())) return partitions
    const ours = await claim(recovered, this.env)
    if (this.stopped) return []
    for (const [id, found] of ours)
      this.serve(id, new Partition(id, this.env, found, (reason) => this.lose(id, reason)))
    const others = partitions.filter((id) => !ours.has(id))
    if (others.length > 0) this.env.observer.alarm('recovery.not_claimed', { partitions: others })
    return others
  }

  private serve(id: PartitionId, partition: Partition): void {
    this.owned.set(id, partition)
    this.servedFrom.set(id, partition.seqs.durableSeq)
    const progress = this.progressOf.get(id)
    if (progress !== undefined) partition.progress(progress)
    partition.resume()
  }

  // A6: how far the store was says nothing of the next time: it may be made anew in between, and an actor that leaves
  // memory before the store has it again would come back as new.
  private dismiss(id: PartitionId): void {
    this.owned.delete(id)
    this.progressOf.delete(id)
    this.servedFrom.delete(id)
  }

  private lose(id: PartitionId, reason: string): void {
    this.dismiss(id)
    this.env.observer.alarm('partition.lost', { partition: id, reason })
    this.onLost(id)
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.env.scheduler.after(this.env.limits.recoverAgainMs, resolve))
  }

  private scheduleSweep(): void {
    if (this.stopped || this.cancelSweep !== null) return
    this.cancelSweep = this.env.scheduler.after(this.env.limits.sweepEveryMs, () => {
      this.cancelSweep = null
      for (const partition of this.owned.values()) partition.sweep()
      this.scheduleSweep()
    })
  }
}

const DRAIN_POLL_MS = 5
/** How often the store's lag is looked at, at most. */
const LAG_EVERY_MS = 50
const ALWAYS = (): Promise<boolean> => Promise.resolve(true)
const ALWAYS_HELD: Lease = Object.freeze({ held: () => true })
