// Who gets what of a prize pool (RULES). Pure, in exact minor units. Places are taken by teams of those who did not forfeit;
// teams that share a place share what its places pay; a team's part is split among its seats. Whatever does not divide goes
// to the first place, and nothing is ever rounded towards the platform.

import type { GameOutcome } from '../../shared/games/game.ts'
import { RULES } from '../../shared/rules.ts'
import type { SeatAmount } from './commands.ts'
import type { MatchSpec, PrizeRule } from './spec.ts'

export interface PrizeSeat {
  readonly seat: number
  readonly team: number
  readonly forfeit: boolean
}

export interface PrizePool {
  readonly asset: string
  /** Σ stakes. */
  readonly stakesMinor: bigint
  readonly contributionMinor: bigint
  readonly rule: PrizeRule
}

export interface Split {
  readonly rakeMinor: bigint
  /** Seats that get something, by seat. Σ payouts + rake = stakes + contribution. */
  readonly payouts: readonly SeatAmount[]
}

const BASIS = 10_000n

/** A part of the stakes, at least so much, and never more than another part. Rounded down. */
export function rakeOf(asset: string, stakesMinor: bigint): bigint {
  const least = RULES.rakeLeastMinor[asset]
  // Credits, and whatever else is no money, pay none.
  if (least === undefined) return 0n
  const share = (stakesMinor * RULES.rakeBasisPoints) / BASIS
  const cap = (stakesMinor * RULES.rakeCapBasisPoints) / BASIS
  const rake = share > least ? share : least
  return rake < cap ? rake : cap
}

/**
 * From the platform, for a match of a tier that is played for money. Never more than the rake of the same pool: whoever holds
 * every seat of a match would otherwise take home more than they staked.
 */
export function contributionOf({ asset, tier, contributionMinor }: MatchSpec, stakesMinor: bigint): bigint {
  if (tier === 'free') return 0n
  const rake = rakeOf(asset, stakesMinor)
  return contributionMinor < rake ? contributionMinor : rake
}

/** Hundredths of what is paid out, by place, and for the most valuable player; they add up to 100. */
interface Shares {
  readonly places: readonly bigint[]
  readonly mvp: bigint
}

function sharesOf(rule: PrizeRule, teams: number, mvp: boolean): Shares {
  switch (rule) {
    case 'winner_takes_all':
      return { places: [100n], mvp: 0n }
    case 'top_three_split_60_30_10':
      if (teams >= 3) return { places: [60n, 30n, 10n], mvp: 0n }
      return { places: teams === 2 ? [60n, 40n] : [100n], mvp: 0n }
    case 'performance_mvp_70_20_10':
      if (teams >= 2) return mvp ? { places: [70n, 20n], mvp: 10n } : { places: [80n, 20n], mvp: 0n }
      return mvp ? { places: [90n], mvp: 10n } : { places: [100n], mvp: 0n }
    default:
      return rule satisfies never
  }
}

/** Those that share a place, best place first. */
export function placings(seats: readonly PrizeSeat[], outcome: GameOutcome): readonly (readonly Team[])[] {
  const positions = new Map(outcome.results.map(({ seat, position }) => [seat, position]))
  const teams = new Map<number, { position: number; readonly seats: number[] }>()
  for (const { seat, team, forfeit } of seats) {
    if (forfeit) continue
    const position = positions.get(seat) ?? Number.MAX_SAFE_INTEGER
    const known = teams.get(team)
    if (known === undefined) teams.set(team, { position, seats: [seat] })
    else {
      known.seats.push(seat)
      known.position = Math.min(known.position, position)
    }
  }
  const byPosition = new Map<number, Team[]>()
  for (const { position, seats: members } of teams.values()) {
    byPosition.set(position, [...(byPosition.get(position) ?? []), members])
  }
  return [...byPosition].sort(([a], [b]) => a - b).map(([, group]) => group)
}

/** Seats, in order. */
type Team = readonly number[]

/** What an approved result pays. There has to be a seat that did not forfeit. */
export function split(pool: PrizePool, seats: readonly PrizeSeat[], outcome: GameOutcome): Split {
  const rakeMinor = rakeOf(pool.asset, pool.stakesMinor)
  const netMinor = pool.stakesMinor + pool.contributionMinor - rakeMinor
  const groups = placings(seats, outcome)
  const [champion] = groups[0]?.[0] ?? []
  if (champion === undefined) throw new Error('nobody is left to be paid')
  const mvp = seats.some(({ seat, forfeit }) => seat === outcome.mvp && !forfeit) ? outcome.mvp : null
  const shares = sharesOf(
    pool.rule,
    groups.reduce((sum, { length }) => sum + length, 0),
    mvp !== null,
  )
  const paid = new Map<number, bigint>()
  const pay = (seat: number, minor: bigint): void => void paid.set(seat, (paid.get(seat) ?? 0n) + minor)
  let place = 0
  for (const group of groups) {
    // Who shares a place shares what all the places pay that they take up.
    const hundredths = shares.places.slice(place, place + group.length).reduce((sum, each) => sum + each, 0n)
    place += group.length
    for (const team of group) {
      const each = (netMinor * hundredths) / (100n * BigInt(group.length) * BigInt(team.length))
      for (const seat of team) pay(seat, each)
    }
  }
  if (mvp !== null) pay(mvp, (netMinor * shares.mvp) / 100n)
  let left = netMinor
  for (const minor of paid.values()) left -= minor
  pay(champion, left)
  return { rakeMinor, payouts: payoutsOf(paid) }
}

/** What each place would pay if nobody shared one, forfeited, or was the most valuable. For a team, all of it. */
export function projectedPayouts(pool: PrizePool, teams: number): readonly { position: number; amountMinor: bigint }[] {
  const seats = Array.from({ length: teams }, (_, seat): PrizeSeat => ({ seat, team: seat, forfeit: false }))
  const results = seats.map(({ seat }) => ({ seat, position: seat + 1, score: 0 }))
  if (teams === 0) return []
  return split(pool, seats, { results, mvp: null }).payouts.map(({ seat, amountMinor }) => ({
    position: seat + 1,
    amountMinor,
  }))
}

function payoutsOf(paid: ReadonlyMap<number, bigint>): readonly SeatAmount[] {
  return [...paid]
    .filter(([, minor]) => minor > 0n)
    .sort(([a], [b]) => a - b)
    .map(([seat, amountMinor]) => ({ seat, amountMinor }))
}
