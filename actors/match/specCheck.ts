// Whether a match can be made of a specification. Whoever makes one has his own rules about who may meet whom; these are
// what the match itself relies on.

import { isId, isUserId } from '../../shared/ids.ts'
import { isActorKey } from '../../shared/partition.ts'
import { RULES, stakeMostMinor } from '../../shared/rules.ts'
import type { MatchSpec, SeatSpec } from './spec.ts'

const HOUR_MS = 60 * 60 * 1000
const LONGEST_WAIT_MS = 24 * HOUR_MS
const LONGEST_MATCH_MS = 7 * 24 * HOUR_MS
const LONGEST_DISPUTE_MS = 30 * 24 * HOUR_MS
const LONGEST_WATCH_DELAY_MS = 300_000
const LONGEST_NAME = 64

/** What is wrong with it, or null. */
export function specFault(spec: MatchSpec): string | null {
  if (![spec.game, spec.mode, spec.region].every(isName)) return 'names'
  if (![spec.map, spec.ratingKey].every((name) => name === null || isName(name))) return 'names'
  if (spec.source !== null && !isActorKey(spec.source)) return 'source'
  return seatsFault(spec.seats) ?? moneyFault(spec) ?? timesFault(spec)
}

function seatsFault(seats: readonly SeatSpec[]): string | null {
  if (seats.length < 2 || seats.length > 10) return 'seats'
  if (!seats.every(({ user, team }) => (user === null || isUserId(user)) && isCount(team, 0, 9))) return 'seats'
  const users = seats.flatMap(({ user }) => (user === null ? [] : [user]))
  if (users.length === 0 || new Set(users).size !== users.length) return 'users'
  if (new Set(seats.map(({ team }) => team)).size < 2) return 'teams'
  const rated = seats.every(({ rating, deviation }) => Number.isFinite(rating) && Number.isFinite(deviation))
  return rated ? null : 'ratings'
}

function moneyFault({ asset, stakeMinor, contributionMinor, seats, tier, prizeRule }: MatchSpec): string | null {
  const most = stakeMostMinor(asset)
  if (most === null || stakeMinor < 0n || stakeMinor > most) return 'stake'
  // M9: every stake has an owner who pays it, and is paid.
  if (stakeMinor > 0n && seats.some(({ user }) => user === null)) return 'bots'
  const added = RULES.contributionMostMinor[asset] ?? 0n
  if (contributionMinor < 0n || contributionMinor > added) return 'contribution'
  const known =
    ['free', 'premium', 'pro', 'elite'].includes(tier) &&
    ['winner_takes_all', 'top_three_split_60_30_10', 'performance_mvp_70_20_10'].includes(prizeRule)
  return known ? null : 'rules'
}

function timesFault({ fundingMs, readyMs, maxLiveMs, disputeMs, watchDelayMs }: MatchSpec): string | null {
  const fine =
    isCount(fundingMs, 1, LONGEST_WAIT_MS) &&
    isCount(readyMs, 1, LONGEST_WAIT_MS) &&
    isCount(maxLiveMs, 1, LONGEST_MATCH_MS) &&
    isCount(disputeMs, 0, LONGEST_DISPUTE_MS) &&
    isCount(watchDelayMs, 0, LONGEST_WATCH_DELAY_MS)
  return fine ? null : 'times'
}

function isName(text: string): boolean {
  return text.length <= LONGEST_NAME && isId(text)
}

function isCount(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}
