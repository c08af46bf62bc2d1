// The job `verification`: the ledger is read again from its first record by the checker that `npm run verify` asks, in a
// thread of its own. It changes nothing.

import { z } from 'zod'
import type { Target } from '../audit/target.ts'
import { runThread } from './jobThread.ts'
import type { Job, JobResult } from './port.ts'

export interface VerificationInput {
  readonly target: Target
}

const THREAD = new URL('./verificationThread.ts', import.meta.url)

export function verificationJob(target: Target): Job {
  return {
    kind: 'verification',
    parameters: z.strictObject({}),
    daily: 'never',
    unavailable: null,
    async run(_request, { signal }) {
      // The thread's own answer.
      return (await runThread(THREAD, { target } satisfies VerificationInput, signal)) as JobResult
    },
  }
}
