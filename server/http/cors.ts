// Which pages may call from a browser: those listed, and in development any port of this machine. Everybody else gets no
// CORS header at all, and the browser keeps the answer from the page. There are no cookies: tokens travel in headers.

import type { HeaderLines, HttpHead } from './request.ts'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS =
  'Authorization, Content-Type, Accept, Idempotency-Key, X-Request-Id, X-Resource-Owner-ID, X-Requested-With'
const EXPOSED_HEADERS = 'X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset'
const PREFLIGHT_SECONDS = '600'
const LOCAL_PAGE = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/

const VARY = ['vary', 'Origin'] as const
const NOT_ALLOWED: HeaderLines = Object.freeze([VARY])

export class CorsPolicy {
  readonly #origins: ReadonlySet<string>
  readonly #localPages: boolean

  constructor(origins: readonly string[], localPages: boolean) {
    this.#origins = new Set(origins)
    this.#localPages = localPages
  }

  /** Headers of any answer to this request. */
  headers(head: HttpHead): HeaderLines {
    const origin = head.headers.origin
    if (origin === undefined || !this.#allows(origin)) return NOT_ALLOWED
    return [
      VARY,
      ['access-control-allow-origin', origin],
      // The Colyseus SDK asks for credentials mode; a browser then wants this line, for listed origins only.
      ['access-control-allow-credentials', 'true'],
      ['access-control-expose-headers', EXPOSED_HEADERS],
    ]
  }

  /** What a preflight is told besides; empty where the page may not call. */
  preflight(head: HttpHead): HeaderLines {
    const origin = head.headers.origin
    if (origin === undefined || !this.#allows(origin)) return []
    return [
      ['access-control-allow-methods', METHODS],
      ['access-control-allow-headers', REQUEST_HEADERS],
      ['access-control-max-age', PREFLIGHT_SECONDS],
    ]
  }

  #allows(origin: string): boolean {
    return this.#origins.has(origin) || (this.#localPages && LOCAL_PAGE.test(origin))
  }
}
