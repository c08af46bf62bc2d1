// What can be asked of a match. Whoever translates a wire (rooms/, server/http/) has checked ids, lengths and forms before
// a command is made; whether it may happen now is the match's own decision. Amounts are positive minor units (M1).

import type { GameFlag, GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { Money } from '../runtime/record.ts'
import type { MatchSpec } from './spec.ts'

export type MatchCommand = LifeCommand | PlayCommand | ScoreCommand | DisputeCommand | StaffCommand | ArrivingCommand

/** By those who make a match, and by those who are seated in it. */
export type LifeCommand =
  /** Also as an envelope. Repeated with the same specification it changes nothing. */
  | { readonly kind: 'create'; readonly spec: MatchSpec }
  /** Where nothing is staked. */
  | { readonly kind: 'accept'; readonly user: UserId }
  /** `decline` while it is `funding`; `leave` at any time before it is over. */
  | { readonly kind: 'decline' | 'leave'; readonly user: UserId }

/** By the room that plays it. */
export type PlayCommand =
  | { readonly kind: 'arrive'; readonly user: UserId }
  /** R1: a loop goes on here; recordings of older epochs are cut at this tick. */
  | { readonly kind: 'resume'; readonly epoch: number; readonly tick: number }
  | {
      readonly kind: 'finish'
      readonly outcome: GameOutcome
      /** SHA-256 of the outcome and of the recording, hex; no recording where none could be kept. */
      readonly hash: string
      readonly recording: string | null
      readonly flags: readonly GameFlag[]
      /** Seats that had left when the game ended: whoever gave up after that has played. Not said: all who forfeited. */
      readonly left?: readonly number[]
    }
  /** Cancelled, and the stakes go back. */
  | { readonly kind: 'abort'; readonly reason: string }

/** Who says how a match went that was not played here. */
export type Reporter =
  /** An external game server, by the name of its key. */
  | { readonly kind: 'server'; readonly id: string }
  | { readonly kind: 'player'; readonly id: UserId }
  | { readonly kind: 'operator'; readonly id: UserId }

/** Of the life of a result: submitted, under_review, verified, disputed, conciliated, finalized, or cancelled. */
export type ScoreCommand =
  | { readonly kind: 'report'; readonly by: Reporter; readonly outcome: GameOutcome }
  /** `verify` also says that what a game flagged was looked at. `cancel`: that result is void, another may be reported. */
  | {
      readonly kind: 'score'
      readonly step: 'review' | 'verify' | 'finalize' | 'cancel'
      readonly by: UserId
      readonly note: string
    }
  /** Another outcome in place of a disputed one; it pays nobody before it is finalized. */
  | { readonly kind: 'conciliate'; readonly outcome: GameOutcome; readonly by: UserId; readonly note: string }

export const DISPUTE_TYPES = ['wrong_result', 'cheating', 'disconnect', 'bug', 'conduct', 'other'] as const
export type DisputeType = (typeof DISPUTE_TYPES)[number]

export type DisputeCommand =
  | {
      readonly kind: 'dispute'
      readonly user: UserId
      readonly type: DisputeType
      /** Names of texts and files that are kept elsewhere: what they say is personal. */
      readonly evidence: readonly string[]
      readonly ticks: readonly [number, number] | null
    }
  | { readonly kind: 'evidence'; readonly id: RecordId; readonly user: UserId; readonly evidence: readonly string[] }
  /** By somebody else who was seated; staff sees them, they decide nothing. */
  | { readonly kind: 'vote'; readonly id: RecordId; readonly user: UserId; readonly verdict: 'uphold' | 'reject' }
  | { readonly kind: 'withdraw'; readonly id: RecordId; readonly user: UserId }

export type StaffRole = 'operator' | 'admin'

/** What becomes of the pool. A custom split has to add up to what an approved result would pay. */
export type Ruling =
  | { readonly kind: 'approve' }
  | { readonly kind: 'refund_all' }
  | { readonly kind: 'custom'; readonly payouts: readonly SeatAmount[] }
  /** By this result, whatever was reported. */
  | { readonly kind: 'outcome'; readonly outcome: GameOutcome }

export interface SeatAmount {
  readonly seat: number
  readonly amountMinor: bigint
}

export type StaffCommand =
  /** Every stake is in; refused otherwise. */
  | { readonly kind: 'lock'; readonly by: UserId }
  /** At once for small pools; above RULES it waits for a second person. */
  | {
      readonly kind: 'rule'
      readonly ruling: Ruling
      readonly by: UserId
      readonly role: StaffRole
      readonly reason: string
    }
  | {
      readonly kind: 'ruling'
      readonly id: RecordId
      readonly verdict: 'approve' | 'reject'
      readonly by: UserId
      readonly role: StaffRole
      readonly note: string
    }
  /** What came back (2007) is sent again. `id`: the record that took it back. */
  | {
      readonly kind: 'pay'
      readonly id: RecordId
      readonly to: WalletId
      readonly by: UserId
      readonly reason: string
    }

/** Envelopes and timers. */
export type ArrivingCommand =
  | {
      readonly kind: 'stake'
      readonly seat: number
      readonly asset: string
      readonly amountMinor: bigint
      /** Actor key of the wallet, and its record. */
      readonly from: string
      readonly record: RecordId
    }
  | { readonly kind: 'due'; readonly wait: Wait; readonly dueMs: number }
  /** Our own envelope, refused: with money it is booked as unclaimed, without it is nothing (M4). */
  | {
      readonly kind: 'returned'
      readonly money: Money | null
      readonly code: string
      readonly original: RecordId
      readonly from: string
    }

/** What a match waits for, with a timer of that name. */
export type Wait = 'funding' | 'ready' | 'live' | 'dispute'
