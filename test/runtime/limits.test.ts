// A5: every queue is bounded. What is full refuses client commands as "overloaded", which no key remembers; envelopes
// and reads go on.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { Limits } from '../../actors/runtime/limits.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const OVERLOADED = { kind: 'refused', code: 'overloaded', seq: null }
const NOTE = { kind: 'note', text: 'x' } as const

/** Fills one queue up to its bound; the command after that is one too many. */
const QUEUES: readonly {
  readonly what: string
  readonly limits: Partial<Limits>
  fill(world: RuntimeWorld, to: ActorAddress): Promise<unknown>
  drain(world: RuntimeWorld): Promise<void>
}[] = [
  {
    what: 'records that are not durable yet',
    limits: { maxUndurableRecords: 3 },
    fill: async (world, to) => {
      await world.answer(to, { kind: 'look' })
      world.journal.hold()
      for (let index = 0; index < 3; index++) world.ask(to, NOTE)
      await world.time.settle()
    },
    drain: async (world) => world.journal.release(),
  },
  {
    what: 'envelopes that are not acknowledged',
    limits: { maxOutbox: 2 },
    fill: async (world, to) => {
      world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
      const other = world.address('probe', 1)
      await world.answer(to, { kind: 'tell', to: [other.id, other.id], message: { text: 'hello' } })
    },
    drain: async (world) => {
      world.transport.fate = () => 'carry'
      await world.time.advance(5_000)
    },
  },
  {
    what: 'records the projector does not have yet',
    limits: { maxProjectorLag: 2 },
    fill: async (world, to) => {
      world.project()
      for (let index = 0; index < 3; index++) await world.answer(to, NOTE)
      world.runtime.progress({ partition: 0, projectedSeq: 1, snapshotSeq: 1 })
    },
    drain: async (world) => world.project(),
  },
]

describe('limits', () => {
  for (const { what, limits, fill, drain } of QUEUES) {
    it(`${what}: full means overloaded, not remembered; room again means served`, async () => {
      const world = await RuntimeWorld.serving({ partitions: 2, limits })
      const to = world.address('probe', 0)
      await fill(world, to)
      expect(await world.answer(to, NOTE, 'k1')).to.deep.equal(OVERLOADED)
      await drain(world)
      await world.time.settle()
      expect(await world.answer(to, NOTE, 'k1')).to.include({ kind: 'done' })
    })
  }

  it('commands that wait for one actor to load: only so many, and only for that actor', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1, limits: { maxWaitingPerActor: 4 } })
    const [to, other] = [world.address('probe', 0, 'a'), world.address('probe', 0, 'b')]
    const open = world.store.hold()
    const waiting = Array.from({ length: 4 }, () => world.ask(to, NOTE))
    await world.time.settle()
    expect(await world.answer(to, NOTE), 'the fifth').to.deep.equal(OVERLOADED)
    expect(await world.read(to, 'log').promise).to.include({ kind: 'refused', code: 'overloaded' })
    const elsewhere = world.ask(other, NOTE)
    open()
    await world.time.settle()
    expect([...waiting, elsewhere].map((pending) => pending.value.kind)).to.deep.equal(new Array(5).fill('done'))
  })

  it('envelopes pass a full mailbox', async () => {
    const world = await RuntimeWorld.serving({
      partitions: 2,
      limits: { maxUndurableRecords: 2, maxWaitingPerActor: 1 },
    })
    const [from, to] = [world.address('probe', 0), world.address('probe', 1)]
    const others = Array.from({ length: 6 }, () => to.id)
    expect(await world.answer(from, { kind: 'tell', to: others, message: { text: 'x' } })).to.include({ kind: 'done' })
    await world.time.settle()
    expect(await world.log(to)).to.have.length(6)
  })

  it('reads are served while client commands are shed', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1, limits: { maxProjectorLag: 0 } })
    const to = world.address('probe', 0)
    await world.answer(to, NOTE)
    world.runtime.progress({ partition: 0, projectedSeq: 1, snapshotSeq: 0 })
    expect(await world.answer(to, NOTE)).to.deep.equal(OVERLOADED)
    expect(await world.log(to)).to.deep.equal(['x'])
  })

  it('a store that cannot answer makes its actor unavailable, never new (J4)', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const [known, resident] = [world.address('probe', 0, 'a'), world.address('probe', 0, 'b')]
    await world.answer(known, NOTE)
    world.project()
    await world.restart()
    await world.answer(resident, NOTE)
    world.store.failing = true
    expect(await world.answer(known, { kind: 'look' })).to.deep.equal({
      kind: 'refused',
      code: 'unavailable',
      seq: null,
    })
    expect(await world.answer(resident, { kind: 'look' })).to.include({ kind: 'done' })
    expect(world.alarmed('store.load_failed').length).to.be.greaterThan(0)
    world.store.failing = false
    expect(await world.log(known)).to.deep.equal(['x'])
  })

  it('an actor of a partition that this process does not own is unavailable', async () => {
    const world = new RuntimeWorld({ partitions: 2 })
    await world.time.drive(world.runtime.start([0]))
    const elsewhere = world.address('probe', 1)
    expect(await world.answer(elsewhere, NOTE)).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
    expect(await world.read(elsewhere, 'log').promise).to.deep.equal({ kind: 'refused', code: 'unavailable' })
  })
})
