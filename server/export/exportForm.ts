// The lines of an export that are its own (docs/ledger.md, "Export"): the first, which says what it is, and the manifest,
// which comes last, so that an export without one was never finished. All between are the lines of the journal's batches.

import { z } from 'zod'
import { HASH_TEXT } from '../proof/hashText.ts'
import type { AssetFigures } from '../proof/trialBalance.ts'
import type { LedgerTally, PartitionTally } from './ledgerTally.ts'

const FORMAT = 'leetgaming ledger export 1'
const COUNT = z.int().nonnegative()
const TIME = z.iso.datetime()
const MINOR = z.string().regex(/^(?:0|-?[1-9]\d{0,39})$/)
const DATA_SET_ID = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)

const HEAD = z.strictObject({
  format: z.literal(FORMAT),
  dataSetId: DATA_SET_ID,
  partitions: z.int().positive().max(9999),
  createdAt: TIME,
  asOf: TIME.nullable(),
})
export type ExportHead = Omit<z.infer<typeof HEAD>, 'format'>

const PARTITION = z.strictObject({
  partition: COUNT,
  count: COUNT,
  first: COUNT,
  last: COUNT,
  at: TIME.nullable(),
  head: HASH_TEXT,
  root: HASH_TEXT,
})
const ASSET = z.strictObject({
  asset: z.string().max(200),
  debits: MINOR,
  credits: MINOR,
  accounts: z.array(z.tuple([z.string().max(200), MINOR])),
})
const MANIFEST = z.strictObject({
  manifest: z.literal(FORMAT),
  dataSetId: DATA_SET_ID,
  createdAt: TIME,
  asOf: TIME.nullable(),
  records: COUNT,
  batches: COUNT,
  files: z.array(z.strictObject({ name: z.string().max(200), bytes: COUNT, sha256: HASH_TEXT })).length(1),
  partitions: z.array(PARTITION),
  assets: z.array(ASSET),
})
export type Manifest = z.infer<typeof MANIFEST>

export function headLine(head: ExportHead): string {
  const { dataSetId, partitions, createdAt, asOf } = head
  return line({ format: FORMAT, dataSetId, partitions, createdAt, asOf } satisfies z.infer<typeof HEAD>)
}

/** Null where the text is no such line. */
export function readHead(text: string): ExportHead | null {
  return read(HEAD, text)
}

/** The lines above the manifest. */
export interface Body {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

export function manifestOf(head: ExportHead, body: Body, tally: LedgerTally): Manifest {
  const { dataSetId, createdAt, asOf } = head
  const { name, bytes, sha256 } = body
  return {
    manifest: FORMAT,
    dataSetId,
    createdAt,
    asOf,
    records: tally.records,
    batches: tally.batches,
    files: [{ name, bytes, sha256 }],
    partitions: tally.partitions().map(partitionLine),
    assets: tally.assets().map(assetLine),
  }
}

export function manifestLine(manifest: Manifest): string {
  return line(manifest)
}

export function isManifest(text: string): boolean {
  return text.startsWith('{"manifest":')
}

export function readManifest(text: string): Manifest | null {
  return read(MANIFEST, text)
}

function partitionLine({ partition, count, seq, atMs, head, root }: PartitionTally): z.infer<typeof PARTITION> {
  const at = atMs === null ? null : new Date(atMs).toISOString()
  // J3: seqs begin at one and leave none out.
  return { partition, count, first: Math.min(1, count), last: seq, at, head, root }
}

function assetLine({ asset, debits, credits, accounts }: AssetFigures): z.infer<typeof ASSET> {
  const rows = accounts.map(([account, minor]): [string, string] => [account, `${minor}`])
  return { asset, debits: `${debits}`, credits: `${credits}`, accounts: rows }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function read<Shape extends z.ZodType>(shape: Shape, text: string): z.infer<Shape> | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
