// What the tests of exports stand on: a data folder made of sealed batches, exported and imported without command lines.

import { join } from 'node:path'
import { type Place, placeOf, writeExport } from '../../server/export/exportFile.ts'
import { type Manifest, readManifest } from '../../server/export/exportForm.ts'
import { exportPieces, planExport } from '../../server/export/exportStream.ts'
import { computeFigures } from '../../server/proof/figures.ts'
import { openSource } from '../../server/proof/source.ts'
import { doneOf } from '../proof/bench.ts'
import { temporaryFolder } from '../support/server.ts'

export const NOW_MS = 1_760_000_000_000

export interface Exported {
  readonly path: string
  readonly place: Place
  readonly manifest: Manifest
}

/** Of the journal in a folder. */
export async function exported(
  folder: string,
  name = 'out',
  { gzip = false, asOfMs = null as number | null } = {},
): Promise<Exported> {
  const path = join(temporaryFolder(), name)
  const place = placeOf(path, gzip)
  const source = doneOf(await openSource({ kind: 'folder', folder }))
  try {
    const planned = await planExport(source, { asOfMs, nowMs: NOW_MS, name: 'ledger.ndjson' })
    if (planned.kind !== 'planned') throw new Error(planned.kind)
    const manifest = readManifest(await writeExport(place, exportPieces(source, planned.plan)))
    if (manifest === null) throw new Error('no manifest')
    return { path, place, manifest }
  } finally {
    await source.close()
  }
}

/** Every batch, by partition, and what the audit makes of them. */
export async function contentOf(folder: string) {
  const source = doneOf(await openSource({ kind: 'folder', folder }))
  try {
    const batches: string[][] = Array.from({ length: source.partitions }, () => [])
    for await (const { partition, bytes } of source.batches()) batches[partition]?.push(Buffer.from(bytes).toString())
    const computed = await computeFigures(source, null)
    if (computed.kind !== 'computed') throw new Error(`${computed.violation.at}: ${computed.violation.message}`)
    return { id: source.dataSetId, batches, figures: computed.figures }
  } finally {
    await source.close()
  }
}
