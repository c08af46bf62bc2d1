// The ProjectionStore port in memory, as plainly as it can be kept, for tests of the projector: what it was given, and a
// switch that makes it fail.

import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

export class MemoryProjectionStore implements ProjectionStore {
  readonly writes: ProjectionWrite[] = []
  readonly checkpoints = new Map<PartitionId, Checkpoint>()
  readonly partitions = new Map<PartitionId, PartitionSnapshot>()
  readonly actors = new Map<string, ActorSnapshot>()
  /** Actors whose snapshots were asked for, in order. */
  readonly loads: string[] = []
  failing: 'no' | 'writes' | 'reads' = 'no'

  async apply(write: ProjectionWrite): Promise<void> {
    if (this.failing === 'writes') throw new Error('the store is down')
    this.writes.push(write)
    for (const { snapshot } of write.actors) {
      if (snapshot.seq > (this.actors.get(snapshot.actor)?.seq ?? 0)) this.actors.set(snapshot.actor, snapshot)
    }
    for (const { partition, snapshot } of write.partitions) {
      if (snapshot.seq > (this.partitions.get(partition)?.seq ?? 0)) this.partitions.set(partition, snapshot)
    }
    for (const { partition, checkpoint } of write.checkpoints) {
      if (checkpoint.seq > (this.checkpoints.get(partition)?.seq ?? 0)) this.checkpoints.set(partition, checkpoint)
    }
  }

  async checkpoint(partition: PartitionId): Promise<Checkpoint> {
    return this.checkpoints.get(partition) ?? EMPTY_CHECKPOINT
  }

  async partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.partitions.get(partition) ?? null
  }

  async actorSnapshots(_partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    if (this.failing === 'reads') throw new Error('the store is down')
    this.loads.push(...actors)
    return actors.flatMap((actor) => this.actors.get(actor) ?? [])
  }

  async recentKeys(): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return new Map()
  }

  async findKey(): Promise<KeyOutcome | null> {
    return null
  }
}
