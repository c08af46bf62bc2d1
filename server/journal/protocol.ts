// What the journal's threads say to each other.

import type { PartitionId } from '../../shared/ids.ts'
import type { DataSetTrouble } from '../dataSetError.ts'
import type { DataSet } from './journalFile.ts'

export interface WriterOptions {
  readonly file: string
  readonly partitions: number
  /** The file may not grow beyond this; then commits fail as on a full disk. 0: no limit. */
  readonly maxBytes: number
  /** How much of the journal's end is read and checked before it is opened. */
  readonly checkBytes: number
}

export type ToWriter =
  | { readonly kind: 'commit'; readonly id: number; readonly heads: Uint8Array; readonly frame: Uint8Array }
  /** Does this batch follow that position already? */
  | {
      readonly kind: 'settle'
      readonly request: number
      readonly partition: PartitionId
      readonly expected: number
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'limit'; readonly maxBytes: number }
  | { readonly kind: 'close' }

export type FromWriter =
  | { readonly kind: 'opened'; readonly dataSet: DataSet; readonly lastId: number; readonly heads: Float64Array }
  | { readonly kind: 'refused'; readonly trouble: DataSetTrouble }
  | { readonly kind: 'committed'; readonly id: number }
  /** The commit is not known to be durable. `found` is what the file says now, or null where it cannot be read. */
  | { readonly kind: 'failed'; readonly id: number; readonly message: string; readonly found: FoundHeads | null }
  /** Position of the identical batch, null where another batch is there, 'unknown' where the file cannot be read. */
  | { readonly kind: 'settled'; readonly request: number; readonly position: number | null | 'unknown' }
  | { readonly kind: 'closed' }

export interface FoundHeads {
  readonly lastId: number
  readonly heads: Float64Array
}

export interface ReplayOptions {
  readonly file: string
  /** Positions at which to begin, of the partitions wanted. */
  readonly from: readonly (readonly [PartitionId, number])[]
  readonly chunkBytes: number
  /** Chunks that may be on their way or waiting. */
  readonly ahead: number
}

/** Batches as places in the frames sent along: [partition, position, frame, offset, length] for each. */
export type FromReplay =
  | { readonly kind: 'chunk'; readonly frames: readonly Uint8Array[]; readonly batches: Float64Array }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly trouble: DataSetTrouble }

/** One more chunk may be sent. */
export type ToReplay = { readonly kind: 'more' }
