// M4: envelopes are taken in order and exactly once, whatever the transport does to them; what is refused comes back;
// what throws is parked; and Σ transit is Σ undelivered envelopes.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'
import type { WalletId } from '../../shared/ids.ts'
import type { Message } from '../support/probeKind.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import type { Carried } from '../support/testTransport.ts'

async function pair(limits = {}): Promise<{ world: RuntimeWorld; from: ActorAddress; to: ActorAddress }> {
  const world = await RuntimeWorld.serving({ partitions: 2, limits })
  return { world, from: world.address('probe', 0), to: world.address('probe', 1) }
}

function tell(world: RuntimeWorld, from: ActorAddress, to: ActorAddress, text: string, does: Message['does'] = 'note') {
  return world.answer(from, { kind: 'tell', to: [to.id], message: { text, does } })
}

/** What the receiver took, in order. */
async function taken(world: RuntimeWorld, to: ActorAddress, from: ActorAddress): Promise<readonly string[]> {
  const prefix = `from ${from.id}: `
  return (await world.log(to)).filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))
}

const outbox = (world: RuntimeWorld, partition: number): number =>
  world.runtime.partition(partition)?.stats.outbox ?? -1

/** Long enough for a silent destination to be asked, and to answer. */
const PROBED_MS = 3 * DEFAULT_LIMITS.probeAfterMs

describe('envelopes: order and once', () => {
  const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f']

  it('are numbered from 1 without gaps per destination, and taken in that order', async () => {
    const { world, from, to } = await pair()
    const near = world.address('probe', 0, 'near')
    for (const text of LETTERS) await tell(world, from, text < 'd' ? to : near, text)
    expect(await taken(world, to, from)).to.deep.equal(['a', 'b', 'c'])
    expect(await taken(world, near, from)).to.deep.equal(['d', 'e', 'f'])
    const sent = world.records(0).flatMap((record) => record.outbox)
    expect(sent.map(({ destination, number }) => [destination, number])).to.deep.equal([
      ...[1, 2, 3].map((number) => [1, number]),
      ...[1, 2, 3].map((number) => [0, number]),
    ])
    expect([outbox(world, 0), outbox(world, 1)]).to.deep.equal([0, 0])
  })

  const isDelivery = (message: Carried) => message.kind === 'deliver'
  const isAnswer = (message: Carried) => message.kind === 'acknowledge'
  const once = (predicate: (message: Carried) => boolean, fate: 'lose' | 'twice') => {
    let done = false
    return (message: Carried) => {
      if (done || !predicate(message)) return 'carry'
      done = true
      return fate
    }
  }
  const faults: readonly (readonly [what: string, fate: () => (message: Carried) => 'carry' | 'lose' | 'twice'])[] = [
    ['the first delivery lost, so that the next leaves a gap', () => once(isDelivery, 'lose')],
    ['the first delivery carried twice', () => once(isDelivery, 'twice')],
    ['everything carried twice', () => () => 'twice'],
    ['the first acknowledgement lost', () => once(isAnswer, 'lose')],
    [
      'half of all messages lost',
      () => {
        let state = 12_345
        return () => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
          return state >>> 31 === 0 ? 'lose' : 'carry'
        }
      },
    ],
  ]
  for (const [what, fate] of faults) {
    it(`${what}: each is taken once, in order`, async () => {
      const { world, from, to } = await pair()
      world.transport.fate = fate()
      for (const text of LETTERS) await tell(world, from, to, text)
      await world.time.advance(20 * PROBED_MS)
      expect(await taken(world, to, from)).to.deep.equal(LETTERS)
      expect(outbox(world, 0)).to.equal(0)
      expect(world.records(1).map((record) => record.cause)).to.deep.equal(
        LETTERS.map((_, index) => ({ kind: 'envelope', source: 0, number: index + 1, seq: index + 2 })),
      )
    })
  }

  it('a message that was under way for an hour does no harm', async () => {
    const { world, from, to } = await pair()
    for (const text of LETTERS) await tell(world, from, to, text)
    const late = [...world.transport.carried]
    await world.time.advance(60 * 60 * 1000)
    for (const message of late.reverse()) world.transport.arrive(message)
    await world.time.advance(PROBED_MS)
    expect(await taken(world, to, from)).to.deep.equal(LETTERS)
    await tell(world, from, to, 'g')
    expect(await taken(world, to, from)).to.deep.equal([...LETTERS, 'g'])
  })

  it('the sender crashes before it hears: it asks what the destination has, and sends what lies above', async () => {
    const { world, from, to } = await pair()
    await tell(world, from, to, 'a')
    world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
    await tell(world, from, to, 'b')
    world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
    await tell(world, from, to, 'c')
    world.transport.fate = () => 'carry'
    world.transport.carried.length = 0
    await world.restart()
    await world.time.advance(PROBED_MS)
    expect(world.transport.of('probe').length).to.be.greaterThan(0)
    const resent = world.transport.of('deliver').flatMap((message) => message.envelopes.map(({ number }) => number))
    expect(resent, 'a and b are known to be there').to.deep.equal([3])
    expect(await taken(world, to, from)).to.deep.equal(['a', 'b', 'c'])
    expect(outbox(world, 0)).to.equal(0)
  })

  it('the receiver keeps its watermark through crashes, with and without a snapshot', async () => {
    const { world, from, to } = await pair()
    for (const text of ['a', 'b']) await tell(world, from, to, text)
    const [first] = world.transport.of('deliver')
    if (first === undefined) throw new Error('nothing was delivered')
    for (const project of [false, true]) {
      if (project) world.project()
      await world.restart()
      world.transport.arrive(first)
      await world.time.advance(PROBED_MS)
      expect(await taken(world, to, from), project ? 'from its snapshot' : 'from the journal').to.deep.equal(['a', 'b'])
    }
  })

  it('at most a window is sent ahead of the acknowledgement', async () => {
    const { world, from, to } = await pair({ envelopeWindow: 2 })
    world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
    for (const text of LETTERS) await tell(world, from, to, text)
    expect(world.transport.of('deliver').flatMap((message) => message.envelopes).length).to.equal(2)
    world.transport.fate = () => 'carry'
    await world.time.advance(PROBED_MS)
    expect(await taken(world, to, from)).to.deep.equal(LETTERS)
  })

  it('wait while the store cannot load their receiver, and none overtakes', async () => {
    const { world, from, to } = await pair()
    const other = world.address('probe', 1, 'other')
    await world.answer(other, { kind: 'note', text: 'resident' })
    await world.answer(from, { kind: 'look' })
    world.store.failing = true
    await tell(world, from, to, 'first')
    await tell(world, from, other, 'second')
    expect(await taken(world, other, from), 'the first has to go first').to.deep.equal([])
    world.store.failing = false
    await world.time.advance(PROBED_MS)
    expect(await taken(world, to, from)).to.deep.equal(['first'])
    expect(await taken(world, other, from)).to.deep.equal(['second'])
    expect(world.records(1).map((record) => record.cause.kind)).to.deep.equal(['command', 'envelope', 'envelope'])
  })

  it('what was delivered is told to subscribers, but for what was sent back', async () => {
    const { world, from, to } = await pair()
    await tell(world, from, to, 'kept')
    await tell(world, from, to, 'refused', 'refuse')
    const told = world.feed.deliveries.filter((envelope) => envelope.from === `probe/${from.id}`)
    expect(told.map((envelope) => envelope.number)).to.deep.equal([1])
  })

  it('is told although the acknowledgement was lost: the destination still knows what it refused', async () => {
    const { world, from, to } = await pair()
    world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
    await tell(world, from, to, 'kept')
    await tell(world, from, to, 'refused', 'refuse')
    await tell(world, from, to, 'kept as well')
    world.transport.fate = () => 'carry'
    await world.time.advance(PROBED_MS)
    const told = world.feed.deliveries.filter((envelope) => envelope.from === `probe/${from.id}`)
    expect(told.map((envelope) => envelope.number)).to.deep.equal([1, 3])
  })

  it('what is asked for after a change of owner at the destination is told of only as far as it knows', async () => {
    const { world, from, to } = await pair()
    world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
    await tell(world, from, to, 'refused', 'refuse')
    await tell(world, from, to, 'kept')
    await world.restart()
    world.transport.fate = () => 'carry'
    await world.time.advance(PROBED_MS)
    expect(outbox(world, 0)).to.equal(0)
    expect(world.feed.deliveries.filter((envelope) => envelope.from === `probe/${from.id}`)).to.deep.equal([])
  })

  it('remembers a bounded number of refusals, and tells nothing about older ones', async () => {
    const { world, from, to } = await pair({ rememberedRefusals: 2 })
    world.transport.fate = ({ kind }) => (kind === 'acknowledge' ? 'lose' : 'carry')
    for (const text of ['refused 1', 'refused 2', 'refused 3', 'kept 4'])
      await tell(world, from, to, text, text.startsWith('refused') ? 'refuse' : 'note')
    world.transport.fate = () => 'carry'
    await world.time.advance(PROBED_MS)
    const told = world.feed.deliveries.filter((envelope) => envelope.from === `probe/${from.id}`)
    expect(told.map((envelope) => envelope.number)).to.deep.equal([4])
    const [answer] = world.transport
      .of('acknowledge')
      .filter(({ source, taken: row }) => source === 0 && row?.from === 2)
    expect(answer?.taken).to.deep.equal({ from: 2, refused: [2, 3] })
  })

  it('batch headers say now and then what was delivered, so that a snapshot’s outbox is trimmed', async () => {
    const { world, from, to } = await pair({ deliveredEvery: 3 })
    for (const text of LETTERS) await tell(world, from, to, text)
    await world.answer(from, { kind: 'note', text: 'one more batch' })
    const told = world
      .batches(0)
      .map((batch) => batch.header.delivered)
      .filter((rows) => rows.length > 0)
    expect(told).to.deep.equal([[[1, 3]], [[1, 6]]])
  })
})

describe('envelopes: refused and parked', () => {
  it('a refused one comes back to its sender, in a record of each side', async () => {
    const { world, from, to } = await pair()
    await tell(world, from, to, 'no', 'refuse')
    expect(await world.log(from)).to.deep.equal(['told no', 'returned wallet.closed'])
    const [refusal] = world.records(1)
    expect(refusal?.outcome).to.deep.equal({ kind: 'refused', code: 'wallet.closed' })
    expect(refusal?.outbox.map(({ name, to: back, body }) => [name, back, body])).to.deep.equal([
      ['returned', `probe/${from.id}`, { code: 'wallet.closed', original: '0-2' }],
    ])
    expect([outbox(world, 0), outbox(world, 1)]).to.deep.equal([0, 0])
  })

  it('one whose decide throws is parked, alarms, and holds nobody up', async () => {
    const { world, from, to } = await pair()
    for (const [text, does] of [
      ['a', 'note'],
      ['b', 'throw'],
      ['c', 'note'],
    ] as const)
      await tell(world, from, to, text, does)
    expect(await taken(world, to, from)).to.deep.equal(['a', 'c'])
    expect(world.records(1).map((record) => record.outcome)).to.deep.equal([
      { kind: 'accepted' },
      { kind: 'parked', reason: 'Error: told to throw at b' },
      { kind: 'accepted' },
    ])
    expect(world.alarmed('actor.parked')).to.have.length(1)
    expect(outbox(world, 0)).to.equal(0)
    await world.restart()
    await world.time.advance(PROBED_MS)
    expect(await taken(world, to, from), 'not tried again after a crash').to.deep.equal(['a', 'c'])
  })

  it('one that its kind does not know is parked as well', async () => {
    const { world, from } = await pair()
    const wallet = world.address('wallet', 1)
    await world.openWallet(wallet)
    await world.answer(from, { kind: 'tell', to: [`wallet/${wallet.id}`], message: { text: 'x' } })
    expect(world.records(1).at(-1)?.outcome).to.deep.equal({
      kind: 'parked',
      reason: 'Error: wallet takes no envelope message without money',
    })
    expect([outbox(world, 0), world.alarmed('actor.parked').length]).to.deep.equal([0, 1])
  })
})

describe('envelopes: money between wallets', () => {
  async function wallets(): Promise<{ world: RuntimeWorld; alice: ActorAddress; bob: ActorAddress }> {
    const world = await RuntimeWorld.serving({ partitions: 3 })
    const [alice, bob] = [world.address('wallet', 0), world.address('wallet', 1)]
    await world.openWallet(alice, 10_000n)
    return { world, alice, bob }
  }
  const send = (to: ActorAddress, amountMinor: bigint) =>
    ({ kind: 'send', to: to.id as WalletId, asset: 'USD', amountMinor, memo: '' }) as const

  it('leaves the sender, is in transit, arrives', async () => {
    const { world, alice, bob } = await wallets()
    await world.openWallet(bob)
    world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
    expect(await world.answer(alice, send(bob, 2_500n), 'k')).to.deep.include({
      kind: 'done',
      reply: { status: 'pending' },
    })
    expect([(await world.balance(alice)).available, (await world.balance(bob)).available]).to.deep.equal([7_500n, 0n])
    expect(world.inTransit()).to.equal(2_500n)
    world.transport.fate = () => 'carry'
    await world.time.advance(PROBED_MS)
    expect([(await world.balance(alice)).available, (await world.balance(bob)).available]).to.deep.equal([
      7_500n,
      2_500n,
    ])
    expect(world.inTransit()).to.equal(0n)
  })

  const comesBack: readonly (readonly [
    what: string,
    prepare: (world: RuntimeWorld, bob: ActorAddress) => Promise<unknown>,
  ])[] = [
    ['an unknown wallet', async () => {}],
    [
      'a closed wallet',
      async (world, bob) => {
        await world.openWallet(bob)
        await world.answer(bob, { kind: 'close' })
      },
    ],
  ]
  for (const [what, prepare] of comesBack) {
    for (const sender of ['open', 'frozen'] as const) {
      it(`sent to ${what} it comes back, the sender being ${sender} by then`, async () => {
        const { world, alice, bob } = await wallets()
        await prepare(world, bob)
        world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
        await world.answer(alice, send(bob, 2_500n), 'k')
        if (sender === 'frozen') await world.answer(alice, { kind: 'freeze', reason: 'review' }, 'f')
        world.transport.fate = () => 'carry'
        await world.time.advance(PROBED_MS)
        expect((await world.balance(alice)).available).to.equal(10_000n)
        expect((await world.balance(bob)).available).to.equal(0n)
        expect(world.inTransit()).to.equal(0n)
      })
    }
  }

  it('a frozen wallet receives', async () => {
    const { world, alice, bob } = await wallets()
    await world.openWallet(bob)
    await world.answer(bob, { kind: 'freeze', reason: 'review' }, 'f')
    await world.answer(alice, send(bob, 2_500n), 'k')
    expect((await world.balance(bob)).available).to.equal(2_500n)
  })

  it('every entry states the balance after it, and a crash changes none', async () => {
    const { world, alice, bob } = await wallets()
    await world.openWallet(bob)
    for (let index = 0; index < 5; index++) await world.answer(alice, send(bob, 100n), `k${index}`)
    const balances = async () => [await world.balance(alice), await world.balance(bob)]
    const before = await balances()
    await world.restart()
    expect(await balances()).to.deep.equal(before)
    const statements = world
      .records(0)
      .flatMap((record) => record.entries.filter((entry) => entry.account === `2001:${alice.id}`))
    expect(statements.map((entry) => entry.balanceAfterMinor)).to.deep.equal([
      10_000n,
      9_900n,
      9_800n,
      9_700n,
      9_600n,
      9_500n,
    ])
  })
})
