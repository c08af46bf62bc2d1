// The process's connection to Redis, which holds nothing that cannot be made again: rooms' listings and rate limits. A
// start over an address that will not do is refused; after that the connection is sought for ever, and whoever uses it
// is told at once that Redis is away.

import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from '../log.ts'
import { redisRefusal, redisTrouble } from './redisRefusal.ts'

export interface RedisConnection {
  readonly redis: Redis
  /** For further connections to the same place: those that subscribe. */
  readonly options: RedisLogin & typeof BEHAVIOUR
  /** False while Redis is away. */
  readonly isReady: boolean
  close(): void
}

const LOGIN = ['host', 'port', 'username', 'password', 'db', 'tls'] as const

type RedisLogin = Pick<RedisOptions, (typeof LOGIN)[number]>

const LONGEST_PAUSE_MS = 2_000

function pauseBefore(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS)
}

/** A command is answered, or has failed, within a second; none waits for a connection (A5). */
const BEHAVIOUR = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  connectTimeout: 2_000,
  commandTimeout: 1_000,
  // A server that hangs is left: from then on nobody waits for it.
  socketTimeout: 1_500,
  retryStrategy: pauseBefore,
  // After a fail-over the old primary refuses writes: seek the new one.
  reconnectOnError: (error: Error): boolean => error.message.startsWith('READONLY'),
} as const satisfies RedisOptions

/** Rejects with DataSetError, which names REDIS_URL and the remedy and never the password. */
export async function openRedis(url: string, log: Log): Promise<RedisConnection> {
  let started = false
  const redis = new Redis(url, {
    ...BEHAVIOUR,
    lazyConnect: true,
    retryStrategy: (attempt) => (started ? pauseBefore(attempt) : null),
  })
  const at = `${redis.options.host}:${redis.options.port}`
  let latest: unknown = null
  redis.on('error', (error) => {
    latest = error
  })
  try {
    await redis.connect()
    const unfit = redisTrouble(await redis.info())
    if (unfit !== null) throw unfit
  } catch (error) {
    redis.disconnect()
    // What the connection's end says is less than what came before it.
    throw redisRefusal(at, latest ?? error)
  }
  started = true
  watch(redis, at, log)
  return {
    redis,
    options: { ...BEHAVIOUR, ...loginOf(redis.options) },
    get isReady() {
      return redis.status === 'ready'
    },
    close: () => redis.disconnect(),
  }
}

function loginOf(options: RedisOptions): RedisLogin {
  const given = LOGIN.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])
  return Object.fromEntries(given) as RedisLogin // of its fields, and no others
}

/** One line for each change, however often it is tried. The message alone: errors of commands carry their arguments. */
function watch(redis: Redis, at: string, log: Log): void {
  let away = false
  let trouble = 'the connection was closed'
  redis.on('error', (error: Error) => {
    trouble = error.message
  })
  redis.on('close', () => {
    // `disconnect` of our own comes with no attempt after it.
    setImmediate(() => {
      if (away || redis.status === 'end' || redis.status === 'ready') return
      away = true
      log.warn({ redis: at, trouble }, 'Redis is away: rate limits are counted in each process, rooms go on')
    })
  })
  redis.on('ready', () => {
    if (away) log.info({ redis: at }, 'Redis is back')
    away = false
  })
}
