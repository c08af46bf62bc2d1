// A route as a value: where it is, who may call it, how often, what it takes and answers. `defineRoute` ties the schemas
// to the handler's types; what it returns is untyped to the outside, so that one table can hold them all.

import type { z } from 'zod'
import type { ErrorCode } from '../../shared/errors.ts'
import { STAFF_ROLES, type StaffRole } from '../identity/port.ts'
import type { Caller } from '../identity/tokens.ts'
import { type Answer, refuse, refuseField } from './answer.ts'
import type { RateClass } from './rateLimits.ts'
import type { HttpHeaders, OnGone } from './request.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
/** `staff`: one of the roles in the route's `staff`, as stored now; every such call is in the audit log. */
export type AuthNeed = 'none' | 'optional' | 'player' | 'staff'

/** A schema for a JSON body, or the content type of a text; null for no body at all. */
export type ResponseForm = z.ZodType | string | null

/** What the document says of a route. */
export interface RouteHead {
  readonly method: Method
  /** With parameters in braces: `/wallet/transactions/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
}

interface RouteTraits extends RouteHead {
  readonly auth: AuthNeed
  /** Who of the staff may call; empty where the route is not theirs. */
  readonly staff: readonly StaffRole[]
  readonly rate: RateClass
  /** M6: whether the caller has to name the command by a key of its own. */
  readonly idempotent: boolean
  readonly responses: Readonly<Record<number, ResponseForm>>
  readonly errors: readonly ErrorCode[]
}

export interface Route extends RouteTraits {
  /** False where the route is only reserved, and answers `not_available`. */
  readonly available: boolean
  readonly params: z.ZodType | null
  readonly query: z.ZodType | null
  readonly body: z.ZodType | null
  run(call: RawCall): Answer | Promise<Answer>
}

/** A request after authentication and before validation. */
export interface RawCall {
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
  readonly caller: Caller | null
  readonly requestId: string
  readonly address: string
  readonly headers: HttpHeaders
  readonly onGone: OnGone
}

type Schema = z.ZodType | undefined
type Output<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined
type CallerOf<A extends AuthNeed> = A extends 'player' | 'staff' ? Caller : A extends 'optional' ? Caller | null : null

export interface Call<A extends AuthNeed, P extends Schema, Q extends Schema, B extends Schema> {
  readonly params: Output<P>
  readonly query: Output<Q>
  readonly body: Output<B>
  readonly caller: CallerOf<A>
  /** Empty unless the route is idempotent. */
  readonly key: string
  readonly requestId: string
  readonly address: string
  readonly headers: HttpHeaders
  readonly onGone: OnGone
}

interface RouteSpec<A extends AuthNeed, P extends Schema, Q extends Schema, B extends Schema>
  extends Omit<RouteTraits, 'idempotent' | 'staff'> {
  readonly auth: A
  /** Of a route for staff, where not all may call it: without it all may read, and all but auditors change. */
  readonly staff?: readonly StaffRole[]
  /** It starts what only reads, whatever its method: an auditor may call it. On record like a change all the same. */
  readonly changesNothing?: boolean
  readonly idempotent?: boolean
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  handle(call: Call<A, P, Q, B>): Answer | Promise<Answer>
}

export function defineRoute<
  A extends AuthNeed,
  P extends Schema = undefined,
  Q extends Schema = undefined,
  B extends Schema = undefined,
>(spec: RouteSpec<A, P, Q, B>): Route {
  const { params, query, body, idempotent = false, staff = staffOf(spec), handle, changesNothing, ...traits } = spec
  if (isChanging(spec) && changesNothing !== true && staff.includes('auditor'))
    throw new Error(`${spec.path}: an auditor changes nothing`)
  return {
    ...traits,
    staff,
    idempotent,
    available: true,
    params: params ?? null,
    query: query ?? null,
    body: body ?? null,
    run(raw) {
      const problems: Record<string, string> = {}
      const call = {
        params: read(params, raw.params, problems),
        query: read(query, raw.query, problems),
        body: read(body, raw.body, problems),
      }
      for (const _ in problems) return refuse('invalid_request', { details: problems })
      const key = idempotent ? keyOf(raw) : { kind: 'key' as const, key: '' }
      if (key.kind === 'refused') return key
      const { caller, requestId, address, headers, onGone } = raw
      // `auth` decided who `caller` can be before `run` was called, and `read` answers what each schema puts out.
      return handle({ ...call, caller, key: key.key, requestId, address, headers, onGone } as Call<A, P, Q, B>)
    },
  }
}

export function isChanging({ method }: Pick<RouteHead, 'method'>): boolean {
  return method !== 'GET'
}

const CHANGING_STAFF = STAFF_ROLES.filter((role) => role !== 'auditor')

function staffOf(spec: Pick<RouteTraits, 'method' | 'auth'>): readonly StaffRole[] {
  if (spec.auth !== 'staff') return []
  return isChanging(spec) ? CHANGING_STAFF : STAFF_ROLES
}

function read(schema: Schema, value: unknown, problems: Record<string, string>): unknown {
  if (schema === undefined) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) problems[issue.path.join('.') || 'body'] ??= issue.message
  return undefined
}

const KEY_PATTERN = /^[\x21-\x7e]{1,128}$/

/** From the header, or from the body as the web client sends it. */
function keyOf({
  headers,
  body,
}: RawCall): { readonly kind: 'key'; readonly key: string } | (Answer & { kind: 'refused' }) {
  const inHeader = headers['idempotency-key']
  const inBody =
    typeof body === 'object' && body !== null && 'idempotency_key' in body ? body.idempotency_key : undefined
  if (inHeader !== undefined && inBody !== undefined && inHeader !== inBody) {
    return refuseField('idempotency_key', 'differs from the Idempotency-Key header')
  }
  const key = inHeader ?? inBody
  if (key === undefined || key === null || key === '') return refuse('idempotency_key_required')
  if (typeof key === 'string' && KEY_PATTERN.test(key)) return { kind: 'key', key }
  return refuseField('idempotency_key', 'takes 1 to 128 printable ASCII characters, no spaces')
}
