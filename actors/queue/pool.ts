// The name of a pool says what all of its tickets have in common: `<game>.<mode>.<format>.<region>.<asset>.<stake>`, the
// stake in minor units. So a queue needs no configuration, and nobody can bring two pools under one name.

import type { TeamFormat } from '../../shared/games/game.ts'
import { gameRules, isTeamFormat } from '../../shared/games/rules.ts'
import { RULES } from '../../shared/rules.ts'
import type { Tier } from '../match/spec.ts'

export type Region = (typeof RULES.regions)[number]

export interface Pool {
  readonly game: string
  readonly mode: string
  readonly format: TeamFormat
  readonly region: Region
  readonly asset: 'USD' | 'CREDIT'
  /** Of each seat; 0 for none. */
  readonly stakeMinor: bigint
  readonly teamSize: number
  /** Played elsewhere. */
  readonly isExternal: boolean
}

export function poolId({
  game,
  mode,
  format,
  region,
  asset,
  stakeMinor,
}: Omit<Pool, 'teamSize' | 'isExternal'>): string {
  return [game, mode, format, region, asset, stakeMinor].join('.')
}

/** Null where no pool is called so, or its game has no such mode or format. */
export function parsePool(id: string): Pool | null {
  const [game = '', mode = '', format = '', region = '', asset = '', stake = '', ...more] = id.split('.')
  if (more.length > 0 || !isTeamFormat(format) || !isRegion(region)) return null
  if ((asset !== 'USD' && asset !== 'CREDIT') || !/^(?:0|[1-9]\d{0,8})$/.test(stake)) return null
  if (tierOfStake(BigInt(stake)) === null) return null
  const rules = gameRules(game)
  if (rules === null || rules.modes.get(mode)?.formats.includes(format) !== true) return null
  const { isExternal } = rules
  return { game, mode, format, region, asset, stakeMinor: BigInt(stake), teamSize: Number(format[0]), isExternal }
}

/** Results of different modes say little about each other. */
export function ratingKeyOf({ game, mode }: Pick<Pool, 'game' | 'mode'>): string {
  return gameRules(game)?.modes.get(mode)?.ratingKey ?? `${game}.${mode}`
}

/** One credit is a cent: the fees of both are the same numbers. */
export function tierOfStake(stakeMinor: bigint): Tier | null {
  for (const [tier, fee] of Object.entries(RULES.entryFeeCents)) {
    if (fee === stakeMinor) return tier as Tier // a key of the table
  }
  return null
}

function isRegion(text: string): text is Region {
  return (RULES.regions as readonly string[]).includes(text)
}
