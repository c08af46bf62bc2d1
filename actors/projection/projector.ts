// Follows the journal and keeps the store (S1): a fold from batches to absolute, guarded writes, with no I/O but the
// store's port. What it has folded and the store has not taken stays in hand and is written again, the same, until the
// store takes it; only then does anything new begin, or anybody hear of progress.

import type { PartitionId } from '../../shared/ids.ts'
import type { AnyKind } from '../runtime/actor.ts'
import type { ActorSnapshot, Position, Progress, StoredBatch } from '../runtime/ports.ts'
import { ResidentActors } from './actorFold.ts'
import { type ListingFailed, PartitionFold, reasonOf } from './partitionFold.ts'
import { DamagedStoreError, type ProjectionStore, type ProjectionWrite } from './ports.ts'
import { WriteCollector } from './writeCollector.ts'

export interface ProjectorOptions {
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly store: ProjectionStore
  /** Records of a partition between two rounds of snapshots, more or less. */
  readonly snapshotEvery?: number
  /** Actors kept in memory beside those waiting for a round. */
  readonly restingActors?: number
  /**
   * S1: a gap, a bad hash or an old epoch, in the batch that begins with record `seq`. The partition is left alone from
   * then on; the others go on.
   */
  readonly onHalt?: (partition: PartitionId, reason: string, seq: number) => void
  /** The actor is not listed: what its kind says of it is not as it has to be. */
  readonly onListingFailed?: ListingFailed
}

export class Projector {
  private readonly options: ProjectorOptions
  private readonly snapshotEvery: number
  private readonly resident: ResidentActors
  private readonly folds = new Map<PartitionId, PartitionFold>()
  private readonly haltedBy = new Map<PartitionId, string>()
  private readonly reported = new Map<PartitionId, Progress>()
  /** Folded, and not known to be in the store. */
  private unwritten: ProjectionWrite | null = null
  private busy = false

  constructor(options: ProjectorOptions) {
    this.options = options
    this.snapshotEvery = options.snapshotEvery ?? 10_000
    this.resident = new ResidentActors(options.restingActors ?? 20_000)
  }

  /** Why each halted partition is halted. */
  get halted(): ReadonlyMap<PartitionId, string> {
    return this.haltedBy
  }

  /** True where records are folded that no round has covered. */
  get roundDue(): boolean {
    return [...this.folds.values()].some((fold) => fold.sinceRound > 0)
  }

  /**
   * Takes up these partitions where the store left them. Answers the positions after which the journal is to be read:
   * those of the last rounds, since memory has to follow from there, though the store may be further. A partition is
   * taken up once: what a projector knows of it does not outlive its being written by somebody else. Rejects when the
   * store fails; then none of them is taken up, and the same call is to be made again.
   */
  async resume(partitions: readonly PartitionId[]): Promise<ReadonlyMap<PartitionId, Position>> {
    const { store, kinds, onListingFailed } = this.options
    const taken: PartitionFold[] = []
    for (const partition of partitions) {
      if (this.folds.has(partition)) throw new Error(`partition ${partition} is resumed already`)
      // J4: the checkpoint first, so that nothing written in between is missed.
      const checkpoint = await store.checkpoint(partition)
      const snapshot = await store.partitionSnapshot(partition)
      taken.push(new PartitionFold(partition, kinds, this.resident, checkpoint, snapshot, onListingFailed))
    }
    for (const fold of taken) this.folds.set(fold.partition, fold)
    return new Map(taken.map((fold) => [fold.partition, fold.position]))
  }

  /**
   * Lets a partition go, that somebody else writes from now on; what is folded of it and not yet written is written all
   * the same, which is harmless (S1). It may be taken up again. `isIn` says which actors are the partition's.
   */
  release(partition: PartitionId, isIn: (actor: string) => boolean): void {
    this.folds.get(partition)?.letGo()
    this.folds.delete(partition)
    this.reported.delete(partition)
    this.haltedBy.delete(partition)
    this.resident.forgetThose(isIn)
  }

  /** How far the store is, of every partition taken up and not halted. */
  progress(): readonly Progress[] {
    return [...this.folds.values()].map((fold) => this.reported.get(fold.partition) ?? fold.progress)
  }

  /**
   * Folds batches (in order within a partition) and writes what they come to. Rejects when the store fails; then the
   * same call is to be made again: what is folded already is left out. Answers what moved.
   */
  async take(batches: readonly StoredBatch[]): Promise<readonly Progress[]> {
    return this.alone(async () => {
      await this.writeOut()
      const collector = new WriteCollector()
      try {
        await this.foldAll(batches, collector)
      } finally {
        // Whatever ended it early, what is folded is to be written.
        this.roundsDue(collector)
        this.unwritten = collector.finish()
      }
      await this.writeOut()
      return this.news()
    })
  }

  /**
   * Writes a round for every partition that has records since its last, or for one: for when the journal is idle, at a
   * stop, and before a partition is handed over.
   */
  async round(only: PartitionId | null = null): Promise<readonly Progress[]> {
    return this.alone(async () => {
      await this.writeOut()
      const collector = new WriteCollector()
      for (const fold of this.folds.values()) {
        if (fold.sinceRound > 0 && (only === null || fold.partition === only)) fold.round(collector)
      }
      this.unwritten = collector.finish()
      await this.writeOut()
      return this.news()
    })
  }

  /** Writes what a failed store has not taken yet. */
  async flush(): Promise<readonly Progress[]> {
    return this.alone(async () => {
      await this.writeOut()
      return this.news()
    })
  }

  private async alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy) throw new Error('the projector takes one call at a time')
    this.busy = true
    try {
      return await work()
    } finally {
      this.busy = false
    }
  }

  private async writeOut(): Promise<void> {
    if (this.unwritten === null) return
    await this.options.store.apply(this.unwritten)
    this.unwritten = null
  }

  private async foldAll(batches: readonly StoredBatch[], collector: WriteCollector): Promise<void> {
    const moved = new Set<PartitionFold>()
    try {
      for (const stored of batches) {
        const fold = this.folds.get(stored.partition)
        if (fold === undefined && !this.haltedBy.has(stored.partition)) {
          throw new Error(`partition ${stored.partition} was never resumed`)
        }
        if (fold === undefined || fold.knows(stored)) continue
        moved.add(fold)
        await this.foldOne(fold, stored, collector)
      }
    } finally {
      for (const fold of moved) fold.advance(collector)
    }
  }

  // What can fail for want of the store comes before anything of the batch is folded.
  private async foldOne(fold: PartitionFold, stored: StoredBatch, collector: WriteCollector): Promise<void> {
    const batch = this.orHalt(fold, () => fold.admit(stored))
    if (batch === null) return
    const missing = fold.missing(batch)
    if (missing.length > 0) {
      const snapshots = await this.snapshotsOrHalt(fold, missing)
      if (snapshots === null) return
      this.orHalt(fold, () => fold.load(missing, snapshots))
    }
    if (!this.haltedBy.has(fold.partition)) this.orHalt(fold, () => fold.fold(batch, collector))
  }

  private async snapshotsOrHalt(
    fold: PartitionFold,
    actors: readonly string[],
  ): Promise<readonly ActorSnapshot[] | null> {
    try {
      return await this.options.store.actorSnapshots(fold.partition, actors)
    } catch (error) {
      if (!(error instanceof DamagedStoreError)) throw error
      this.halt(fold.partition, error.message)
      return null
    }
  }

  private orHalt<T>(fold: PartitionFold, step: () => T): T | null {
    try {
      return step()
    } catch (error) {
      this.halt(fold.partition, reasonOf(error))
      return null
    }
  }

  // S1: never skips. The fold may be half-way through a batch, so it is let go of.
  private halt(partition: PartitionId, reason: string): void {
    const fold = this.folds.get(partition)
    fold?.letGo()
    this.folds.delete(partition)
    this.haltedBy.set(partition, reason)
    this.options.onHalt?.(partition, reason, fold?.nextSeq ?? 0)
  }

  // One round a take, of the partition that has waited longest, so that even traffic does not bring all rounds together;
  // more where some have waited for twice their time.
  private roundsDue(collector: WriteCollector): void {
    const due = [...this.folds.values()].filter((fold) => fold.sinceRound >= this.snapshotEvery)
    due.sort((a, b) => b.sinceRound - a.sinceRound)
    for (const [index, fold] of due.entries()) {
      if (index === 0 || fold.sinceRound >= this.snapshotEvery * 2) fold.round(collector)
    }
  }

  private news(): readonly Progress[] {
    const news: Progress[] = []
    for (const fold of this.folds.values()) {
      const { progress } = fold
      const known = this.reported.get(fold.partition)
      if (known?.projectedSeq === progress.projectedSeq && known.snapshotSeq === progress.snapshotSeq) continue
      this.reported.set(fold.partition, progress)
      news.push(progress)
    }
    return news
  }
}
