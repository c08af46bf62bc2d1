// GET /admin/audit-log: what staff did, newest first (S2). Reading it is on record like everything else.

import { z } from 'zod'
import { ERRORS } from '../../../shared/errors.ts'
import { isUserId, type UserId } from '../../../shared/ids.ts'
import { ROLES } from '../../identity/port.ts'
import { type AuditEntry, type AuditLog, OUTCOMES } from '../../staff/auditLog.ts'
import { ok } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'

export const auditEntrySchema = z
  .object({
    seq: z.int(),
    at: timeSchema,
    actor: z.string().nullable().meta({ description: 'user id; null for somebody unknown and for the command line' }),
    roles: z.array(z.enum(ROLES)).meta({ description: 'that the actor had then' }),
    method: z.string(),
    route: z.string().nullable(),
    path: z.string().nullable().meta({ description: 'without its query; what is no id is left out' }),
    outcome: z.enum(OUTCOMES).meta({
      description:
        'attempted: before a change; done, refused, failed: how the call ended (failed: it may have happened); counted: refusals of one caller within a minute',
    }),
    status: z.int().nullable(),
    code: z
      .string()
      .nullable()
      .meta({ description: `of a refusal, such as ${Object.keys(ERRORS)[0]}` }),
    request_id: z.string().nullable(),
    address: z.string().nullable(),
    target: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    attempt: z.int().nullable().meta({ description: 'the entry that says this call was attempted' }),
    count: z.int(),
    previous: z.string().meta({ description: 'hash of the entry before' }),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' })

export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  head: z
    .object({ seq: z.int(), hash: z.string() })
    .nullable()
    .meta({ description: 'the newest entry; noted elsewhere, it shows later that nothing was cut off' }),
  next_cursor: z.string().nullable().meta({ description: 'a page may be short and have a next one' }),
})

const userId = z
  .string()
  .refine(isUserId, { error: 'takes a user id' })
  .transform((id) => id as UserId) // refined to be one

const querySchema = z.object({
  actor: userId.optional(),
  route: z.string().max(128).optional().meta({ description: 'as declared, such as /admin/users/{id}/roles' }),
  outcome: z.enum(OUTCOMES).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional().meta({ description: 'not included' }),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, { error: 'takes what next_cursor answered' })
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export function auditRoutes(log: AuditLog): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/audit-log',
      tag: 'admin',
      summary: 'What staff did and what they were refused, newest first',
      auth: 'staff',
      staff: ['auditor', 'admin'],
      rate: 'general',
      query: querySchema,
      responses: { 200: auditPageSchema },
      errors: ['invalid_request', 'rate_limited', 'unavailable'],
      async handle({ query: { actor, route, outcome, from, to, cursor, limit } }) {
        const filters = { actor: actor ?? null, route: route ?? null, outcome: outcome ?? null }
        const times = {
          fromMs: from === undefined ? null : Date.parse(from),
          toMs: to === undefined ? null : Date.parse(to),
        }
        const before = cursor === undefined ? null : Number(cursor)
        const head = await log.head()
        const { entries, next } = await log.page({ ...filters, ...times, before, limit })
        const body = { entries: entries.map(entryBody), head, next_cursor: next === null ? null : String(next) }
        return ok(body satisfies z.input<typeof auditPageSchema>)
      },
    }),
  ]
}

function entryBody({ atMs, requestId, before, after, roles, ...entry }: AuditEntry) {
  return {
    ...entry,
    at: timeText(atMs),
    roles: [...roles],
    request_id: requestId,
    before: parsed(before),
    after: parsed(after),
  }
}

function parsed(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}
