// All that a process among others needs of Redis: rooms and rate limits, over one connection of its own.

import type { ClusterBacking } from '../config.ts'
import type { SharedCounters } from '../http/rateLimits.ts'
import type { Log } from '../log.ts'
import { type ColyseusOnRedis, colyseusOnRedis } from './colyseusOnRedis.ts'
import { openRedis } from './redisConnection.ts'

export interface SharedRooms {
  readonly colyseus: ColyseusOnRedis
  readonly counters: SharedCounters
  readonly isReady: boolean
  close(): void
}

/** Rejects with DataSetError where Redis will not do. */
export async function openSharedRooms(backing: ClusterBacking, log: Log): Promise<SharedRooms> {
  const connection = await openRedis(backing.redisUrl, log)
  const colyseus = colyseusOnRedis(connection, backing.dataSet, log)
  return {
    colyseus,
    counters: { redis: connection.redis, prefix: `${backing.dataSet}:` },
    get isReady() {
      return connection.isReady
    },
    close() {
      colyseus.close()
      connection.close()
    },
  }
}
