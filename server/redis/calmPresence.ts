// What processes say to each other through Redis to make and join rooms. Colyseus does not wait for most of these calls,
// and for some it waits for ever when they fail: so none fails. While Redis is away nothing is heard of other processes,
// which is the truth; afterwards the library subscribes again to all that it was asked for.
// Rooms get objects made from this one (Object.create), so its fields cannot be #private.

import { RedisPresence } from '@colyseus/redis-presence'
import type { RedisConnection } from './redisConnection.ts'

type Heard = Parameters<RedisPresence['subscribe']>[1]

export class CalmPresence extends RedisPresence {
  private readonly prefix: string
  private readonly failed: (error: unknown) => void

  /** Keys and channels begin with `prefix`. `failed` hears of messages that could not be handled. */
  constructor(options: RedisConnection['options'], prefix: string, failed: (error: unknown) => void) {
    super(options)
    this.prefix = prefix
    this.failed = failed
    // The process's own connection says when Redis is away: here it would be two lines for each attempt.
    for (const connection of [this.pub, this.sub]) {
      connection.removeAllListeners('error')
      connection.on('error', () => {})
    }
  }

  override async subscribe(topic: string, heard: Heard): Promise<this> {
    await calm(super.subscribe(this.prefix + topic, heard), this)
    return this
  }

  override async unsubscribe(topic: string, heard?: Heard): Promise<this> {
    await calm(super.unsubscribe(this.prefix + topic, heard), this)
    return this
  }

  override publish(topic: string, data: unknown): Promise<void> {
    return calm(super.publish(this.prefix + topic, data), undefined)
  }

  override async channels(pattern = '*'): Promise<string[]> {
    const channels = await calm(super.channels(this.prefix + pattern), [])
    return channels.map((channel) => channel.slice(this.prefix.length))
  }

  override exists(key: string): Promise<boolean> {
    return calm(super.exists(this.prefix + key), false)
  }

  override setex(key: string, value: string, seconds: number): Promise<unknown> {
    return calm(super.setex(this.prefix + key, value, seconds), null)
  }

  override del(key: string): Promise<unknown> {
    return calm(super.del(this.prefix + key), null)
  }

  override hset(key: string, field: string, value: string): Promise<boolean> {
    return calm(super.hset(this.prefix + key, field, value), false)
  }

  override hget(key: string, field: string): Promise<string> {
    return calm(super.hget(this.prefix + key, field), '')
  }

  override hgetall(key: string): Promise<Record<string, string>> {
    return calm(super.hgetall(this.prefix + key), {})
  }

  override hdel(key: string, field: string): Promise<boolean> {
    return calm(super.hdel(this.prefix + key, field), false)
  }

  /** Counts who is about to create the same room: alone, one is the first. */
  override hincrbyex(key: string, field: string, value: number, seconds: number): Promise<number> {
    return calm(super.hincrbyex(this.prefix + key, field, value, seconds), 1)
  }

  /** Nothing is waited for: with Redis away, a polite farewell would fail. */
  override shutdown(): void {
    this.sub.disconnect()
    this.pub.disconnect()
  }

  /** A message that makes no sense, or whose handler throws, does not end the process. */
  protected override handleSubscription = (channel: string, message: string): void => {
    try {
      this.subscriptions.emit(channel, JSON.parse(message))
    } catch (error) {
      this.failed(error)
    }
  }
}

function calm<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  return answer.catch(() => otherwise)
}
