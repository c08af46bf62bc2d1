// The match that a lobby asks for: its seats as they are taken, bots in the others, and the waits of RULES.

import { GAMES } from '../../shared/games/registry.ts'
import { gameRules } from '../../shared/games/rules.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES } from '../../shared/rules.ts'
import { leastWatchDelayMs } from '../match/minima.ts'
import type { MatchSpec, SeatSpec } from '../match/spec.ts'
import { LOBBY } from './limits.ts'
import { type LobbySetup, teamsOf, tierOf } from './setup.ts'
import type { Made } from './state.ts'

/** After the longest that a game may take: the loop's last steps, and a pause or two. */
const LIVE_SLACK_MS = 5 * 60_000

export function specOf(lobby: Made, match: string): MatchSpec {
  const { setup } = lobby
  const { game, mode, region, asset, stakeMinor, prizeRule, disputeMs } = setup
  const ratingKey = isRated(lobby) ? (gameRules(game)?.modes.get(mode)?.ratingKey ?? null) : null
  return {
    ...{ game, mode, region, asset, stakeMinor, prizeRule, disputeMs },
    map: setup.map ?? oneOf(gameRules(game)?.maps ?? [], match),
    source: actorKey('lobby', lobby.id),
    seats: seatsOf(lobby),
    tier: tierOf(asset, stakeMinor),
    // Who chooses whom to play against could take it home again and again, for nothing.
    contributionMinor: 0n,
    fundingMs: LOBBY.fundingMs,
    readyMs: RULES.readyCheckMs,
    maxLiveMs: liveMs(game),
    watchDelayMs: leastWatchDelayMs({ stakeMinor, ratingKey }),
    ratingKey,
    external: gameRules(game)?.isExternal ?? false,
  }
}

function seatsOf({ setup, seats }: Made): readonly SeatSpec[] {
  return teamsOf(setup).map((team, number): SeatSpec => {
    const seat = seats[number] ?? null
    if (seat === null) return { user: null, team, rating: RULES.ratingStart, deviation: RULES.ratingDeviationStart }
    const { user, rating, deviation } = seat
    return { user, team, rating, deviation }
  })
}

/** Friends among themselves, and who plays against bots, could make each other any rating they like. */
function isRated({ setup, seats }: Made): boolean {
  const isAmongFriends: Record<LobbySetup['visibility'], boolean> = {
    ...{ public: false, matchmaking: false, private: true, friends: true },
  }
  return !isAmongFriends[setup.visibility] && seats.every((seat) => seat !== null)
}

function liveMs(game: string): number {
  const played = GAMES.get(game)
  return played === undefined ? RULES.liveMostMs : Math.ceil((played.maxTicks / played.tickHz) * 1000) + LIVE_SLACK_MS
}

/** Any of them, and the same one whenever this is decided again. Null where there is none. */
function oneOf(maps: readonly string[], match: string): string | null {
  let sum = 0
  for (let index = 0; index < match.length; index++) sum += match.charCodeAt(index)
  return maps[sum % Math.max(1, maps.length)] ?? null
}
