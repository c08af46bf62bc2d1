// The way of an HTTP request, whichever adapter took it: find the route, authenticate, count, read the body, validate,
// run, translate. Never rejects: what goes wrong is a registered code outside and a line in the log.

import type { ErrorCode } from '../../shared/errors.ts'
import { ServiceError } from '../../shared/errors.ts'
import type { Identity } from '../identity/port.ts'
import type { Caller, TokenService } from '../identity/tokens.ts'
import type { Log } from '../log.ts'
import { type Answer, discard, empty, refuse, respond } from './answer.ts'
import { addressKey, clientAddress } from './clientAddress.ts'
import type { CorsPolicy } from './cors.ts'
import { readJson } from './jsonBody.ts'
import { refuseOthers } from './ownership.ts'
import type { RateLimits } from './rateLimits.ts'
import type { HeaderLines, HttpHead, HttpRequest, HttpResponse } from './request.ts'
import { isChanging, type Route } from './route.ts'
import type { Router } from './router.ts'
import { isStaffPath, type StaffCall, type StaffCalls } from './staff.ts'

export interface HttpServiceParts {
  readonly router: Router
  readonly identity: Identity
  readonly tokens: TokenService
  readonly rateLimits: RateLimits
  readonly staff: StaffCalls
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

/** What is known of a request so far, for its answer and for the audit log. */
interface Progress {
  readonly head: HttpHead
  readonly address: string
  route: Route | null
  params: Readonly<Record<string, string>>
  headers: HeaderLines
  caller: Caller | null
  isStaff: boolean
  attempt: number | null
}

export class HttpService {
  readonly #parts: HttpServiceParts

  constructor(parts: HttpServiceParts) {
    this.#parts = parts
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const startedAtMs = performance.now()
    const progress = this.#begin(request)
    const failed = (error: unknown): Answer => this.#translate(request, error)
    const answer = await this.#answer(request, progress).catch(failed)
    try {
      const settled = await this.#settle(progress, answer)
      if (settled !== answer) discard(answer)
      return this.#respond(settled, progress, startedAtMs)
    } catch (error) {
      discard(answer)
      return this.#respond(failed(error), progress, startedAtMs)
    }
  }

  /** For an adapter that cannot hand the request over: its body is too large or did not come. */
  refuse(head: HttpHead, code: ErrorCode): HttpResponse {
    const progress = this.#begin(head)
    // Of somebody unknown: it is counted, and nothing to wait for.
    void this.#settle(progress, refuse(code))
    return this.#respond(refuse(code), progress, performance.now())
  }

  #begin(head: HttpHead): Progress {
    const address = clientAddress(head, this.#parts.trustProxy)
    return { head, address, route: null, params: {}, headers: [], caller: null, isStaff: false, attempt: null }
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
    progress.params = params
    const caller = await this.#authenticate(route, request)
    if (caller !== null && !('kind' in caller)) progress.caller = { ...caller, roles: [] }
    const stop = await this.#count(route, caller, progress)
    if (stop !== null) return stop
    if (caller !== null && 'kind' in caller) return caller
    if (route.auth === 'staff') return this.#runForStaff(route, caller, request, progress)
    const query = readQuery(request.query)
    const body = route.body === null ? null : readJson(request)
    if (body?.kind === 'refused') return body
    const named = body === null ? query : { ...query, ...body.value }
    // Routes that need no account take nobody’s id, and rooms take options that mean nothing to us.
    const acts = route.auth === 'player' && caller !== null
    const strange = acts ? await refuseOthers(caller, named, this.#parts.identity) : null
    if (strange !== null) return strange
    const { requestId, headers, onGone } = request
    const { address } = progress
    return route.run({ params, query, body: body?.value, caller, requestId, address, headers, onGone })
  }

  /** Staff act for others, and by the roles they have now. */
  async #runForStaff(route: Route, claimed: Caller | null, request: HttpRequest, progress: Progress): Promise<Answer> {
    const { staff } = this.#parts
    if (claimed === null) return refuse('unauthenticated')
    const { caller, isStaff, proven } = await staff.identify(claimed)
    progress.caller = caller
    progress.isStaff = isStaff
    if (!staff.mayCall(caller, route)) return refuse('forbidden')
    if (!proven) return refuse('staff.mfa_required')
    const body = route.body === null ? null : readJson(request)
    if (body?.kind === 'refused') return body
    if (isChanging(route)) progress.attempt = await staff.attempt(progress)
    const { params, address } = progress
    const { requestId, headers, onGone } = request
    const query = readQuery(request.query)
    return route.run({ params, query, body: body?.value, caller, requestId, address, headers, onGone })
  }

  /** The answer that may leave: of a call of staff, once it is on record. */
  async #settle(progress: StaffCall, answer: Answer): Promise<Answer> {
    const { route, head } = progress
    const concernsStaff = route === null ? isStaffPath(head.path) : route.auth === 'staff'
    return concernsStaff && head.method !== 'OPTIONS' ? this.#parts.staff.settle(progress, answer) : answer
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
  async #count(route: Route, caller: Caller | null | Answer, progress: Progress): Promise<Answer | null> {
    const user = caller !== null && 'userId' in caller && route.rate !== 'login' ? caller.userId : null
    const verdict = await this.#parts.rateLimits.count(route.rate, user ?? addressKey(progress.address))
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

  #respond(answer: Answer, progress: Progress, startedAtMs: number): HttpResponse {
    const { cors, log, answered } = this.#parts
    const { head } = progress
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
