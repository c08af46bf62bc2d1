// What the projector's thread of a process in a cluster is told, and what it says.

import type { Position } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ClusterBacking } from '../config.ts'
import type { ProjectorReport } from '../store/projectorLink.ts'

export interface ClusterProjectorOptions {
  readonly backing: ClusterBacking
  readonly partitions: number
  readonly dataSetId: string
  readonly snapshotEvery: number
}

/** A batch that has become durable, and the position of the one before it. */
export interface CommittedBatch {
  readonly partition: PartitionId
  readonly after: Position
  readonly position: Position
  readonly bytes: Uint8Array
}

export type ToClusterProjector =
  /** The partition serves here; what the journal has of it up to here is durable. */
  | { readonly kind: 'take'; readonly partition: PartitionId; readonly through: Position }
  /** Many at a time: a message to a thread costs more than what is in it. */
  | { readonly kind: 'batches'; readonly batches: readonly CommittedBatch[] }
  /** Durable up to here; what is missing is to be read from the journal. */
  | { readonly kind: 'through'; readonly partition: PartitionId; readonly position: Position }
  /** Finish what is there of the partition and write its snapshots; then say `settled`. */
  | { readonly kind: 'settle'; readonly partition: PartitionId; readonly request: number }
  | { readonly kind: 'release'; readonly partition: PartitionId }
  /** Take everything of the partition, which serves nowhere, out of the store; then say `cleared`. */
  | { readonly kind: 'clear'; readonly partition: PartitionId; readonly request: number }
  | { readonly kind: 'close' }

/** What its thread says beyond what every projector's does. */
export type ClusterProjectorAnswer =
  /** So many bytes of batches sent here are in hand no more. */
  | { readonly kind: 'consumed'; readonly bytes: number }
  | { readonly kind: 'settled' | 'cleared'; readonly request: number }

export type FromClusterProjector = ProjectorReport | ClusterProjectorAnswer
