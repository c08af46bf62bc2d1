// The match that a queue asks for: what the pool says, the ratings that the server knows, and the defaults of RULES.

import { GAMES } from '../../shared/games/registry.ts'
import { gameRules, seatTeams } from '../../shared/games/rules.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES } from '../../shared/rules.ts'
import { leastDisputeMs, leastWatchDelayMs } from '../match/minima.ts'
import type { MatchSpec, SeatSpec } from '../match/spec.ts'
import { isBot } from './bots.ts'
import type { Found } from './matching.ts'
import { type Pool, ratingKeyOf, tierOfStake } from './pool.ts'
import type { Ticket } from './ticket.ts'

/** After the longest that a game may take: the loop's last steps, and a pause or two. */
const LIVE_SLACK_MS = 5 * 60_000

export function specOf(queue: string, pool: Pool, { teams, maps }: Found, match: string): MatchSpec {
  const { game, mode, region, asset, stakeMinor, isExternal } = pool
  const tier = tierOfStake(stakeMinor) ?? 'free'
  const isMoney = stakeMinor > 0n && asset === 'USD'
  const ratingKey = teams.flat().some(isBot) ? null : ratingKeyOf(pool)
  return {
    ...{ game, mode, region, asset, stakeMinor, tier },
    map: oneOf(maps ?? gameRules(game)?.maps ?? [], match),
    source: actorKey('queue', queue),
    seats: seatsOf(pool, teams),
    prizeRule: 'winner_takes_all',
    contributionMinor: isMoney ? RULES.contributionCents : 0n,
    fundingMs: RULES.acceptMs,
    readyMs: RULES.readyCheckMs,
    maxLiveMs: liveMs(game),
    disputeMs: leastDisputeMs(asset, stakeMinor),
    watchDelayMs: leastWatchDelayMs({ stakeMinor, ratingKey }),
    ratingKey,
    external: isExternal,
  }
}

function seatsOf({ game, mode, format }: Pool, [first, second]: Found['teams']): readonly SeatSpec[] {
  const rules = gameRules(game)?.modes.get(mode)
  if (rules === undefined) return []
  const places = [[...first], [...second]]
  // A game says which team each seat is of; where everybody is alone, the two halves only take turns.
  return seatTeams(rules, format).flatMap((team, seat) => {
    const ticket = places[rules.alone ? seat % 2 : team]?.shift()
    return ticket === undefined ? [] : [seatOf(ticket, team)]
  })
}

function seatOf(ticket: Ticket, team: number): SeatSpec {
  const { id, user, rating, deviation } = ticket
  return isBot(ticket) ? { user: null, team, rating, deviation } : { user, team, rating, deviation, ticket: id }
}

function liveMs(game: string): number {
  const played = GAMES.get(game)
  return played === undefined ? RULES.liveMostMs : (played.maxTicks / played.tickHz) * 1000 + LIVE_SLACK_MS
}

/** Any of them, and the same one whenever this is decided again. Null where there is none. */
function oneOf(maps: readonly string[], match: string): string | null {
  let sum = 0
  for (let index = 0; index < match.length; index++) sum += match.charCodeAt(index)
  return maps[sum % Math.max(1, maps.length)] ?? null
}
