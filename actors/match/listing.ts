// What lists over many matches show of one: prize pools, results, disputes, a player's own. Ids and sums, nothing personal.

import type { Listing } from '../runtime/listing.ts'
import type { Json } from '../runtime/record.ts'
import { contributionOf } from './prizes.ts'
import { expectedStakesMinor, type Match, stakesMinor, userOf } from './state.ts'
import { poolStatus } from './view.ts'

export interface MatchRow {
  readonly match: string
  readonly game: string
  readonly mode: string
  readonly region: string
  readonly status: string
  readonly pool: string | null
  readonly asset: string
  readonly stake: string
  readonly total: string
  readonly contribution: string
  readonly seats: readonly (readonly [user: string | null, team: number])[]
  readonly created: number
  readonly since: number
  /** Number and status. */
  readonly score: readonly [number, string] | null
  readonly disputes: readonly (readonly [id: string, user: string, type: string, status: string, at: number])[]
  readonly proposals: number
  readonly unclaimed: number
}

export function listing(match: Match): Listing | null {
  const { id, spec, status, score, disputes, proposals, unclaimed } = match
  if (spec === null) return null
  const pool = poolStatus(match)
  const contribution = contributionOf(spec, expectedStakesMinor(match))
  const row: MatchRow = {
    ...{ match: id, game: spec.game, mode: spec.mode, region: spec.region, status, pool, asset: spec.asset },
    ...{ stake: `${spec.stakeMinor}`, total: `${stakesMinor(match)}`, contribution: `${contribution}` },
    seats: spec.seats.map(({ user, team }) => [user, team] as const),
    ...{ created: match.createdAtMs, since: match.sinceMs },
    score: score === null ? null : [score.number, score.status],
    disputes: disputes.map((each) => [each.id, userOf(match, each.seat) ?? '', each.type, each.status, each.atMs]),
    ...{ proposals: proposals.length, unclaimed: unclaimed.length },
  }
  const tags = [
    ...[`game:${spec.game}`, `mode:${spec.mode}`, `region:${spec.region}`, `pool:${pool}`],
    ...spec.seats.flatMap(({ user }) => (user === null ? [] : [`player:${user}`])),
    ...(spec.source === null ? [] : [`source:${spec.source}`]),
    ...(score === null ? [] : ['result:any', `result:${score.status}`]),
    ...(disputes.length === 0 ? [] : ['dispute:any']),
    ...(disputes.some((each) => each.status === 'open') ? ['dispute:open'] : []),
    ...(match.underReview || proposals.length > 0 || unclaimed.length > 0 ? ['staff:waiting'] : []),
  ]
  return { status, sortMs: match.createdAtMs, tags, fields: row as unknown as Json } // numbers, texts and nulls
}
