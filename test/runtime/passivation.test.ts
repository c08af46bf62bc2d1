// A6: an idle actor leaves memory once its snapshot covers it, and comes back as it was.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'

const IDLE_MS = DEFAULT_LIMITS.passivateAfterMs + 2 * DEFAULT_LIMITS.sweepEveryMs

const resident = (world: RuntimeWorld, to: ActorAddress): boolean =>
  world.runtime.partition(0)?.peek(`${to.kind}/${to.id}`) !== undefined

async function noted(): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 1 })
  const to = world.address('probe', 0)
  await world.answer(to, { kind: 'note', text: 'one' })
  return { world, to }
}

describe('passivation', () => {
  const rows: readonly (readonly [
    what: string,
    stays: boolean,
    prepare: (world: RuntimeWorld, to: ActorAddress) => Promise<unknown>,
  ])[] = [
    ['idle and covered by its snapshot', false, async (world) => world.project()],
    ['idle, in the store, but without a snapshot', true, async (world) => world.project(false)],
    [
      'idle, and its newest record not in the snapshot',
      true,
      async (world, to) => {
        world.project()
        await world.answer(to, { kind: 'note', text: 'two' })
      },
    ],
  ]
  for (const [what, stays, prepare] of rows) {
    it(`${what}: ${stays ? 'stays' : 'goes, and comes back as it was'}`, async () => {
      const { world, to } = await noted()
      await prepare(world, to)
      const before = await world.log(to)
      await world.time.advance(IDLE_MS)
      expect(resident(world, to)).to.equal(stays)
      expect(await world.log(to)).to.deep.equal(before)
    })
  }

  it('in use, it stays', async () => {
    const { world, to } = await noted()
    world.project()
    for (let passed = 0; passed < IDLE_MS; passed += DEFAULT_LIMITS.passivateAfterMs / 2) {
      await world.time.advance(DEFAULT_LIMITS.passivateAfterMs / 2)
      await world.answer(to, { kind: 'look' })
      expect(resident(world, to)).to.equal(true)
    }
  })

  it('a wallet keeps its balances, holds and account balances', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const alice = world.address('wallet', 0)
    await world.openWallet(alice, 10_000n)
    const expiresAtMs = world.time.nowMs() + 10 * IDLE_MS
    await world.answer(alice, { kind: 'hold', name: 'h', asset: 'USD', amountMinor: 4_000n, expiresAtMs }, 'h')
    world.project()
    await world.time.advance(IDLE_MS)
    expect(resident(world, alice)).to.equal(false)
    expect(await world.balance(alice)).to.deep.equal({ available: 6_000n, held: 4_000n })
    await world.answer(alice, { kind: 'release', name: 'h' }, 'r')
    const balances = world
      .records(0)
      .at(-1)
      ?.entries.map((entry) => [entry.account, entry.balanceAfterMinor])
    expect(balances).to.deep.equal([
      [`2005:${alice.id}`, 0n],
      [`2001:${alice.id}`, 10_000n],
    ])
  })

  it('stays when the store is made anew while its partition is away, whatever the store had before', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const alice = world.address('wallet', 0)
    await world.openWallet(alice, 10_000n)
    world.project()
    world.runtime.forget(0)
    world.store.clear()
    await world.time.drive(world.runtime.acquire(0))
    await world.time.advance(IDLE_MS)
    expect(resident(world, alice)).to.equal(true)
    expect(await world.balance(alice)).to.deep.equal({ available: 10_000n, held: 0n })
  })
})
