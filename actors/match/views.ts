// What a match shows of itself when it is asked: all of it, for the room, the desk and staff (who shows whom what is theirs
// to know), or its prize pool. Amounts are minor units, times milliseconds since the Unix epoch.

import type { GameFlag, GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import type { DisputeType, Reporter, Ruling, SeatAmount, Wait } from './commands.ts'
import type { MatchSpec } from './spec.ts'

/** `state` answers a MatchView, `pool` a PoolView. */
export type MatchQuery = { readonly kind: 'state' } | { readonly kind: 'pool' }

/** `absent`: nobody has made it. */
export type MatchStatus = 'absent' | 'funding' | 'ready' | 'live' | 'finished' | 'disputed' | 'settled' | 'cancelled'

export type PoolStatus = 'accumulating' | 'locked' | 'in_escrow' | 'disputed' | 'distributed' | 'refunded'

export interface MatchView {
  readonly id: string
  readonly status: MatchStatus
  /** Null where nobody has made it. */
  readonly spec: MatchSpec | null
  readonly seats: readonly SeatView[]
  readonly createdAtMs: number
  /** Of the status. */
  readonly sinceMs: number
  /** What it waits for, and until when. */
  readonly wait: { readonly kind: Wait; readonly dueMs: number } | null
  /** From when it is live: everything random in it comes from this. Nobody who plays may see it. */
  readonly seed: string | null
  /** R1: where loops went on, oldest first. */
  readonly resumes: readonly { readonly epoch: number; readonly tick: number }[]
  readonly score: ScoreView | null
  /** What players said, while they do not agree. */
  readonly reports: readonly { readonly user: UserId; readonly outcome: GameOutcome }[]
  readonly disputes: readonly DisputeView[]
  readonly proposals: readonly ProposalView[]
  readonly settlement: SettlementView | null
  /** Why it was cancelled, and by whose fault. */
  readonly cancelled: { readonly why: string; readonly atFault: readonly UserId[] } | null
  /** Payouts that came back (2007), by the record that took them back. */
  readonly unclaimed: readonly UnclaimedView[]
}

export interface SeatView {
  readonly seat: number
  /** Null: a bot's. */
  readonly user: UserId | null
  readonly wallet: WalletId | null
  readonly team: number
  readonly rating: number
  readonly deviation: number
  /** The stake is here, or, without one, the seat was accepted. */
  readonly ready: boolean
  readonly stakedMinor: bigint
  /** Is, or was, in the room. */
  readonly arrived: boolean
  /** Did not come, or left: the stake stays, and wins nothing. */
  readonly forfeit: boolean
  readonly paidMinor: bigint
}

export type ScoreStatus =
  | 'submitted'
  | 'under_review'
  | 'verified'
  | 'disputed'
  | 'conciliated'
  | 'finalized'
  | 'cancelled'

export interface ScoreView {
  /** Grows with each result that was submitted for this match, from 1. */
  readonly number: number
  readonly status: ScoreStatus
  /** `loop`: played here. `walkover`: only one side came. */
  readonly by: Reporter | { readonly kind: 'loop' | 'walkover' }
  readonly outcome: GameOutcome
  /** Of the loop's. */
  readonly hash: string | null
  readonly recording: string | null
  readonly flags: readonly GameFlag[]
  readonly atMs: number
  /** Of the newest step that staff took. */
  readonly step: { readonly by: UserId; readonly note: string; readonly atMs: number } | null
}

export interface DisputeView {
  /** The record that raised it. */
  readonly id: RecordId
  readonly user: UserId
  readonly type: DisputeType
  readonly evidence: readonly string[]
  readonly ticks: readonly [number, number] | null
  readonly atMs: number
  readonly status: 'open' | 'withdrawn' | 'resolved'
  readonly votes: readonly { readonly user: UserId; readonly verdict: 'uphold' | 'reject' }[]
}

export interface ProposalView {
  /** The record that proposed it. */
  readonly id: RecordId
  readonly ruling: Ruling
  readonly by: UserId
  readonly reason: string
  readonly atMs: number
}

export interface SettlementView {
  readonly record: RecordId
  readonly how: 'result' | 'refund' | 'custom'
  readonly payouts: readonly SeatAmount[]
  readonly rakeMinor: bigint
  readonly contributionMinor: bigint
  /** Null where time decided. */
  readonly by: UserId | null
  readonly approvedBy: UserId | null
  readonly note: string
  readonly atMs: number
}

export interface UnclaimedView {
  readonly id: RecordId
  readonly wallet: WalletId
  readonly name: 'prize' | 'refund'
  readonly amountMinor: bigint
  readonly code: string
  readonly atMs: number
}

export interface PoolView {
  readonly match: string
  /** Null where nobody has made the match. */
  readonly status: PoolStatus | null
  readonly matchStatus: MatchStatus
  readonly asset: string
  readonly stakeMinor: bigint
  readonly stakes: readonly { readonly seat: number; readonly user: UserId; readonly amountMinor: bigint }[]
  /** Σ stakes, without the contribution. */
  readonly totalMinor: bigint
  readonly contributionMinor: bigint
  /** As it would be, or was, taken. */
  readonly rakeMinor: bigint
  readonly prizeRule: MatchSpec['prizeRule'] | null
  /** By place, if every seat played and no two shared one; what was paid is in `settlement`. */
  readonly projected: readonly { readonly position: number; readonly amountMinor: bigint }[]
  readonly settlement: SettlementView | null
  readonly createdAtMs: number
  readonly sinceMs: number
}
