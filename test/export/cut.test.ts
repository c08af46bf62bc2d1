// A ledger cut off at a moment is a ledger: the audit has nothing against it, transit is what is undelivered, every record
// by the moment is in it unless its batch or its causes reach beyond it, and no consistent cut has more.

import { expect } from 'chai'
import fc from 'fast-check'
import { Audit } from '../../server/audit/audit.ts'
import type { Cut } from '../../server/export/cut.ts'
import { findCut } from '../../server/export/findCut.ts'
import { LogBuilder, type SealedBatch } from '../support/logBuilder.ts'
import { type History, PARTITIONS, play, steps } from './histories.ts'

const WINDOWS: readonly (readonly number[])[] = [
  [Number.POSITIVE_INFINITY],
  [60_000, Number.POSITIVE_INFINITY],
  [0, 5, Number.POSITIVE_INFINITY],
]

function cutOf(
  batches: readonly SealedBatch[],
  throughMs: number | null,
  windows = WINDOWS[0],
  partitions = PARTITIONS,
) {
  const source = {
    partitions,
    dataSetId: 'test',
    batches: async function* () {
      yield* batches
    },
  }
  return findCut(source, throughMs, windows)
}

function headerOf({ bytes }: SealedBatch): { first: number; count: number } {
  return JSON.parse(bytes.toString('utf8').split('\n')[0] ?? '') as { first: number; count: number }
}

function timesOf({ bytes }: SealedBatch): readonly number[] {
  const [, ...records] = bytes.toString('utf8').trimEnd().split('\n')
  return records.map((line) => (JSON.parse(line) as { t: number }).t)
}

/** What stays, which must be whole batches. */
function kept(batches: readonly SealedBatch[], { seqs }: Cut): readonly SealedBatch[] {
  return batches.filter((batch) => {
    const { first, count } = headerOf(batch)
    const end = seqs[batch.partition] ?? 0
    expect(first > end || first + count - 1 <= end, 'a batch is cut').to.equal(true)
    return first <= end
  })
}

function violationOf(batches: readonly SealedBatch[], partitions = PARTITIONS) {
  const audit = new Audit({ partitions })
  for (const { partition, position, bytes } of batches) audit.take(partition, position, bytes)
  return audit.finish().violation
}

const moments = fc.double({ min: -0.1, max: 1.1, noNaN: true })

function momentOf({ times }: History, share: number): number {
  const [first, last] = [Math.min(...times), Math.max(...times)]
  return Math.floor(first + (last - first) * share)
}

describe('export: a cut at a moment', () => {
  it('leaves a ledger that holds, and nothing younger', async () => {
    await fc.assert(
      fc.asyncProperty(steps, moments, async (script, share) => {
        const history = play(script)
        const throughMs = momentOf(history, share)
        const stays = kept(history.batches, await cutOf(history.batches, throughMs))
        expect(violationOf(stays)).to.equal(null)
        for (const batch of stays) for (const atMs of timesOf(batch)) expect(atMs).to.be.at.most(throughMs)
      }),
      { numRuns: 400 },
    )
  })

  it('is the greatest: with any more batches by the moment it would not hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        moments,
        fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }),
        async (script, share, more) => {
          const history = play(script)
          const throughMs = momentOf(history, share)
          const cut = await cutOf(history.batches, throughMs)
          const left = [...more]
          const added = history.batches.filter((batch) => {
            if (headerOf(batch).first <= (cut.seqs[batch.partition] ?? 0)) return true
            const room = left[batch.partition] ?? 0
            left[batch.partition] = room - 1
            return room > 0 && timesOf(batch).every((atMs) => atMs <= throughMs)
          })
          if (added.length > kept(history.batches, cut).length) expect(violationOf(added)).to.not.equal(null)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('is the same however little of the journal is kept in memory, and in any order of partitions', async () => {
    await fc.assert(
      fc.asyncProperty(steps, moments, async (script, share) => {
        const history = play(script)
        const throughMs = momentOf(history, share)
        const cuts = [...WINDOWS.map((windows) => cutOf(history.batches, throughMs, windows))]
        const turned = [...history.batches].sort((a, b) => b.partition - a.partition)
        cuts.push(cutOf(turned, throughMs, WINDOWS[2]))
        const [first, ...others] = await Promise.all(cuts)
        for (const other of others) expect(other).to.deep.equal(first)
      }),
      { numRuns: 200 },
    )
  })

  it('without a moment takes all of a ledger that is whole, and mends ends that do not fit', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), async (script, short) => {
        const { batches } = play(script)
        const all = await cutOf(batches, null)
        expect(kept(batches, all)).to.have.length(batches.length)
        expect(all.leftOut).to.equal(0)
        // As partitions of a cluster are read: each to where it ended at a moment of its own.
        const torn = batches.filter(({ partition }, index) => {
          const later = batches.slice(index + 1).filter((batch) => batch.partition === partition).length
          return later >= (short[partition] ?? 0)
        })
        expect(violationOf(kept(torn, await cutOf(torn, null)))).to.equal(null)
      }),
      { numRuns: 200 },
    )
  })

  it('counts the records that go with a batch which reaches beyond the moment, and with their causes', async () => {
    const log = new LogBuilder(2)
    const [alice, bob] = [log.walletIn(0, 'alice'), log.walletIn(1, 'bob')]
    log.epoch(0)
    log.epoch(1)
    const deposit = log.deposit(alice, 1_000n)
    log.cut(0)
    const send = log.send(alice, bob, 100n)
    log.nowMs += 100
    log.deposit(alice, 5n)
    log.cut(0)
    // The clock of the receiver's owner is behind: no older than its cause, but older than the sender's whole batch.
    log.nowMs = send.t
    log.cut(1)
    log.receive(0, 1)
    const batches = log.seal()
    const cut = await cutOf(batches, send.t + 50, WINDOWS[0], 2)
    expect(cut).to.deep.equal({ seqs: [deposit.s, 1], leftOut: 2, newestMs: deposit.t })
    expect(violationOf(kept(batches, cut), 2)).to.equal(null)
    const before = await cutOf(batches, deposit.t - 1_000, WINDOWS[0], 2)
    expect(before).to.deep.equal({ seqs: [0, 0], leftOut: 0, newestMs: null })
  })
})
