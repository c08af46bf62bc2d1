// A7: timers are records. They fire once, at their time or as soon after as somebody is there, and never when they were
// cancelled or moved.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'

const DUE_MS = START_MS + 10_000

async function armed(does?: 'throw'): Promise<{ world: RuntimeWorld; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 1 })
  const to = world.address('probe', 0)
  const arm = { kind: 'arm', name: 't', dueMs: DUE_MS } as const
  await world.answer(to, does === undefined ? arm : { ...arm, does })
  return { world, to }
}

const fired = async (world: RuntimeWorld, to: ActorAddress): Promise<number> =>
  (await world.log(to)).filter((line) => line === 'timer t').length - 1

const waiting = (world: RuntimeWorld): number => world.runtime.partition(0)?.stats.timers ?? -1

describe('timers', () => {
  it('fire once, at their time and not before', async () => {
    const { world, to } = await armed()
    await world.time.advance(9_999)
    expect([await fired(world, to), waiting(world)]).to.deep.equal([0, 1])
    await world.time.advance(1)
    expect([await fired(world, to), waiting(world)]).to.deep.equal([1, 0])
    await world.time.advance(60_000)
    expect(await fired(world, to)).to.equal(1)
    expect(world.records(0).at(-1)).to.deep.include({
      cause: { kind: 'timer', name: 't', dueMs: DUE_MS },
      atMs: DUE_MS,
    })
  })

  const crashes: readonly (readonly [what: string, atMs: number, backAfterMs: number, project: boolean])[] = [
    ['set before a crash, due after it', 5_000, 0, false],
    ['set before a crash, due while nobody was there', 5_000, 60_000, false],
    ['from a snapshot, due after the crash', 5_000, 0, true],
    ['from a snapshot, due while nobody was there', 5_000, 60_000, true],
  ]
  for (const [what, atMs, awayMs, project] of crashes) {
    it(`${what}: fires once`, async () => {
      const { world, to } = await armed()
      await world.time.advance(atMs)
      if (project) world.project()
      world.time.jump(awayMs)
      await world.restart()
      await world.time.advance(10_000)
      expect([await fired(world, to), waiting(world)]).to.deep.equal([1, 0])
      await world.restart()
      await world.time.advance(60_000)
      expect(await fired(world, to), 'not again after the next crash').to.equal(1)
    })
  }

  it('a crash before the firing is durable lets it fire again, once in the log', async () => {
    const { world, to } = await armed()
    world.journal.hold()
    await world.time.advance(10_000)
    expect(world.journal.inFlight).to.equal(1)
    world.runtime.stop()
    // What was on its way never lands.
    world.journal.loseWaiting()
    await world.restart()
    await world.time.advance(1_000)
    expect([await fired(world, to), waiting(world)]).to.deep.equal([1, 0])
  })

  it('cancelled ones do not fire', async () => {
    const { world, to } = await armed()
    await world.answer(to, { kind: 'disarm', name: 't' })
    await world.time.advance(60_000)
    expect(await world.log(to)).to.deep.equal(['timer t', 'timer t'])
    expect(world.records(0).every((record) => record.cause.kind === 'command')).to.equal(true)
    expect(waiting(world)).to.equal(0)
  })

  for (const [what, dueMs] of [
    ['later', DUE_MS + 5_000],
    ['earlier', DUE_MS - 5_000],
  ] as const) {
    it(`moved ${what}, they fire at the new time only`, async () => {
      const { world, to } = await armed()
      await world.answer(to, { kind: 'arm', name: 't', dueMs })
      await world.time.advance(60_000)
      const firings = world.records(0).filter((record) => record.cause.kind === 'timer')
      expect(firings.map((record) => record.atMs)).to.deep.equal([dueMs])
      expect(await world.log(to)).to.have.length(3)
    })
  }

  it('several fire in the order of their times, each actor’s own', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const probes = ['a', 'b'].map((name) => world.address('probe', 0, name))
    for (const [index, dueMs] of [30, 10, 20, 10].entries()) {
      const to = probes[index % 2]
      if (to !== undefined) await world.answer(to, { kind: 'arm', name: `t${index}`, dueMs: START_MS + dueMs })
    }
    await world.time.advance(100)
    const firings = world.records(0).flatMap((record) => (record.cause.kind === 'timer' ? [record.cause.name] : []))
    expect(firings).to.have.members(['t0', 't1', 't2', 't3'])
    expect([firings.at(-2), firings.at(-1)]).to.deep.equal(['t2', 't0'])
  })

  it('one whose decide throws is parked, and gone', async () => {
    const { world, to } = await armed('throw')
    await world.time.advance(60_000)
    expect(world.records(0).at(-1)?.outcome).to.deep.equal({ kind: 'parked', reason: 'Error: told to throw at t' })
    expect([world.alarmed('actor.parked').length, waiting(world)]).to.deep.equal([1, 0])
    expect(await world.answer(to, { kind: 'look' })).to.include({ kind: 'done' })
  })

  it('an actor that cannot be loaded gets its timer when it can', async () => {
    const { world, to } = await armed()
    world.project()
    await world.restart()
    world.store.failing = true
    await world.time.advance(11_000)
    expect(waiting(world)).to.equal(1)
    world.store.failing = false
    await world.time.advance(2 * DEFAULT_LIMITS.retryAfterMs)
    expect([await fired(world, to), waiting(world)]).to.deep.equal([1, 0])
  })

  it('a clock that jumps forward is noticed within a second', async () => {
    const { world, to } = await armed()
    await world.time.advance(1)
    world.time.jump(60_000)
    await world.time.advance(1_000)
    expect(await fired(world, to)).to.equal(1)
  })

  it('a hold of a wallet ends by its timer, after a crash too', async () => {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const alice = world.address('wallet', 0)
    await world.openWallet(alice, 10_000n)
    const hold = { kind: 'hold', name: 'h', asset: 'USD', amountMinor: 4_000n, expiresAtMs: DUE_MS } as const
    await world.answer(alice, hold, 'k')
    expect(await world.balance(alice)).to.deep.equal({ available: 6_000n, held: 4_000n })
    await world.restart()
    await world.time.advance(10_000)
    expect(await world.balance(alice)).to.deep.equal({ available: 10_000n, held: 0n })
    expect(world.records(0).at(-1)).to.deep.include({
      operation: 'release',
      events: [['released', 'h', '4000', 'expired']],
    })
  })
})
