// Whole data folders: what the store says against the journal it was made from, and what damage to either is called.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet, type DataSetReport } from '../../server/audit/dataset.ts'
import { tamper, writeJournal, writeStore } from '../support/dataFolder.ts'
import { LogBuilder, type SealedBatch } from '../support/logBuilder.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { damages } from './damages.ts'

describe('audit of a data folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leet-audit-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const report = (): DataSetReport => auditDataSet(folder, KINDS)

  it('an empty one is sound', async () => {
    const dataSet = writeJournal(folder, [], 16)
    expect(report()).to.deep.include({ violation: null, store: null, partitions: 16 })
    await writeStore(folder, dataSet, [])
    expect(report().violation).to.equal(null)
  })

  it('a journal alone is checked alone', () => {
    writeJournal(folder, sampleLog().log.seal(), 2)
    const { violation, store, summary } = report()
    expect(violation).to.equal(null)
    expect(store).to.equal(null)
    expect(summary.records).to.equal(22)
  })

  for (const snapshotEvery of [1, 3, 1000]) {
    for (const behind of [0, 1, 4]) {
      it(`a store ${behind} batches behind, with rounds every ${snapshotEvery} records, is sound`, async () => {
        const batches = sampleLog().log.seal()
        const dataSet = writeJournal(folder, batches, 2)
        await writeStore(folder, dataSet, batches.slice(0, batches.length - behind), {
          snapshotEvery,
          finalRound: behind === 4,
        })
        const { violation, store } = report()
        expect(violation).to.equal(null)
        if (behind === 0) expect(store).to.include({ checkpointRecords: 22, entries: 19, keys: 13 })
      })
    }
  }

  it('a long log is sound with its closings, and one that says something else is found', async () => {
    const log = new LogBuilder(1)
    const wallet = log.walletIn(0, 'long')
    log.command(wallet, 'open', { ev: [['opened', 'u_long']] })
    for (let count = 1; count <= 400; count++) {
      log.deposit(wallet, BigInt(count))
      if (count % 30 === 0) log.cut(0)
    }
    const batches = log.seal()
    const dataSet = writeJournal(folder, batches, 1)
    await writeStore(folder, dataSet, batches)
    expect(report().violation).to.equal(null)
    tamper(folder, 'store.db', `UPDATE closings SET balances = replace(balances, '"2001"', '"2005"') WHERE seq > 200`)
    const { violation } = report()
    expect(violation).to.include({ invariant: 'S1', part: 'store', at: '0:271' })
    expect(violation?.message).to.match(/the store closes with .*2005.*the journal gives .*2001/)
  })

  it('a store of a longer journal is ahead', async () => {
    const batches = sampleLog().log.seal()
    const dataSet = writeJournal(folder, batches, 2)
    await writeStore(folder, dataSet, batches)
    tamper(folder, 'journal.db', `DELETE FROM commits WHERE id = ${batches.at(-1)?.position}`)
    const { violation } = report()
    expect(violation).to.include({ invariant: 'S1', part: 'store' })
    expect(violation?.message).to.match(/store is ahead of the journal/)
  })

  for (const [index, { what, file, invariant, at, says }] of damages(sampleLog()).entries()) {
    it(`${file}: ${what}: ${invariant}`, async () => {
      const sample = sampleLog()
      const batches: readonly SealedBatch[] = sample.log.seal()
      const dataSet = writeJournal(folder, batches, 2)
      await writeStore(folder, dataSet, batches, { finalRound: true })
      tamper(folder, file, damages(sample)[index]?.sql ?? '')
      const { violation } = report()
      expect(violation).to.include(
        { invariant, at, part: file === 'store.db' ? 'store' : 'journal' },
        violation?.message,
      )
      expect(violation?.message).to.match(says)
    })
  }
})
