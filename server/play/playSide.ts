// Everything that play passes through in this process: desks of players, queues, lobbies and matches over the actors, and
// what the rooms need of them. Built on the money side, whose runtime carries all kinds.

import type { RoomIdentity } from '../../rooms/roomIdentity.ts'
import type { Config } from '../config.ts'
import type { Route } from '../http/route.ts'
import { playedMatchRoutes } from '../http/routes/playedMatches.ts'
import { replayRoutes } from '../http/routes/replays.ts'
import { shareTokenRoutes } from '../http/routes/shareTokens.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'
import { type MatchSide, openMatchSide } from './matchSide.ts'

export interface PlaySide {
  /** HTTP of queues, lobbies, prize pools, scores, replays and disputes. */
  readonly routes: readonly Route[]
  readonly matches: Pick<MatchSide, 'watchRoomOf'>
  /** From now on matches are played here: rooms can be opened. */
  start(): void
  close(): Promise<void>
}

export interface PlayParts {
  readonly config: Config
  readonly money: MoneySide
  readonly metrics: Metrics
  readonly log: Log
  /** Who a room's connection speaks for. */
  readonly identity: RoomIdentity
}

export function openPlaySide({ config, money, metrics, log, identity }: PlayParts): PlaySide {
  const matches = openMatchSide({ config, money, metrics, log, identity })
  const routes = [
    ...replayRoutes(matches.replays, money.lists),
    ...playedMatchRoutes(matches.replays, (id) => matches.gameOf(id)),
    ...shareTokenRoutes(matches.replays),
  ]
  return { routes, matches, start: () => matches.start(), close: () => matches.close() }
}
