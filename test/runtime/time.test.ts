// A7: a partition's time never runs backwards, whatever the clock does; and one that is far ahead of it is not served.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const HOUR_MS = 60 * 60 * 1000
const UNAVAILABLE = { kind: 'refused', code: 'unavailable', seq: null }

async function probe(partitions = 1): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions })
  return { world, to: world.address('probe', 0) }
}

/** What `decide` was told the time is. */
async function stamp(world: RuntimeWorld, to: ActorAddress): Promise<number> {
  const answer = await world.answer(to, { kind: 'stamp' })
  if (answer.kind === 'refused') throw new Error(`refused: ${answer.code}`)
  return (answer.reply as { now: number }).now // the probe's reply
}

describe('time', () => {
  it('is the clock’s', async () => {
    const { world, to } = await probe()
    const before = world.time.nowMs()
    expect(await stamp(world, to)).to.equal(before)
    world.time.jump(HOUR_MS)
    expect(await stamp(world, to)).to.equal(before + HOUR_MS)
    expect(world.records(0).map((record) => record.atMs)).to.deep.equal([before, before + HOUR_MS])
  })

  it('stands still while the clock is behind the last record', async () => {
    const { world, to } = await probe()
    const first = await stamp(world, to)
    world.time.jump(-DEFAULT_LIMITS.maxAheadOfClockMs)
    expect([await stamp(world, to), await stamp(world, to)]).to.deep.equal([first, first])
    world.time.jump(DEFAULT_LIMITS.maxAheadOfClockMs + 1)
    expect(await stamp(world, to)).to.equal(first + 1)
  })

  it('further ahead of the clock than 2 s, a partition is not served until the clock has caught up', async () => {
    const { world, to } = await probe()
    await stamp(world, to)
    world.time.jump(-DEFAULT_LIMITS.maxAheadOfClockMs - 1)
    expect(await world.answer(to, { kind: 'stamp' })).to.deep.equal(UNAVAILABLE)
    await world.time.advance(1)
    expect(await world.answer(to, { kind: 'stamp' })).to.include({ kind: 'done' })
  })

  it('nor is it read: what it would show is of a time that has not come', async () => {
    const { world, to } = await probe()
    await stamp(world, to)
    world.time.jump(-DEFAULT_LIMITS.maxAheadOfClockMs - 1)
    const read = world.read(to, 'log')
    await world.time.settle()
    expect(read.value).to.deep.equal({ kind: 'refused', code: 'unavailable' })
    await world.time.advance(1)
    expect(await world.log(to)).to.have.length(1)
  })

  it('nor does a crash turn it back: the epoch record keeps it', async () => {
    const { world, to } = await probe()
    world.time.jump(HOUR_MS)
    const first = await stamp(world, to)
    world.time.jump(-HOUR_MS)
    await world.restart()
    expect(
      world
        .batches(0)
        .flatMap((batch) => batch.records.map((record) => record.atMs))
        .at(-1),
    ).to.equal(first)
    expect(await world.answer(to, { kind: 'stamp' })).to.deep.equal(UNAVAILABLE)
  })

  it('a receiver is never earlier than the sender’s record', async () => {
    const { world, to } = await probe(2)
    const receiver = world.address('probe', 1)
    const sent = await world.time.nowMs()
    world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
    await world.answer(to, { kind: 'tell', to: [receiver.id], message: { text: 'hello' } })
    world.time.jump(-1_500)
    world.transport.fate = () => 'carry'
    await world.time.advance(1_000)
    expect(world.records(1).map((record) => record.atMs)).to.deep.equal([sent])
  })

  it('record times never fall, over random jumps of the clock', async () => {
    const { world, to } = await probe()
    for (const jump of [500, -900, 70_000, -1_999, 3, -2_000, 0, -1]) {
      world.time.jump(jump)
      await world.answer(to, { kind: 'stamp' })
    }
    const times = world.records(0).map((record) => record.atMs)
    expect(times.length).to.be.greaterThan(4)
    expect([...times].sort((a, b) => a - b)).to.deep.equal(times)
  })
})
