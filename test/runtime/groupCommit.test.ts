// J1, J3: what goes into a batch, and how batches follow each other.

import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { decodeBatch, GENESIS_HASH } from '../../actors/runtime/codec.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

describe('group commit', () => {
  it('whatever queued while an append was in flight goes into the next', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const probes = ['a', 'b', 'c'].map((name) => world.address('probe', 0, name))
    await world.answer(probe(probes, 0), { kind: 'note', text: 'first' })
    world.journal.hold()
    const first = world.ask(probe(probes, 0), { kind: 'note', text: 'second' })
    await world.time.settle()
    expect(world.journal.inFlight).to.equal(1)
    const during = Array.from({ length: 9 }, (_, index) =>
      world.ask(probe(probes, index % 3), { kind: 'note', text: `n${index}` }),
    )
    await world.time.settle()
    expect(world.journal.inFlight, 'one append in flight').to.equal(1)

    world.journal.releaseNext()
    await world.time.settle()
    expect(first.settled).to.equal(true)
    expect(during.some((pending) => pending.settled)).to.equal(false)

    world.journal.release()
    await world.time.settle()
    expect(during.every((pending) => pending.value.kind === 'done')).to.equal(true)
    expect(world.batches(0).map((batch) => batch.header.count)).to.deep.equal([1, 1, 1, 9])
  })

  it('commands of one moment make one batch', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const to = world.address('probe', 0)
    await world.answer(to, { kind: 'look' })
    for (let index = 0; index < 20; index++) world.ask(to, { kind: 'note', text: `n${index}` })
    await world.time.settle()
    expect(world.batches(0).map((batch) => batch.header.count)).to.deep.equal([1, 20])
  })

  it('partitions do not wait for each other', async () => {
    const world = await RuntimeWorld.serving({ partitions: 2 })
    world.journal.hold()
    for (const partition of [0, 1]) world.ask(world.address('probe', partition), { kind: 'note', text: 'x' })
    await world.time.settle()
    expect(world.journal.inFlight).to.equal(2)
  })

  describe('a batch is closed before a record that would take it beyond its size', () => {
    const [records, bytes] = [6, 990]

    /** Counts of the batches that six records of one size make, all asked for at once; and that size. */
    async function batched(maxBatchBytes: number): Promise<{ counts: readonly number[]; recordBytes: number }> {
      const world = await RuntimeWorld.serving({ partitions: 1, limits: { maxBatchBytes } })
      const to = world.address('probe', 0)
      await world.answer(to, { kind: 'look' })
      const asked = Array.from({ length: records }, () => world.ask(to, { kind: 'big', bytes }))
      await world.time.settle()
      expect(asked.every((pending) => pending.value.kind === 'done')).to.equal(true)
      const last = Buffer.from(world.journal.batches(0).at(-1)?.bytes ?? [])
      const lines = last.toString('utf8').split('\n')
      const counts = world.batches(0).map((batch) => batch.header.count)
      return { counts: counts.slice(1), recordBytes: Buffer.byteLength(`${lines[1]}\n`) }
    }

    for (const [title, sizeOf, expected] of [
      ['two that fill it to the byte go together', (one: number) => 2 * one, [2, 2, 2]],
      ['two that are a byte too many do not', (one: number) => 2 * one - 1, [1, 1, 1, 1, 1, 1]],
      ['nor does a third that is', (one: number) => 3 * one - 1, [2, 2, 2]],
      ['one that is larger by itself goes alone, whole', (one: number) => one - 1, [1, 1, 1, 1, 1, 1]],
    ] as const) {
      it(title, async () => {
        const { recordBytes } = await batched(1_000_000)
        expect(recordBytes).to.be.above(bytes)
        expect((await batched(sizeOf(recordBytes))).counts).to.deep.equal(expected)
      })
    }
  })

  it('every batch names the SHA-256 of the bytes before it, and seqs have no gaps', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const to = world.address('probe', 0)
    for (let index = 0; index < 7; index++) await world.answer(to, { kind: 'note', text: `ü${index}` })
    await world.restart()
    await world.answer(to, { kind: 'note', text: 'after' })
    let [previous, seq] = [GENESIS_HASH, 0]
    for (const { bytes } of world.journal.batches(0)) {
      const { header, records } = decodeBatch(bytes)
      expect(header.previousHash).to.equal(previous)
      expect(header.firstSeq).to.equal(seq + 1)
      expect(records.map((record) => record.seq)).to.deep.equal(records.map((_, index) => seq + 1 + index))
      previous = createHash('sha256').update(bytes).digest('hex')
      seq += header.count
    }
    expect(seq).to.equal(10)
    expect(world.batches(0).map((batch) => batch.header.epoch)).to.deep.equal([1, 1, 1, 1, 1, 1, 1, 1, 2, 2])
  })
})

function probe(probes: readonly ActorAddress[], index: number): ActorAddress {
  const found = probes[index]
  if (found === undefined) throw new Error(`no probe ${index}`)
  return found
}
