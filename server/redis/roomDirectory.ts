// Where the matchmaker keeps its rooms. This process's own are kept in memory and found there first: a client joins the
// wallet room of the process it came to (C3), whatever becomes of Redis. To the others they are told in Redis, by keys
// that expire: told again every few seconds, they outlive a flush, and those of a dead process go by themselves.
// Not @colyseus/redis-driver: one failed lookup there fails every later one, and each but by id reads all rooms.

import assert from 'node:assert/strict'
import { type IRoomCache, initializeRoomCache, LocalDriver, type MatchMakerDriver, matchMaker } from '@colyseus/core'
import type { Redis } from 'ioredis'
import { ServiceError } from '../../shared/errors.ts'

type SortOptions = Parameters<LocalDriver['query']>[1]
type Conditions = Parameters<LocalDriver['query']>[0]
type Operations = Parameters<LocalDriver['update']>[1]

const LISTED_MS = 10_000
const RENEW_EVERY_MS = 3_000
/** Changes of a listing, such as its number of clients, go out together. */
const TELL_WITHIN_MS = 100
const ROOMS_AT_ONCE = 500
/** Ids whose room is gone leave the index this much later: clocks differ. */
const INDEX_SLACK_MS = 60_000

assert(RENEW_EVERY_MS * 3 < LISTED_MS)

export class RoomDirectory implements MatchMakerDriver {
  readonly #redis: Redis
  readonly #prefix: string
  readonly #own = new LocalDriver()
  readonly #changed = new Set<string>()
  readonly #renewals: NodeJS.Timeout
  #telling: NodeJS.Timeout | null = null

  /** Keys begin with `prefix`. */
  constructor(redis: Redis, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
    this.#renewals = setInterval(() => this.tellAll(), RENEW_EVERY_MS)
    this.#renewals.unref()
  }

  async has(roomId: string): Promise<boolean> {
    return this.#own.has(roomId) || (await this.#read((redis) => redis.exists(this.#roomKey(roomId)))) === 1
  }

  async query(conditions: Conditions, sort?: SortOptions): Promise<IRoomCache[]> {
    const all = new LocalDriver()
    for (const room of [...this.#own.rooms, ...(await this.#theirs(conditions.name))]) all.persist(room, true)
    return all.query(conditions, sort)
  }

  async findOne(conditions: Conditions, sort?: SortOptions): Promise<IRoomCache> {
    const [own] = this.#own.query(conditions, sort)
    if (own !== undefined) return own
    const { roomId } = conditions
    const rooms = roomId === undefined ? await this.query(conditions, sort) : await this.#told([roomId])
    // The port's type knows no absence, but its callers expect undefined.
    return rooms[0] as IRoomCache
  }

  async findByIds(roomIds: string[]): Promise<Map<string, IRoomCache>> {
    const found = await this.#own.findByIds(roomIds)
    const others = roomIds.filter((id) => !found.has(id))
    for (const room of await this.#told(others)) found.set(room.roomId, room)
    return found
  }

  async persist(room: IRoomCache): Promise<boolean> {
    if (!this.#own.has(room.roomId)) this.#own.persist(room, true)
    await this.#tell([room])
    return true
  }

  update(room: IRoomCache, operations: Operations): boolean {
    this.#own.update(room, operations)
    this.#changed.add(room.roomId)
    this.#telling ??= setTimeout(() => this.#tellChanged(), TELL_WITHIN_MS)
    return true
  }

  async remove(roomId: string): Promise<boolean> {
    const [room] = this.#own.query({ roomId })
    this.#own.remove(roomId)
    if (room !== undefined) await this.#forget([room])
    return room !== undefined
  }

  /** Rooms of a process that does not answer. Should it live, it tells of them again. */
  async cleanup(processId: string): Promise<void> {
    const gone = this.#own.query({ processId })
    for (const { roomId } of gone) this.#own.remove(roomId)
    const told = await this.#theirs(undefined).catch(() => [])
    await this.#forget([...gone, ...told.filter((room) => room.processId === processId)])
  }

  /** Tells of all own rooms: what a flush has taken is there again. */
  async tellAll(): Promise<void> {
    await this.#tell(this.#own.rooms)
  }

  async clear(): Promise<void> {
    await this.#forget(this.#own.rooms)
    this.#own.clear()
  }

  /** The connection is the composition root's, and stays open. */
  shutdown(): void {
    clearInterval(this.#renewals)
    if (this.#telling !== null) clearTimeout(this.#telling)
  }

  #tellChanged(): void {
    this.#telling = null
    const rooms = this.#own.rooms.filter(({ roomId }) => this.#changed.has(roomId))
    this.#changed.clear()
    this.#tell(rooms)
  }

  /** Never rejects: what does not get through is told again with the next renewal. */
  async #tell(rooms: readonly IRoomCache[]): Promise<void> {
    // No client could come to a room without the address of its process.
    const reachable = rooms.filter(({ publicAddress }) => publicAddress !== undefined)
    const nowMs = Date.now()
    for (const some of chunks(reachable)) {
      const pipeline = this.#redis.pipeline()
      for (const room of some) {
        pipeline.set(this.#roomKey(room.roomId), JSON.stringify(room), 'PX', LISTED_MS)
        pipeline.zadd(this.#indexKey(room.name), nowMs, room.roomId)
      }
      for (const name of new Set(some.map((room) => room.name))) {
        pipeline.zremrangebyscore(this.#indexKey(name), '-inf', String(nowMs - LISTED_MS - INDEX_SLACK_MS))
        pipeline.pexpire(this.#indexKey(name), LISTED_MS + INDEX_SLACK_MS)
      }
      await pipeline.exec().catch(() => {})
    }
  }

  /** Never rejects: what stays expires. */
  async #forget(rooms: readonly IRoomCache[]): Promise<void> {
    for (const some of chunks(rooms)) {
      const pipeline = this.#redis.pipeline()
      for (const { roomId, name } of some) {
        pipeline.del(this.#roomKey(roomId))
        pipeline.zrem(this.#indexKey(name), roomId)
      }
      await pipeline.exec().catch(() => {})
    }
  }

  /** Rooms of other processes, of one name or of all that this process knows. */
  async #theirs(name: string | undefined): Promise<readonly IRoomCache[]> {
    const names = name === undefined ? Object.keys(matchMaker.getAllHandlers()) : [name]
    const ids: string[] = []
    for (const one of names) ids.push(...(await this.#read((redis) => redis.zrange(this.#indexKey(one), 0, '-1'))))
    return this.#told(ids.filter((id) => !this.#own.has(id)))
  }

  async #told(roomIds: readonly string[]): Promise<readonly IRoomCache[]> {
    const rooms: IRoomCache[] = []
    for (const some of chunks(roomIds)) {
      const listings = await this.#read((redis) => redis.mget(...some.map((id) => this.#roomKey(id))))
      for (const listing of listings) if (listing !== null) rooms.push(roomOf(listing))
    }
    return rooms.filter(({ processId }) => processId !== matchMaker.processId)
  }

  async #read<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await ask(this.#redis)
    } catch (cause) {
      const error = new ServiceError('unavailable')
      error.cause = cause
      throw error
    }
  }

  #roomKey(roomId: string): string {
    return `${this.#prefix}room:${roomId}`
  }

  #indexKey(name: string): string {
    return `${this.#prefix}rooms:${name}`
  }
}

function roomOf(listing: string): IRoomCache {
  const room = initializeRoomCache(JSON.parse(listing))
  // JSON has no infinity.
  return { ...room, maxClients: room.maxClients ?? Number.POSITIVE_INFINITY }
}

function chunks<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / ROOMS_AT_ONCE)
  return Array.from({ length: count }, (_, i) => items.slice(i * ROOMS_AT_ONCE, (i + 1) * ROOMS_AT_ONCE))
}
