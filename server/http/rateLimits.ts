// Rate limits (the business table's REST classes), counted in this process, or in Redis by all processes together; while
// Redis is away, by each for itself. A request is counted against `general` and, where its route has one, a narrower
// class; the narrower one is what the headers tell.

import type { Redis } from 'ioredis'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { RULES } from '../../shared/rules.ts'
import type { HeaderLines } from './request.ts'

export type RateClass = 'none' | 'general' | 'login' | 'deposit' | 'withdraw' | 'dispute'

export type RateVerdict =
  | { readonly kind: 'allowed'; readonly headers: HeaderLines }
  | { readonly kind: 'limited'; readonly headers: HeaderLines; readonly retryAfterSeconds: number }

type Counted = Exclude<RateClass, 'none'>

interface Limit {
  readonly points: number
  readonly seconds: number
}

const perMinute = (points: number): Limit => ({ points, seconds: 60 })

const LIMITS: Readonly<Record<Counted, Limit>> = {
  general: perMinute(RULES.restRequestsPerMinute),
  login: perMinute(RULES.restLoginsPerMinute),
  deposit: perMinute(RULES.restDepositsPerMinute),
  withdraw: perMinute(RULES.restWithdrawalsPerMinute),
  // What the room lets through in as long: so many at once, and as many again by the time they have grown.
  dispute: { points: RULES.disputesAtOnce, seconds: (RULES.disputesAtOnce * RULES.disputeEveryMs) / 1_000 },
}

const UNLIMITED: RateVerdict = Object.freeze({ kind: 'allowed', headers: [] })

/** Where processes count together. */
export interface SharedCounters {
  readonly redis: Redis
  /** Keys begin with it. */
  readonly prefix: string
}

export class RateLimits {
  readonly #limiters: Readonly<Record<Counted, RateLimiterAbstract>> | null

  constructor(enabled: boolean, shared: SharedCounters | null = null) {
    this.#limiters = enabled
      ? {
          general: limiter('general', shared),
          login: limiter('login', shared),
          deposit: limiter('deposit', shared),
          withdraw: limiter('withdraw', shared),
          dispute: limiter('dispute', shared),
        }
      : null
  }

  /** Counts one request of `subject`: a user, or the address of somebody unknown. */
  async count(rateClass: RateClass, subject: string): Promise<RateVerdict> {
    if (this.#limiters === null || rateClass === 'none') return UNLIMITED
    const general = await consume(this.#limiters.general, 'general', subject)
    if (rateClass === 'general' || general.kind === 'limited') return general
    return consume(this.#limiters[rateClass], rateClass, subject)
  }
}

function limiter(rateClass: Counted, shared: SharedCounters | null): RateLimiterAbstract {
  const { points, seconds: duration } = LIMITS[rateClass]
  const limit = { points, duration }
  const own = new RateLimiterMemory({ ...limit, keyPrefix: rateClass })
  if (shared === null) return own
  return new RateLimiterRedis({
    ...limit,
    storeClient: shared.redis,
    keyPrefix: `${shared.prefix}rl:${rateClass}`,
    // Counts while Redis is away, or does not answer.
    insuranceLimiter: own,
    rejectIfRedisNotReady: true,
    // Whoever is over the limit is refused from memory until the window ends.
    inMemoryBlockOnConsumed: limit.points,
  })
}

async function consume(from: RateLimiterAbstract, rateClass: Counted, subject: string): Promise<RateVerdict> {
  try {
    return { kind: 'allowed', headers: headersOf(rateClass, await from.consume(subject)) }
  } catch (error) {
    // The library throws the same result object where the limit is reached; anything else is a bug.
    if (!(error instanceof RateLimiterRes)) throw error
    return { kind: 'limited', headers: headersOf(rateClass, error), retryAfterSeconds: secondsLeft(error) }
  }
}

/** Reset is in seconds from now, as Retry-After is. */
function headersOf(rateClass: Counted, result: RateLimiterRes): HeaderLines {
  return [
    ['x-ratelimit-limit', String(LIMITS[rateClass].points)],
    ['x-ratelimit-remaining', String(result.remainingPoints)],
    ['x-ratelimit-reset', String(secondsLeft(result))],
  ]
}

function secondsLeft(result: RateLimiterRes): number {
  return Math.max(1, Math.ceil(result.msBeforeNext / 1000))
}
