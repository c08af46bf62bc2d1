// An export becomes a data set: the same batches byte for byte, so the same heads, under the same data set id. Everything
// is read, checked against itself and against the manifest, and only then put in its place: a folder that was not there.

import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DataSetError } from '../dataSetError.ts'
import { markFinished, markUnfinished } from '../folderMarks.ts'
import { JournalDraft } from '../journal/journalDraft.ts'
import { syncFile } from '../journal/journalFile.ts'
import type { Outcome } from '../proof/outcome.ts'
import { type Body, type ExportHead, type Manifest, manifestOf } from './exportForm.ts'
import { BrokenExportError, ExportReader, exportPlace } from './exportReader.ts'
import { LedgerTally } from './ledgerTally.ts'

/** Refused with the first difference. Rejects with DataSetError where it could not be tried. Leaves all or nothing. */
export async function importLedger(from: string, folder: string): Promise<Outcome<Manifest>> {
  const place = exportPlace(from)
  const draft = draftFolder(folder)
  mkdirSync(draft, { mode: 0o700 })
  try {
    markUnfinished(draft, 'import')
    const read = await intoDraft(new ExportReader(place), draft)
    if (read.kind === 'done') {
      markFinished(draft)
      moveIntoPlace(draft, folder)
    }
    return read
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

async function intoDraft(reader: ExportReader, draft: string): Promise<Outcome<Manifest>> {
  let begun: { readonly head: ExportHead; readonly journal: JournalDraft; readonly tally: LedgerTally } | null = null
  try {
    const begin = (head: ExportHead): void => {
      const dataSet = { id: head.dataSetId, partitions: head.partitions }
      const journal = new JournalDraft(join(draft, 'journal.db'), dataSet)
      begun = { head, journal, tally: new LedgerTally(head.partitions) }
    }
    const started = (): NonNullable<typeof begun> => {
      if (begun === null) throw new BrokenExportError('it has no first line')
      return begun
    }
    for await (const { partition, bytes, line } of reader.read(begin)) {
      const { tally, journal } = started()
      const wrong = tally.take(partition, bytes)
      if (wrong !== null) return { kind: 'refused', why: `the batch of line ${line} does not follow: ${wrong}` }
      journal.add(partition, bytes)
    }
    const { head, tally, journal } = started()
    const manifest = reader.manifest()
    const difference = manifestDifference(manifest, head, reader.body(), tally)
    if (difference !== null) return { kind: 'refused', why: difference }
    journal.finish()
    return { kind: 'done', value: manifest }
  } catch (error) {
    if (!(error instanceof BrokenExportError)) throw error
    return { kind: 'refused', why: error.message }
  } finally {
    // Closed by `finish` where it was whole.
    ;(begun as { readonly journal: JournalDraft } | null)?.journal.abandon()
  }
}

/** The first thing in which what was read is not what the manifest says, or null. */
export function manifestDifference(said: Manifest, head: ExportHead, body: Body, tally: LedgerTally): string | null {
  const [file] = said.files
  const found = manifestOf(head, { ...body, name: file?.name ?? body.name }, tally)
  for (const field of ['dataSetId', 'createdAt', 'asOf', 'records', 'batches'] as const)
    if (said[field] !== found[field])
      return `${field} is ${found[field]} in its lines, the manifest says ${said[field]}`
  if (said.partitions.length !== found.partitions.length)
    return `it has ${found.partitions.length} partitions, the manifest lists ${said.partitions.length}`
  for (const [partition, row] of found.partitions.entries()) {
    const stated = said.partitions[partition]
    for (const field of ['partition', 'count', 'first', 'last', 'at', 'root', 'head'] as const)
      if (stated?.[field] !== row[field])
        return `partition ${partition}: ${field} is ${row[field]}, the manifest says ${stated?.[field]}`
  }
  if (JSON.stringify(said.assets) !== JSON.stringify(found.assets)) return assetsDifference(said, found)
  const [there] = found.files
  if (file?.bytes !== there?.bytes) return `its lines are ${there?.bytes} bytes, the manifest says ${file?.bytes}`
  if (file?.sha256 === there?.sha256) return null
  return `its lines have the SHA-256 ${there?.sha256}, the manifest says ${file?.sha256}: batches are in another order`
}

function assetsDifference(said: Manifest, found: Manifest): string {
  for (const [index, row] of found.assets.entries()) {
    const stated = said.assets[index]
    if (JSON.stringify(stated) !== JSON.stringify(row))
      return `the sums of ${row.asset} are ${JSON.stringify(row)}, the manifest says ${JSON.stringify(stated ?? null)}`
  }
  return `it has sums of ${found.assets.length} assets, the manifest lists ${said.assets.length}`
}

/** Beside the folder, on the same disk. Throws DataSetError where the folder is not free. */
export function draftFolder(folder: string): string {
  const remedy = 'Name a folder that is not there yet, or empty'
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new DataSetError(folder, 'is not empty', remedy)
  const parent = dirname(folder)
  if (!existsSync(parent)) throw new DataSetError(parent, 'no such folder', remedy)
  const draft = `${folder}.partial`
  if (!existsSync(draft)) return draft
  throw new DataSetError(
    draft,
    'is there: another import writes it, or one was interrupted',
    'Remove it where nothing is at work there',
  )
}

/** All at once: a folder under the name is whole. */
export function moveIntoPlace(draft: string, folder: string): void {
  syncFile(draft)
  if (existsSync(folder)) rmdirSync(folder)
  renameSync(draft, folder)
  syncFile(dirname(folder))
}
