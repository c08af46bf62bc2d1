// Checkpoints of data sets: an old one holds while the ledger goes on, every record under it is proved, and whatever was
// changed below it is named, even where the whole journal was written anew so that it fits itself.

import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { readCheckpoint, signCheckpoint } from '../../server/proof/checkpoint.ts'
import type { LedgerFigures } from '../../server/proof/figures.ts'
import { proofText, verifyProof } from '../../server/proof/recordProof.ts'
import { tamper } from '../support/dataFolder.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { type SampleLog, sampleLog } from '../support/sampleLog.ts'
import {
  checkpointed,
  difference,
  doneOf,
  newKeys,
  type ProofFolder,
  proofFolder,
  proved,
  proving,
  whyOf,
} from './bench.ts'

const keys = newKeys('ann')
const OFF: Readonly<Record<string, bigint>> = { 2001: 1n, 2006: -1n }

describe('proof: data sets', () => {
  const folders: ProofFolder[] = []
  const folderOf = (batches: readonly SealedBatch[], partitions = 2, id?: string): ProofFolder => {
    const folder = proofFolder(batches, partitions, id)
    folders.push(folder)
    return folder
  }
  afterEach(() => {
    for (const folder of folders.splice(0)) folder.remove()
  })

  it('every checkpoint holds for ever, wherever the ledger has come to, and so does every proof under it', async () => {
    const batches = sampleLog().log.seal()
    const folder = folderOf([])
    const checkpoints = [await checkpointed(folder, keys)]
    for (const batch of batches) {
      folder.extend([batch])
      checkpoints.push(await checkpointed(folder, keys))
      for (const text of checkpoints) expect(await difference(folder, text)).to.equal(null)
    }
    expect(new Set(checkpoints).size).to.equal(batches.length + 1)
    for (const text of checkpoints) {
      const checkpoint = doneOf(readCheckpoint(text))
      for (const { partition, seq: end } of checkpoint.partitions) {
        for (let seq = 1; seq <= end; seq++) {
          const proof = await proved(folder, text, `${partition}:${seq}`)
          expect(doneOf(verifyProof(proofText(proof), checkpoint))).to.deep.equal(proof)
          expect(JSON.parse(proof.record).s).to.equal(seq)
        }
        expect(whyOf(await proving(folder, text, `${partition}:${end + 1}`))).to.match(/is not under the checkpoint/)
      }
      expect(whyOf(await proving(folder, text, '2:1'))).to.match(/has no partition 2: they are 0 to 1/)
    }
  }).timeout(240_000)

  const DAMAGES: readonly (readonly [what: string, sql: (sample: SampleLog) => string, says: RegExp])[] = [
    [
      'a byte of a record',
      () => `UPDATE commits SET bytes = CAST(replace(CAST(bytes AS TEXT), 'k-2', 'k-9') AS BLOB) WHERE id = 1`,
      /^BROKEN J3 at .*commit 1 is not what was written/,
    ],
    ['a checksum', () => 'UPDATE commits SET checksum = 1 WHERE id = 3', /^BROKEN J3 at 1:4: .*commit 3/],
    ['a commit less', () => 'DELETE FROM commits WHERE id = 3', /^BROKEN J3 at .*commit 3 is missing/],
    [
      'an end that is lost',
      () => 'DELETE FROM commits WHERE id > 8',
      /^partition 0: its records end at seq \d+, the checkpoint has \d+/,
    ],
    ['everything', () => 'DELETE FROM commits', /^partition 0: its records end at seq 0, the checkpoint has 15/],
    [
      'another data set',
      () => `UPDATE facts SET value = 'x' WHERE name = 'data_set'`,
      /was made of the data set .*and this one is x/,
    ],
  ]
  for (const [what, sql, says] of DAMAGES) {
    it(`finds and names ${what}`, async () => {
      const sample = sampleLog()
      const folder = folderOf(sample.log.seal())
      const text = await checkpointed(folder, keys)
      tamper(folder.path, 'journal.db', sql(sample))
      expect(await difference(folder, text)).to.match(says)
    })
  }

  it('names the end that is lost, wherever it is cut', async () => {
    const batches = sampleLog().log.seal()
    const text = await checkpointed(folderOf(batches, 2, 'same'), keys)
    for (let held = 0; held < batches.length; held++) {
      const said = await difference(folderOf(batches.slice(0, held), 2, 'same'), text)
      expect(said, `${held} commits`).to.match(/^partition \d: its records end at seq \d+, the checkpoint has \d+$/)
    }
  })

  const LIES: readonly (readonly [what: string, lie: (figures: LedgerFigures) => LedgerFigures, says: RegExp])[] = [
    [
      'a sum',
      ({ partitions, assets: [usd, ...more] }) => {
        const accounts = usd?.accounts.map(([code, minor]) => [code, minor + (OFF[code] ?? 0n)] as const) ?? []
        return { partitions, assets: [{ asset: 'USD', debits: 17_000n, credits: 17_000n, accounts }, ...more] }
      },
      /^USD in minor units: account 2001 is 16875, the checkpoint says 16876$/,
    ],
    [
      'an asset more',
      ({ partitions, assets }) => {
        const accounts = [['1001', 0n] as const]
        return { partitions, assets: [...assets, { asset: 'USDC', debits: 0n, credits: 0n, accounts }] }
      },
      /^USDC in minor units: account 1001 is not there, the checkpoint says 0$/,
    ],
    [
      'an asset less',
      ({ partitions }) => ({ partitions, assets: [] }),
      /^USD in minor units: account 1002 is 17000, the checkpoint says nothing of it$/,
    ],
  ]
  for (const [what, lie, says] of LIES) {
    it(`is not taken at its word: ${what}`, async () => {
      const folder = folderOf(sampleLog().log.seal())
      const { dataSetId, at, partitions, assets } = doneOf(readCheckpoint(await checkpointed(folder, keys)))
      const signed = doneOf(signCheckpoint({ dataSetId, at, figures: lie({ partitions, assets }) }, keys.own('ann')))
      expect(await difference(folder, signed.text)).to.match(says)
    })
  }

  const REWRITTEN: readonly (readonly [what: string, change: (sample: SampleLog) => void, says: RegExp])[] = [
    [
      'a record says something else',
      ({ record }) => {
        record.send.ev = [['sent', 'USD', '700', 'w_somebody', 'thanks']]
      },
      /^partition 0: its 15 records are not those of the checkpoint: Merkle root [0-9a-f]{64}, not [0-9a-f]{64}$/,
    ],
    [
      'only a header says something else',
      ({ log, record }) => {
        log.batchWith(record.lastDeposit).delivered.push([1, 1])
      },
      /^partition 0: its records are those of the checkpoint, but not its batches/,
    ],
    [
      'there is a record less',
      ({ log, record }) => void log.batchWith(record.lastDeposit).records.pop(),
      /^partition 0: its records end at seq 14, the checkpoint has 15/,
    ],
    [
      'a batch goes further',
      ({ log, carol }) => void log.deposit(carol, 1n),
      /^partition 0: a batch goes through seq 16, where the checkpoint ends at 15/,
    ],
  ]
  for (const [what, change, says] of REWRITTEN) {
    it(`finds a journal written anew, sound by itself, where ${what}`, async () => {
      const genuine = folderOf(sampleLog().log.seal())
      const text = await checkpointed(genuine, keys)
      const sample = sampleLog()
      change(sample)
      const rewritten = folderOf(sample.log.seal(), 2, genuine.dataSetId)
      expect(auditDataSet(rewritten.path, KINDS).violation).to.equal(null)
      expect(await difference(rewritten, text)).to.match(says)
      const refused = await proving(rewritten, text, '0:3')
      if (!/but not its batches/.test(says.source))
        expect(whyOf(refused)).to.match(/is not that of the checkpoint; `npm run proof -- check` with --data says more/)
    })
  }

  it('holds where only what follows it is damaged', async () => {
    const batches = sampleLog().log.seal()
    const folder = folderOf(batches.slice(0, 6))
    const text = await checkpointed(folder, keys)
    folder.extend(batches.slice(6))
    tamper(folder.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id > 6')
    expect(await difference(folder, text)).to.equal(null)
  })

  it('is not made of a ledger that is not sound', async () => {
    const sample = sampleLog()
    const entry = sample.record.lastDeposit.en?.[0]
    if (entry !== undefined) entry[3] = '2001'
    const folder = folderOf(sample.log.seal())
    const refusal = await checkpointed(folder, keys).catch((error: Error) => error.message)
    expect(refusal).to.match(/^0:15: debits exceed credits by 1 USD/)
  })

  it('is refused where an account has a name that no checkpoint can say', async () => {
    const { log, alice } = sampleLog()
    for (const row of log.deposit(alice, 5n, 'CREDIT').en ?? []) if (row[0] === '1002') row[0] = '1003:\u001b[2J'
    const refusal = await checkpointed(folderOf(log.seal()), keys).catch((error: Error) => error.message)
    expect(refusal).to.match(/^the ledger makes a checkpoint that does not hold the 2 assets/)
  })

  it('counts NFTs together, custody by its chain, and all partitions, those without records too', async () => {
    const { log, alice, bob } = sampleLog()
    for (const [token, wallet] of [
      ['1', alice],
      ['2', bob],
    ] as const)
      log.mint(`NFT:1:0x${'ab'.repeat(20)}:${token}`, wallet)
    const record = log.deposit(alice, 5n, 'CREDIT')
    for (const row of record.en ?? []) if (row[0] === '1002') row[0] = '1003:137'
    const text = await checkpointed(folderOf(log.seal(), 2), keys)
    const { assets } = doneOf(readCheckpoint(text))
    expect(assets.map(({ asset, debits }) => [asset, debits])).to.deep.equal([
      ['CREDIT', 5n],
      ['NFT', 2n],
      ['USD', 17_000n],
    ])
    expect(assets[0]?.accounts).to.deep.equal([
      ['1003:137', 5n],
      ['2001', 5n],
    ])
    const empty = doneOf(readCheckpoint(await checkpointed(folderOf([], 3), keys)))
    expect(empty.partitions.map(({ seq, root, head }) => [seq, root.slice(0, 8), head])).to.deep.equal(
      [0, 1, 2].map(() => [0, 'e3b0c442', '0'.repeat(64)]),
    )
  })

  it('any record of any prefix is proved, and no other text as that record', async () => {
    const batches = sampleLog().log.seal()
    const folder = folderOf(batches)
    const text = await checkpointed(folder, keys)
    const checkpoint = doneOf(readCheckpoint(text))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 15 }), fc.nat(), fc.nat(255), async (seq, at, byte) => {
        const proof = proofText(await proved(folder, text, `0:${seq}`))
        const place = at % proof.length
        const changed = `${proof.slice(0, place)}${String.fromCharCode(32 + (byte % 95))}${proof.slice(place + 1)}`
        const outcome = verifyProof(changed, checkpoint)
        // White space between the fields is all that may be written in another way.
        if (outcome.kind === 'done') expect(proofText(outcome.value)).to.equal(proof)
      }),
      { numRuns: 60 },
    )
  })
})
