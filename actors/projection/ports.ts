// What the projector writes and reads back (S1): absolute values only, each guarded by the seq that made it, so that
// writing twice, or late, changes nothing. The projector (projector.ts) is a pure fold from batches to these writes.

import type { PartitionId } from '../../shared/ids.ts'
import type { RecordFate } from '../runtime/actor.ts'
import type { Listing } from '../runtime/listing.ts'
import type {
  ActorSnapshot,
  Checkpoint,
  KeyOutcome,
  PartitionSnapshot,
  Position,
  RecoveryStore,
} from '../runtime/ports.ts'
import type { LogRecord, Operation, Side } from '../runtime/record.ts'
import type { ProjectedClosing } from './closings.ts'

export interface ProjectedBatch {
  readonly partition: PartitionId
  readonly firstSeq: number
  readonly lastSeq: number
  readonly position: Position
  readonly hash: string
  /** The exact bytes appended (J3). */
  readonly bytes: Uint8Array
  /** The same, decoded: for adapters that keep a row of each. */
  readonly records: readonly LogRecord[]
}

/**
 * A batch that the store has, folded again after a start because no round covers it (J4). Only its keys are handed over,
 * for adapters that write keys with the rounds.
 */
export interface ReplayedBatch {
  readonly partition: PartitionId
  readonly firstSeq: number
  readonly lastSeq: number
  readonly keys: readonly ProjectedKey[]
}

/** One leg on an owned account: a line of that account's history. The record itself is read from its batch. */
export interface ProjectedEntry {
  readonly account: string
  readonly asset: string
  readonly partition: PartitionId
  readonly seq: number
  /** Place of the leg among the record's entries. */
  readonly leg: number
  readonly side: Side
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
  readonly operation: Operation
  readonly atMs: number
  /** The envelope that carries this leg's money away, if one does: its delivery decides pending or confirmed. */
  readonly sentTo: { readonly destination: PartitionId; readonly number: number } | null
}

export interface ProjectedBalance {
  readonly account: string
  readonly asset: string
  readonly partition: PartitionId
  readonly seq: number
  readonly balanceMinor: bigint
}

export interface ProjectedKey extends KeyOutcome {
  readonly actor: string
  readonly partition: PartitionId
}

/**
 * What a record's line in the history is, where its own record and the delivery of its envelope do not say so: its money
 * came back, or lies parked at the receiver, or is a withdrawal's. Whatever order they come in, the later in FATES stands.
 */
export interface ProjectedFate {
  readonly partition: PartitionId
  readonly seq: number
  readonly fate: RecordFate['fate']
  /** Of the record that says so; in the same partition where it says `reversed`. */
  readonly bySeq: number
}

/** In the order in which one outweighs another; stores keep the place, from 1. */
export const FATES = ['pending', 'failed', 'cancelled', 'confirmed'] as const satisfies readonly RecordFate['fate'][]

/** What is confirmed alone is reversed, once, and outweighs all: its number has the seq of the record that did it. */
export function fateNumber(fate: RecordFate['fate'], bySeq = 0): number {
  return fate === 'reversed' ? FATES.length + bySeq : FATES.indexOf(fate) + 1
}

/** As a history shows it: what was reversed stays confirmed. Null for a number that no fate has. */
export function statusOfNumber(number: number): (typeof FATES)[number] | null {
  return number > FATES.length ? 'confirmed' : (FATES[number - 1] ?? null)
}

/** Seq of the record that reversed it; null where none did. */
export function reversedByOfNumber(number: number): number | null {
  return number > FATES.length ? number - FATES.length : null
}

/** Whether a leg's line can be anything but confirmed: only then a store has to look for what to show it as. */
export function mayHaveFate(operation: Operation, sentTo: ProjectedEntry['sentTo'] | number): boolean {
  return sentTo !== null || operation === 'withdrawal'
}

/** What lists show of an actor as of its record `seq`; null where it is in none any more. The newest stands. */
export interface ProjectedListing {
  readonly partition: PartitionId
  readonly actor: string
  readonly seq: number
  /** Of the kind's way to list: of two of the same record the higher stands. */
  readonly version: number
  readonly listing: Listing | null
}

export interface ProjectedCheckpoint {
  readonly partition: PartitionId
  readonly checkpoint: Checkpoint
  /** As of this checkpoint, per source partition: [source, number taken]. */
  readonly watermarks: readonly (readonly [PartitionId, number])[]
}

export interface ProjectionWrite {
  readonly batches: readonly ProjectedBatch[]
  /** Before the batches of the same partition. */
  readonly replayed: readonly ReplayedBatch[]
  readonly entries: readonly ProjectedEntry[]
  /** The last balance of each account touched, owned and system. System accounts are per partition. */
  readonly balances: readonly ProjectedBalance[]
  readonly keys: readonly ProjectedKey[]
  readonly fates: readonly ProjectedFate[]
  readonly closings: readonly ProjectedClosing[]
  /** The last of each actor. */
  readonly listings: readonly ProjectedListing[]
  /** [destination partition, source partition, number taken]. */
  readonly watermarks: readonly (readonly [PartitionId, PartitionId, number])[]
  readonly actors: readonly { readonly partition: PartitionId; readonly snapshot: ActorSnapshot }[]
  readonly partitions: readonly { readonly partition: PartitionId; readonly snapshot: PartitionSnapshot }[]
  /** Moves last, and only forward. */
  readonly checkpoints: readonly ProjectedCheckpoint[]
}

export interface ProjectionStore extends RecoveryStore {
  checkpoint(partition: PartitionId): Promise<Checkpoint>
  /** Durable and atomic as the adapter says; idempotent in any case. Rejects when the store cannot take it now. */
  apply(write: ProjectionWrite): Promise<void>
}

/**
 * The store has answered, and what it has is not what was written: asking again mends nothing (S1). The partition halts,
 * and the others go on.
 */
export class DamagedStoreError extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    this.name = 'DamagedStoreError'
  }
}

/** What `read` makes of something that the store has answered. Throws DamagedStoreError where it is none of that. */
export function readStored<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new DamagedStoreError(what, error)
  }
}
