// A checkpoint and a proof as documents: what was signed is read back, and nothing that was changed, cut, made under another
// checkpoint or signed by somebody else passes.

import { expect } from 'chai'
import { readCheckpoint, signCheckpoint, treeOfLines, verifyCheckpoint } from '../../server/proof/checkpoint.ts'
import { hex } from '../../server/proof/hashText.ts'
import { proofText, type RecordProof, verifyProof } from '../../server/proof/recordProof.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { AT, checkpointed, doneOf, type Keys, newKeys, type ProofFolder, proofFolder, proved, whyOf } from './bench.ts'

describe('proof: documents', () => {
  const keys: Keys = newKeys('ann', 'eve')
  const batches = sampleLog().log.seal()
  let folder: ProofFolder
  let text = ''
  let older = ''
  before(async () => {
    folder = proofFolder(batches.slice(0, 6))
    older = await checkpointed(folder, keys)
    folder.extend(batches.slice(6))
    text = await checkpointed(folder, keys)
  })
  after(() => folder.remove())

  const lines = (): string[] => text.split('\n')
  /** The document with other lines, its root put right: what somebody without the key can make. */
  const resealed = (change: (all: string[]) => string[]): string => {
    const all = lines().slice(0, -2)
    const changed = change(all)
    const seal = JSON.parse(lines().at(-2) ?? '')
    const root = hex(treeOfLines(changed, null).root())
    return `${[...changed, JSON.stringify({ ...seal, root })].join('\n')}\n`
  }
  const replaced = (from: string | RegExp, to: string): ((all: string[]) => string[]) => {
    return (all) => all.map((line) => line.replace(from, to))
  }

  it('is read back as it was signed', () => {
    const checkpoint = doneOf(verifyCheckpoint(text, keys.public))
    expect(checkpoint).to.deep.include({ at: AT, signer: 'ann', records: 22, dataSetId: folder.dataSetId })
    expect(checkpoint.partitions.map(({ seq, count }) => [seq, count])).to.deep.equal([
      [15, 15],
      [7, 7],
    ])
    expect(checkpoint.assets).to.deep.equal([
      {
        asset: 'USD',
        debits: 17_000n,
        credits: 17_000n,
        accounts: [
          ['1002', 17_000n],
          ['2001', 16_875n],
          ['2005', 0n],
          ['2006', 125n],
        ],
      },
    ])
  })

  it('is the same document for the same ledger, but for its time', async () => {
    expect(await checkpointed(folder, keys)).to.equal(text)
  })

  const REFUSED: readonly (readonly [what: string, change: () => string, why: RegExp])[] = [
    ['a sum changed', () => text.replace('16875', '16876'), /^was changed: its lines have the root/],
    [
      'a root changed in the last line',
      () => text.replace(/"root":"[0-9a-f]{8}(?=[0-9a-f]*","sig)/, '"root":"00000000'),
      /^was changed/,
    ],
    [
      'a hash changed, the root put right',
      () => resealed(replaced(/"head":"../, '"head":"00')),
      /^is not signed with the key of ann/,
    ],
    [
      'another time, the root put right',
      () => resealed(replaced(AT, '2027-01-01T00:00:00.000Z')),
      /^is not signed with/,
    ],
    [
      'another signer, the root put right',
      () => resealed(replaced('"ann"', '"eve"')),
      /^is not signed with the key of eve/,
    ],
    ['a signer nobody knows', () => resealed(replaced('"ann"', '"bob"')), /^says that bob signed it, of whom no key/],
    ['a signature cut short', () => text.replace(/.{8}=="\}\n$/, '"}\n'), /^does not end with a root and a signature/],
    [
      'no signature',
      () => text.replace(/"signature":"[^"]*"/, '"signature":""'),
      /^does not end with a root and a signature/,
    ],
    ['a last line that is missing', () => `${lines().slice(0, -2).join('\n')}\n`, /^does not end with a root/],
    ['an end that is missing', () => text.slice(0, -1), /^is cut off: its last line has no end/],
    ['half of it', () => text.slice(0, text.length / 2), /^is cut off/],
    ['nothing', () => '', /^is no checkpoint/],
    ['something else', () => 'what is this\n', /^is no checkpoint/],
    [
      'a format of the future',
      () => resealed(replaced('checkpoint 1', 'checkpoint 2')),
      /^is no checkpoint that this program/,
    ],
    ['white space', () => resealed(replaced('"seq":15', '"seq": 15')), /^does not hold the 1 assets and 2 partitions/],
    ['a field twice', () => resealed(replaced('"seq":15', '"seq":15,"seq":15')), /^does not hold/],
    ['a field more', () => resealed(replaced('"seq":15', '"seq":15,"x":1')), /^does not hold/],
    [
      'names that would speak to a terminal',
      () => resealed(replaced(/"dataSetId":"[^"]*"/, '"dataSetId":"\\u001b[2J"')),
      /^is no checkpoint that this program can read$/,
    ],
    [
      'an asset of such a name',
      () => resealed(replaced('"asset":"USD"', '"asset":"\\u001b[2J"')),
      /^does not hold the 1 assets and 2 partitions that it says$/,
    ],
    [
      'accounts in another order',
      () => resealed(replaced(/(\["1002","\d+"\]),(\["2001","\d+"\])/, '$2,$1')),
      /makes no sense: the accounts of USD are not in their order/,
    ],
    [
      'an account twice',
      () => resealed(replaced('["2005","0"]', '["2005","0"],["2005","0"]')),
      /the accounts of USD are not in their order/,
    ],
    ['an account outside the chart', () => resealed(replaced('"2005"', '"2999"')), /no account 2999 is in the chart/],
    [
      'an asset twice',
      () => resealed(([head = '', usd = '', ...more]) => [head.replace('"assets":1', '"assets":2'), usd, usd, ...more]),
      /its assets are not in their order/,
    ],
    ['a partition less', () => resealed((all) => all.slice(0, -1)), /^does not hold/],
    [
      'partitions in another order',
      () => resealed(([a = '', b = '', c = '', d = '']) => [a, b, d, c]),
      /line of partition 0 is not in its place/,
    ],
    [
      'a count that is not the seq',
      () => resealed(replaced('"count":15', '"count":14')),
      /partition 0 goes to seq 15 with 14 records/,
    ],
    [
      'a number of records that is off',
      () => resealed(replaced('"records":22', '"records":23')),
      /says 23 records, its partitions have 22/,
    ],
    [
      'sums that do not balance',
      () => resealed(replaced('16875', '16876')),
      /trial balance of USD is 17000 debit, 17001 credit/,
    ],
    [
      'totals that are not their sums',
      () => resealed(replaced(/"17000","credits":"17000"/, '"17001","credits":"17001"')),
      /trial balance of USD/,
    ],
  ]
  for (const [what, change, why] of REFUSED) {
    it(`a checkpoint with ${what} is refused`, () => {
      expect(change()).to.not.equal(text)
      expect(whyOf(verifyCheckpoint(change(), keys.public))).to.match(why)
    })
  }

  it('a checkpoint signed by somebody else under this name is refused', () => {
    const { partitions, assets, dataSetId } = doneOf(readCheckpoint(text))
    const forged = doneOf(
      signCheckpoint({ dataSetId, at: AT, figures: { partitions, assets } }, { ...keys.own('eve'), name: 'ann' }),
    )
    expect(whyOf(verifyCheckpoint(forged.text, keys.public))).to.equal(
      'is not signed with the key of ann that was given',
    )
    expect(doneOf(readCheckpoint(forged.text)).root).to.equal(doneOf(readCheckpoint(text)).root)
  })

  it('any one byte changed is refused', () => {
    for (let at = 0; at < text.length; at++) {
      for (const other of [text.charCodeAt(at) ^ 1, text.charCodeAt(at) ^ 2, 32, 10]) {
        if (other === text.charCodeAt(at)) continue
        const changed = `${text.slice(0, at)}${String.fromCharCode(other)}${text.slice(at + 1)}`
        expect(verifyCheckpoint(changed, keys.public).kind, `byte ${at}: ${other}`).to.equal('refused')
      }
    }
  })

  const FORGED: readonly (readonly [
    what: string,
    change: (proof: RecordProof) => Promise<string> | string,
    why: RegExp,
  ])[] = [
    [
      'cut off',
      (proof) => proofText(proof).slice(0, -20),
      /^is no proof that this program can read, or not a whole one/,
    ],
    ['without its path', ({ path: _, ...proof }) => JSON.stringify(proof), /^is no proof/],
    [
      'with another record',
      (proof) => proofText({ ...proof, record: proof.record.replace('10000', '90000') }),
      /from its record, as 0:3/,
    ],
    [
      'with a record longer by its line feed',
      (proof) => proofText({ ...proof, record: `${proof.record}\n` }),
      /from its record/,
    ],
    ['of another place', (proof) => proofText({ ...proof, seq: 4 }), /^does not lead from its record, as 0:4/],
    [
      'of a place beyond the end',
      (proof) => proofText({ ...proof, seq: 16 }),
      /is of record 0:16; the checkpoint ends at 15/,
    ],
    [
      'with a path too short',
      (proof) => proofText({ ...proof, path: proof.path.slice(1) }),
      /^does not lead from its record/,
    ],
    [
      'with a path too long',
      (proof) => proofText({ ...proof, path: [...proof.path, ...proof.path] }),
      /^does not lead from its record/,
    ],
    [
      'with another sibling',
      (proof) => proofText({ ...proof, path: proof.path.with(1, '0'.repeat(64)) }),
      /^does not lead from its record/,
    ],
    ['with a hash cut short', (proof) => proofText({ ...proof, path: proof.path.with(1, 'ab') }), /^is no proof/],
    [
      'said to be of another partition',
      (proof) => proofText({ ...proof, partition: 1 }),
      /from the line of partition 1/,
    ],
    [
      'said to be of a partition that is not there',
      (proof) => proofText({ ...proof, partition: 2 }),
      /which the checkpoint does not have/,
    ],
    [
      'with a line of its own',
      (proof) => proofText({ ...proof, line: proof.line.replace(/"root":"../, '"root":"00') }),
      /from the line of partition 0/,
    ],
    [
      'with a path of its line too short',
      (proof) => proofText({ ...proof, linePath: proof.linePath.slice(1) }),
      /from the line of partition 0/,
    ],
    [
      'with a record of another partition',
      async (proof) => proofText({ ...proof, record: (await proved(folder, text, '1:3')).record }),
      /^does not lead from its record, as 0:3/,
    ],
    [
      'of another partition as a whole, but for its name',
      async () => proofText({ ...(await proved(folder, text, '1:3')), partition: 0 }),
      /from the line of partition 0/,
    ],
    [
      'made under an older checkpoint',
      async () => proofText(await proved(folder, older, '0:3')),
      /^was made under another checkpoint, [0-9a-f]{64}; this one is [0-9a-f]{64} of 2026/,
    ],
    [
      'made under an older checkpoint and said not to be',
      async (proof) => proofText({ ...(await proved(folder, older, '0:3')), checkpoint: proof.checkpoint }),
      /from the line of partition 0/,
    ],
  ]
  for (const [what, change, why] of FORGED) {
    it(`a proof ${what} is refused`, async () => {
      const proof = await proved(folder, text, '0:3')
      const under = doneOf(readCheckpoint(text))
      expect(doneOf(verifyProof(proofText(proof), under))).to.deep.equal(proof)
      expect(whyOf(verifyProof(await change(proof), under))).to.match(why)
    })
  }
})
