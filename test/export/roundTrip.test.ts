// What was exported and imported again is the same ledger: the same batches, heads, Merkle roots and sums, whatever the
// form of the export; and an export is what its documentation says, read with nothing of this program.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { importLedger } from '../../server/export/importLedger.ts'
import { doneOf, goldenFolder, type ProofFolder, proofFolder } from '../proof/bench.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { temporaryFolder } from '../support/server.ts'
import { contentOf, exported } from './bench.ts'
import { PARTITIONS, play, steps } from './histories.ts'

describe('export and import', () => {
  const folders: ProofFolder[] = []
  const folderOf = (folder: ProofFolder): string => {
    folders.push(folder)
    return folder.path
  }
  after(() => {
    for (const folder of folders) folder.remove()
  })

  for (const [name, gzip] of [
    ['out', false],
    ['out', true],
    ['out.ndjson', false],
    ['out.ndjson.gz', false],
  ] as const)
    it(`gives the same ledger from ${name}${gzip ? ', compressed' : ''}`, async () => {
      const folder = folderOf(proofFolder(sampleLog().log.seal()))
      const { path, manifest } = await exported(folder, name, { gzip })
      const target = join(temporaryFolder(), 'data')
      const made = doneOf(await importLedger(path, target))
      expect(made).to.deep.equal(manifest)
      expect(readdirSync(target)).to.deep.equal(['journal.db'])
      expect(await contentOf(target)).to.deep.equal(await contentOf(folder))
      expect(existsSync(`${target}.partial`), 'left over').to.equal(false)
    })

  it('states what a checkpoint of the same ledger states', async () => {
    const folder = folderOf(proofFolder(sampleLog().log.seal()))
    const { manifest } = await exported(folder)
    const { figures } = await contentOf(folder)
    const said = manifest.partitions.map(({ partition, last: seq, count, head, root }) => ({
      partition,
      seq,
      head,
      count,
      root,
    }))
    expect(said).to.deep.equal(figures.partitions)
    const sums = figures.assets.map(({ asset, debits, credits, accounts }) => {
      const rows = accounts.map(([account, minor]) => [account, `${minor}`])
      return { asset, debits: `${debits}`, credits: `${credits}`, accounts: rows }
    })
    expect(manifest.assets).to.deep.equal(sums)
  })

  it('is a line of JSON for each record, between lines that say where it stands', async () => {
    const folder = folderOf(proofFolder(sampleLog().log.seal()))
    const { path, manifest } = await exported(folder, 'whole.ndjson.gz')
    const text = gunzipSync(readFileSync(path)).toString('utf8')
    const lines = text.trimEnd().split('\n')
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(rows[0]).to.include({ format: 'leetgaming ledger export 1', partitions: 2, asOf: null })
    expect(rows.at(-1)).to.include({ manifest: 'leetgaming ledger export 1', records: manifest.records })
    expect(rows.filter((row) => 's' in row)).to.have.length(manifest.records)
    expect(rows.filter((row) => 'v' in row)).to.have.length(manifest.batches)
    const body = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)
    const sha256 = createHash('sha256').update(body).digest('hex')
    expect(manifest.files).to.deep.equal([{ name: 'ledger.ndjson', bytes: Buffer.byteLength(body), sha256 }])
    expect(lastBatches(lines)).to.deep.equal(manifest.partitions.map(({ head }) => head))
  })

  it('keeps journals of every release', async () => {
    for (const name of readdirSync(new URL('../golden/', import.meta.url)).filter((one) => !one.includes('.'))) {
      const folder = folderOf(goldenFolder(name))
      const target = join(temporaryFolder(), 'data')
      doneOf(await importLedger((await exported(folder)).path, target))
      expect(await contentOf(target)).to.deep.equal(await contentOf(folder))
    }
  })

  it('keeps random histories', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const folder = folderOf(proofFolder(play(script).batches, PARTITIONS))
        const target = join(temporaryFolder(), 'data')
        doneOf(await importLedger((await exported(folder)).path, target))
        expect(await contentOf(target)).to.deep.equal(await contentOf(folder))
      }),
      { numRuns: 20 },
    )
  })
})

/** SHA-256 of each partition's last batch, as anybody computes it from the lines. */
function lastBatches(lines: readonly string[]): readonly string[] {
  const batches = new Map<number, string>()
  let partition = -1
  for (const line of lines.slice(1, -1)) {
    const row = JSON.parse(line) as { v?: number; partition?: number }
    if (row.v !== undefined) partition = row.partition ?? -1
    batches.set(partition, `${row.v === undefined ? batches.get(partition) : ''}${line}\n`)
  }
  const ordered = [...batches].sort(([a], [b]) => a - b)
  return ordered.map(([, text]) => createHash('sha256').update(text).digest('hex'))
}
