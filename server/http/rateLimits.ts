// Rate limits (the business table's REST classes), counted in this process. A request is counted against `general` and,
// where its route has one, a narrower class; the narrower one is what the headers tell.

import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { RULES } from '../../shared/rules.ts'
import type { HeaderLines } from './request.ts'

export type RateClass = 'none' | 'general' | 'login' | 'deposit'

export type RateVerdict =
  | { readonly kind: 'allowed'; readonly headers: HeaderLines }
  | { readonly kind: 'limited'; readonly headers: HeaderLines; readonly retryAfterSeconds: number }

const WINDOW_SECONDS = 60

const PER_MINUTE = {
  general: RULES.restRequestsPerMinute,
  login: RULES.restLoginsPerMinute,
  deposit: RULES.restDepositsPerMinute,
} as const satisfies Record<Exclude<RateClass, 'none'>, number>

type Counted = keyof typeof PER_MINUTE

const UNLIMITED: RateVerdict = Object.freeze({ kind: 'allowed', headers: [] })

export class RateLimits {
  readonly #limiters: Readonly<Record<Counted, RateLimiterMemory>> | null

  constructor(enabled: boolean) {
    this.#limiters = enabled
      ? { general: limiter('general'), login: limiter('login'), deposit: limiter('deposit') }
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

function limiter(rateClass: Counted): RateLimiterMemory {
  return new RateLimiterMemory({ keyPrefix: rateClass, points: PER_MINUTE[rateClass], duration: WINDOW_SECONDS })
}

async function consume(from: RateLimiterMemory, rateClass: Counted, subject: string): Promise<RateVerdict> {
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
    ['x-ratelimit-limit', String(PER_MINUTE[rateClass])],
    ['x-ratelimit-remaining', String(result.remainingPoints)],
    ['x-ratelimit-reset', String(secondsLeft(result))],
  ]
}

function secondsLeft(result: RateLimiterRes): number {
  return Math.max(1, Math.ceil(result.msBeforeNext / 1000))
}
