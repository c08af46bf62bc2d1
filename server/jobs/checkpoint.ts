// The job `checkpoint`: the signed document that says what the ledger was when a day was closed (docs/ledger.md, "Proof").
// It has to go on from the last one: where it does not, a record that was attested is not there any more, and nothing is
// signed.

import { z } from 'zod'
import type { Target } from '../audit/target.ts'
import { runThread } from './jobThread.ts'
import { type Job, JobFailure, type JobResult } from './port.ts'

export interface CheckpointInput {
  readonly target: Target
  readonly keyFile: string
  /** RFC 3339. */
  readonly at: string
  /** The text of the last one, null where there is none. */
  readonly previous: string | null
}

/** `broken`: what no other try would change, for an operator to look into at once. */
export type CheckpointOutput = { readonly kind: 'made'; readonly result: JobResult } | Broken

interface Broken {
  readonly kind: 'broken'
  readonly why: string
}

export const CHECKPOINT_TYPE = 'text/plain; charset=utf-8'

const THREAD = new URL('./checkpointThread.ts', import.meta.url)

/** `keyFile`: of the private key; null where none was configured. */
export function checkpointJob(target: Target, keyFile: string | null): Job {
  return {
    kind: 'checkpoint',
    parameters: z.strictObject({}),
    // What the ledger was on a day that has gone by cannot be signed any more.
    daily: 'newest',
    unavailable: keyFile === null ? 'CHECKPOINT_KEY_FILE is not set: no checkpoints are made' : null,
    async run(_request, { signal, nowMs, lastDocument }) {
      if (keyFile === null) throw new JobFailure('CHECKPOINT_KEY_FILE is not set', null)
      const last = await lastDocument()
      const previous = last === null ? null : Buffer.from(last).toString('utf8')
      const input: CheckpointInput = { target, keyFile, at: new Date(nowMs).toISOString(), previous }
      const made = (await runThread(THREAD, input, signal)) as CheckpointOutput // the thread's own answer
      if (made.kind === 'made') return made.result
      throw new JobFailure(made.why, { severity: 'critical', text: `no checkpoint was made: ${made.why}` })
    },
  }
}
