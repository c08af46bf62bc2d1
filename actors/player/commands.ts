// What can be asked of a player, and what it tells about itself. Ids and numbers only: names are identity's (S2), and the
// ledger keeps what is here for ever.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { TicketWishes } from '../queue/ticket.ts'

/** Faults of late, and until when the queues are closed for them. */
export interface Penalty {
  readonly count: number
  readonly untilMs: number
  readonly atMs: number
}

export type PlayerCommand =
  /** Into one pool, where nothing else holds them: a ticket, a match, a penalty. `pool` is a queue's id. */
  | { readonly kind: 'enqueue'; readonly pool: string; readonly wishes: TicketWishes }
  /** Null: whatever ticket there is. */
  | { readonly kind: 'leave'; readonly ticket: RecordId | null }
  | { readonly kind: 'set_tier'; readonly tier: Tier; readonly by: UserId }
  /** Ends a penalty before its time. */
  | { readonly kind: 'pardon'; readonly by: UserId }
  | ArrivingCommand

/** Envelopes of matches and queues. Those of different senders come in any order: ids say what each is about. */
export type ArrivingCommand =
  /** `ticket`: that a queue has found it for; null where none has, and where an earlier release does not say. */
  | {
      readonly kind: 'engaged'
      readonly match: string
      readonly source: string | null
      readonly ticket: RecordId | null
    }
  | { readonly kind: 'match_over'; readonly match: string; readonly fault: boolean }
  /** What they were blamed for was no fault: the match was over when they left it. */
  | { readonly kind: 'reinstated'; readonly match: string }
  | {
      readonly kind: 'rated'
      readonly match: string
      readonly ratingKey: string
      /** [rating, deviation, score] of each opponent; a score of 1, 0.5 or 0. */
      readonly results: readonly (readonly [number, number, number])[]
    }
  | { readonly kind: 'ticket_over'; readonly ticket: RecordId; readonly why: TicketEnd }
  /** The match was called off by somebody else: the ticket goes on where it was. */
  | { readonly kind: 'requeued'; readonly ticket: RecordId; readonly pool: string; readonly match: string }
  /** Our own envelope, refused, by whom it was sent to. It carried no money. */
  | { readonly kind: 'returned'; readonly from: string; readonly code: string }

export type TicketEnd = 'left' | 'expired' | 'engaged' | 'refused' | 'party'

export type PlayerEvent =
  | { readonly kind: 'enqueued'; readonly ticket: RecordId; readonly pool: string }
  | { readonly kind: 'unqueued'; readonly ticket: RecordId; readonly why: TicketEnd }
  | { readonly kind: 'requeued'; readonly ticket: RecordId; readonly pool: string }
  | { readonly kind: 'engaged'; readonly match: string; readonly source: string | null }
  /** Their queue says that it was called off, before the match itself was heard of: that comes later, and says nothing new. */
  | { readonly kind: 'passed'; readonly match: string }
  | { readonly kind: 'freed'; readonly match: string }
  /** `before`: what it came on top of; not said by the first release that wrote this. */
  | {
      readonly kind: 'penalised'
      readonly match: string
      readonly count: number
      readonly untilMs: number
      readonly before?: Penalty | null
    }
  /** The penalty of that match is taken back: what was before it is there again. */
  | { readonly kind: 'lifted'; readonly match: string }
  | { readonly kind: 'pardoned'; readonly by: UserId }
  /** The numbers themselves: a replay computes nothing (A3). */
  | {
      readonly kind: 'rated'
      readonly match: string
      readonly ratingKey: string
      readonly rating: number
      readonly deviation: number
      readonly volatility: number
    }
  | { readonly kind: 'tier_set'; readonly tier: Tier; readonly by: UserId }
