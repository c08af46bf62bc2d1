// What callers of the runtime say and hear, and what every partition shares.

import type { ErrorCode } from '../../shared/errors.ts'
import type { PartitionId, RecordId } from '../../shared/ids.ts'
import type { Rates } from '../../shared/rates.ts'
import type { AnyKind } from './actor.ts'
import type { Admission } from './admission.ts'
import type { Limits } from './limits.ts'
import type {
  Clock,
  CommitFeed,
  EnvelopeTransport,
  Ids,
  Journal,
  Lease,
  Observer,
  RecoveryStore,
  Scheduler,
} from './ports.ts'
import type { Json } from './record.ts'

export interface ActorAddress {
  readonly kind: string
  readonly id: string
}

export interface AskMeta {
  /** M6; empty for a command that is idempotent by itself. */
  readonly key: string
  readonly requestId: string
}

export type Answer =
  /** `recordId` is null where nothing needed noting. The record named, and all before it, is durable. */
  | {
      readonly kind: 'done'
      readonly recordId: RecordId | null
      readonly partition: PartitionId
      readonly seq: number
      readonly reply: Json
    }
  /** `seq` names the record that remembers the refusal; null where nothing was noted. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly seq: number | null }

export type ReadAnswer<View = unknown> =
  | { readonly kind: 'view'; readonly view: View; readonly seq: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode }

/** Everything the partitions of one process have in common. */
export interface Environment {
  readonly partitions: number
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly journal: Journal
  readonly store: RecoveryStore
  readonly transport: EnvelopeTransport
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly ids: Ids
  readonly rates: Rates
  /** J3: names this process in the epoch records it appends; no two processes have the same. */
  readonly owner: string
  readonly lease: Lease
  readonly observer: Observer
  readonly feed: CommitFeed | null
  readonly limits: Limits
  readonly admission: Admission
  /** C2: true while the store is so far behind that new commands are refused. */
  shedding(): boolean
}
