// What a lobby is for: the game, who may come in, and what is staked. Checked here for the wire, which names the field, and
// for the actor, which relies on it. Amounts are minor units (M1), times milliseconds.

import type { TeamFormat } from '../../shared/games/game.ts'
import { gameRules, isTeamFormat, misfitOf, seatTeams } from '../../shared/games/rules.ts'
import { RULES, stakeMostMinor } from '../../shared/rules.ts'
import { centsAs, leastDisputeMs } from '../match/minima.ts'
import type { PrizeRule, Tier } from '../match/spec.ts'
import type { Json } from '../runtime/record.ts'
import { LOBBY } from './limits.ts'

/**
 * `private`: by invitation, or with the code. `friends`: by invitation alone, since nobody has a list of friends yet.
 * `matchmaking`: for those whose rating is not too far from the owner's.
 */
export const VISIBILITIES = ['public', 'private', 'matchmaking', 'friends'] as const
export type Visibility = (typeof VISIBILITIES)[number]

export const PRIZE_RULES = [
  'winner_takes_all',
  'top_three_split_60_30_10',
  'performance_mvp_70_20_10',
] as const satisfies readonly PrizeRule[]

export interface LobbySetup {
  readonly game: string
  readonly mode: string
  readonly format: TeamFormat
  /** Null leaves it to the match. */
  readonly map: string | null
  readonly region: string
  readonly visibility: Visibility
  readonly asset: string
  /** Of each seat; 0 where nothing is staked. */
  readonly stakeMinor: bigint
  readonly prizeRule: PrizeRule
  readonly disputeMs: number
}

export type SetupField = 'game' | 'mode' | 'map' | 'format' | 'region' | 'visibility' | 'asset' | 'stake' | 'prizeRule'

/** The field that is wrong, or null. */
export function setupFault(setup: LobbySetup): SetupField | 'disputeMs' | null {
  const { map, region, visibility, asset, stakeMinor, prizeRule, disputeMs } = setup
  const rules = gameRules(setup.game)
  if (rules === null) return 'game'
  const misfit = misfitOf(rules, setup)
  if (misfit !== null) return misfit
  if (map === '') return 'map'
  if (!(RULES.regions as readonly string[]).includes(region)) return 'region'
  if (!VISIBILITIES.includes(visibility)) return 'visibility'
  const most = stakeMostMinor(asset)
  if (most === null) return 'asset'
  if (stakeMinor < 0n || stakeMinor > most) return 'stake'
  if (!PRIZE_RULES.includes(prizeRule)) return 'prizeRule'
  // Longer than a match has anyway, not shorter.
  const least = leastDisputeMs(asset, stakeMinor)
  const isWindow = Number.isSafeInteger(disputeMs) && disputeMs >= least && disputeMs <= LOBBY.disputeMostMs
  return isWindow ? null : 'disputeMs'
}

/** The entry fee of a tier: one credit is a cent. Null for an asset that nothing is staked in. */
export function tierStakeMinor(tier: Tier, asset: string): bigint | null {
  const cents = RULES.entryFeeCents[tier]
  return asset === 'CREDIT' ? cents : centsAs(asset, cents)
}

/** The tier whose entry fee this is; `free` for any other, which belongs to none. */
export function tierOf(asset: string, stakeMinor: bigint): Tier {
  const tiers: readonly Tier[] = ['premium', 'pro', 'elite']
  return tiers.find((tier) => tierStakeMinor(tier, asset) === stakeMinor) ?? 'free'
}

/** The team of each seat. Of a setup without fault. */
export function teamsOf({ game, mode, format }: Pick<LobbySetup, 'game' | 'mode' | 'format'>): readonly number[] {
  const rules = gameRules(game)?.modes.get(mode)
  return rules === undefined ? [] : seatTeams(rules, format)
}

/** Whether bots may take the seats that nobody has: nobody's money is in it, and the game is played here. */
export function takesBots({ game, stakeMinor }: Pick<LobbySetup, 'game' | 'stakeMinor'>): boolean {
  return stakeMinor === 0n && gameRules(game)?.isExternal === false
}

type StoredSetup = readonly [
  ...[string, string, TeamFormat, string | null, string, Visibility],
  ...[string, string, PrizeRule, number],
]

/** Positional, so that an addition stands at the end. */
export function encodeSetup(setup: LobbySetup): Json {
  const { game, mode, format, map, region, visibility, asset, stakeMinor, prizeRule, disputeMs } = setup
  return [game, mode, format, map, region, visibility, asset, stakeMinor.toString(), prizeRule, disputeMs]
}

/** Of what `encodeSetup` wrote. */
export function decodeSetup(json: Json): LobbySetup {
  const stored = json as unknown as StoredSetup // written by encodeSetup
  const [game, mode, format, map, region, visibility, asset, stake, prizeRule, disputeMs] = stored
  return { game, mode, format, map, region, visibility, asset, stakeMinor: BigInt(stake), prizeRule, disputeMs }
}

/** How many seats a number of players makes; null where no format has so many. */
export function formatOf(players: number): TeamFormat | null {
  const format = `${players / 2}v${players / 2}`
  return isTeamFormat(format) ? format : null
}
