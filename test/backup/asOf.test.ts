// A backup restored as of a moment is what an export as of that moment would have been: the same batches, sound by the audit.
// What was made from all records is not beside it, and what is nobody's projection is there whole.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { importLedger } from '../../server/export/importLedger.ts'
import { contentOf, exported } from '../export/bench.ts'
import { PARTITIONS, play, steps } from '../export/histories.ts'
import { doneOf, proofFolder, whyOf } from '../proof/bench.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { temporaryFolder } from '../support/server.ts'
import { backedUp, filesBelow, fullFolder, restored, rowsOf } from './bench.ts'

async function exportedThen(data: string, asOfMs: number): Promise<string> {
  const target = join(temporaryFolder(), 'data')
  doneOf(await importLedger((await exported(data, 'out', { asOfMs })).path, target))
  return target
}

describe('restore as of a moment', () => {
  it('is the ledger of an export as of that moment, of random histories', async () => {
    const moments = fc.double({ min: -0.05, max: 1.05, noNaN: true })
    await fc.assert(
      fc.asyncProperty(steps, moments, async (script, part) => {
        const { batches, times } = play(script)
        const [first, last] = [Math.min(...times), Math.max(...times)]
        const asOfMs = Math.round(first + (last - first) * part)
        const folder = proofFolder(batches, PARTITIONS)
        const out = join(temporaryFolder(), 'backup')
        doneOf(await backedUp(folder.path, { out }))
        const { data, outcome } = await restored(out, asOfMs)
        if (outcome.kind === 'refused') {
          expect(outcome.why).to.equal('no record is that old')
          const then = await exportedThen(folder.path, asOfMs).then(String, String)
          expect(then).to.equal('Error: as_of_before_first')
        } else {
          expect(await contentOf(data)).to.deep.equal(await contentOf(await exportedThen(folder.path, asOfMs)))
          expect(auditDataSet(data, KINDS).violation).to.equal(null)
        }
        folder.remove()
      }),
      { numRuns: 15 },
    )
  })

  it('keeps people, staff, statements and finished recordings, and nothing that was made from records that go', async () => {
    const sample = sampleLog()
    const { path } = await fullFolder(sample.log.seal())
    const out = join(temporaryFolder(), 'backup')
    doneOf(await backedUp(path, { out, withSecret: true }))
    const asOfMs = sample.record.receive.t
    const { data, outcome } = await restored(out, asOfMs)
    const { records, backup } = doneOf(outcome)
    expect(records).to.be.greaterThan(0).and.lessThan(backup.records)
    const kept = ['audit-log.db', 'identity.db', 'sandbox-provider.db', 'statements.db']
    const plain = ['blobs/recordings/m_1', 'token.secret']
    expect(filesBelow(data)).to.deep.equal([...kept, ...plain, 'journal.db', 'restored.json'].sort())
    for (const name of kept) expect(rowsOf(join(data, name)), name).to.equal(rowsOf(join(path, name)))
    const { restores } = JSON.parse(readFileSync(join(data, 'restored.json'), 'utf8'))
    expect(restores).to.have.length(1)
    expect(restores[0]).to.include({ from: out, backup: backup.sha256, asOf: new Date(asOfMs).toISOString() })
  })

  it('of the newest moment has everything', async () => {
    const { path } = await fullFolder()
    const out = join(temporaryFolder(), 'backup')
    const { journalAt } = doneOf(await backedUp(path, { out }))
    const { data } = await restored(out, Date.parse(journalAt))
    expect(await contentOf(data)).to.deep.equal(await contentOf(path))
    const { data: later, outcome } = await restored(out, Date.parse(journalAt) + 1)
    expect(whyOf(outcome)).to.match(/that moment is not in it/)
    expect(existsSync(later)).to.equal(false)
  })
})
