// What a match is made of, as whoever makes one (a queue, a lobby, a tournament, staff) says it: in the `create` envelope,
// and in the match's first event. Amounts are minor units (M1).

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'

export type PrizeRule = 'winner_takes_all' | 'top_three_split_60_30_10' | 'performance_mvp_70_20_10'
export type Tier = 'free' | 'premium' | 'pro' | 'elite'

export interface SeatSpec {
  /** Null: a bot's, in a match without a stake. */
  readonly user: UserId | null
  readonly team: number
  /** As the server knew them when the match was made. */
  readonly rating: number
  readonly deviation: number
  /** That a queue has found the match for. */
  readonly ticket?: RecordId
}

export interface MatchSpec {
  readonly game: string
  readonly mode: string
  readonly map: string | null
  readonly region: string
  /** Actor key of who asked for it, which is told what became of it; null where nobody wants to know. */
  readonly source: string | null
  /** 2 to 10; a seat's number is its index. */
  readonly seats: readonly SeatSpec[]
  readonly asset: string
  /** Of each seat; 0 where nothing is staked. */
  readonly stakeMinor: bigint
  readonly tier: Tier
  readonly prizeRule: PrizeRule
  /** From the platform, once the match is settled; 0 for none. */
  readonly contributionMinor: bigint
  readonly fundingMs: number
  readonly readyMs: number
  readonly maxLiveMs: number
  readonly disputeMs: number
  readonly watchDelayMs: number
  /** Which rating the result counts for; null for none. */
  readonly ratingKey: string | null
  /** Played elsewhere: a result is reported, not computed here. */
  readonly external: boolean
}

type StoredSeat = readonly [string | null, number, number, number, string?]

/** Positional, so that an addition stands at the end. */
export function encodeSpec(spec: MatchSpec): Json {
  const seats = spec.seats.map(({ user, team, rating, deviation, ticket }) =>
    ticket === undefined ? [user, team, rating, deviation] : [user, team, rating, deviation, ticket],
  )
  return [
    ...[spec.game, spec.mode, spec.map, spec.region, spec.source, seats, spec.asset, spec.stakeMinor.toString()],
    ...[spec.tier, spec.prizeRule, spec.contributionMinor.toString(), spec.fundingMs, spec.readyMs, spec.maxLiveMs],
    ...[spec.disputeMs, spec.watchDelayMs, spec.ratingKey, spec.external],
  ]
}

type StoredSpec = readonly [
  ...[string, string, string | null, string, string | null, readonly StoredSeat[], string, string],
  ...[Tier, PrizeRule, string, number, number, number],
  ...[number, number, string | null, boolean],
]

/** Of what `encodeSpec` wrote. */
export function decodeSpec(json: Json): MatchSpec {
  const stored = json as unknown as StoredSpec // written by encodeSpec
  const [game, mode, map, region, source, seats, asset, stake, tier, prizeRule, contribution, ...rest] = stored
  const [fundingMs, readyMs, maxLiveMs, disputeMs, watchDelayMs, ratingKey, external] = rest
  return {
    ...{ game, mode, map, region, source, asset, tier, prizeRule, ratingKey, external },
    ...{ fundingMs, readyMs, maxLiveMs, disputeMs, watchDelayMs },
    stakeMinor: BigInt(stake),
    contributionMinor: BigInt(contribution),
    seats: seats.map(([user, team, rating, deviation, ticket]) => ({
      user: user as UserId | null, // as encodeSpec found it
      ...{ team, rating, deviation },
      ...(ticket === undefined ? {} : { ticket: ticket as RecordId }),
    })),
  }
}
