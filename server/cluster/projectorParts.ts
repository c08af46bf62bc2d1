// What the work of a cluster's projector needs of the world (projectorWork.ts): given by its thread, or by a test.

import type { ProjectionStore } from '../../actors/projection/ports.ts'
import type { AnyKind } from '../../actors/runtime/actor.ts'
import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ClusterProjectorOptions, FromClusterProjector } from './projectorProtocol.ts'

/** The journal, for what was not sent. */
export interface FollowedJournal {
  /** Batches after a position; none where a replica has no more yet. */
  read(partition: PartitionId, after: Position, maxBytes: number): Promise<readonly StoredBatch[]>
  close(): Promise<void>
}

export interface ClearableStore extends ProjectionStore {
  /** What was noted of the partition and written nowhere yet counts no more: somebody else may have had it since. */
  forget(partition: PartitionId): void
  clearPartition(partition: PartitionId, isIn: (actor: string) => boolean): Promise<void>
  close(): Promise<void>
}

export interface WorkParts {
  readonly options: Pick<ClusterProjectorOptions, 'partitions' | 'snapshotEvery'>
  readonly journal: FollowedJournal
  readonly store: ClearableStore
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly say: (message: FromClusterProjector) => void
  /** Everything is closed. */
  readonly end: () => void
}
