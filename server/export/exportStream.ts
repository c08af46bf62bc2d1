// An export as a stream of bytes, made as fast as it is read: the first line, the batches of the journal byte for byte up
// to a consistent cut, and the manifest. Nothing of it is kept but sums, so its length does not matter to memory.

import { createHash } from 'node:crypto'
import { ReadingError } from '../audit/cluster/readingError.ts'
import type { Outcome } from '../proof/outcome.ts'
import type { LedgerSource } from '../proof/source.ts'
import type { Cut } from './cut.ts'
import { type ExportHead, headLine, manifestLine, manifestOf } from './exportForm.ts'
import { damaged, findCut } from './findCut.ts'
import { LedgerTally } from './ledgerTally.ts'

export interface ExportOrder {
  /** Records up to this moment, as far as they are a ledger; null for everything that is durable now. */
  readonly asOfMs: number | null
  readonly nowMs: number
  /** What the lines above the manifest are called in it. */
  readonly name: string
}

export interface ExportPlan {
  readonly head: ExportHead
  readonly name: string
  /** Null where the journal as it stands is the cut: one file, read through one commit. */
  readonly cut: Cut | null
}

export type ExportPiece =
  | { readonly kind: 'lines'; readonly bytes: Uint8Array }
  /** The last one: a line. */
  | { readonly kind: 'manifest'; readonly text: string }

export type PlanRefusal = 'as_of_in_future' | 'as_of_before_first'

/** Reads the journal once where a cut has to be looked for. Rejects with DataSetError or ReadingError. */
export async function planExport(
  source: LedgerSource,
  { asOfMs, nowMs, name }: ExportOrder,
): Promise<{ readonly kind: 'planned'; readonly plan: ExportPlan } | { readonly kind: PlanRefusal }> {
  if (asOfMs !== null && asOfMs > nowMs) return { kind: 'as_of_in_future' }
  const cut = asOfMs === null && source.isOneCommit ? null : await findCut(source, asOfMs)
  if (asOfMs !== null && cut !== null && cut.newestMs === null) return { kind: 'as_of_before_first' }
  const head: ExportHead = {
    dataSetId: source.dataSetId,
    partitions: source.partitions,
    createdAt: new Date(nowMs).toISOString(),
    asOf: asOfMs === null ? null : new Date(asOfMs).toISOString(),
  }
  return { kind: 'planned', plan: { head, name, cut } }
}

/** Rejects with DataSetError at the first batch that is not what was appended, or ReadingError. */
export async function* exportPieces(source: LedgerSource, plan: ExportPlan): AsyncGenerator<ExportPiece, void> {
  const { head, name, cut } = plan
  const tally = new LedgerTally(source.partitions)
  const hash = createHash('sha256')
  let length = 0
  const lines = (bytes: Uint8Array): ExportPiece => {
    hash.update(bytes)
    length += bytes.byteLength
    return { kind: 'lines', bytes }
  }
  yield lines(Buffer.from(headLine(head), 'utf8'))
  // J3: seqs count records.
  const records = cut === null ? Number.POSITIVE_INFINITY : cut.seqs.reduce((sum, seq) => sum + seq, 0)
  for await (const { partition, bytes } of source.batches()) {
    if (tally.records >= records) break
    if (cut !== null && (tally.logs[partition]?.seq ?? 0) >= (cut.seqs[partition] ?? 0)) continue
    const wrong = tally.take(partition, bytes)
    if (wrong !== null) throw damaged(source.dataSetId, wrong)
    yield lines(bytes)
  }
  const missing = cut === null ? { kind: 'done' as const, value: null } : reached(cut, tally)
  if (missing.kind === 'refused') throw new ReadingError(missing.why)
  const body = { name, bytes: length, sha256: hash.digest('hex') }
  yield { kind: 'manifest', text: manifestLine(manifestOf(head, body, tally)) }
}

function reached({ seqs }: Cut, { logs }: LedgerTally): Outcome<null> {
  const short = logs.find(({ seq }, partition) => seq !== seqs[partition])
  if (short === undefined) return { kind: 'done', value: null }
  const { partition, seq } = short
  return { kind: 'refused', why: `partition ${partition} ended at ${seq}, where ${seqs[partition]} had been read` }
}

/** The bytes of an export in chunks of exactly this size, but the last; each is its own. */
export async function* inChunks(
  pieces: AsyncIterable<ExportPiece>,
  chunkBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let chunk = new Uint8Array(chunkBytes)
  let length = 0
  for await (const piece of pieces) {
    const bytes = piece.kind === 'lines' ? piece.bytes : Buffer.from(piece.text, 'utf8')
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + chunkBytes - length)
      chunk.set(part, length)
      at += part.byteLength
      length += part.byteLength
      if (length < chunkBytes) continue
      yield chunk
      chunk = new Uint8Array(chunkBytes)
      length = 0
    }
  }
  if (length > 0) yield chunk.slice(0, length)
}
