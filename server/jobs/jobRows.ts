// A run as it is kept, and back: columns are checked, since a book outlives the release that wrote it.

import { z } from 'zod'
import { JOB_KINDS, type JobRun, type JsonObject, RUN_STATES, TRIGGERS } from './port.ts'

const jsonObject = z.record(z.string(), z.json()).transform((value) => value as JsonObject) // what z.json() takes is that

const runSchema = z.object({
  id: z.string(),
  kind: z.enum(JOB_KINDS),
  day: z.string().nullable(),
  attempt: z.int(),
  trigger: z.enum(TRIGGERS),
  requestedBy: z.string(),
  request: jsonObject,
  startedAtMs: z.int(),
  state: z.enum(RUN_STATES),
  endedAtMs: z.int().nullable(),
  summary: jsonObject.nullable(),
  error: z.string().nullable(),
  tryAgain: z.enum(['at_once', 'later', 'never']).nullable(),
  documentType: z.string().nullable(),
})

/** Throws where it is no run. */
export function readRun(fields: Readonly<Record<keyof JobRun, unknown>>): JobRun {
  const parsed = runSchema.safeParse(fields)
  if (!parsed.success) throw new Error(`the book of jobs has a run that cannot be read: ${parsed.error.message}`)
  return parsed.data
}

/** Larger documents are kept in parts of this size. */
export const PART_BYTES = 256 * 1024

export function* partsOf(document: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < document.byteLength; at += PART_BYTES) yield document.subarray(at, at + PART_BYTES)
}
