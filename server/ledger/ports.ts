// What questions about the ledger read of a store, SQLite or MongoDB. Narrow, and nothing of it is beyond the checkpoint
// of its partition (S1); what is read within one question is of one moment, or never changes.

import type { ClosingRow } from '../../actors/projection/closings.ts'
import type { ActorSnapshot } from '../../actors/runtime/ports.ts'
import type { LogRecord, Operation } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { ListFound, ListQuery } from '../lists/ports.ts'

/** How far the store has a partition. */
export interface Head {
  readonly partition: PartitionId
  readonly seq: number
}

/** A record with the batch that it was appended in (J3). */
export interface StoredRecord {
  readonly partition: PartitionId
  readonly record: LogRecord
  readonly batch: { readonly firstSeq: number; readonly lastSeq: number; readonly hash: string }
}

export interface Closing {
  readonly seq: number
  readonly atMs: number
  readonly balances: readonly ClosingRow[]
}

/** One entry of the ledger. */
export interface Leg {
  readonly partition: PartitionId
  readonly seq: number
  /** Place among the entries of its record. */
  readonly leg: number
  readonly atMs: number
  readonly operation: Operation
  readonly account: string
  readonly asset: string
  readonly side: 'debit' | 'credit'
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
}

/** What comes before a place: not later than `atMs`, and before this leg of this record. */
export interface Before {
  readonly atMs: number
  readonly seq: number
  readonly leg: number
}

export interface LegQuery {
  readonly partition: PartitionId
  /** An account that an actor owns. */
  readonly account: string
  /** Null takes every asset. */
  readonly asset: string | null
  readonly before: Before
  readonly limit: number
}

/** A text that the codec writes with one meaning: what somebody wrote has its quotes escaped, and never holds it. */
export interface LineQuery {
  readonly partition: PartitionId
  /** Records behind this one. */
  readonly afterSeq: number
  readonly text: string
  readonly limit: number
}

/** How far a partition's snapshots are: those of its actors hold as of here. */
export interface Round {
  readonly seq: number
  readonly atMs: number
}

export interface PendingTimer {
  readonly actor: string
  readonly name: string
  readonly dueMs: number
}

export interface LedgerReads {
  readonly partitions: number
  /** Of every partition that has a record. */
  heads(): Promise<readonly Head[]>
  /** Time of the partition's first record; null where it has none. */
  firstMs(partition: PartitionId): Promise<number | null>
  record(partition: PartitionId, seq: number): Promise<StoredRecord | null>
  /** The newest closing at or before this moment. */
  closing(partition: PartitionId, atMs: number): Promise<Closing | null>
  /** Records after `seq` and not later than `throughMs`, oldest first, `limit` at most. */
  recordsAfter(partition: PartitionId, seq: number, throughMs: number, limit: number): Promise<readonly LogRecord[]>
  /** Records not later than `atMs` and at or below `seq`, newest first, `limit` at most. */
  recordsBefore(partition: PartitionId, seq: number, atMs: number, limit: number): Promise<readonly LogRecord[]>
  /** Records whose stored line has a text, oldest first. Rejects with PastNotReady where too many would be looked through. */
  recordsWith(query: LineQuery): Promise<readonly LogRecord[]>
  /** The last envelope of `source` that `destination` has taken (M4); 0 where none. */
  takenThrough(source: PartitionId, destination: PartitionId): Promise<number>
  /** Records at or below `seq` that commands under a key made in this actor, newest first. Rejects with PastNotReady. */
  commandsOf(partition: PartitionId, actor: string, seq: number, limit: number): Promise<readonly number[]>
  /** The partition's last round; null before the first. */
  round(partition: PartitionId): Promise<Round | null>
  /** Timers that were pending at the partition's last round. */
  timers(partition: PartitionId): Promise<readonly PendingTimer[]>
  /** Snapshots of actors of a kind, by their keys, after the one given; each as of its partition's last round. */
  snapshotsAfter(kind: string, after: string, limit: number): Promise<readonly ActorSnapshot[]>
  /** Actors of a kind, as lists show them. */
  list(query: ListQuery): Promise<ListFound>
  /** Entries of one owned account, newest first; fewer than `limit` only where there are no more. Rejects with PastNotReady. */
  legs(query: LegQuery): Promise<readonly Leg[]>
}

/** The store is of an earlier release, and finding that moment in it would take too long. */
export class PastNotReady extends Error {
  constructor(what: string) {
    super(`${what}: the store is not made for questions about that moment`)
    this.name = 'PastNotReady'
  }
}

/** Everything there is. */
export const NEWEST: Before = Object.freeze({
  atMs: Number.MAX_SAFE_INTEGER,
  seq: Number.MAX_SAFE_INTEGER,
  leg: Number.MAX_SAFE_INTEGER,
})

export function isBefore(leg: Pick<Leg, 'atMs' | 'seq' | 'leg'>, before: Before): boolean {
  if (leg.atMs > before.atMs) return false
  return leg.seq < before.seq || (leg.seq === before.seq && leg.leg < before.leg)
}

/** The legs of a record, in their order. */
export function legsOfRecord(partition: PartitionId, { seq, atMs, operation, entries }: LogRecord): readonly Leg[] {
  return entries.map((entry, leg) => ({ ...entry, partition, seq, leg, atMs, operation }))
}
