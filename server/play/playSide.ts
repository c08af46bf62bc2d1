// Everything that play passes through in this process: desks of players, queues, lobbies and matches over the actors, and
// what the rooms need of them. Built on the money side, whose runtime carries all kinds.

import { provideQueueHost } from '../../rooms/queueRoom.ts'
import type { RoomIdentity } from '../../rooms/roomIdentity.ts'
import type { Config } from '../config.ts'
import type { Route } from '../http/route.ts'
import { adminMatchRoutes } from '../http/routes/adminMatches.ts'
import { adminPlayerRoutes } from '../http/routes/adminPlayers.ts'
import { challengeRoutes } from '../http/routes/challenges.ts'
import { evidenceRoutes } from '../http/routes/evidence.ts'
import { matchRoutes } from '../http/routes/matches.ts'
import { playedMatchRoutes } from '../http/routes/playedMatches.ts'
import { prizePoolRoutes } from '../http/routes/prizePools.ts'
import { queueRoutes } from '../http/routes/queue.ts'
import { replayRoutes } from '../http/routes/replays.ts'
import { scoreRoutes } from '../http/routes/scores.ts'
import { shareTokenRoutes } from '../http/routes/shareTokens.ts'
import type { Identity } from '../identity/port.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { MoneySide } from '../moneySide.ts'
import { nextRequestId, systemClock } from '../system.ts'
import { ActorAsks } from './actorAsks.ts'
import { GameServers } from './gameServers.ts'
import { openLobbySide } from './lobbySide.ts'
import { MatchDesk } from './matchDesk.ts'
import { type MatchSide, openMatchSide } from './matchSide.ts'
import { QueueDesk } from './queueDesk.ts'
import { QueueRoomDesk } from './queueRoomDesk.ts'
import { SeatDesk } from './seatDesk.ts'

export interface PlaySide {
  /** HTTP of queues, lobbies, prize pools, scores, replays and disputes. */
  readonly routes: readonly Route[]
  readonly matches: Pick<MatchSide, 'watchRoomOf' | 'endedRoomOf' | 'evidence'>
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
  readonly people: Identity
}

export function openPlaySide({ config, money, metrics, log, identity, people }: PlayParts): PlaySide {
  const matches = openMatchSide({ config, money, metrics, log, identity })
  const asks = new ActorAsks(money.actors)
  const seats = new SeatDesk(asks)
  const queues = new QueueDesk(asks)
  const desk = new MatchDesk(asks, money.lists)
  const servers = new GameServers(
    config.gameServerKeysFile,
    () => systemClock.nowMs(),
    (error) => log.error({ err: error }, 'keys of game servers cannot be read'),
  )
  const lobbies = openLobbySide({ config, money, metrics, log, identity, people }, seats)
  const { rateLimits } = config
  const disputes = { desk, texts: matches.evidence }
  provideQueueHost({
    ...identity,
    queues: new QueueRoomDesk(queues, seats, asks),
    feed: money.actorFeed,
    rateLimits,
    newRequestId: nextRequestId,
  })
  return {
    routes: [
      ...queueRoutes(queues, money.lists, people),
      ...matchRoutes(desk, seats),
      ...prizePoolRoutes(desk),
      ...scoreRoutes(desk, servers, matches.evidence),
      ...challengeRoutes(disputes, people),
      ...evidenceRoutes(disputes),
      ...adminMatchRoutes(desk),
      ...adminPlayerRoutes(asks, people),
      ...lobbies.routes,
      ...replayRoutes(matches.replays, money.lists),
      ...playedMatchRoutes(matches.replays, (id) => matches.gameOf(id)),
      ...shareTokenRoutes(matches.replays),
    ],
    matches,
    start: () => matches.start(),
    close: () => matches.close(),
  }
}
