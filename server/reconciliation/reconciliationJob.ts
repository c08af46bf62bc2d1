// The job `reconciliation`: daily as of the end of the day that it closes, and on demand as of any moment, in a thread of
// its own. It changes nothing.

import { z } from 'zod'
import type { Target } from '../audit/target.ts'
import { runThread } from '../jobs/jobThread.ts'
import type { Job, JobResult, NewRun } from '../jobs/port.ts'
import { isReconcilable, type ReconcileRequest } from './reconcile.ts'

export interface ReconciliationInput {
  readonly target: Target
  readonly production: boolean
  readonly request: ReconcileRequest
}

const THREAD = new URL('./reconciliationThread.ts', import.meta.url)

/** What a run may be narrowed to. */
export const reconciliationParameters = z.strictObject({
  as_of: z.iso.datetime().optional().meta({ description: 'judges the providers’ side as of then; without it, now' }),
  accounts: z
    .array(z.string().refine(isReconcilable, { error: 'takes accounts of providers, such as 1002' }))
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'of providers, such as 1002; the others are left out, and the report says so' }),
})

const DAY_MS = 24 * 60 * 60 * 1000

export function reconciliationJob(target: Target, production: boolean): Job {
  return {
    kind: 'reconciliation',
    parameters: reconciliationParameters.transform(({ as_of, accounts }) => ({
      ...(as_of === undefined ? {} : { as_of }),
      ...(accounts === undefined ? {} : { accounts: [...new Set(accounts)].sort() }),
    })),
    // What the ledger is now covers what it was: of missed days the last one is enough.
    daily: 'newest',
    unavailable: null,
    async run(_request, { run, signal }) {
      const input = { target, production, request: requestOf(run) } satisfies ReconciliationInput
      // The thread's own answer.
      return (await runThread(THREAD, input, signal)) as JobResult
    },
  }
}

function requestOf({ day, request }: NewRun): ReconcileRequest {
  const asked = reconciliationParameters.parse(request)
  const accounts = asked.accounts ?? null
  if (day !== null) return { asOfMs: Date.parse(`${day}T00:00:00Z`) + DAY_MS - 1, accounts }
  return { asOfMs: asked.as_of === undefined ? null : Date.parse(asked.as_of), accounts }
}
