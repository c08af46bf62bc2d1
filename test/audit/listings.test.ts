// What lists show, in a data folder, against the journal: sound wherever the store is, and every damage is found.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Listing } from '../../actors/runtime/listing.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import type { Violation } from '../../server/audit/violation.ts'
import { tamper, writeJournal, writeStore } from '../support/dataFolder.ts'
import { LISTED_KINDS, listedOtherwise } from '../support/listedKind.ts'
import { LogBuilder, type SealedBatch } from '../support/logBuilder.ts'

const PARTITIONS = 2

/** Four actors that change, one of which is in no list in the end; a batch for each round of changes. */
function batchesOf(): readonly SealedBatch[] {
  const log = new LogBuilder(PARTITIONS)
  for (const [round, status] of ['open', 'live', 'over'].entries()) {
    for (let index = 0; index < 4; index++) {
      const listing: Listing = {
        ...{ status, sortMs: 1_750_000_000_000 + index, fields: { round } },
        tags: ['game:arena', `player:u_${index}`, ...(round === 2 ? ['dispute:open'] : [])],
      }
      log.command(`listed/l_${index}`, 'list', { ev: [index === 3 && round === 2 ? null : listing] })
    }
    for (let partition = 0; partition < PARTITIONS; partition++) log.cut(partition)
  }
  return log.seal()
}

describe('audit of lists', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leet-audit-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const violation = (kinds = LISTED_KINDS): Violation | null => auditDataSet(folder, kinds).violation

  for (const behind of [0, 1, 2, 5]) {
    it(`a store ${behind} batches behind is sound`, async () => {
      const batches = batchesOf()
      const dataSet = writeJournal(folder, batches, PARTITIONS)
      const taken = batches.slice(0, batches.length - behind)
      await writeStore(folder, dataSet, taken, { kinds: LISTED_KINDS, finalRound: behind === 1 })
      expect(violation()).to.equal(null)
    })
  }

  it('rows of a release that listed otherwise are not judged', async () => {
    const batches = batchesOf()
    const dataSet = writeJournal(folder, batches, PARTITIONS)
    await writeStore(folder, dataSet, batches, { kinds: listedOtherwise(2), finalRound: true })
    expect(violation(listedOtherwise(2))).to.equal(null)
    expect(violation()).to.equal(null)
    tamper(folder, 'store.db', `UPDATE listings SET status = 'open' WHERE actor = 'listed/l_1'`)
    expect(violation()).to.equal(null)
    expect(violation(listedOtherwise(2))?.invariant).to.equal('S1')
  })

  for (const [what, sql, says] of [
    [
      'another status',
      `UPDATE listings SET status = 'open' WHERE actor = 'listed/l_1'`,
      /lists listed\/l_1 as \["open"/,
    ],
    ['other fields', `UPDATE listings SET fields = '{}' WHERE actor = 'listed/l_1'`, /lists listed\/l_1 as .*\{\}/],
    ['fields that are no JSON', `UPDATE listings SET fields = '{' WHERE actor = 'listed/l_1'`, /unreadable/],
    ['a row less', `DELETE FROM listings WHERE actor = 'listed/l_2'`, /no listing covers.*l_2.*none/],
    ['a row of an older record', 'UPDATE listings SET seq = 1', /lists listed\/l_0 as/],
    ['a row that came back', `UPDATE listings SET status = 'over' WHERE actor = 'listed/l_3'`, /the journal as null/],
    [
      'a row of an actor that never was',
      `INSERT INTO listings VALUES (99, 'listed/x', 'listed', 1, NULL, 0, '[]', 'null')`,
      /lists listed\/x/,
    ],
    ['a tag less', `DELETE FROM listing_tags WHERE actor = 'listed/l_0' AND tag = 1`, /lists listed\/l_0/],
    ['a tag more', `INSERT INTO listing_tags VALUES (1, 5, 'listed/l_0')`, /10 tags.*gives 9/],
  ] as const) {
    it(`is not sound with ${what}`, async () => {
      const batches = batchesOf()
      const dataSet = writeJournal(folder, batches, PARTITIONS)
      await writeStore(folder, dataSet, batches, { kinds: LISTED_KINDS, finalRound: true })
      tamper(folder, 'store.db', sql)
      const found = violation()
      expect(found).to.include({ invariant: 'S1', part: 'store' }, found?.message)
      expect(found?.message).to.match(says)
    })
  }

  it('a file of an earlier release has no lists, and gets them when it is written', async () => {
    const batches = batchesOf()
    const dataSet = writeJournal(folder, batches, PARTITIONS)
    await writeStore(folder, dataSet, [], { kinds: LISTED_KINDS })
    tamper(folder, 'store.db', 'DROP TABLE listings; DROP TABLE listing_tags; DROP TABLE tag_names')
    expect(violation()).to.equal(null)
    await writeStore(folder, dataSet, batches, { kinds: LISTED_KINDS })
    expect(violation()).to.equal(null)
  })
})
