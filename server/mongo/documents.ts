// The documents of the ledger store, as MongoDB keeps them. One per record, so that nothing needs a transaction over
// several: what is inserted is never changed, and what changes in place is one field, compared by the seq it begins with.
// Ids are strings everywhere: FerretDB finds nothing else by its id without reading the whole collection.

import { type Collection, type Db, Long } from 'mongodb'
import type { PartitionId } from '../../shared/ids.ts'

const PARTITION_DIGITS = 4
const SEQ_DIGITS = 15

/** `records`: inserted once. In the order of `_id` they are in the order of their partition. */
export interface RecordDocument {
  readonly _id: string
  /** The record's line of its batch, byte for byte, without the line feed (S1). */
  readonly line: string
  readonly actor: string
  readonly at: Date
  readonly op: string
  readonly key?: string
  /** Owned accounts its entries touch; the second leg on one is `<account>#2`, so that counting these counts legs. */
  readonly accounts: readonly string[]
}

/** `batches`: inserted once. The header and the lines of its records are the exact bytes appended (J3). */
export interface BatchDocument {
  /** Of its first record. */
  readonly _id: string
  readonly lastSeq: Long
  readonly position: Long
  readonly hash: string
  readonly header: string
}

/** Compared field by field from the first: the higher seq wins an update by `$max`, whoever comes first. */
export interface Versioned {
  readonly s: Long
}

export interface KeyFields {
  readonly key: string
  readonly hash: string
  readonly seq: Long
  readonly at: Date
  readonly refused: string | null
  /** JSON. */
  readonly reply: string
}

/** `actors`, by actor key: as of rounds. */
export interface ActorDocument {
  readonly _id: string
  /** The snapshot; missing where an actor has only ever refused. */
  readonly v?: Versioned & {
    /** JSON. */
    readonly state: string
    readonly balances: readonly { readonly account: string; readonly asset: string; readonly minor: string }[]
  }
  /** Its keys (M6): how many buckets of `keys` are full, and those answered since, oldest first. */
  readonly k?: Versioned & { readonly full: number; readonly keys: readonly KeyFields[] }
}

/** `keys`, by `<actor key>|<number from 0>`: a full bucket, inserted once. */
export interface KeyBucketDocument {
  readonly _id: string
  readonly keys: readonly KeyFields[]
}

/** `partitions`: the last round (J4). A snapshot too large for one document is in `partition_parts`. */
export interface PartitionDocument {
  readonly _id: string
  readonly v: Versioned & { readonly parts: number; readonly text: string }
}

export interface PartitionPartDocument {
  readonly _id: string
  readonly text: string
}

/** `checkpoints`: moves last (S1). Carries what its partition has taken from every source: what is confirmed (M9). */
export interface CheckpointDocument {
  readonly _id: string
  readonly v: Versioned & {
    readonly position: Long
    readonly hash: string
    readonly watermarks: readonly { readonly source: number; readonly number: Long }[]
  }
}

/** `unsettled`, by the id of the record. */
export interface UnsettledDocument {
  readonly _id: string
  /** Of `fateNumber`; 0 to 2^31. */
  readonly state: number
}

/** `closings`, by `<partition>:<time>:<seq>`: what its accounts stood at after a batch; inserted once. */
export interface ClosingDocument {
  readonly _id: string
  readonly s: Long
  readonly at: Date
  /** JSON rows [account or code, asset, minor]. */
  readonly balances: string
}

/** `listings`, by actor key: what lists show of it, or nothing any more: then `kind` is empty. */
export interface ListingDocument {
  readonly _id: string
  readonly v: Versioned & {
    /** Of the kind's way to list. */
    readonly n: number
    readonly kind: string
    readonly status: string
    readonly sort: Long
    readonly tags: readonly string[]
    /** JSON. */
    readonly fields: string
  }
}

/** `meta`: what this database was made for. */
export interface MetaDocument {
  readonly _id: string
  readonly format: number
  readonly dataSet: string
  readonly partitions: number
}

export interface LedgerCollections {
  readonly records: Collection<RecordDocument>
  readonly batches: Collection<BatchDocument>
  readonly actors: Collection<ActorDocument>
  readonly keys: Collection<KeyBucketDocument>
  readonly partitions: Collection<PartitionDocument>
  readonly partitionParts: Collection<PartitionPartDocument>
  readonly unsettled: Collection<UnsettledDocument>
  readonly checkpoints: Collection<CheckpointDocument>
  readonly closings: Collection<ClosingDocument>
  readonly listings: Collection<ListingDocument>
  readonly meta: Collection<MetaDocument>
}

export function ledgerCollections(db: Db): LedgerCollections {
  return {
    records: db.collection('records'),
    batches: db.collection('batches'),
    actors: db.collection('actors'),
    keys: db.collection('keys'),
    partitions: db.collection('partitions'),
    partitionParts: db.collection('partition_parts'),
    unsettled: db.collection('unsettled'),
    checkpoints: db.collection('checkpoints'),
    closings: db.collection('closings'),
    listings: db.collection('listings'),
    meta: db.collection('meta'),
  }
}

export function partitionKey(partition: PartitionId): string {
  return String(partition).padStart(PARTITION_DIGITS, '0')
}

/** Sorts as (partition, seq). */
export function recordKey(partition: PartitionId, seq: number): string {
  return `${partitionKey(partition)}:${String(seq).padStart(SEQ_DIGITS, '0')}`
}

/** Of what recordKey made. */
export function placeOf(key: string): { readonly partition: PartitionId; readonly seq: number } {
  const [partition, seq] = key.split(':')
  return { partition: Number(partition), seq: Number(seq) }
}

/** Sorts as (partition, time, seq), which within a partition is one order (A7). */
export function closingKey(partition: PartitionId, atMs: number, seq: number): string {
  const time = String(atMs).padStart(SEQ_DIGITS, '0')
  return `${partitionKey(partition)}:${time}:${String(seq).padStart(SEQ_DIGITS, '0')}`
}

/** The name of an account's leg of this number, from 1, in a record's `accounts`. */
export function legName(account: string, leg: number): string {
  return leg === 1 ? account : `${account}#${leg}`
}

/** Always the same type of number: `$max` compares types before values where a server is strict. */
export function long(value: number): Long {
  return Long.fromNumber(value)
}
