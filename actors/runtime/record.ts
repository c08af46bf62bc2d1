// What a partition's log holds: records, in batches. The types here are the decoded form; codec.ts has the bytes.
// The runtime knows accounts, entries, envelopes and timers; what an event or a body means only the actor's kind knows.

import type { PartitionId } from '../../shared/ids.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type Side = 'debit' | 'credit'

/** One leg of a movement as `decide` states it. The amount is positive, in minor units (M1). */
export interface Posting {
  readonly account: string
  readonly asset: string
  readonly side: Side
  readonly amountMinor: bigint
}

/** A posting with the account's balance after it, in minor units on the account's normal side (M3). */
export interface Entry extends Posting {
  readonly balanceAfterMinor: bigint
}

export interface Money {
  readonly asset: string
  readonly amountMinor: bigint
}

/** What the transaction list calls a movement (CONTRACT: transaction.type). */
export type Operation =
  | 'deposit'
  | 'withdrawal'
  | 'transfer'
  | 'entry_fee'
  | 'prize_payout'
  | 'platform_fee'
  | 'refund'
  | 'conversion'
  | 'hold'
  | 'release'
  | 'adjustment'
  | 'none'

/** Why a record exists. Exactly one cause each. */
export type Cause =
  | {
      readonly kind: 'command'
      readonly name: string
      readonly key: string
      readonly hash: string
      readonly requestId: string
    }
  | { readonly kind: 'envelope'; readonly source: PartitionId; readonly number: number; readonly seq: number }
  | { readonly kind: 'timer'; readonly name: string; readonly dueMs: number }
  | { readonly kind: 'epoch' }

export type Outcome =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: string }
  /** M4: the command's `decide` threw; the record notes it so that nothing behind it waits. */
  | { readonly kind: 'parked'; readonly reason: string }

/** M4: numbered without gaps per (source, destination) partition, from 1. */
export interface Envelope {
  readonly source: PartitionId
  readonly destination: PartitionId
  readonly number: number
  /** Seq and time of the sender's record; the time is the floor of the receiver's (A7). */
  readonly seq: number
  readonly atMs: number
  /** Actor keys, `<kind>/<id>`. */
  readonly from: string
  readonly to: string
  readonly name: string
  readonly money: Money | null
  readonly body: Json
}

export type TimerChange =
  | { readonly kind: 'set'; readonly name: string; readonly dueMs: number; readonly body: Json }
  | { readonly kind: 'cancel'; readonly name: string }

export interface LogRecord {
  readonly seq: number
  /** Milliseconds since the Unix epoch; never smaller than the record before it (A7). */
  readonly atMs: number
  /** Actor key, empty for an epoch record. */
  readonly actor: string
  readonly cause: Cause
  readonly outcome: Outcome
  readonly operation: Operation
  /** Encoded by the actor's kind. */
  readonly events: readonly Json[]
  readonly entries: readonly Entry[]
  readonly outbox: readonly Envelope[]
  readonly timers: readonly TimerChange[]
  readonly reply: Json
}

export interface BatchHeader {
  readonly version: 1
  readonly partition: PartitionId
  readonly epoch: number
  /** SHA-256, hex, of the bytes of the batch before it in this partition; 64 zeros before the first. */
  readonly previousHash: string
  readonly firstSeq: number
  readonly count: number
  /** Envelopes known to be durable at their destination when this batch was made: [destination, number through]. */
  readonly delivered: readonly (readonly [PartitionId, number])[]
}

export interface Batch {
  readonly header: BatchHeader
  readonly records: readonly LogRecord[]
}
