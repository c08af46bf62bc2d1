// Reconciliation for staff: run it now, read what runs came to, and work what is open. It reads and changes nothing, so an
// auditor may start it as well.

import { z } from 'zod'
import type { JobDesk } from '../../jobs/jobDesk.ts'
import type { JobRun, JsonValue } from '../../jobs/port.ts'
import { SHOWN_AT_ONCE } from '../../reconciliation/limits.ts'
import { SEVERITIES } from '../../reconciliation/matching/judgement.ts'
import { reconciliationParameters } from '../../reconciliation/reconciliationJob.ts'
import { headLine, pageOf } from '../../reconciliation/storedReport.ts'
import { ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema, timeSchema, timeText } from '../schemas.ts'
import { cursorText, readRunCursor, runSchema, startJob } from './adminJobs.ts'
import { exportAnswer } from './reconciliationExport.ts'
import { discrepancySchema, reportRowSchema, reportSchema } from './reconciliationForms.ts'

const KIND = 'reconciliation'
const common = { tag: 'reconciliation', auth: 'staff', rate: 'general' } as const
const READING = ['not_found', 'rate_limited', 'unavailable'] as const
const idParams = z.object({ id: z.string().max(64) })

const listSchema = z.object({ reports: z.array(reportRowSchema), next_cursor: z.string().nullable() })
const openSchema = z.object({
  report: z.string().meta({ description: 'the newest one that was made' }),
  as_of: timeSchema,
  discrepancies: z.array(discrepancySchema),
  next_cursor: z.string().nullable(),
})

export function adminReconciliationRoutes(jobs: JobDesk, nowMs: () => number): readonly Route[] {
  return [runRoute(jobs, nowMs), listRoute(jobs), reportRoute(jobs), exportRoute(jobs), openRoute(jobs)]
}

function runRoute(jobs: JobDesk, nowMs: () => number): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/admin/reconciliation/runs',
    summary: 'Reconcile now; what a narrower run leaves out, its report says',
    staff: ['operator', 'auditor', 'admin'],
    changesNothing: true,
    idempotent: true,
    body: reconciliationParameters.extend({ idempotency_key: idempotencyKeySchema }),
    responses: { 202: runSchema },
    errors: [
      'invalid_request',
      'idempotency_key_required',
      'idempotency_mismatch',
      'ledger.as_of_in_future',
      'job.not_configured',
      'overloaded',
      ...READING,
    ],
    handle({ body, caller, key }) {
      const { idempotency_key: _, ...parameters } = body
      const { as_of: asOf } = parameters
      if (asOf !== undefined && Date.parse(asOf) > nowMs()) return refuse('ledger.as_of_in_future')
      return startJob(jobs, KIND, parameters, { caller, key })
    },
  })
}

function listRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/reconciliation/reports',
    summary: 'Runs of reconciliation and their verdicts, newest first',
    query: z.object({
      cursor: z.string().max(160).optional().meta({ description: '`next_cursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    responses: { 200: listSchema },
    errors: ['invalid_request', ...READING],
    async handle({ query: { cursor, limit } }) {
      const before = cursor === undefined ? null : readRunCursor(cursor)
      if (before === 'none') return refuseField('cursor', 'takes what next_cursor answered')
      const { runs, next } = await jobs.list({ kind: KIND, state: null }, before, limit)
      return ok({ reports: runs.map(rowBody), next_cursor: cursorText(next) } satisfies z.input<typeof listSchema>)
    },
  })
}

function reportRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/reconciliation/reports/{id}',
    summary: `A report, with the ${SHOWN_AT_ONCE} most urgent discrepancies`,
    params: idParams,
    responses: { 200: reportSchema },
    errors: READING,
    async handle({ params: { id } }) {
      const document = await documentOf(jobs, id)
      if (document === null) return refuse('not_found')
      const named = pageOf(document, 0, SHOWN_AT_ONCE, null).lines.map((line): unknown => JSON.parse(line))
      return ok({ id, ...JSON.parse(headLine(document)), named })
    },
  })
}

function exportRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/reconciliation/reports/{id}/export',
    summary: 'All of a report: as it is stored, or its discrepancies as CSV',
    params: idParams,
    query: z.object({ format: z.enum(['csv', 'ndjson']).default('ndjson') }),
    responses: { 200: 'application/x-ndjson' },
    errors: ['invalid_request', ...READING],
    async handle({ params: { id }, query: { format } }) {
      const document = await documentOf(jobs, id)
      return document === null ? refuse('not_found') : exportAnswer(document, format)
    },
  })
}

function openRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/reconciliation/discrepancies',
    summary: 'What is open: the discrepancies of the newest report',
    query: z.object({
      severity: z.enum(SEVERITIES).optional(),
      cursor: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,64}\.\d{1,6}$/, { error: 'takes what next_cursor answered' })
        .optional()
        .meta({ description: '`next_cursor` of the page before; goes on in the same report' }),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    responses: { 200: openSchema },
    errors: ['invalid_request', ...READING],
    async handle({ query: { severity, cursor, limit } }) {
      const dot = cursor?.lastIndexOf('.') ?? 0
      const id = cursor === undefined ? (await jobs.lastDone(KIND))?.id : cursor.slice(0, dot)
      const document = id === undefined ? null : await documentOf(jobs, id)
      if (id === undefined || document === null) return refuse('not_found')
      const from = cursor === undefined ? 0 : Number(cursor.slice(dot + 1))
      const { lines, next } = pageOf(document, from, limit, severity ?? null)
      return ok({
        report: id,
        as_of: JSON.parse(headLine(document)).as_of,
        discrepancies: lines.map((line) => JSON.parse(line)),
        next_cursor: next === null ? null : `${id}.${next}`,
      } satisfies z.input<typeof openSchema>)
    },
  })
}

/** Null where the run is none of reconciliation, or has made no report. */
async function documentOf(jobs: JobDesk, id: string): Promise<Uint8Array | null> {
  const run = await jobs.find(id)
  return run?.kind === KIND && run.state === 'done' ? jobs.document(id) : null
}

function rowBody(run: JobRun): z.input<typeof reportRowSchema> {
  const { id, state, day, requestedBy, startedAtMs, endedAtMs, error, summary } = run
  const told: Readonly<Record<string, JsonValue>> = summary ?? {}
  return {
    ...{ id, state, day, error },
    requested_by: requestedBy,
    started_at: timeText(startedAtMs),
    ended_at: endedAtMs === null ? null : timeText(endedAtMs),
    ...summaryForm.parse({
      verdict: told.verdict ?? null,
      as_of: told.as_of ?? null,
      discrepancies: told.discrepancies ?? null,
      not_checked: told.not_checked ?? null,
    }),
  }
}

const summaryForm = reportRowSchema.pick({ verdict: true, as_of: true, discrepancies: true, not_checked: true })
