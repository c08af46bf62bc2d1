// Random histories of players who wait, stake, play and leave, over a whole runtime of every kind, with crashes, projections
// and lost messages in between. After each step the independent checker has read all that is durable; once nothing is
// under way, players, queues and matches say the same; in the end everybody is free and nothing is left anywhere.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { writeJournal, writeStore } from '../support/dataFolder.ts'
import { holdAndDo, lived } from '../support/histories.ts'
import { QUEUE_STEPS, QueueHistory, type QueueStep, USERS } from './queueHistory.ts'

const step: fc.Arbitrary<QueueStep> = fc.record({
  what: fc.constantFrom(...QUEUE_STEPS),
  user: fc.nat(USERS - 1),
  pool: fc.nat(2),
  size: fc.integer({ min: 1, max: 20_000 }),
})

describe('random histories of players, queues, matches and wallets', () => {
  it('everybody is in one place at most, and free in the end', async function () {
    this.timeout(240_000)
    const steps = fc.array(step, { minLength: 60, maxLength: 150, size: 'max' })
    // Not that everything was refused.
    const usual = ['enqueue', 'leave', 'stake', 'accept', 'decline', 'arrive', 'finish', 'abort', 'pardon']
    const kinds = [...usual, 'settled', 'cancelled', 'requeued', 'penalised', 'rated']
    await holdAndDo(QueueHistory.begin, steps, { runs: 25, kinds })
  })

  it('a data set with every kind in it is sound, at any pace of snapshots', async function () {
    this.timeout(240_000)
    const steps = fc.array(step, { minLength: 60, maxLength: 120, size: 'max' })
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(1, 7, 1_000), async (taken, snapshotEvery) => {
        const { batches, partitions } = await lived(QueueHistory.begin, taken)
        const folder = mkdtempSync(join(tmpdir(), 'leet-queues-'))
        try {
          const dataSet = writeJournal(folder, batches, partitions)
          await writeStore(folder, dataSet, batches, { snapshotEvery })
          expect(auditDataSet(folder, KINDS).violation).to.equal(null)
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }),
      { numRuns: 5 },
    )
  })
})
