// J3, J4: what recovery gives back, what it refuses, and who may write afterwards.

import { expect } from 'chai'
import type { ActorAddress } from '../../actors/runtime/answers.ts'
import { decodeBatch, encodeBatch } from '../../actors/runtime/codec.ts'
import type { BatchHeader } from '../../actors/runtime/record.ts'
import { encodeRecord } from '../../actors/runtime/recordWriter.ts'
import { BrokenLogError } from '../../actors/runtime/recovery.ts'
import type { WalletId } from '../../shared/ids.ts'
import { foldPartition } from '../support/recoveryStore.ts'
import { Pending, RuntimeWorld, TEST_KINDS } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'

/** Two wallets and a probe with a past: money, holds, timers, an envelope on its way, keys. */
async function withPast(): Promise<{
  world: RuntimeWorld
  alice: ActorAddress
  bob: ActorAddress
  probe: ActorAddress
}> {
  const world = await RuntimeWorld.serving({ partitions: 2 })
  const [alice, bob, probe] = [world.address('wallet', 0), world.address('wallet', 1), world.address('probe', 0)]
  await world.openWallet(alice, 50_000n)
  await world.openWallet(bob, 10_000n)
  await world.answer(probe, { kind: 'note', text: 'one' })
  return { world, alice, bob, probe }
}

async function live(world: RuntimeWorld, alice: ActorAddress, bob: ActorAddress, tag: string): Promise<void> {
  const usd = { asset: 'USD', memo: '' }
  await world.answer(alice, { kind: 'send', to: bob.id as WalletId, amountMinor: 1_000n, ...usd }, `s1${tag}`)
  await world.answer(bob, { kind: 'send', to: alice.id as WalletId, amountMinor: 300n, ...usd }, `s2${tag}`)
  const expiresAtMs = START_MS + 3_600_000
  await world.answer(alice, { kind: 'hold', name: `h${tag}`, asset: 'USD', amountMinor: 700n, expiresAtMs }, `h${tag}`)
  await world.answer(alice, { kind: 'send', to: 'w_nobody_here' as WalletId, amountMinor: 5n, ...usd }, `n${tag}`)
  world.transport.fate = ({ kind }) => (kind === 'deliver' ? 'lose' : 'carry')
  await world.answer(alice, { kind: 'send', to: bob.id as WalletId, amountMinor: 11n, ...usd }, `t${tag}`)
  world.transport.fate = () => 'carry'
}

/** What a partition is, as text: the partition's own snapshot and its actors'. */
function stateOf(world: RuntimeWorld, partition: number): string {
  const { ledger, slots, position, hash } = foldPartition(world.journal, partition, TEST_KINDS)
  const actors = [...slots.keys()].sort()
  const resident = actors.map((actor) => world.runtime.partition(partition)?.peek(actor)?.snapshot() ?? null)
  const folded = actors.map((actor) => slots.get(actor)?.snapshot())
  // Whoever is resident is what replay from genesis gives, byte for byte.
  for (const [index, snapshot] of resident.entries()) {
    if (snapshot !== null) expect(JSON.stringify(snapshot)).to.equal(JSON.stringify(folded[index]))
  }
  const { seq, epoch, atMs, ...rest } = ledger.snapshot(position, hash)
  expect([seq >= 1, epoch >= 1, atMs >= START_MS]).to.deep.equal([true, true, true])
  return JSON.stringify({ folded, balances: rest.balances, timers: rest.timers, watermarks: rest.watermarks })
}

describe('recovery: state', () => {
  const ways: readonly (readonly [
    what: string,
    before: (world: RuntimeWorld) => void,
    after: (world: RuntimeWorld) => void,
  ])[] = [
    ['from the journal alone', () => {}, () => {}],
    ['from a snapshot and nothing after it', () => {}, (world) => world.project()],
    ['from a snapshot and the tail after it', (world) => world.project(), () => {}],
    ['from a snapshot, with keys that are newer', (world) => world.project(), (world) => world.project(false)],
  ]
  for (const [what, before, after] of ways) {
    it(`${what}: as it was, and it goes on from there`, async () => {
      const { world, alice, bob, probe } = await withPast()
      await live(world, alice, bob, 'a')
      before(world)
      await live(world, alice, bob, 'b')
      after(world)
      const was = [stateOf(world, 0), stateOf(world, 1)]
      await world.restart()
      expect([stateOf(world, 0), stateOf(world, 1)]).to.deep.equal(was)
      await world.time.advance(2_000)
      expect(await world.balance(alice)).to.deep.equal({ available: 47_178n, held: 1_400n })
      expect(await world.balance(bob)).to.deep.equal({ available: 11_422n, held: 0n })
      expect(world.inTransit()).to.equal(0n)
      expect(await world.log(probe)).to.deep.equal(['one'])
      // Everybody has been touched by now, and is still the fold of the whole log.
      stateOf(world, 0)
      stateOf(world, 1)
    })
  }

  it('skips what an actor’s own, newer snapshot already covers', async () => {
    const { world, probe } = await withPast()
    world.project()
    await world.answer(probe, { kind: 'note', text: 'two' })
    const covered = world.runtime.partition(0)?.peek(`probe/${probe.id}`)?.snapshot()
    if (covered === undefined) throw new Error('the probe is not resident')
    world.store.putActor(0, covered)
    await world.answer(probe, { kind: 'note', text: 'three' })
    await world.restart()
    expect(await world.log(probe)).to.deep.equal(['one', 'two', 'three'])
  })

  it('a crash with an append in flight: what landed is there, what did not is not, whichever it was', async () => {
    for (const lands of [true, false]) {
      const { world, probe } = await withPast()
      world.journal.hold()
      const asked = world.ask(probe, { kind: 'note', text: 'two' }, 'k')
      await world.time.settle()
      world.runtime.stop()
      if (lands) world.journal.release()
      else world.journal.loseWaiting()
      await world.restart()
      expect(asked.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
      expect(await world.log(probe)).to.deep.equal(lands ? ['one', 'two'] : ['one'])
      expect(await world.answer(probe, { kind: 'note', text: 'two' }, 'k')).to.deep.include({
        kind: 'done',
        reply: { count: 2 },
      })
      expect(await world.log(probe)).to.deep.equal(['one', 'two'])
    }
  })

  it('many restarts make epochs, and nothing else', async () => {
    const { world, alice } = await withPast()
    for (let restarts = 0; restarts < 5; restarts++) await world.restart()
    expect(world.batches(0).at(-1)?.header.epoch).to.equal(6)
    expect(await world.balance(alice)).to.deep.equal({ available: 50_000n, held: 0n })
  })

  it('a journal or a store that cannot be read is tried again', async () => {
    const { world, probe } = await withPast()
    world.project()
    world.runtime.stop()
    world.store.failing = true
    const started = world.takeOver()
    await world.time.advance(1_000)
    expect(world.alarmed('recovery.failed').length).to.be.greaterThan(1)
    expect(await world.answer(probe, { kind: 'look' })).to.include({ kind: 'refused', code: 'unavailable' })
    world.store.failing = false
    await world.time.drive(started)
    expect(await world.log(probe)).to.deep.equal(['one'])
  })
})

describe('recovery: what it refuses', () => {
  /** Partition 0 with seqs 1 (epoch), 2, 3, 4, each in its own batch. */
  async function fourBatches(): Promise<RuntimeWorld> {
    const world = await RuntimeWorld.serving({ partitions: 1 })
    const probe = world.address('probe', 0)
    for (const text of ['one', 'two', 'three']) await world.answer(probe, { kind: 'note', text })
    world.runtime.stop()
    return world
  }

  const changed = (world: RuntimeWorld, index: number, change: (header: BatchHeader) => BatchHeader): void => {
    const stored = world.journal.batches(0)[index]
    if (stored === undefined) throw new Error(`no batch ${index}`)
    const { header, records } = decodeBatch(stored.bytes)
    world.journal.overwrite(0, index, encodeBatch(change(header), Buffer.from(records.map(encodeRecord).join(''))))
  }
  const swapText = (world: RuntimeWorld, index: number, from: string, to: string): void => {
    const text = Buffer.from(world.journal.batches(0)[index]?.bytes ?? []).toString('utf8')
    expect(text).to.include(from)
    world.journal.overwrite(0, index, Buffer.from(text.replace(from, to)))
  }

  /** The batch as it could have been: a second later. */
  const otherBytes = (world: RuntimeWorld, index: number): Uint8Array => {
    const { header, records } = decodeBatch(world.journal.batches(0)[index]?.bytes ?? Buffer.alloc(0))
    const later = records.map((record) => encodeRecord({ ...record, atMs: record.atMs + 1_000 }))
    return encodeBatch(header, Buffer.from(later.join('')))
  }

  const damages: readonly (readonly [what: string, damage: (world: RuntimeWorld) => void, message: RegExp])[] = [
    ['a record that was changed', (world) => swapText(world, 1, '"one"', '"two"'), /^0:3: hash chain broken$/],
    ['a batch that is missing', (world) => world.journal.remove(0, 2), /^0:4: hash chain broken$/],
    ['a batch that is there twice', (world) => world.journal.repeat(0, 2), /^0:3: hash chain broken$/],
    ['two batches that changed places', (world) => world.journal.swap(0, 1, 2), /^0:3: hash chain broken$/],
    [
      'a batch of another partition',
      (world) => changed(world, 3, (header) => ({ ...header, partition: 5 })),
      /^0:4: batch of partition 5$/,
    ],
    [
      'an epoch that goes back',
      (world) => changed(world, 3, (header) => ({ ...header, epoch: 0 })),
      /^0:4: epoch goes back$/,
    ],
    ['a format of the future', (world) => swapText(world, 3, '{"v":1', '{"v":2'), /version 2, this program reads 1/],
    ['a line that is no JSON', (world) => swapText(world, 3, '{"s":4', '{"s":'), /not JSON/],
    ['a batch cut short', (world) => swapText(world, 3, '"r":{"count":3}}\n', ''), /line feed/],
    ['a seq that jumps', (world) => swapText(world, 3, '{"s":4', '{"s":7'), /^0:4: found seq 7$/],
    ['fewer records than the header says', (world) => swapText(world, 3, '"count":1', '"count":2'), /^0:4: 1 records/],
    ['a record without a cause', (world) => swapText(world, 3, '"c":["note"', '"q":["note"'), /record 4 has no cause/],
  ]
  for (const [what, damage, message] of damages) {
    it(`${what}: start rejects, and says where`, async () => {
      const world = await fourBatches()
      damage(world)
      const failed = await world.restart().then(
        () => null,
        (error: unknown) => error,
      )
      expect(failed).to.be.instanceOf(Error)
      if (failed instanceof Error) expect(failed.message).to.match(message)
      expect(
        world.journal.batches(0).every((batch) => !Buffer.from(batch.bytes).includes('"epoch":2')),
        'nothing claimed',
      ).to.equal(true)
    })
  }

  // The store's last batch is another one than the journal has there: the journal or the store is a copy that went on
  // by itself. At the journal's end nothing follows whose link could show it.
  for (const [where, batches] of [
    ['before the end of the journal', 2],
    ['at the end of the journal', 4],
  ] as const) {
    it(`a store made from another journal, its snapshot ${where}`, async () => {
      const [world, other] = [await fourBatches(), await fourBatches()]
      other.journal.overwrite(0, batches - 1, otherBytes(other, batches - 1))
      for (let index = 3; index >= batches; index--) other.journal.remove(0, index)
      world.store.project(other.journal, [0])
      const before = world.journal.attempts.length
      const failed = await world.takeOver().then(
        () => null,
        (error: unknown) => error,
      )
      expect(failed).to.be.instanceOf(BrokenLogError)
      expect(String(failed)).to.match(new RegExp(`0:${batches}: the store was made from another journal.*rebuilt`))
      expect(world.journal.attempts, 'nothing claimed').to.have.length(before)
    })
  }

  it('a store that is ahead of its journal: the journal is an older copy', async () => {
    const world = await fourBatches()
    world.project()
    world.journal.remove(0, 3)
    const before = world.journal.attempts.length
    const failed = await world.restart().then(
      () => null,
      (error: unknown) => error,
    )
    expect(failed).to.be.instanceOf(BrokenLogError)
    expect(String(failed)).to.match(/0:4: the store is ahead of the journal/)
    expect(world.journal.attempts, 'nothing claimed').to.have.length(before)
  })
})

describe('recovery: the fence', () => {
  it('a former owner hears nothing but "unavailable", and its writes never land', async () => {
    const { world, probe } = await withPast()
    const former = await world.takeOver()
    const late = new Pending(former.ask(probe, { kind: 'note', text: 'late' }, { key: 'k', requestId: '' }))
    await world.time.advance(1_000)
    expect(late.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
    expect(await world.answer(probe, { kind: 'note', text: 'late' }, 'k')).to.deep.include({
      kind: 'done',
      reply: { count: 2 },
    })
    expect(await world.log(probe)).to.deep.equal(['one', 'late'])
  })

  it('what a former owner has in flight lands before the claim, or not at all', async () => {
    for (const first of ['the former owner', 'the claim'] as const) {
      const { world, probe } = await withPast()
      world.journal.hold()
      const asked = world.ask(probe, { kind: 'note', text: 'two' }, 'k')
      await world.time.settle()
      const taking = world.takeOver()
      await world.time.settle()
      // Both wait at the journal: one append of the former owner, one claim for each partition.
      expect(world.journal.inFlight).to.equal(3)
      if (first === 'the claim') world.journal.letFirstFallBack()
      world.journal.release()
      await world.time.drive(taking)
      expect(asked.value.kind).to.equal(first === 'the claim' ? 'refused' : 'done')
      expect(await world.log(probe)).to.deep.equal(first === 'the claim' ? ['one'] : ['one', 'two'])
      expect(world.batches(0).filter((batch) => batch.header.epoch === 2)).to.have.length(1)
    }
  })

  it('of two owners that recover in the same moment, one has the partition, and the other knows it has not', async () => {
    const { world, probe } = await withPast()
    world.runtime.stop()
    const [one, other] = [world.another(), world.another()]
    world.journal.hold()
    const taking = Promise.all([one.acquire(0), other.acquire(0)])
    await world.time.settle()
    // The same log, the same time, the same place: only their names differ.
    const [first, second] = world.journal.attempts.slice(-2)
    expect([
      first?.expected,
      Buffer.compare(first?.bytes ?? Buffer.alloc(0), second?.bytes ?? Buffer.alloc(0)) === 0,
    ]).to.deep.equal([second?.expected, false])
    world.journal.release()
    expect(await world.time.drive(taking)).to.deep.equal([true, false])
    const claims = world.batches(0).filter(({ header }) => header.epoch === 2)
    expect(claims.map(({ records }) => records.length)).to.deep.equal([1])
    expect(await world.time.drive(other.read(probe, 'log'))).to.deep.equal({ kind: 'refused', code: 'unavailable' })
    expect(await world.time.drive(one.read(probe, 'log'))).to.deep.include({ kind: 'view', view: ['one'] })
  })

  it('does not claim what it may not, and asks only once it has read the log', async () => {
    const { world } = await withPast()
    const other = world.another()
    const before = world.journal.attempts.length
    let asked = 0
    const mayNot = (): Promise<boolean> => {
      asked++
      return Promise.resolve(false)
    }
    expect(await world.time.drive(other.acquire(0, mayNot))).to.equal(false)
    expect([asked, world.journal.attempts.length]).to.deep.equal([1, before])
    // Somebody takes it while the question is under way: the fence finds out.
    const taking = other.acquire(0, async () => (await world.another().acquire(0)) === true)
    expect(await world.time.drive(taking)).to.equal(false)
  })

  it('an answer that left a former owner is an outcome the new one repeats', async () => {
    const { world, probe } = await withPast()
    const told = await world.answer(probe, { kind: 'note', text: 'two' }, 'k')
    await world.takeOver()
    expect(await world.answer(probe, { kind: 'note', text: 'two' }, 'k')).to.deep.equal(told)
  })
})
