// What a kind of actor gives to the runtime: pure functions over its own state (A2, A3) and the encodings of what it
// writes. The runtime calls them; they call nothing.

import type { ErrorCode } from '../../shared/errors.ts'
import type { PartitionId, RecordId } from '../../shared/ids.ts'
import type { Rates } from '../../shared/rates.ts'
import type { Listing } from './listing.ts'
import type { Json, Money, Operation, Posting, TimerChange } from './record.ts'

/** Everything `decide` may know besides state and command (A2). */
export interface DecideContext {
  /** A7: never backwards. */
  readonly nowMs: number
  readonly recordId: RecordId
  readonly partition: PartitionId
  /** The actor's own id, without its kind. */
  readonly self: string
  /** As of now. What is decided by a rate says which one in its event. */
  readonly rates: Rates
  newId(): string
}

export interface OutgoingEnvelope {
  /** Actor key, `<kind>/<id>`. */
  readonly to: string
  readonly name: string
  readonly money: Money | null
  readonly body: Json
}

export interface Accepted<Event> {
  readonly kind: 'accepted'
  readonly operation: Operation
  readonly events: readonly Event[]
  readonly postings: readonly Posting[]
  readonly outbox: readonly OutgoingEnvelope[]
  readonly timers: readonly TimerChange[]
  readonly reply: Json
}

export interface Rejected {
  readonly kind: 'rejected'
  readonly code: ErrorCode
  /** M6: true where the refusal depends on state, so that the key keeps it. */
  readonly remembered: boolean
}

export type Decision<Event> = Accepted<Event> | Rejected

export function accept<Event>(
  operation: Operation,
  events: readonly Event[],
  more: Partial<Pick<Accepted<Event>, 'postings' | 'outbox' | 'timers' | 'reply'>> = {},
): Accepted<Event> {
  return { kind: 'accepted', operation, events, postings: [], outbox: [], timers: [], reply: null, ...more }
}

/** A refusal that depends on the state: journaled, and repeated to the same key (M6). */
export function reject(code: ErrorCode): Rejected {
  return { kind: 'rejected', code, remembered: true }
}

/** A refusal that the command alone earns: nothing is written, the key stays free. */
export function refuseInput(code: ErrorCode): Rejected {
  return { kind: 'rejected', code, remembered: false }
}

/** An envelope or a timer as it reaches a kind, to be turned into one of its commands. */
export interface Incoming {
  readonly via: 'envelope' | 'timer'
  readonly name: string
  readonly money: Money | null
  readonly body: Json
  /** Sender's actor key; the actor's own for a timer. */
  readonly from: string
  /** The sender's record. */
  readonly recordId: RecordId | null
}

/**
 * A line is `pending` from a record that says so, until another makes it what it stays. Without either it is confirmed,
 * or as the delivery of its envelope says (M9). A confirmed one may be `reversed` later, by a record of the same partition.
 */
export interface RecordFate {
  readonly record: RecordId
  readonly fate: 'pending' | 'failed' | 'cancelled' | 'confirmed' | 'reversed'
}

export interface ActorKind<State, Command, Event, Query, View> {
  readonly kind: string
  initial(id: string): State
  decide(state: State, command: Command, ctx: DecideContext): Decision<Event>
  /** A3: folds in place, never fails on an event that `decide` made. */
  evolve(state: State, event: Event, atMs: number): void
  view(state: State, query: Query): View
  commandName(command: Command): string
  /** Canonical text of a client's command, for the body hash of M6. */
  commandText(command: Command): string
  incoming(message: Incoming): Command
  encodeEvent(event: Event): Json
  /** Reads every version ever written (old events replay for ever). */
  decodeEvent(event: Json): Event
  /** Canonical: equal states encode to equal bytes. */
  encodeState(state: State): Json
  decodeState(state: Json): State
  /** What this event makes of a record's line in the history, where it does: of an earlier one, or of its own. */
  fateOf?(event: Event): RecordFate | null
  /** S1: what the lists over many actors show of this one, and what it is found by; null while it is in none. */
  listing?(state: State): Listing | null
  /**
   * From 1, which need not be said. To be raised where `listing` changes what it gives of the states there are, or comes
   * to a kind that has actors: each partition's log is then folded once more, from its first record, for its lists.
   */
  readonly listingVersion?: number
}

/** A kind with its type arguments put away, as registries hold it. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds kinds of different states; each is used only with itself
export type AnyKind = ActorKind<any, any, any, any, any>

/** Name of the envelope the runtime sends back when a receiver refuses one (M4). Its body is {code, original}. */
export const RETURN_ENVELOPE = 'returned'
