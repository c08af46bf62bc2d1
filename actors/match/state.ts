// A match's state: the fold of its events (A3). `evolve` (evolve.ts) changes it in place. Some KB at most: what may grow,
// has a bound in RULES.

import type { GameOutcome } from '../../shared/games/game.ts'
import type { RecordId, UserId, WalletId } from '../../shared/ids.ts'
import { walletOf } from '../../shared/ids.ts'
import type { Wait } from './commands.ts'
import type { PrizeSeat } from './prizes.ts'
import type { MatchSpec } from './spec.ts'
import type { MatchStatus, MatchView, ProposalView, ScoreView, SettlementView, UnclaimedView } from './views.ts'

export interface Seat {
  /** The stake is here, or the seat was accepted; always of a bot. */
  ready: boolean
  arrived: boolean
  forfeit: boolean
  stakedMinor: bigint
  paidMinor: bigint
}

export interface Dispute {
  readonly id: RecordId
  readonly seat: number
  readonly type: MatchView['disputes'][number]['type']
  readonly ticks: readonly [number, number] | null
  readonly atMs: number
  evidence: readonly string[]
  status: 'open' | 'withdrawn' | 'resolved'
  votes: readonly (readonly [seat: number, verdict: 'uphold' | 'reject'])[]
}

export interface Match {
  readonly id: string
  status: MatchStatus
  spec: MatchSpec | null
  readonly seats: Seat[]
  createdAtMs: number
  sinceMs: number
  wait: { readonly kind: Wait; readonly dueMs: number } | null
  seed: string | null
  resumes: readonly { readonly epoch: number; readonly tick: number }[]
  score: ScoreView | null
  told: readonly (readonly [seat: number, outcome: GameOutcome])[]
  disputes: readonly Dispute[]
  proposals: readonly ProposalView[]
  settlement: SettlementView | null
  cancelled: { readonly why: string; readonly atFault: readonly number[] } | null
  unclaimed: readonly UnclaimedView[]
  /** Until when it may be, or could be, disputed. */
  windowDueMs: number | null
  /** Nobody is paid by this result before staff has looked at it. */
  underReview: boolean
}

export function newMatch(id: string): Match {
  return {
    ...{ id, status: 'absent', spec: null, seats: [], createdAtMs: 0, sinceMs: 0, wait: null, seed: null },
    ...{ resumes: [], score: null, told: [], disputes: [], proposals: [], settlement: null, cancelled: null },
    ...{ unclaimed: [], windowDueMs: null, underReview: false },
  }
}

/** A match that was made, with what it was made of. */
export type Made = Match & { readonly spec: MatchSpec }

export function isMade(match: Match): match is Made {
  return match.spec !== null
}

export function userOf({ spec }: Match, seat: number): UserId | null {
  return spec?.seats[seat]?.user ?? null
}

export function walletOfSeat(match: Match, seat: number): WalletId | null {
  const user = userOf(match, seat)
  return user === null ? null : walletOf(user)
}

/** -1 where the user has none. */
export function seatOf({ spec }: Match, user: UserId): number {
  return spec?.seats.findIndex((seat) => seat.user === user) ?? -1
}

export function seatNumbers(match: Match, which: (seat: Seat, number: number) => boolean): readonly number[] {
  return [...match.seats.keys()].filter((number) => {
    const seat = match.seats[number]
    return seat !== undefined && which(seat, number)
  })
}

export function usersOf(match: Match, seats: readonly number[]): readonly UserId[] {
  return seats.map((seat) => userOf(match, seat)).filter((user) => user !== null)
}

export function stakesMinor({ seats }: Pick<Match, 'seats'>): bigint {
  return seats.reduce((sum, { stakedMinor }) => sum + stakedMinor, 0n)
}

/** While it fills, as if every seat had come: what it will be is what players want to know. */
export function expectedStakesMinor(match: Match): bigint {
  const { status, spec, seats } = match
  return status === 'funding' ? (spec?.stakeMinor ?? 0n) * BigInt(seats.length) : stakesMinor(match)
}

/** Where everybody has forfeited the result counts as if nobody had. */
export function prizeSeats({ seats, spec }: Match): readonly PrizeSeat[] {
  const nobodyLeft = seats.every(({ forfeit }) => forfeit)
  return seats.map(({ forfeit }, seat) => {
    return { seat, forfeit: forfeit && !nobodyLeft, team: spec?.seats[seat]?.team ?? seat }
  })
}

/** Of those who have not forfeited. */
export function teamsLeft(match: Match): number {
  const { seats, spec } = match
  return new Set(seats.flatMap(({ forfeit }, seat) => (forfeit ? [] : [spec?.seats[seat]?.team ?? seat]))).size
}

/** Has come to its end: nothing but what comes back moves it any more. */
export function isOver({ status }: Pick<Match, 'status'>): boolean {
  return status === 'settled' || status === 'cancelled'
}
