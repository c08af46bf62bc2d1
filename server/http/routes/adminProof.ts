// Proof over HTTP (docs/ledger.md): the daily checkpoints, proofs under them, and the verification of the ledger.

import { z } from 'zod'
import { parseRecordId } from '../../../shared/ids.ts'
import type { JobDesk } from '../../jobs/jobDesk.ts'
import type { JobRun } from '../../jobs/port.ts'
import type { ProofDesk, ProofQuestion } from '../../jobs/proofDesk.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import { cursorText, documentAnswer, readRunCursor, runBody, runSchema, STARTING, startJob } from './adminJobs.ts'

export const checkpointListSchema = z.object({
  checkpoints: z.array(runSchema).meta({ description: 'runs that made one, newest first; `summary` has its root' }),
  next_cursor: z.string().nullable(),
})

const READING = ['rate_limited', 'unavailable'] as const
const PROVING = ['invalid_request', 'not_found', 'overloaded', 'job.not_provable', ...READING] as const
const LATEST = 'latest'
const checkpointId = z.string().max(64).meta({ description: 'id of the run that made it, or `latest`' })
const common = { tag: 'ledger', auth: 'staff', rate: 'general' } as const
const TEXT = 'text/plain; charset=utf-8'
const JSON_TEXT = 'application/json; charset=utf-8'

export function adminProofRoutes(jobs: JobDesk, proofs: ProofDesk): readonly Route[] {
  return [
    checkpointsRoute(jobs),
    checkpointRoute(jobs),
    extensionRoute(jobs, proofs),
    recordProofRoute(jobs, proofs),
    verifyRoute(jobs),
  ]
}

function checkpointsRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/ledger/checkpoints',
    summary: 'Signed checkpoints, newest first',
    query: z.object({
      cursor: z.string().max(160).optional().meta({ description: '`next_cursor` of the page before' }),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    responses: { 200: checkpointListSchema },
    errors: ['invalid_request', ...READING],
    async handle({ query: { cursor, limit } }) {
      const before = cursor === undefined ? null : readRunCursor(cursor)
      if (before === 'none') return refuseField('cursor', 'takes what next_cursor answered')
      const { runs, next } = await jobs.list({ kind: 'checkpoint', state: 'done' }, before, limit)
      const page = { checkpoints: runs.map(runBody), next_cursor: cursorText(next) }
      return ok(page satisfies z.input<typeof checkpointListSchema>)
    },
  })
}

function checkpointRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/ledger/checkpoints/{id}',
    summary: 'A signed checkpoint, byte for byte as it is to be kept',
    params: z.object({ id: checkpointId }),
    responses: { 200: TEXT },
    errors: ['not_found', ...READING],
    handle: async ({ params: { id } }) => documentAnswer(jobs, await checkpointRun(jobs, id)),
  })
}

function extensionRoute(jobs: JobDesk, proofs: ProofDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/ledger/checkpoints/{id}/extension',
    summary: 'The proof that a checkpoint goes on from an older one, nothing rewritten',
    params: z.object({ id: checkpointId }),
    query: z.object({ from: z.string().max(64).meta({ description: 'id of the run that made the older one' }) }),
    responses: { 200: JSON_TEXT },
    errors: PROVING,
    async handle({ params: { id }, query }) {
      const from = await checkpointText(jobs, query.from)
      if (from === null) return refuseField('from', 'names no checkpoint')
      const under = await checkpointText(jobs, id)
      return under === null ? refuse('not_found') : proofAnswer(proofs, { kind: 'extension', from, under })
    },
  })
}

function recordProofRoute(jobs: JobDesk, proofs: ProofDesk): Route {
  return defineRoute({
    ...common,
    method: 'GET',
    path: '/admin/ledger/records/{record}/proof',
    summary: 'The proof that a record is under a checkpoint, exactly as it was appended',
    params: z.object({ record: z.string().max(64) }),
    query: z.object({ checkpoint: checkpointId.default(LATEST) }),
    responses: { 200: JSON_TEXT },
    errors: PROVING,
    async handle({ params: { record }, query: { checkpoint } }) {
      const place = parseRecordId(record.replace(':', '-'))
      if (place === null) return refuse('not_found')
      const under = await checkpointText(jobs, checkpoint)
      if (under === null) return refuseField('checkpoint', 'names no checkpoint')
      return proofAnswer(proofs, { kind: 'record', place, under })
    },
  })
}

function verifyRoute(jobs: JobDesk): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/admin/ledger/verify',
    summary: 'Verify the ledger again: all of it with the store, or partitions through a range of records. A job',
    staff: ['operator', 'auditor', 'admin'],
    changesNothing: true,
    idempotent: true,
    body: z.strictObject({
      partitions: z.array(z.int()).optional().meta({ description: 'these alone; all where left out' }),
      from_seq: z.int().optional().meta({ description: 'first record to check in each partition' }),
      to_seq: z.int().optional().meta({ description: 'last record to check in each partition' }),
      idempotency_key: idempotencyKeySchema,
    }),
    responses: { 202: runSchema },
    errors: STARTING,
    handle({ body, caller, key }) {
      const { idempotency_key: _, ...parameters } = body
      return startJob(jobs, 'verification', parameters, { caller, key })
    },
  })
}

async function checkpointRun(jobs: JobDesk, id: string): Promise<JobRun | null> {
  const run = id === LATEST ? await jobs.lastDone('checkpoint') : await jobs.find(id)
  return run?.kind === 'checkpoint' ? run : null
}

async function checkpointText(jobs: JobDesk, id: string): Promise<string | null> {
  const run = await checkpointRun(jobs, id)
  const document = run === null ? null : await jobs.document(run.id)
  return document === null ? null : Buffer.from(document).toString('utf8')
}

async function proofAnswer(proofs: ProofDesk, question: ProofQuestion): Promise<Answer> {
  const proved = await proofs.prove(question)
  if (proved.kind === 'refused') return refuse('job.not_provable', { details: { why: proved.why } })
  return { kind: 'text', status: 200, contentType: JSON_TEXT, body: proved.value }
}
