// The store's tables (DESIGN §5): each batch's bytes once, one narrow row for each leg on an owned account, and integers
// for everything that repeats. Entries and keys only ever grow at their end; what finds them are chains: every row names
// the one before it of its account or actor, and a small row, rewritten in place, names the last. An index by account
// would touch another page for each entry, and cost more than all the rest.

import type { Operation } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'

export const STORE_FORMAT = 1

export const SCHEMA = `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT;
  CREATE TABLE batches (
    id INTEGER PRIMARY KEY,            -- packed partition and first seq
    last_seq INTEGER NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,            -- packed partition and a number: a partition's accounts lie together
    name TEXT NOT NULL, asset TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX accounts_by_name ON accounts (name, asset, id);
  CREATE TABLE balances (
    account INTEGER PRIMARY KEY,
    minor INTEGER NOT NULL, seq INTEGER NOT NULL,
    last_entry INTEGER NOT NULL, entry_count INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL, previous INTEGER NOT NULL, -- 0: the account's first
    seq INTEGER NOT NULL, leg INTEGER NOT NULL,
    kind INTEGER NOT NULL,             -- operation and side, see entryKind
    at_ms INTEGER NOT NULL, amount_minor INTEGER NOT NULL, balance_after_minor INTEGER NOT NULL,
    sent_to INTEGER                    -- packed destination and envelope number
  ) STRICT;
  CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE key_heads (actor INTEGER PRIMARY KEY, last_key INTEGER NOT NULL) STRICT;
  CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    previous INTEGER NOT NULL,         -- 0: the actor's first
    seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    key TEXT NOT NULL, hash TEXT NOT NULL, refused TEXT, reply TEXT NOT NULL
  ) STRICT;
  CREATE TABLE unsettled (
    record INTEGER PRIMARY KEY,        -- packed partition and seq of the record
    state INTEGER NOT NULL             -- fateNumber: of what was reversed, with the record that did it
  ) STRICT;
  CREATE TABLE watermarks (
    source INTEGER NOT NULL, destination INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (source, destination)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE actor_snapshots (
    actor INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL, balances TEXT NOT NULL
  ) STRICT;
  CREATE TABLE partition_snapshots (partition INTEGER PRIMARY KEY, seq INTEGER NOT NULL, snapshot TEXT NOT NULL) STRICT;
  CREATE TABLE checkpoints (
    partition INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL, position INTEGER NOT NULL, hash TEXT NOT NULL,
    entries_seq INTEGER NOT NULL, keys_seq INTEGER NOT NULL -- rows at or below are here already
  ) STRICT;
`

/** Indexes that came after the format: a file without them gets them when it is opened for writing. State 1 is pending. */
export const LATER_INDEXES = `
  CREATE INDEX IF NOT EXISTS unsettled_pending ON unsettled (record) WHERE state = 1;
`

/**
 * For questions about the past; made where a file of an earlier release lacks them. `entry_marks` names every so many
 * entries of an account, so that a moment is found without walking the chain from its end.
 */
export const LEDGER_SCHEMA = `
  CREATE TABLE IF NOT EXISTS closings (
    partition INTEGER NOT NULL, at_ms INTEGER NOT NULL, seq INTEGER NOT NULL, balances TEXT NOT NULL,
    PRIMARY KEY (partition, at_ms, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entry_marks (
    account INTEGER NOT NULL, at_ms INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (account, at_ms, entry)
  ) STRICT, WITHOUT ROWID;
`

/**
 * Lists over many actors; made where a file of an earlier release lacks them. The row of an actor that is in no list any
 * more stays, without a status, so that nothing older takes its place. Tags know nothing of the status, which changes
 * far more often than they do.
 */
export const LISTING_SCHEMA = `
  CREATE TABLE IF NOT EXISTS listings (
    id INTEGER PRIMARY KEY,
    actor TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    seq INTEGER NOT NULL,
    status TEXT, sort_ms INTEGER NOT NULL,
    tags TEXT NOT NULL, fields TEXT NOT NULL -- JSON
  ) STRICT;
  CREATE INDEX IF NOT EXISTS listings_by_status ON listings (kind, status, sort_ms, actor) WHERE status IS NOT NULL;
  CREATE INDEX IF NOT EXISTS listings_by_time ON listings (kind, sort_ms, actor) WHERE status IS NOT NULL;
  CREATE TABLE IF NOT EXISTS tag_names (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tag TEXT NOT NULL, UNIQUE (kind, tag)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS listing_tags (
    tag INTEGER NOT NULL, sort_ms INTEGER NOT NULL, actor TEXT NOT NULL,
    PRIMARY KEY (tag, sort_ms, actor)
  ) STRICT, WITHOUT ROWID;
`

/** Entries of an account between two marks. */
export const MARK_EVERY = 128

/** Room for the numbers of one partition; with fewer than 4,096 partitions a packed number stays exact in a double. */
const SPAN = 2 ** 40

export function pack(partition: PartitionId, number: number): number {
  if (!(number >= 0 && number < SPAN && partition >= 0 && partition < 4096)) {
    throw new RangeError(`${partition}:${number} does not fit the store`)
  }
  return partition * SPAN + number
}

/** First and last packed number of a partition. */
export function packedRange(partition: PartitionId): readonly [number, number] {
  return [pack(partition, 0), pack(partition, SPAN - 1)]
}

export function packedPartition(packed: number): PartitionId {
  return Math.floor(packed / SPAN)
}

export function packedNumber(packed: number): number {
  return packed % SPAN
}

// Part of the file's format: new operations go to the end.
const OPERATIONS = [
  'none',
  'deposit',
  'withdrawal',
  'transfer',
  'entry_fee',
  'prize_payout',
  'platform_fee',
  'refund',
  'conversion',
  'hold',
  'release',
  'adjustment',
] as const satisfies readonly Operation[]

type Missing = Exclude<Operation, (typeof OPERATIONS)[number]>
type Complete<Left extends never> = Left
/** Fails to compile when an operation has no number. */
export type AllOperationsNumbered = Complete<Missing>

const NUMBERS: ReadonlyMap<Operation, number> = new Map(OPERATIONS.map((operation, index) => [operation, index]))

/** Operation and side in one small number. */
export function entryKind(operation: Operation, side: 'debit' | 'credit'): number {
  return (NUMBERS.get(operation) ?? 0) * 2 + (side === 'credit' ? 1 : 0)
}

export function entryOperation(kind: number): Operation {
  const operation = OPERATIONS[kind >> 1]
  if (operation === undefined) throw new RangeError(`no operation has number ${kind >> 1}`)
  return operation
}

export function entrySide(kind: number): 'debit' | 'credit' {
  return (kind & 1) === 1 ? 'credit' : 'debit'
}
