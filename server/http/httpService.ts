// The way of an HTTP request, whichever adapter took it: find the route, authenticate, count, read the body, validate,
// run, translate. Never rejects: what goes wrong is a registered code outside and a line in the log.

import type { ErrorCode } from '../../shared/errors.ts'
import { ServiceError } from '../../shared/errors.ts'
import type { Identity } from '../identity/port.ts'
import type { Caller, TokenService } from '../identity/tokens.ts'
import type { Log } from '../log.ts'
import { type Answer, empty, refuse, respond } from './answer.ts'
import { addressKey, clientAddress } from './clientAddress.ts'
import type { CorsPolicy } from './cors.ts'
import { readJson } from './jsonBody.ts'
import { refuseOthers } from './ownership.ts'
import type { RateLimits } from './rateLimits.ts'
import type { HeaderLines, HttpHead, HttpRequest, HttpResponse } from './request.ts'
import type { Route } from './route.ts'
import type { Router } from './router.ts'
import { isStaff, tellAudit } from './staff.ts'

export interface HttpServiceParts {
  readonly router: Router
  readonly identity: Identity
  readonly tokens: TokenService
  readonly rateLimits: RateLimits
  readonly cors: CorsPolicy
  readonly trustProxy: boolean
  readonly log: Log
  /** Called once for each answer, with the route's path as declared. */
  readonly answered: (method: string, route: string, status: number, elapsedMs: number) => void
}

const SECURITY_HEADERS: HeaderLines = Object.freeze([
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
  ['x-frame-options', 'DENY'],
] as const)

const NO_ROUTE = 'none'

/** What is known of a request so far, for its answer. */
interface Progress {
  route: Route | null
  headers: HeaderLines
  caller: Caller | null
}

export class HttpService {
  readonly #parts: HttpServiceParts

  constructor(parts: HttpServiceParts) {
    this.#parts = parts
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const startedAtMs = performance.now()
    const progress: Progress = { route: null, headers: [], caller: null }
    try {
      const answer = await this.#answer(request, progress)
      return this.#respond(request, answer, progress, startedAtMs)
    } catch (error) {
      return this.#respond(request, this.#translate(request, error), progress, startedAtMs)
    }
  }

  /** For an adapter that cannot hand the request over: its body is too large or did not come. */
  refuse(head: HttpHead, code: ErrorCode): HttpResponse {
    return this.#respond(head, refuse(code), { route: null, headers: [], caller: null }, performance.now())
  }

  async #answer(request: HttpRequest, progress: Progress): Promise<Answer> {
    if (request.method === 'OPTIONS') {
      progress.headers = this.#parts.cors.preflight(request)
      return empty
    }
    const found = this.#parts.router.find(request.method, request.path)
    if (found.kind === 'nothing') return refuse('not_found')
    if (found.kind === 'other_methods') {
      return refuse('method_not_allowed', { headers: [['allow', found.allow.join(', ')]] })
    }
    const { route, params } = found
    progress.route = route
    const address = clientAddress(request, this.#parts.trustProxy)
    const caller = await this.#authenticate(route, request)
    if (caller !== null && !('kind' in caller)) progress.caller = caller
    const stop = await this.#count(route, caller, address, progress)
    if (stop !== null) return stop
    if (caller !== null && 'kind' in caller) return caller
    if (route.auth === 'staff' && !isStaff(caller)) return refuse('forbidden')
    const query = readQuery(request.query)
    const body = route.body === null ? null : readJson(request)
    if (body?.kind === 'refused') return body
    const named = body === null ? query : { ...query, ...body.value }
    // Staff ask about others: that is what their routes are for.
    const free = caller === null || route.auth === 'staff'
    const strange = free ? null : await refuseOthers(caller, named, this.#parts.identity)
    if (strange !== null) return strange
    const { requestId, headers } = request
    return route.run({ params, query, body: body?.value, caller, requestId, address, headers })
  }

  /** The caller; null where the route asks for none; a refusal where it asks in vain. */
  async #authenticate(route: Route, request: HttpRequest): Promise<Caller | null | (Answer & { kind: 'refused' })> {
    if (route.auth === 'none') return null
    const token = tokenOf(request)
    if (token === null) return route.auth === 'optional' ? null : refuse('unauthenticated')
    const checking = this.#parts.tokens.verify(token)
    const verification = checking instanceof Promise ? await checking : checking
    if (route.auth === 'optional' && verification.kind !== 'valid') return null
    switch (verification.kind) {
      case 'valid':
        return verification.caller
      case 'expired':
        return refuse('token_expired')
      case 'invalid':
        return refuse('unauthenticated')
    }
  }

  /** Counted by user where there is one; attempts to sign in, and failed authentication, by address. */
  async #count(
    route: Route,
    caller: Caller | null | Answer,
    address: string,
    progress: Progress,
  ): Promise<Answer | null> {
    const user = caller !== null && 'userId' in caller && route.rate !== 'login' ? caller.userId : null
    const verdict = await this.#parts.rateLimits.count(route.rate, user ?? addressKey(address))
    progress.headers = verdict.headers
    if (verdict.kind === 'allowed') return null
    return refuse('rate_limited', { retryAfterSeconds: verdict.retryAfterSeconds })
  }

  #translate(head: HttpHead, error: unknown): Answer {
    const { method, path, requestId } = head
    if (!(error instanceof ServiceError)) {
      this.#parts.log.error({ err: error, requestId, method, path }, 'request failed')
      return refuse('internal')
    }
    if (error.cause !== undefined) this.#parts.log.error({ err: error.cause, requestId, method, path }, error.code)
    return refuse(error.code, error.details === undefined ? {} : { details: error.details })
  }

  #respond(head: HttpHead, answer: Answer, progress: Progress, startedAtMs: number): HttpResponse {
    const { cors, log, answered } = this.#parts
    const common: HeaderLines = [
      ...SECURITY_HEADERS,
      ['x-request-id', head.requestId],
      ...cors.headers(head),
      ...progress.headers,
    ]
    const response = respond(answer, head, common)
    const elapsedMs = performance.now() - startedAtMs
    const route = progress.route?.path ?? NO_ROUTE
    answered(progress.route?.method ?? NO_ROUTE, route, response.status, elapsedMs)
    if (progress.route?.auth === 'staff') tellAudit(log, head, progress.route, progress.caller, response.status)
    if (log.isLevelEnabled('debug')) {
      const { requestId, method, path } = head
      const code = answer.kind === 'refused' ? answer.code : undefined
      log.debug({ requestId, method, path, status: response.status, code, elapsedMs }, 'request')
    }
    return response
  }
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i
const BARE_TOKEN = /^[A-Za-z0-9._~+/=-]+$/

function tokenOf({ headers }: HttpHead): string | null {
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const owner = headers['x-resource-owner-id']
  return owner !== undefined && BARE_TOKEN.test(owner) ? owner : null
}

/** First value of each name. Clients write `?status=` for no filter: empty values count as absent. */
function readQuery(text: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = Object.create(null)
  if (text === '') return query
  for (const [name, value] of new URLSearchParams(text)) {
    if (value !== '') query[name] ??= value
  }
  return query
}
