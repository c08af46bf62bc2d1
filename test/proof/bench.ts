// What the tests of proofs stand on: a data folder made from sealed batches that can go on, keys, and the steps of
// `npm run proof` without its command line.

import type { KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeOwnKey, type OwnKey, readOperatorKeys, readOwnKey } from '../../server/operator/operatorKeys.ts'
import { type Checkpoint, readCheckpoint, signCheckpoint } from '../../server/proof/checkpoint.ts'
import { differenceFrom } from '../../server/proof/compare.ts'
import { type Extension, proveExtension } from '../../server/proof/extension.ts'
import { computeFigures } from '../../server/proof/figures.ts'
import type { Outcome } from '../../server/proof/outcome.ts'
import { proveRecord, type RecordProof } from '../../server/proof/recordProof.ts'
import { type LedgerSource, openSource } from '../../server/proof/source.ts'
import { parseRecordId } from '../../shared/ids.ts'
import { goldenBatches, goldenStates } from '../golden/files.ts'
import { tamper, writeJournal } from '../support/dataFolder.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { temporaryFolder } from '../support/server.ts'

export const AT = '2026-01-01T10:00:00.000Z'

export interface ProofFolder {
  readonly path: string
  readonly dataSetId: string
  extend(batches: readonly SealedBatch[]): void
  remove(): void
}

/** With an id, the folder says that it is the data set of that id. */
export function proofFolder(batches: readonly SealedBatch[], partitions = 2, id?: string): ProofFolder {
  const path = mkdtempSync(join(tmpdir(), 'leet-proof-'))
  const made = writeJournal(path, batches, partitions)
  if (id !== undefined) tamper(path, 'journal.db', `UPDATE facts SET value = '${id}' WHERE name = 'data_set'`)
  return {
    path,
    dataSetId: id ?? made.id,
    extend: (more) => void writeJournal(path, more, partitions),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A golden journal as a data folder, one batch a commit. */
export function goldenFolder(journal: string): ProofFolder {
  const partitions = goldenStates(journal).length
  const batches = Array.from({ length: partitions }, (_, partition) =>
    goldenBatches(journal, partition).map((bytes) => ({ partition, bytes })),
  )
  const sealed = batches.flat().map((batch, index) => ({ ...batch, position: index + 1 }))
  return proofFolder(sealed, partitions, journal)
}

export interface Keys {
  readonly public: ReadonlyMap<string, KeyObject>
  readonly publicFile: string
  own(name: string): OwnKey
  fileOf(name: string): string
}

export function newKeys(...names: readonly string[]): Keys {
  const folder = temporaryFolder()
  const fileOf = (name: string): string => join(folder, `${name}.key`)
  const publicFile = join(folder, 'public')
  writeFileSync(publicFile, `${names.map((name) => makeOwnKey(name, fileOf(name))).join('\n')}\n`)
  return { public: readOperatorKeys(publicFile), publicFile, own: (name) => readOwnKey(fileOf(name)), fileOf }
}

/** The text of a checkpoint of everything in the folder; rejects where the audit finds something. */
export function checkpointed(folder: ProofFolder, keys: Keys): Promise<string> {
  return withSource(folder, async (source) => {
    const computed = await computeFigures(source, null)
    if (computed.kind !== 'computed') throw new Error(`${computed.violation.at}: ${computed.violation.message}`)
    const attested = { dataSetId: source.dataSetId, at: AT, figures: computed.figures }
    return doneOf(signCheckpoint(attested, keys.own('ann'))).text
  })
}

/** What keeps the folder from being what the checkpoint says, or null. */
export function difference(folder: ProofFolder, text: string): Promise<string | null> {
  return withSource(folder, (source) => differenceFrom(doneOf(readCheckpoint(text)), source))
}

/** The proof of the record at `partition:seq`; rejects where there is none. */
export async function proved(folder: ProofFolder, text: string, at: string): Promise<RecordProof> {
  return doneOf(await proving(folder, text, at))
}

export function proving(folder: ProofFolder, text: string, at: string): Promise<Outcome<RecordProof>> {
  const place = parseRecordId(at.replace(':', '-'))
  if (place === null) throw new Error(`no record ${at}`)
  return withSource(folder, (source) => proveRecord(source, place, doneOf(readCheckpoint(text))))
}

export function extending(folder: ProofFolder, from: Checkpoint, to: Checkpoint): Promise<Outcome<Extension>> {
  return withSource(folder, (source) => proveExtension(source, from, to))
}

export function doneOf<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(outcome.why)
  return outcome.value
}

export function whyOf(outcome: Outcome<unknown>): string {
  return outcome.kind === 'refused' ? outcome.why : 'nothing was refused'
}

async function withSource<T>({ path }: ProofFolder, work: (source: LedgerSource) => Promise<T>): Promise<T> {
  const source = doneOf(await openSource({ kind: 'folder', folder: path }))
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}
