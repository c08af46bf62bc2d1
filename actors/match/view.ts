// A match as it is shown: its state with what follows from it, and its prize pool.

import { walletOf } from '../../shared/ids.ts'
import { contributionOf, projectedPayouts, rakeOf } from './prizes.ts'
import { expectedStakesMinor, type Match, stakesMinor, userOf, usersOf } from './state.ts'
import type { MatchQuery, MatchStatus, MatchView, PoolStatus, PoolView, SeatView } from './views.ts'

export function view(match: Match, query: MatchQuery): MatchView | PoolView {
  return query.kind === 'pool' ? poolView(match) : matchView(match)
}

export function matchView(match: Match): MatchView {
  const { id, status, spec, createdAtMs, sinceMs, wait, seed, resumes, score, proposals, settlement } = match
  const { cancelled, unclaimed } = match
  return {
    ...{ id, status, spec, createdAtMs, sinceMs, wait, seed, resumes, score, proposals, settlement, unclaimed },
    seats: seatViews(match),
    reports: match.told.flatMap(([seat, outcome]) => usersOf(match, [seat]).map((user) => ({ user, outcome }))),
    disputes: match.disputes.flatMap(({ seat, votes, ...dispute }) =>
      usersOf(match, [seat]).map((user) => ({
        ...dispute,
        user,
        votes: votes.flatMap(([voter, verdict]) => usersOf(match, [voter]).map((by) => ({ user: by, verdict }))),
      })),
    ),
    cancelled: cancelled === null ? null : { why: cancelled.why, atFault: usersOf(match, cancelled.atFault) },
  }
}

function seatViews(match: Match): readonly SeatView[] {
  return (match.spec?.seats ?? []).flatMap(({ user, team, rating, deviation }, number) => {
    const seat = match.seats[number]
    return seat === undefined
      ? []
      : [{ seat: number, user, wallet: user === null ? null : walletOf(user), team, rating, deviation, ...seat }]
  })
}

export function poolView(match: Match): PoolView {
  const { id, status, spec, settlement, createdAtMs, sinceMs } = match
  const totalMinor = stakesMinor(match)
  const asset = spec?.asset ?? ''
  const stakeMinor = spec?.stakeMinor ?? 0n
  const fullMinor = expectedStakesMinor(match)
  const contributionMinor = spec === null ? 0n : contributionOf(spec, fullMinor)
  const teams = new Set(spec?.seats.map(({ team }) => team)).size
  return {
    ...{ match: id, status: poolStatus(match), matchStatus: status, asset, stakeMinor, totalMinor },
    stakes: match.seats.flatMap(({ stakedMinor: amountMinor }, seat) => {
      const user = userOf(match, seat)
      return amountMinor === 0n || user === null ? [] : [{ seat, user, amountMinor }]
    }),
    contributionMinor: settlement?.contributionMinor ?? contributionMinor,
    rakeMinor: settlement?.rakeMinor ?? rakeOf(asset, fullMinor),
    prizeRule: spec?.prizeRule ?? null,
    projected:
      spec === null
        ? []
        : projectedPayouts({ asset, stakesMinor: fullMinor, contributionMinor, rule: spec.prizeRule }, teams),
    ...{ settlement, createdAtMs, sinceMs },
  }
}

/** Null where nobody has made the match. */
export function poolStatus({ status, settlement }: Pick<Match, 'status' | 'settlement'>): PoolStatus | null {
  if (status === 'absent') return null
  if (status === 'settled') return settlement?.how === 'refund' ? 'refunded' : 'distributed'
  return POOL_STATUS[status]
}

const POOL_STATUS: Readonly<Record<Exclude<MatchStatus, 'absent' | 'settled'>, PoolStatus>> = {
  funding: 'accumulating',
  ready: 'locked',
  live: 'in_escrow',
  finished: 'in_escrow',
  disputed: 'disputed',
  cancelled: 'refunded',
}
