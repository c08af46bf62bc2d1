// Rooms of many processes that find each other through Redis: what `new Server(…)` of Colyseus takes for it. Every room
// is made by the process that is asked for it; nothing is placed elsewhere.

import { type MatchMakerDriver, matchMaker, type Presence, type ServerOptions } from '@colyseus/core'
import type { Log } from '../log.ts'
import { CalmPresence } from './calmPresence.ts'
import type { RedisConnection } from './redisConnection.ts'
import { RoomDirectory } from './roomDirectory.ts'

export interface ColyseusOnRedis
  extends Required<Pick<ServerOptions, 'driver' | 'presence' | 'selectProcessIdToCreateRoom'>> {
  readonly driver: MatchMakerDriver
  readonly presence: Presence
  close(): void
}

/** Colyseus does it once a minute, which after a flush is long. */
const STATS_EVERY_MS = 5_000

export function colyseusOnRedis(connection: RedisConnection, dataSet: string, log: Log): ColyseusOnRedis {
  const driver = new RoomDirectory(connection.redis, `${dataSet}:`)
  const presence = new CalmPresence(connection.options, `${dataSet}:colyseus:`, (error) =>
    log.warn({ err: error }, 'a message of another process could not be handled'),
  )
  const persistStats = (): void => {
    if (matchMaker.state === matchMaker.MatchMakerState.READY) matchMaker.stats.persist(true)
  }
  const back = (): void => {
    driver.tellAll()
    persistStats()
  }
  connection.redis.on('ready', back)
  const stats = setInterval(persistStats, STATS_EVERY_MS)
  stats.unref()
  return {
    driver,
    presence,
    selectProcessIdToCreateRoom: async () => matchMaker.processId,
    close() {
      clearInterval(stats)
      connection.redis.off('ready', back)
      driver.shutdown()
      presence.shutdown()
    },
  }
}
