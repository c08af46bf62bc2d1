// M6: (actor, key) has one outcome, repeated to the same body, refused to another, across restarts and passivation.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'
import type { ProbeCommand } from '../support/probeKind.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const NOTE: ProbeCommand = { kind: 'note', text: 'once' }
const OTHER: ProbeCommand = { kind: 'note', text: 'another body' }
const REFUSE: ProbeCommand = { kind: 'refuse', remembered: true }
const MISMATCH = { kind: 'refused', code: 'idempotency_mismatch', seq: null }

/** More keys than a slot keeps whole. */
const MANY_KEYS = 100

async function noted(): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 1 })
  const to = world.address('probe', 0)
  await world.answer(to, NOTE, 'k1')
  await world.answer(to, REFUSE, 'k2')
  return { world, to }
}

/** What may lie between a command and its repeat. */
const BETWEEN: readonly { readonly what: string; pass(world: RuntimeWorld, to: ActorAddress): Promise<void> }[] = [
  { what: 'at once', pass: async () => {} },
  {
    what: 'after other commands',
    pass: async (world, to) => {
      for (let index = 0; index < 10; index++) await world.answer(to, OTHER, `between${index}`)
    },
  },
  { what: 'after a crash, from the journal', pass: (world) => world.restart() },
  {
    what: 'after a crash, from the store',
    pass: async (world) => {
      world.project()
      await world.restart()
    },
  },
  {
    what: 'after a crash, part in the store and part in the journal',
    pass: async (world, to) => {
      world.project()
      await world.answer(to, OTHER, 'later')
      await world.restart()
    },
  },
  {
    what: 'after passivation',
    pass: async (world, to) => {
      world.project()
      await world.time.advance(DEFAULT_LIMITS.passivateAfterMs + 2 * DEFAULT_LIMITS.sweepEveryMs)
      expect(world.runtime.partition(0)?.peek(`probe/${to.id}`), 'passivated').to.equal(undefined)
    },
  },
  {
    what: 'after so many that it is kept in the store only',
    pass: async (world, to) => {
      world.project(false)
      for (let index = 0; index < MANY_KEYS; index++) await world.answer(to, OTHER, `many${index}`)
    },
  },
  {
    what: 'after so many, none of which is in the store yet',
    pass: async (world, to) => {
      for (let index = 0; index < MANY_KEYS; index++) await world.answer(to, OTHER, `many${index}`)
    },
  },
  {
    what: '24 hours later, after a crash',
    pass: async (world) => {
      world.project()
      world.time.jump(24 * 60 * 60 * 1000 - 1_000)
      await world.restart()
    },
  },
]

describe('idempotency', () => {
  for (const { what, pass } of BETWEEN) {
    it(`the same body is answered the same, another is a mismatch: ${what}`, async () => {
      const { world, to } = await noted()
      await pass(world, to)
      const before = world.records(0).length
      expect(await world.answer(to, NOTE, 'k1')).to.deep.equal({
        ...{ kind: 'done', recordId: '0-2', partition: 0, seq: 2, reply: { count: 1 } },
      })
      expect(await world.answer(to, REFUSE, 'k2')).to.deep.equal({ kind: 'refused', code: 'wallet.frozen', seq: 3 })
      expect(await world.answer(to, OTHER, 'k1')).to.deep.equal(MISMATCH)
      expect(await world.answer(to, NOTE, 'k2')).to.deep.equal(MISMATCH)
      expect(world.records(0), 'a repeat writes nothing').to.have.length(before)
    })
  }

  it('the request id does not count', async () => {
    const { world, to } = await noted()
    const again = world.ask(to, NOTE, 'k1', 'another request')
    await world.time.settle()
    expect(again.value).to.include({ kind: 'done', seq: 2 })
  })

  it('keys are each actor’s own', async () => {
    const { world } = await noted()
    const other = world.address('probe', 0, 'b')
    expect(await world.answer(other, OTHER, 'k1')).to.include({ kind: 'done', seq: 4 })
  })

  it('without a key every command counts', async () => {
    const { world, to } = await noted()
    await world.answer(to, NOTE)
    await world.answer(to, NOTE)
    expect(await world.log(to)).to.deep.equal(['once', 'once', 'once'])
  })

  it('a refusal of input alone leaves the key free', async () => {
    const { world, to } = await noted()
    const refused = await world.answer(to, { kind: 'refuse', remembered: false }, 'k3')
    expect(refused).to.deep.equal({ kind: 'refused', code: 'wallet.self_transfer', seq: null })
    expect(await world.answer(to, NOTE, 'k3')).to.include({ kind: 'done' })
  })

  it('so do a throw and a partition that was lost: the key answers what happens then', async () => {
    const { world, to } = await noted()
    await world.answer(to, { kind: 'throw', where: 'decide' }, 'k3')
    expect(await world.answer(to, NOTE, 'k3')).to.include({ kind: 'done', seq: 4 })
  })

  it('the same command twice in one batch is carried out once', async () => {
    const { world, to } = await noted()
    world.journal.hold()
    const both = [world.ask(to, NOTE, 'k3'), world.ask(to, NOTE, 'k3'), world.ask(to, OTHER, 'k3')]
    await world.time.settle()
    world.journal.release()
    await world.time.settle()
    expect(both.map((pending) => pending.value)).to.deep.equal([
      { kind: 'done', recordId: '0-4', partition: 0, seq: 4, reply: { count: 2 } },
      { kind: 'done', recordId: '0-4', partition: 0, seq: 4, reply: { count: 2 } },
      MISMATCH,
    ])
  })

  it('the same command twice while its actor is loading is carried out once', async () => {
    const { world, to } = await noted()
    world.project()
    await world.restart()
    const open = world.store.hold()
    const both = [world.ask(to, NOTE, 'k3'), world.ask(to, NOTE, 'k3')]
    await world.time.settle()
    open()
    await world.time.settle()
    expect(both.map((pending) => pending.value)).to.deep.equal([
      { kind: 'done', recordId: '0-5', partition: 0, seq: 5, reply: { count: 2 } },
      { kind: 'done', recordId: '0-5', partition: 0, seq: 5, reply: { count: 2 } },
    ])
  })

  describe('keys that only the store has', () => {
    /** k1 and k2 are kept by fingerprint only. */
    async function shrunk(): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
      const { world, to } = await noted()
      await passMany(world, to, 'many')
      world.store.reads.length = 0
      return { world, to }
    }

    it('are looked up; others are known to be new without asking', async () => {
      const { world, to } = await shrunk()
      await world.answer(to, NOTE, 'never used')
      await world.answer(to, OTHER, `many${MANY_KEYS - 1}`)
      expect(world.store.reads).to.deep.equal([])
      expect(await world.answer(to, NOTE, 'k1')).to.include({ kind: 'done', seq: 2 })
      expect(world.store.reads).to.deep.equal([{ read: 'findKey', actors: [`probe/${to.id}`] }])
    })

    it('answer "unavailable" while the store cannot say, and what they were once it can', async () => {
      const { world, to } = await shrunk()
      world.store.failing = true
      expect(await world.answer(to, NOTE, 'k1')).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
      expect(await world.answer(to, NOTE, 'new'), 'a new key needs no store').to.include({ kind: 'done' })
      world.store.failing = false
      expect(await world.answer(to, NOTE, 'k1')).to.include({ kind: 'done', seq: 2 })
    })

    it('are answered though their actor was passivated while the store was asked', async () => {
      const { world, to } = await shrunk()
      world.project()
      const open = world.store.hold()
      const asked = world.ask(to, NOTE, 'k1')
      await world.time.settle()
      await world.time.advance(DEFAULT_LIMITS.passivateAfterMs + 2 * DEFAULT_LIMITS.sweepEveryMs)
      expect(world.runtime.partition(0)?.peek(`probe/${to.id}`)).to.equal(undefined)
      open()
      await world.time.settle()
      expect(asked.value).to.include({ kind: 'done', seq: 2 })
    })

    it('a new key that looks like an old one is carried out', async () => {
      const { world, to } = await lookalikeShrunk()
      expect(await world.answer(to, NOTE, LOOKALIKE)).to.include({ kind: 'done' })
      expect(world.store.reads, 'the two do look alike').to.deep.equal([
        { read: 'findKey', actors: [`probe/${to.id}`] },
      ])
    })

    it('carried out once, though the store is slow to say to its second copy that it is new', async () => {
      const { world, to } = await lookalikeShrunk()
      const openFirst = world.store.hold()
      const first = world.ask(to, NOTE, LOOKALIKE)
      await world.time.settle()
      const openSecond = world.store.hold()
      const second = world.ask(to, NOTE, LOOKALIKE)
      await world.time.settle()
      openFirst()
      await world.time.settle()
      expect(first.value).to.include({ kind: 'done' })
      // Meanwhile the first leaves the slot for the store.
      await passMany(world, to, 'meanwhile')
      openSecond()
      await world.time.settle()
      expect(second.value).to.deep.equal(first.value)
    })

    async function lookalikeShrunk(): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
      const { world, to } = await noted()
      await world.answer(to, OTHER, OLD)
      await passMany(world, to, 'many')
      world.store.reads.length = 0
      return { world, to }
    }
  })
})

/** Two keys of one fingerprint. */
const [OLD, LOOKALIKE] = ['key-13170', 'key-15690']

/** So many commands, projected as they come, that whatever key came before is left to the store. */
async function passMany(world: RuntimeWorld, to: ActorAddress, prefix: string): Promise<void> {
  for (let index = 0; index < MANY_KEYS; index++) {
    world.project(false)
    await world.answer(to, OTHER, `${prefix}${index}`)
  }
}
