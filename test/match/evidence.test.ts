// Texts of disputes in Blobs: kept under the names that the ledger has, read in its order, and erased with their author.

import { expect } from 'chai'
import type { DisputeView } from '../../actors/match/views.ts'
import { EvidenceTexts, evidenceNames } from '../../server/play/evidenceTexts.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { MemoryBlobs } from '../support/memoryBlobs.ts'

const [ANN, BOB] = ['u_ann', 'u_bob'] as UserId[] as [UserId, UserId] // written by the test
const MATCH = 'm_1'

function disputeOf(...texts: readonly string[]): DisputeView {
  return {
    ...{ id: '3-9' as RecordId, user: ANN, type: 'other', status: 'open', ticks: null, votes: [], atMs: 0 },
    evidence: evidenceNames(texts),
  }
}

describe('texts of evidence', () => {
  let blobs: MemoryBlobs
  let failures: number
  let texts: EvidenceTexts
  beforeEach(() => {
    blobs = new MemoryBlobs()
    failures = 0
    texts = new EvidenceTexts(blobs, () => failures++)
  })

  const said = async (dispute: DisputeView) =>
    (await texts.read(MATCH, dispute))?.map(({ author, text }) => [author, text])

  it('are read in the order of the dispute, with who wrote them', async () => {
    const dispute = disputeOf('one', 'two', 'three')
    expect(await texts.keep(MATCH, BOB, ['two'], dispute)).to.equal(true)
    expect(await texts.keep(MATCH, ANN, ['three', 'one'], dispute)).to.equal(true)
    expect(await said(dispute)).to.deep.equal([
      [ANN, 'one'],
      [BOB, 'two'],
      [ANN, 'three'],
    ])
  })

  it('are not kept where the ledger has no name for them', async () => {
    expect(await texts.keep(MATCH, ANN, ['unheard'], disputeOf('one'))).to.equal(true)
    expect(blobs.all.size).to.equal(0)
  })

  it('go with their author, and with nobody else, even where both wrote the same', async () => {
    const dispute = disputeOf('one', 'same')
    await texts.keep(MATCH, ANN, ['one', 'same'], dispute)
    await texts.keep(MATCH, BOB, ['same'], dispute)
    await texts.erase(ANN)
    expect(await said(dispute)).to.deep.equal([
      [null, null],
      [BOB, 'same'],
    ])
    await texts.erase(BOB)
    expect(blobs.all.size, 'not even a list is left').to.equal(0)
  })

  it('are given again where Blobs were away', async () => {
    const dispute = disputeOf('one')
    blobs.isAway = true
    expect(await texts.keep(MATCH, ANN, ['one'], dispute)).to.equal(false)
    expect(await texts.read(MATCH, dispute)).to.equal(null)
    expect(failures).to.equal(2)
    blobs.isAway = false
    expect(await texts.keep(MATCH, ANN, ['one'], dispute)).to.equal(true)
    expect(await said(dispute)).to.deep.equal([[ANN, 'one']])
  })
})
