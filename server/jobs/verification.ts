// The job `verification`: the ledger is read again by the checker that `npm run verify` asks, in a thread of its own: all of
// it with the store, or some partitions through a range of their records. It changes nothing.

import { z } from 'zod'
import type { SeqRange } from '../audit/rangeAudit.ts'
import type { Target } from '../audit/target.ts'
import { runThread } from './jobThread.ts'
import type { Job, JobResult } from './port.ts'

export interface VerificationInput {
  readonly target: Target
  /** Null: everything. */
  readonly range: VerifiedRange | null
}

export interface VerifiedRange extends SeqRange {
  /** Null: all of them. */
  readonly partitions: readonly number[] | null
}

const seq = z.int().min(1).max(999_999_999_999_999)

export function verificationForm(partitions: number) {
  return z
    .strictObject({
      partitions: z
        .array(
          z
            .int()
            .min(0)
            .max(partitions - 1),
        )
        .min(1)
        .max(partitions)
        .optional()
        .meta({ description: 'these alone; all where left out' }),
      from_seq: seq.optional().meta({ description: 'first record to check in each partition' }),
      to_seq: seq.optional().meta({ description: 'last record to check in each partition' }),
    })
    .refine(({ from_seq: from = 1, to_seq: to = from }) => from <= to, {
      path: ['to_seq'],
      error: 'is before from_seq',
    })
}

const THREAD = new URL('./verificationThread.ts', import.meta.url)

export function verificationJob(target: Target, partitions: number): Job {
  const parameters = verificationForm(partitions)
  return {
    kind: 'verification',
    parameters,
    daily: 'never',
    unavailable: null,
    async run(request, { signal }) {
      const input: VerificationInput = { target, range: rangeOf(parameters.parse(request)) }
      return (await runThread(THREAD, input, signal)) as JobResult // the thread's own answer
    },
  }
}

function rangeOf(asked: z.output<ReturnType<typeof verificationForm>>): VerifiedRange | null {
  const { partitions, from_seq: fromSeq, to_seq: toSeq } = asked
  if (partitions === undefined && fromSeq === undefined && toSeq === undefined) return null
  const named = partitions === undefined ? null : [...new Set(partitions)].sort((a, b) => a - b)
  return { partitions: named, fromSeq: fromSeq ?? 1, toSeq: toSeq ?? null }
}
