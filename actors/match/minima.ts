// What no match goes below, whoever makes it and whatever they say (RULES): how long its result may be disputed, and how late
// it is shown to who watches. Everything that reads either of a match reads it here.

import { findAsset, parseAmount } from '../../shared/assets.ts'
import { RULES } from '../../shared/rules.ts'
import type { MatchSpec } from './spec.ts'

/** In money above so much a seat there is a window, and no maker has a shorter one. */
export function leastDisputeMs(asset: string, stakeMinor: bigint): number {
  const free = centsAs(asset, RULES.disputeFreeCents)
  return free === null || stakeMinor <= free ? 0 : RULES.disputeWindowMs
}

export function disputeMsOf({ asset, stakeMinor, disputeMs }: MatchSpec): number {
  return Math.max(disputeMs, leastDisputeMs(asset, stakeMinor))
}

/** Where something is won by it, nobody learns of what is hidden in a game by watching themselves. */
export function leastWatchDelayMs({ stakeMinor, ratingKey }: Pick<MatchSpec, 'stakeMinor' | 'ratingKey'>): number {
  return stakeMinor > 0n || ratingKey !== null ? RULES.watchDelayCompetitiveMs : 0
}

export function watchDelayMsOf(spec: Pick<MatchSpec, 'stakeMinor' | 'ratingKey' | 'watchDelayMs'>): number {
  return Math.max(spec.watchDelayMs, leastWatchDelayMs(spec))
}

/** Cents as minor units of an asset that is worth a dollar; null for another. */
export function centsAs(asset: string, cents: bigint): bigint | null {
  const spec = findAsset(asset)
  if (spec === null || (spec.type !== 'fiat' && spec.type !== 'crypto')) return null
  if (cents === 0n) return 0n
  const parsed = parseAmount(`${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`, spec)
  return parsed.kind === 'amount' ? parsed.minor : null
}
