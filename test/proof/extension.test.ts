// Of any two checkpoints of a ledger the newer one is shown to go on from the older one; of two that do not, nothing shows it.

import { expect } from 'chai'
import { type Checkpoint, readCheckpoint, signCheckpoint } from '../../server/proof/checkpoint.ts'
import { type Extension, extensionText, verifyExtension } from '../../server/proof/extension.ts'
import { tamper } from '../support/dataFolder.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { AT, checkpointed, doneOf, extending, newKeys, type ProofFolder, proofFolder, whyOf } from './bench.ts'

describe('proof: extensions', () => {
  const keys = newKeys('ann')
  const batches = sampleLog().log.seal()
  const checkpoints: Checkpoint[] = []
  let folder: ProofFolder
  before(async () => {
    folder = proofFolder([])
    for (let held = 0; held <= batches.length; held++) {
      if (held > 0) folder.extend(batches.slice(held - 1, held))
      checkpoints.push(doneOf(readCheckpoint(await checkpointed(folder, keys))))
    }
  })
  after(() => folder.remove())

  const checkpointAt = (index: number): Checkpoint => {
    const found = checkpoints.at(index)
    if (found === undefined) throw new Error(`no checkpoint ${index}`)
    return found
  }

  it('is made and holds between any two, in their order alone', async () => {
    for (const [index, from] of checkpoints.entries()) {
      for (const to of checkpoints.slice(index)) {
        const extension = doneOf(await extending(folder, from, to))
        expect(doneOf(verifyExtension(extensionText(extension), from, to))).to.deep.equal(extension)
        if (from.root === to.root) continue
        expect(whyOf(verifyExtension(extensionText(extension), to, from))).to.match(/ends at \d+ in the newer one/)
        expect(whyOf(await extending(folder, to, from))).to.match(/^partition \d ends at \d+ in the newer one/)
      }
    }
  })

  const FORGED: readonly (readonly [what: string, change: (extension: Extension) => unknown, why: RegExp])[] = [
    [
      'cut off',
      (extension) => extensionText(extension).slice(0, -9),
      /^is no extension that this program can read, or not a/,
    ],
    ['without partitions', (extension) => ({ ...extension, partitions: [] }), /it is about 0 partitions/],
    ['with a field more', (extension) => ({ ...extension, x: 1 }), /^is no extension/],
    [
      'from another',
      (extension) => ({ ...extension, from: extension.to }),
      /about an older checkpoint [0-9a-f]{64}, not/,
    ],
    ['to another', (extension) => ({ ...extension, to: extension.from }), /about a newer checkpoint [0-9a-f]{64}, not/],
    [
      'with another hash',
      ({ partitions: [first = [], ...more], ...rest }) => ({
        ...rest,
        partitions: [first.with(0, '0'.repeat(64)), ...more],
      }),
      /the 5 records of partition 0 are not shown to be the first of its 15/,
    ],
    [
      'with a hash less',
      ({ partitions: [first = [], ...more], ...rest }) => ({ ...rest, partitions: [first.slice(1), ...more] }),
      /of partition 0 are not shown/,
    ],
    [
      'with partitions in another order',
      ({ partitions, ...rest }) => ({ ...rest, partitions: partitions.toReversed() }),
      /of partition 0 are not shown/,
    ],
  ]
  for (const [what, change, why] of FORGED) {
    it(`one ${what} is refused`, async () => {
      const [from, to] = [checkpointAt(4), checkpointAt(-1)]
      const changed = change(doneOf(await extending(folder, from, to)))
      const text = typeof changed === 'string' ? changed : JSON.stringify(changed)
      expect(whyOf(verifyExtension(text, from, to))).to.match(why)
    })
  }

  it('nothing shows a ledger that was written anew to go on from what it was', async () => {
    const sample = sampleLog()
    sample.record.deposit.ev = [['deposited', 'USD', '10000', 'sandbox', 'y']]
    const rewritten = proofFolder(sample.log.seal(), 2, folder.dataSetId)
    const to = doneOf(readCheckpoint(await checkpointed(rewritten, keys)))
    const from = checkpointAt(4)
    for (const source of [folder, rewritten])
      expect(whyOf(await extending(source, from, to))).to.match(
        /^the 5 records of partition 0 are not shown to be the first of its 15; `npm run proof -- check` of each/,
      )
    const genuine = doneOf(await extending(folder, from, checkpointAt(-1)))
    expect(whyOf(verifyExtension(extensionText({ ...genuine, to: to.root }), from, to))).to.match(/are not shown/)
    rewritten.remove()
  })

  it('the same records in batches of another shape are not the same ledger, nor is another data set', async () => {
    const from = checkpointAt(-1)
    const resigned = (dataSetId: string, head: string): Checkpoint => {
      const partitions = from.partitions.map((one) => (one.partition === 0 ? { ...one, head } : one))
      return doneOf(
        signCheckpoint({ dataSetId, at: AT, figures: { partitions, assets: from.assets } }, keys.own('ann')),
      ).checkpoint
    }
    const reshaped = resigned(folder.dataSetId, '0'.repeat(64))
    expect(whyOf(await extending(folder, from, reshaped))).to.match(
      /^partition 0 has the same records in both, and not the/,
    )
    const foreign = resigned('another', from.partitions[0]?.head ?? '')
    expect(whyOf(await extending(folder, from, foreign))).to.match(
      /^the checkpoints are of different data sets, .* and another/,
    )
  })

  it('is not made of what is damaged', async () => {
    const damaged = proofFolder(batches, 2, folder.dataSetId)
    tamper(damaged.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
    const why = whyOf(await extending(damaged, checkpointAt(4), checkpointAt(-1)))
    expect(why).to.match(/^the data set is damaged at 1:4: .*commit 3/)
    damaged.remove()
  })
})
