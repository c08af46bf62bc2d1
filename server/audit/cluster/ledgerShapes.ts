// The documents of the ledger store as the auditor takes them (server/mongo/documents.ts): exactly these fields. FerretDB
// keeps whatever it is given, and what somebody changed by hand may be anything.

import { Long } from 'mongodb'
import { z } from 'zod'

// The driver gives a long integer as a number where that holds it.
const whole = z
  .union([z.number(), z.instanceof(Long)])
  .transform(Number)
  .pipe(z.number().int().nonnegative())
const partitionId = z
  .string()
  .regex(/^\d{4}$/)
  .transform(Number)
const recordId = z
  .string()
  .regex(/^\d{4}:\d{15}$/)
  .transform((text) => ({ partition: Number(text.slice(0, 4)), seq: Number(text.slice(5)) }))

const keys = z.array(
  z.strictObject({
    key: z.string(),
    hash: z.string(),
    seq: whole,
    at: z.date(),
    refused: z.string().nullable(),
    reply: z.string(),
  }),
)
export type KeyFieldsRead = Readonly<z.infer<typeof keys>[number]>

export const META = z.object({ format: z.number(), dataSet: z.string(), partitions: z.number() })

export const SHAPES = {
  checkpoints: z.strictObject({
    _id: partitionId,
    v: z.strictObject({
      s: whole,
      position: whole,
      hash: z.string(),
      watermarks: z.array(z.strictObject({ source: whole, number: whole })),
    }),
  }),
  partitions: z.strictObject({ _id: partitionId, v: z.strictObject({ s: whole, parts: whole, text: z.string() }) }),
  unsettled: z.strictObject({ _id: recordId, state: whole }),
  closings: z.strictObject({
    _id: z.string().regex(/^\d{4}:\d{15}:\d{15}$/),
    s: whole,
    at: z.date(),
    balances: z.string(),
  }),
  listings: z.strictObject({
    _id: z.string(),
    v: z.strictObject({
      s: whole,
      n: whole,
      kind: z.string(),
      status: z.string(),
      sort: whole,
      tags: z.array(z.string()),
      fields: z.string(),
    }),
  }),
  actors: z.strictObject({
    _id: z.string(),
    v: z
      .strictObject({
        s: whole,
        state: z.string(),
        balances: z.array(z.strictObject({ account: z.string(), asset: z.string(), minor: z.string() })),
      })
      .optional(),
    k: z.strictObject({ s: whole, full: whole, keys }).optional(),
  }),
  keys: z.strictObject({
    _id: z
      .string()
      .regex(/^.+\|\d{1,12}$/)
      .transform((text) => {
        const bar = text.lastIndexOf('|')
        return { actor: text.slice(0, bar), bucket: Number(text.slice(bar + 1)) }
      }),
    keys,
  }),
  records: z.strictObject({
    _id: recordId,
    line: z.string(),
    actor: z.string(),
    at: z.date(),
    op: z.string(),
    key: z.string().optional(),
    accounts: z.array(z.string()),
  }),
  batches: z.strictObject({ _id: recordId, lastSeq: whole, position: whole, hash: z.string(), header: z.string() }),
} as const

export type Shapes = typeof SHAPES
export type CollectionName = keyof Shapes
export type DocumentOf<Name extends CollectionName> = Readonly<z.infer<Shapes[Name]>>
