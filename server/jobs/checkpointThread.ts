// The thread of a checkpoint: audits the journal, signs what it came to, and shows that it goes on from the last one.

import { createPublicKey } from 'node:crypto'
import { type OwnKey, readOwnKey } from '../operator/operatorKeys.ts'
import { type Checkpoint, readCheckpoint, signCheckpoint, verifyCheckpoint } from '../proof/checkpoint.ts'
import { foreignness } from '../proof/compare.ts'
import { proveExtension } from '../proof/extension.ts'
import { computeFigures, violationShown } from '../proof/figures.ts'
import type { Outcome } from '../proof/outcome.ts'
import { type LedgerSource, openSource } from '../proof/source.ts'
import { CHECKPOINT_TYPE, type CheckpointInput, type CheckpointOutput } from './checkpoint.ts'
import { serveThread } from './jobThread.ts'

async function make(input: CheckpointInput): Promise<CheckpointOutput> {
  const key = readOwnKey(input.keyFile)
  const opened = await openSource(input.target)
  if (opened.kind === 'refused') return broken(opened.why)
  try {
    const last = input.previous === null ? null : readLast(input.previous, key, opened.value)
    return last?.kind === 'refused' ? broken(last.why) : await makeAfter(last?.value ?? null, input, key, opened.value)
  } finally {
    await opened.value.close()
  }
}

async function makeAfter(
  last: Checkpoint | null,
  { at }: CheckpointInput,
  key: OwnKey,
  source: LedgerSource,
): Promise<CheckpointOutput> {
  const computed = await computeFigures(source, null)
  if (computed.kind !== 'computed') return broken(violationShown(computed.violation))
  const signed = signCheckpoint({ dataSetId: source.dataSetId, at, figures: computed.figures }, key)
  if (signed.kind === 'refused') return broken(signed.why)
  const { text, checkpoint } = signed.value
  if (last !== null) {
    const extended = await proveExtension(source, last, checkpoint)
    if (extended.kind === 'refused')
      return broken(`it does not go on from the last one, of ${last.at}: ${extended.why}`)
  }
  const { records, root, signer } = checkpoint
  const summary = {
    at,
    signer,
    records,
    root,
    extends: last?.root ?? null,
    new_records: records - (last?.records ?? 0),
  }
  const document = Buffer.from(text, 'utf8')
  return { kind: 'made', result: { summary, document, documentType: CHECKPOINT_TYPE, alarm: null } }
}

/** The last one is what it was when it was signed. One that another key signed, before this one was taken, is believed. */
function readLast(text: string, { name, key }: OwnKey, source: LedgerSource): Outcome<Checkpoint> {
  const read = readCheckpoint(text)
  const own = read.kind === 'done' && read.value.signer === name
  const checked = own ? verifyCheckpoint(text, new Map([[name, createPublicKey(key)]])) : read
  if (checked.kind === 'refused')
    return { kind: 'refused', why: `the last checkpoint in the book of jobs ${checked.why}` }
  const foreign = foreignness(checked.value, source)
  return foreign === null ? checked : { kind: 'refused', why: `the last checkpoint in the book of jobs ${foreign}` }
}

function broken(why: string): CheckpointOutput {
  return { kind: 'broken', why }
}

serveThread(make)
