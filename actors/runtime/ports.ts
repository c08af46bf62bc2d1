// The narrow ports through which everything timed, random, durable or remote reaches the runtime (DESIGN §5).
// Each port has one conformance suite in test/conformance that every adapter passes.

import type { PartitionId } from '../../shared/ids.ts'
import type { Envelope, Json, LogRecord } from './record.ts'

/** Where a batch stands in its journal. Grows within a partition; otherwise opaque. 0 = before the first batch. */
export type Position = number

export type AppendOutcome =
  | { readonly kind: 'committed'; readonly position: Position }
  /** Another writer has appended since `expectedPosition`. Final: this owner has lost the partition. */
  | { readonly kind: 'fenced' }
  /** It may or may not be durable. Only the same bytes at the same expected position settle it (J2). */
  | { readonly kind: 'uncertain' }

export interface StoredBatch {
  readonly partition: PartitionId
  readonly position: Position
  readonly bytes: Uint8Array
}

export interface Journal {
  /**
   * Appends one batch to a partition whose last batch is at `expectedPosition`. Resolves once the outcome is known,
   * never rejects. Repeating an append that had succeeded answers `committed` with the first position.
   */
  append(partition: PartitionId, expectedPosition: Position, bytes: Uint8Array): Promise<AppendOutcome>
  /**
   * Streams of each partition the batch at the given position, where one is there, and what is durable after it: in
   * order within a partition, in groups of bounded size. The first batch lets the reader see that what it has comes from
   * this journal. Rejects when the journal cannot be read, with a message that names the trouble.
   */
  replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]>
}

export interface Checkpoint {
  readonly seq: number
  readonly position: Position
  /** Hash of the last projected batch (J3), so that the next one's link can be checked. */
  readonly hash: string
}

/** J4: an actor as of its record `seq`; `state` is the kind's own canonical encoding. */
export interface ActorSnapshot {
  readonly actor: string
  readonly seq: number
  readonly state: Json
  /** [account, asset, balance in minor units] of the accounts it owns. */
  readonly balances: readonly (readonly [string, string, string])[]
}

/** J4: the rest of a partition as of its record `seq`, at a batch boundary. */
export interface PartitionSnapshot {
  readonly seq: number
  readonly position: Position
  readonly hash: string
  readonly epoch: number
  readonly atMs: number
  /** [account, asset, balance] of the partition's system accounts. */
  readonly balances: readonly (readonly [string, string, string])[]
  /** Envelopes taken, per source partition: [source, number]. */
  readonly watermarks: readonly (readonly [PartitionId, number])[]
  /** Last number given out, per destination partition. */
  readonly numbered: readonly (readonly [PartitionId, number])[]
  /** Envelopes not known to be delivered, in order of destination and number. */
  readonly outbox: readonly OutboxRow[]
  /** [actor key, name, due in ms, body], ordered by actor key and name. */
  readonly timers: readonly (readonly [string, string, number, Json])[]
  /**
   * [code, asset, sum] of the accounts that its actors own, as the projector keeps them for its closings; recovery has no
   * use for them. Missing in what earlier releases wrote.
   */
  readonly owned?: readonly (readonly [string, string, string])[]
  /** How kinds listed their actors up to here, where it was not as their first release did. */
  readonly listings?: readonly (readonly [string, number])[]
}

/** [destination, number, seq, at ms, from, to, name, money or null, body] */
export type OutboxRow = readonly [
  PartitionId,
  number,
  number,
  number,
  string,
  string,
  string,
  readonly [string, string] | null,
  Json,
]

/** M6: what a key was answered. */
export interface KeyOutcome {
  readonly key: string
  readonly hash: string
  readonly seq: number
  readonly atMs: number
  /** Refusal code, or null where the command was accepted. */
  readonly refused: string | null
  readonly reply: Json
}

/**
 * The store as the runtime reads it (S1). Every method rejects when the store cannot answer: only a successful
 * "not found" means new (J4).
 */
export interface RecoveryStore {
  partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null>
  /** Snapshots of those of the actors that have one. */
  actorSnapshots(partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]>
  /**
   * Keys of these actors with a record time of `sinceMs` or later, grouped by actor, oldest first: all of those that the
   * partition's snapshot covers, and later ones or not. Who reads them replays what follows the snapshot, or has seen the
   * actor leave memory after it.
   */
  recentKeys(
    partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>>
  /** One key, however old; null where the actor never used it (as far as the store has been told). */
  findKey(partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null>
}

/** How far the projector is with a partition. */
export interface Progress {
  readonly partition: PartitionId
  /** Every record up to here is in the store. */
  readonly projectedSeq: number
  /** Every actor touched up to here has a snapshot that covers it. */
  readonly snapshotSeq: number
}

/** What became of the envelopes numbered `from` and later: those in `refused` were sent back, the others kept. */
export interface Taken {
  readonly from: number
  readonly refused: readonly number[]
}

/** Carries envelopes between partitions, at least once and in any order; M4's numbers and watermarks do the rest. */
export interface EnvelopeTransport {
  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void
  /** The destination has everything `through` this number durably. */
  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void
  /** Asks the destination to acknowledge what it has. */
  probe(source: PartitionId, destination: PartitionId): void
}

export interface Clock {
  /** Milliseconds since the Unix epoch. May jump; A7 is kept by whoever reads it. */
  nowMs(): number
}

export interface Scheduler {
  /** Runs `task` once, after at least this long. Answers a function that cancels it. */
  after(delayMs: number, task: () => void): () => void
  /** Runs `task` after what is on the stack now and the I/O that is ready. */
  soon(task: () => void): void
}

/** C1: whether this process may still answer from memory alone. What is answered from a record needs no lease. */
export interface Lease {
  held(): boolean
}

export interface Ids {
  /** An unguessable id of 22 URL-safe characters. */
  newId(): string
}

/**
 * Told of each record once it is durable, and of each envelope that its receiver has kept (A4: pushes are made from
 * here, never from live state). Must not throw.
 */
export interface CommitFeed {
  wants(actor: string): boolean
  committed(partition: PartitionId, record: LogRecord): void
  delivered(envelope: Envelope): void
}

/** What the runtime tells whoever operates it. Never throws. */
export interface Observer {
  committed(partition: PartitionId, records: number, bytes: number, appendMs: number): void
  answered(kind: string, command: string, outcome: string, elapsedMs: number): void
  alarm(event: string, detail: Readonly<Record<string, unknown>>): void
}
