// Lobbies of this process: the desk that both wires ask, and its lists.

import { provideLobbyHost } from '../../rooms/lobby/lobbyRoom.ts'
import { matchAsks } from '../../rooms/match/matchAsks.ts'
import type { Route } from '../http/route.ts'
import { lobbyRoutes } from '../http/routes/lobbies.ts'
import { adminLobbyRoutes, lobbyListRoutes } from '../http/routes/lobbyLists.ts'
import { lobbyMatchRoutes } from '../http/routes/lobbyMatches.ts'
import { createObserver } from '../metrics.ts'
import { nextRequestId, randomIds, systemClock } from '../system.ts'
import { LobbyDesk } from './lobbyDesk.ts'
import { LobbyLists } from './lobbyLists.ts'
import { PlayerNames } from './playerNames.ts'
import type { PlayParts } from './playSide.ts'
import type { Seats } from './seatDesk.ts'

export interface LobbySide {
  readonly routes: readonly Route[]
}

export function openLobbySide({ config, money, metrics, log, identity, people }: PlayParts, seats: Seats): LobbySide {
  const { actors, lists } = money
  const nowMs = (): number => systemClock.nowMs()
  const { answered } = createObserver(metrics, log)
  const names = new PlayerNames({
    ...{ people, nowMs, failed: identity.failed },
    isErased: (user) => identity.isErased(user),
  })
  const desk = new LobbyDesk({
    ...{ actors, lists, names, matches: matchAsks(actors, nextRequestId), seats },
    newId: () => randomIds.newId(),
    answered: (command, outcome, elapsedMs) => answered('lobby', command, outcome, elapsedMs),
  })
  provideLobbyHost({
    ...{ ...identity, lobbies: desk, feed: money.actorFeed, rateLimits: config.rateLimits, nowMs },
    newRequestId: nextRequestId,
  })
  const found = new LobbyLists({ lists, names, nowMs })
  return {
    routes: [
      ...lobbyListRoutes(found),
      ...lobbyRoutes(desk),
      ...lobbyMatchRoutes(desk),
      ...adminLobbyRoutes(found, desk),
    ],
  }
}
