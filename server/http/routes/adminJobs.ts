// Jobs for staff: which there are and when they run, what became of each run, its document, and running one now. An
// auditor may start what reads alone: it changes nothing, and who has to ask somebody else checks nothing.

import { z } from 'zod'
import type { Caller } from '../../identity/tokens.ts'
import type { JobDesk, OrderedRun } from '../../jobs/jobDesk.ts'
import { JOB_KINDS, type JobKind, type JobRun, RUN_STATES, type RunCursor, TRIGGERS } from '../../jobs/port.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema, timeSchema, timeText } from '../schemas.ts'

export const runSchema = z
  .object({
    id: z.string(),
    kind: z.enum(JOB_KINDS),
    day: z.iso.date().nullable().meta({ description: 'the UTC day that it closes; null on demand' }),
    attempt: z.int().meta({ description: 'how often this day was begun' }),
    trigger: z.enum(TRIGGERS),
    requested_by: z.string().meta({ description: 'a user id, or `timer`' }),
    parameters: z.record(z.string(), z.unknown()),
    state: z.enum(RUN_STATES),
    started_at: timeSchema,
    ended_at: timeSchema.nullable(),
    summary: z.record(z.string(), z.unknown()).nullable(),
    error: z.string().nullable(),
    document_type: z.string().nullable().meta({ description: 'media type of its document; null where it has none' }),
  })
  .meta({ id: 'JobRun' })

const scheduleSchema = z.object({
  kind: z.enum(JOB_KINDS),
  daily: z.boolean(),
  next_due_at: timeSchema.nullable().meta({ description: 'when the day under way will be closed; null where none is' }),
  unavailable: z.string().nullable().meta({ description: 'why it cannot run on this server' }),
})

const listQuery = z.object({
  kind: z.enum(JOB_KINDS).optional(),
  state: z.enum(RUN_STATES).optional(),
  cursor: z.string().max(160).optional().meta({ description: '`next_cursor` of the page before' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

export const runListSchema = z.object({
  schedule: z.array(scheduleSchema).meta({ description: 'every kind of job of this server' }),
  runs: z.array(runSchema).meta({ description: 'newest first' }),
  next_cursor: z.string().nullable(),
})

const READING = ['rate_limited', 'unavailable'] as const
const STARTING = [
  ...READING,
  'invalid_request',
  'not_found',
  'overloaded',
  'idempotency_key_required',
  'idempotency_mismatch',
  'job.not_configured',
] as const
const idParams = z.object({ id: z.string().max(64) })
const common = { tag: 'jobs', auth: 'staff', rate: 'general' } as const

export function adminJobRoutes(jobs: JobDesk): readonly Route[] {
  return [listRoute(jobs), runRoute(jobs), documentRoute(jobs), startRoute(jobs)]
}

function listRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/jobs',
    summary: 'Jobs of this server, and their runs, newest first',
    query: listQuery,
    responses: { 200: runListSchema },
    errors: ['invalid_request', ...READING],
    async handle({ query: { kind, state, cursor, limit } }) {
      const before = cursor === undefined ? null : readRunCursor(cursor)
      if (before === 'none') return refuseField('cursor', 'takes what next_cursor answered')
      const { runs, next } = await jobs.list({ kind: kind ?? null, state: state ?? null }, before, limit)
      const schedule = jobs.schedule().map(({ kind, daily, nextDueMs, unavailable }) => {
        const nextDueAt = nextDueMs === null ? null : timeText(nextDueMs)
        return { kind, daily: daily !== 'never', next_due_at: nextDueAt, unavailable }
      })
      const page = { schedule, runs: runs.map(runBody), next_cursor: cursorText(next) }
      return ok(page satisfies z.input<typeof runListSchema>)
    },
  })
}

function runRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/jobs/{id}',
    summary: 'One run of a job',
    params: idParams,
    responses: { 200: runSchema },
    errors: ['not_found', ...READING],
    async handle({ params: { id } }) {
      const run = await jobs.find(id)
      return run === null ? refuse('not_found') : ok(runBody(run))
    },
  })
}

function documentRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/jobs/{id}/document',
    summary: 'The document that a run made, in its own media type',
    params: idParams,
    responses: { 200: 'text/plain; charset=utf-8' },
    errors: ['not_found', ...READING],
    handle: async ({ params: { id } }) => documentAnswer(jobs, await jobs.find(id)),
  })
}

function startRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/admin/jobs/{kind}',
    summary: 'Run a job now; an auditor runs what reads alone (verification, reconciliation)',
    staff: ['operator', 'auditor', 'admin'],
    changesNothing: true,
    idempotent: true,
    params: z.object({ kind: z.enum(JOB_KINDS) }),
    body: z.looseObject({ idempotency_key: idempotencyKeySchema }).meta({ description: 'parameters of that job' }),
    responses: { 202: runSchema },
    errors: ['forbidden', ...STARTING],
    handle({ params: { kind }, body, caller, key }) {
      const { idempotency_key: _, ...parameters } = body
      return startJob(jobs, kind, parameters, { caller, key })
    },
  })
}

/** Starts a run, and answers it as it was claimed. */
export async function startJob(
  jobs: JobDesk,
  kind: JobKind,
  parameters: object,
  { caller, key }: { readonly caller: Caller; readonly key: string },
): Promise<Answer> {
  // What is signed in the platform's name is not an auditor's to make.
  const signs = kind === 'checkpoint' && !caller.roles.some((role) => role === 'operator' || role === 'admin')
  if (signs) return refuse('forbidden')
  return startedAnswer(await jobs.order({ kind, parameters, requestedBy: caller.userId, key }))
}

function startedAnswer(ordered: OrderedRun): Answer {
  if (ordered.kind === 'refused') {
    return refuse(ordered.code, ordered.details === undefined ? {} : { details: ordered.details })
  }
  const { id, kind, request } = ordered.run
  const change = { before: null, after: { run: id, kind, parameters: request } }
  return { kind: 'json', status: 202, body: runBody(ordered.run), change }
}

export async function documentAnswer(jobs: JobDesk, run: JobRun | null): Promise<Answer> {
  if (run === null || run.documentType === null) return refuse('not_found')
  const document = await jobs.document(run.id)
  if (document === null) return refuse('not_found')
  return { kind: 'text', status: 200, contentType: run.documentType, body: Buffer.from(document).toString('utf8') }
}

export function runBody({ id, kind, day, attempt, trigger, state, summary, error, ...run }: JobRun) {
  return {
    ...{ id, kind, day, attempt, trigger },
    requested_by: run.requestedBy,
    parameters: { ...run.request },
    state,
    started_at: timeText(run.startedAtMs),
    ended_at: run.endedAtMs === null ? null : timeText(run.endedAtMs),
    summary: summary === null ? null : { ...summary },
    error,
    document_type: run.documentType,
  } satisfies z.input<typeof runSchema>
}

const CURSOR = /^(\d{1,15})\.([A-Za-z0-9_-]{1,64})$/

export function cursorText(next: RunCursor | null): string | null {
  return next === null ? null : `${next.startedAtMs}.${next.id}`
}

export function readRunCursor(text: string): RunCursor | 'none' {
  const [, startedAtMs, id] = CURSOR.exec(text) ?? []
  return startedAtMs === undefined || id === undefined ? 'none' : { startedAtMs: Number(startedAtMs), id }
}
