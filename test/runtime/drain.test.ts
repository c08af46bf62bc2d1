// A drained stop leaves nothing behind: every answer is out, every envelope delivered, nothing in transit (M4).

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import type { WalletId } from '../../shared/ids.ts'
import { Pending, RuntimeWorld } from '../support/runtimeWorld.ts'

async function wallets(): Promise<{ world: RuntimeWorld; alice: ActorAddress; bob: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 4 })
  const [alice, bob] = [world.address('wallet', 0), world.address('wallet', 3)]
  await world.openWallet(alice, 10_000n)
  await world.openWallet(bob)
  return { world, alice, bob }
}

const send = (to: string, amountMinor: bigint) =>
  ({ kind: 'send', to: to as WalletId, asset: 'USD', amountMinor, memo: '' }) as const

describe('drain', () => {
  it('waits for what was asked, lets it arrive, and takes nothing more', async () => {
    const { world, alice, bob } = await wallets()
    world.journal.hold()
    const asked = [send(bob.id, 100n), send('w_nobody_at_all', 7n), send(bob.id, 200n)].map((command, index) =>
      world.ask(alice, command, `k${index}`),
    )
    await world.time.settle()
    const drained = new Pending(world.runtime.drain(10_000))
    await world.time.advance(50)
    expect(drained.settled).to.equal(false)
    const refused = { kind: 'refused', code: 'unavailable', seq: null }
    expect(await world.answer(alice, send(bob.id, 1n), 'late')).to.deep.equal(refused)
    world.journal.release()
    await world.time.advance(1_000)
    expect(drained.value).to.equal(true)
    expect(asked.map((pending) => pending.value.kind)).to.deep.equal(['done', 'done', 'done'])
    expect(world.inTransit()).to.equal(0n)
    for (const partition of world.partitions) {
      expect(world.runtime.partition(partition)?.stats).to.include({ undurable: 0, outbox: 0 })
    }
    await world.restart()
    expect((await world.balance(alice)).available).to.equal(9_700n)
    expect((await world.balance(bob)).available).to.equal(300n)
  })

  it('reads go on while it drains', async () => {
    const { world, alice } = await wallets()
    await world.time.drive(world.runtime.drain(1_000))
    expect((await world.balance(alice)).available).to.equal(10_000n)
  })

  it('says so when the deadline passes first; the next start takes up what is left', async () => {
    const { world, alice, bob } = await wallets()
    world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
    await world.answer(alice, send(bob.id, 100n), 'k')
    expect(await world.time.drive(world.runtime.drain(500))).to.equal(false)
    expect(world.inTransit()).to.equal(100n)
    world.transport.fate = () => 'carry'
    await world.restart()
    await world.time.advance(2_000)
    expect([world.inTransit(), (await world.balance(bob)).available]).to.deep.equal([0n, 100n])
  })

  it('is at once where nothing is going on', async () => {
    const { world } = await wallets()
    expect(await world.runtime.drain(0)).to.equal(true)
  })

  it('a stop without drain answers what waits with "unavailable"', async () => {
    const { world, alice, bob } = await wallets()
    world.journal.hold()
    const asked = world.ask(alice, send(bob.id, 100n), 'k')
    await world.time.settle()
    world.runtime.stop()
    await world.time.settle()
    expect(asked.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
    expect(await world.answer(alice, send(bob.id, 1n))).to.include({ kind: 'refused', code: 'unavailable' })
  })
})
