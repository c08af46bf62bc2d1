// The rooms of this process: Colyseus over the transport, with the one wallet room that wallet sockets stay in (C3). With
// other processes beside it, they find each other's rooms through Redis.

import { matchMaker, Server, type ServerOptions } from '@colyseus/core'
import { LobbyRoom } from '../rooms/lobby/lobbyRoom.ts'
import { MatchRoom } from '../rooms/match/matchRoom.ts'
import { ReplayRoom } from '../rooms/match/replayRoom.ts'
import { WatchRoom } from '../rooms/match/watchRoom.ts'
import { QueueRoom } from '../rooms/queueRoom.ts'
import { WalletRoom } from '../rooms/walletRoom.ts'
import type { Config } from './config.ts'
import type { ListeningTransport } from './http/transport.ts'
import type { ColyseusOnRedis } from './redis/colyseusOnRedis.ts'

/** How long rooms may take to let their clients go. */
const ROOMS_CLOSE_WITHIN_MS = 2_000

/** Resolves once clients may join. `shared`: null where there are no other processes. */
export async function listen(
  config: Pick<Config, 'host' | 'port' | 'backing'>,
  transport: ListeningTransport,
  shared: ColyseusOnRedis | null,
): Promise<Server> {
  const server = new Server({ transport, greet: false, gracefullyShutdown: false, ...among(config, shared) })
  server.define('wallet', WalletRoom)
  server.define('queue', QueueRoom)
  server.define('lobby', LobbyRoom)
  server.define('match', MatchRoom)
  server.define('watch', WatchRoom)
  server.define('replay', ReplayRoom)
  await server.listen(config.port, config.host)
  // C3: the rooms that a process has one of are there before the first client.
  for (const room of ['wallet', 'queue', 'lobby', 'replay']) await matchMaker.createRoom(room, {})
  return server
}

function among({ backing }: Pick<Config, 'backing'>, shared: ColyseusOnRedis | null): Partial<ServerOptions> {
  if (shared === null) return {}
  const { driver, presence, selectProcessIdToCreateRoom } = shared
  const publicAddress = backing.kind === 'cluster' ? backing.publicAddress : null
  return { driver, presence, selectProcessIdToCreateRoom, ...(publicAddress === null ? {} : { publicAddress }) }
}

let closing: Promise<void> | null = null

export function closeRooms(server: Server, transport: ListeningTransport): Promise<void> {
  closing ??= (async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, ROOMS_CLOSE_WITHIN_MS).unref())
    await Promise.race([server.gracefullyShutdown(false).catch(() => {}), late])
    transport.shutdown()
  })()
  return closing
}
