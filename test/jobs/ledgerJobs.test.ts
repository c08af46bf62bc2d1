// The jobs on ledgers that lie in folders: checkpoints that go on from each other, or are not made; and verifications, of
// all and of ranges, that name what is wrong. Each runs in the thread it runs in.

import { expect } from 'chai'
import { RangeAudit } from '../../server/audit/rangeAudit.ts'
import { checkpointJob } from '../../server/jobs/checkpoint.ts'
import { type Job, JobFailure, type JobResult, type JsonObject } from '../../server/jobs/port.ts'
import { verificationForm, verificationJob } from '../../server/jobs/verification.ts'
import { readCheckpoint, verifyCheckpoint } from '../../server/proof/checkpoint.ts'
import { newRun } from '../conformance/jobBook.suite.ts'
import { checkpointed, doneOf, newKeys, type ProofFolder, proofFolder } from '../proof/bench.ts'
import { tamper } from '../support/dataFolder.ts'
import { sampleLog } from '../support/sampleLog.ts'

const keys = newKeys('ann', 'eve')

describe('jobs on a ledger', () => {
  const folders: ProofFolder[] = []
  const folderOf = (batches = sampleLog().log.seal(), id?: string): ProofFolder => {
    const folder = proofFolder(batches, 2, id)
    folders.push(folder)
    return folder
  }
  afterEach(() => {
    for (const folder of folders.splice(0)) folder.remove()
  })

  function run(job: Job, request: JsonObject, last: string | null = null, signal = new AbortController().signal) {
    const lastDocument = async () => (last === null ? null : Buffer.from(last))
    return job.run(request, { run: newRun(), signal, nowMs: Date.UTC(2026, 10, 26), lastDone: null, lastDocument })
  }
  const textOf = ({ document }: JobResult) => Buffer.from(document ?? []).toString('utf8')
  const target = ({ path }: ProofFolder) => ({ kind: 'folder', folder: path }) as const
  const failure = async (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => new Error('nothing failed'),
      (error: Error) => error,
    )

  describe('checkpoint', () => {
    const job = (folder: ProofFolder) => checkpointJob(target(folder), keys.fileOf('ann'))

    it('is signed, and goes on from the last one', async () => {
      const batches = sampleLog().log.seal()
      const folder = folderOf(batches.slice(0, 5))
      const first = await run(job(folder), {})
      expect(first.summary).to.deep.include({ signer: 'ann', extends: null, at: '2026-11-26T00:00:00.000Z' })
      folder.extend(batches.slice(5))
      const second = await run(job(folder), {}, textOf(first))
      const [from, to] = [first, second].map((made) => doneOf(verifyCheckpoint(textOf(made), keys.public)))
      expect(second.summary).to.deep.include({
        root: to?.root,
        extends: from?.root,
        new_records: (to?.records ?? 0) - (from?.records ?? 0),
      })
      expect(second.documentType).to.equal('text/plain; charset=utf-8')
      expect(second.alarm).to.equal(null)
    })

    it('is not made without a key', () => {
      expect(checkpointJob(target(folderOf()), null).unavailable).to.include('CHECKPOINT_KEY_FILE')
    })

    it('of a history that was written anew is not made, and the partition is named', async () => {
      const last = await checkpointed(folderOf(sampleLog().log.seal(), 'same'), keys)
      const sample = sampleLog()
      sample.record.send.ev = [['sent', 'USD', '700', 'w_somebody', 'thanks']]
      const error = await failure(run(job(folderOf(sample.log.seal(), 'same')), {}, last))
      expect(error).to.be.instanceOf(JobFailure)
      expect(error.message).to.match(/does not go on from the last one, .*records of partition 0 are not shown/)
      expect(error).to.have.nested.property('alarm.severity', 'critical')
    })

    for (const [what, last, says] of [
      ['lost its end', () => checkpointed(folderOf(sampleLog().log.seal(), 'same'), keys), /partition \d ends at/],
      ['is of another data set', () => checkpointed(folderOf(sampleLog().log.seal(), 'x'), keys), /data set x/],
    ] as const) {
      it(`of a ledger that ${what} is not made`, async () => {
        const folder = folderOf(sampleLog().log.seal().slice(0, 4), 'same')
        const error = await failure(run(job(folder), {}, await last()))
        expect(error).to.be.instanceOf(JobFailure)
        expect(error.message).to.match(says)
      })
    }

    it('does not go on from a last one that somebody has changed in the book, or signed in its name', async () => {
      const folder = folderOf()
      const text = await checkpointed(folder, keys)
      const changed = await failure(run(job(folder), {}, text.replace('"records":', '"records":1')))
      expect(changed.message).to.match(/the last checkpoint in the book of jobs/)
      const seal = JSON.parse(text.trim().split('\n').at(-1) ?? '')
      const forged = text.replace(seal.signature, `${'A'.repeat(85)}A==`)
      expect(doneOf(readCheckpoint(forged)).signer).to.equal('ann')
      expect((await failure(run(job(folder), {}, forged))).message).to.match(/is not signed with the key of ann/)
    })

    it('of a damaged ledger is not made', async () => {
      const folder = folderOf()
      tamper(folder.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
      const error = await failure(run(job(folder), {}))
      expect(error).to.be.instanceOf(JobFailure)
      expect(error.message).to.match(/BROKEN J3 at 1:4/)
    })

    it('is tried again where nothing could be read', async () => {
      const folder = folderOf()
      const job = checkpointJob(target(folder), `${folder.path}/none.key`)
      const error = await failure(run(job, {}))
      expect(error).not.to.be.instanceOf(JobFailure)
      expect(error.message).to.include('none.key')
    })

    it('ends where it is stopped', async () => {
      const stop = new AbortController()
      const making = failure(run(job(folderOf()), {}, null, stop.signal))
      stop.abort()
      expect((await making).message).to.equal('stopped')
    })
  })

  describe('verification', () => {
    const verify = (folder: ProofFolder, request: JsonObject = {}) => run(verificationJob(target(folder), 2), request)

    it('of all says what was read, and that nothing was left out', async () => {
      const { summary, alarm, document } = await verify(folderOf())
      const figures = { scope: 'all', records: 22, partitions: 2, not_checked: [], violation: null }
      expect(summary).to.deep.include({ sound: true, ...figures })
      expect(alarm).to.equal(null)
      expect(JSON.parse(Buffer.from(document ?? []).toString())).to.deep.include({ sound: true })
    })

    it('of a range says what it did not look at', async () => {
      const { summary } = await verify(folderOf(), { partitions: [1, 1], from_seq: 2, to_seq: 4 })
      expect(summary).to.deep.include({ sound: true, scope: 'range', records: 3, partitions: 1 })
      expect(summary.not_checked).to.have.length(4)
    })

    it('of a range behind the end has nothing to check', async () => {
      const { summary } = await verify(folderOf(), { from_seq: 10_000 })
      expect(summary).to.deep.include({ sound: true, records: 0, partitions: 2 })
    })

    it('of every range finds a sound ledger sound, and counts its records', () => {
      const batches = sampleLog().log.seal()
      for (const partition of [0, 1]) {
        for (let fromSeq = 1; fromSeq <= 7; fromSeq++) {
          for (let toSeq = fromSeq; toSeq <= 7; toSeq++) {
            const audit = new RangeAudit(partition, 2, { fromSeq, toSeq })
            for (const batch of batches) if (batch.partition === partition) audit.take(batch.position, batch.bytes)
            expect(audit.report()).to.deep.include({ violation: null, records: toSeq - fromSeq + 1 })
          }
        }
      }
    })

    const damaged = (change: (sample: ReturnType<typeof sampleLog>) => void): ProofFolder => {
      const sample = sampleLog()
      change(sample)
      return folderOf(sample.log.seal())
    }
    for (const [what, folder, request, invariant, at] of [
      [
        'a changed byte',
        () => {
          const made = folderOf()
          tamper(made.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
          return made
        },
        {},
        'J3',
        /^1:4$/,
      ],
      [
        'a changed byte, in a range',
        () => {
          const made = folderOf()
          tamper(made.path, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 3')
          return made
        },
        { partitions: [1] },
        'J3',
        /^1:\d$/,
      ],
      [
        'a balance that does not follow, in its range',
        () =>
          damaged(({ record }) => {
            const [entry] = record.lastDeposit.en ?? []
            if (entry !== undefined) entry[4] = `${BigInt(entry[4]) + 1n}`
          }),
        { from_seq: 3 },
        'M3',
        /^\d:\d+$/,
      ],
      [
        'entries that do not balance',
        () =>
          damaged(({ record }) => {
            const [entry] = record.deposit.en ?? []
            if (entry !== undefined) entry[3] = `${BigInt(entry[3]) + 1n}`
          }),
        { partitions: [0] },
        'M2',
        /^0:\d+$/,
      ],
    ] as const) {
      it(`names ${what}`, async () => {
        const { summary, alarm } = await verify(folder(), request as JsonObject) // a table's readonly lists
        expect(summary.sound).to.equal(false)
        expect(summary.violation).to.have.property('invariant', invariant)
        expect((summary.violation as JsonObject).at).to.match(at) // asserted a line above
        expect(alarm?.severity).to.equal('critical')
      })
    }

    for (const request of [
      { partitions: [] },
      { partitions: [2] },
      { partitions: [-1] },
      { partitions: [0, 0, 0] },
      { partitions: '0' },
      { from_seq: 0 },
      { to_seq: 0 },
      { from_seq: 5, to_seq: 4 },
      { from_seq: 1e16 },
      { from_seq: '1' },
      { from: 1 },
    ]) {
      it(`takes no ${JSON.stringify(request)}`, () => {
        expect(verificationForm(2).safeParse(request).success).to.equal(false)
      })
    }
  })
})
