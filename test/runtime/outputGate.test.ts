// A4, J2: nothing computed from a record leaves before that record is durable; nothing leaves at all when it never will
// be; and an append of unknown outcome is settled by the same bytes again.

import { expect } from 'chai'
import type { ActorAddress, Answer, ReadAnswer } from '../../actors/runtime/answers.ts'
import type { AppendOutcome, Journal } from '../../actors/runtime/ports.ts'
import type { MemoryJournal } from '../support/memoryJournal.ts'
import { type Pending, RuntimeWorld } from '../support/runtimeWorld.ts'

type Output = Pending<Answer> | Pending<ReadAnswer>

/** Everything that can leave an actor whose newest record is not durable, and how it looks once that is. */
const OUTPUTS: readonly {
  readonly what: string
  ask(world: RuntimeWorld, to: ActorAddress): Output
  readonly once: object
}[] = [
  { what: 'a reply', ask: (w, to) => w.ask(to, { kind: 'note', text: 'x' }), once: { kind: 'done' } },
  {
    what: 'a reply without a record',
    ask: (w, to) => w.ask(to, { kind: 'look' }),
    once: { kind: 'done', recordId: null },
  },
  {
    what: 'a remembered refusal',
    ask: (w, to) => w.ask(to, { kind: 'refuse', remembered: true }, 'k9'),
    once: { kind: 'refused', code: 'wallet.frozen' },
  },
  {
    what: 'a refusal of input alone',
    ask: (w, to) => w.ask(to, { kind: 'refuse', remembered: false }, 'k9'),
    once: { kind: 'refused', code: 'wallet.self_transfer', seq: null },
  },
  {
    what: 'a repeat',
    ask: (w, to) => w.ask(to, { kind: 'note', text: 'first' }, 'k1'),
    once: { kind: 'done', seq: 3 },
  },
  {
    what: 'a mismatch',
    ask: (w, to) => w.ask(to, { kind: 'note', text: 'other' }, 'k1'),
    once: { kind: 'refused', code: 'idempotency_mismatch' },
  },
  { what: 'a read', ask: (w, to) => w.read(to, 'log'), once: { kind: 'view', view: ['before', 'first'] } },
  {
    what: 'the failure of a command that throws',
    ask: (w, to) => w.ask(to, { kind: 'throw', where: 'decide' }),
    once: { kind: 'refused', code: 'internal' },
  },
]

/** One partition in which `first`, under the key k1, has been decided and is on its way to the journal. */
async function withFirstInFlight(
  partitions = 1,
): Promise<{ world: RuntimeWorld; to: ActorAddress; first: Pending<Answer> }> {
  const world = await RuntimeWorld.serving({ partitions })
  const to = world.address('probe', 0)
  await world.answer(to, { kind: 'note', text: 'before' })
  world.journal.hold()
  const first = world.ask(to, { kind: 'note', text: 'first' }, 'k1')
  await world.time.settle()
  expect(world.journal.inFlight).to.equal(1)
  return { world, to, first }
}

describe('output gate', () => {
  for (const { what, ask, once } of OUTPUTS) {
    it(`${what} waits until what it has seen is durable`, async () => {
      const { world, to, first } = await withFirstInFlight()
      const output = ask(world, to)
      await world.time.settle()
      expect([first.settled, output.settled]).to.deep.equal([false, false])
      world.journal.release()
      await world.time.settle()
      expect(first.value).to.include({ kind: 'done', seq: 3 })
      expect(output.value).to.deep.include(once)
    })
  }

  it('waits for what it has seen, not for what was queued since', async () => {
    const { world, to, first } = await withFirstInFlight()
    const second = world.ask({ kind: 'probe', id: 'p_other' }, { kind: 'note', text: 'second' }, 'k2')
    await world.time.settle()
    const read = world.read(to, 'log')
    const repeat = world.ask(to, { kind: 'note', text: 'first' }, 'k1')
    world.journal.releaseNext(1)
    await world.time.settle()
    expect([first, second, read, repeat].map((output) => output.settled)).to.deep.equal([true, false, true, true])
  })

  for (const { what, ask } of OUTPUTS) {
    it(`${what} becomes "unavailable" when another owner has taken the partition`, async () => {
      const { world, to, first } = await withFirstInFlight()
      const output = ask(world, to)
      await world.time.settle()
      await appendAsAnother(world)
      world.journal.release()
      await world.time.settle()
      expect(first.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
      expect(output.value).to.include({ kind: 'refused', code: 'unavailable' })
    })
  }

  it('envelopes and pushes wait as well', async () => {
    const { world, to } = await withFirstInFlight(2)
    const other = world.address('probe', 1)
    world.ask(to, { kind: 'tell', to: [other.id], message: { text: 'hello' } })
    await world.time.settle()
    expect(world.transport.of('deliver')).to.have.length(0)
    expect(world.feed.records.map((record) => record.events)).to.deep.equal([['before']])
    world.journal.release()
    await world.time.settle()
    expect(world.transport.of('deliver')).to.have.length(1)
    expect(world.feed.records.map((record) => record.events[0])).to.deep.equal([
      'before',
      'first',
      'told hello',
      `from ${to.id}: hello`,
    ])
    expect(world.feed.deliveries.map((envelope) => envelope.number)).to.deep.equal([1])
  })

  it('an acknowledgement waits until the record that took the envelope is durable', async () => {
    const world = await RuntimeWorld.serving({ partitions: 2 })
    const [from, to] = [world.address('probe', 0), world.address('probe', 1)]
    await world.answer(to, { kind: 'note', text: 'resident' })
    await world.answer(from, { kind: 'note', text: 'resident' })
    world.journal.hold()
    world.ask(from, { kind: 'tell', to: [to.id], message: { text: 'hello' } })
    await world.time.settle()
    world.journal.releaseNext()
    await world.time.settle()
    expect(world.journal.inFlight, 'the receiver’s append').to.equal(1)
    expect([world.transport.of('deliver').length, world.transport.of('acknowledge').length]).to.deep.equal([1, 0])
    world.journal.release()
    await world.time.settle()
    expect(world.transport.of('acknowledge').map((message) => message.through)).to.deep.equal([1])
  })

  it('when fenced, nothing leaves: no push, no envelope, no acknowledgement; and nobody is served any more', async () => {
    const { world, to } = await withFirstInFlight(2)
    const other = world.address('probe', 1)
    world.ask(to, { kind: 'tell', to: [other.id], message: { text: 'hello' } })
    const queued = world.read(to, 'log')
    await world.time.settle()
    await appendAsAnother(world)
    const pushed = world.feed.records.length
    world.journal.release()
    await world.time.settle()
    await world.time.advance(10_000)
    expect(queued.value).to.deep.equal({ kind: 'refused', code: 'unavailable' })
    expect(world.feed.records).to.have.length(pushed)
    expect(world.transport.of('deliver')).to.have.length(0)
    expect(world.alarmed('partition.lost').map((alarm) => alarm.detail)).to.deep.equal([
      { partition: 0, reason: 'fenced' },
    ])
    expect(world.ask(to, { kind: 'look' }).promise).to.be.a('promise')
    expect(await world.answer(to, { kind: 'look' })).to.include({ kind: 'refused', code: 'unavailable' })
    expect(await world.answer(other, { kind: 'look' }), 'the other partition goes on').to.include({ kind: 'done' })
  })
})

describe('uncertain appends', () => {
  const fates: readonly (readonly [what: string, landed: boolean])[] = [
    ['lost', false],
    ['landed, but nobody heard', true],
  ]
  for (const [what, landed] of fates) {
    it(`${what}: the identical bytes go again at the same position, then the answer leaves`, async () => {
      const { world, uncertain } = uncertainWorld()
      await world.start()
      const to = world.address('probe', 0)
      await world.answer(to, { kind: 'note', text: 'before' })
      uncertain.push(landed ? 'unheard' : 'lost', 'lost', 'rejects')
      const from = world.journal.attempts.length
      const asked = world.ask(to, { kind: 'note', text: 'first' })
      await world.time.settle()
      const during = world.ask(to, { kind: 'note', text: 'second' })
      await world.time.settle()
      expect([asked.settled, during.settled]).to.deep.equal([false, false])
      await world.time.advance(1_000)
      expect([asked.value.kind, during.value.kind]).to.deep.equal(['done', 'done'])
      const tries = uncertain.tried.slice(-5)
      expect(
        tries.slice(0, 4).every((text) => text === tries[0]),
        'four times the same',
      ).to.equal(true)
      expect(tries[4]).to.not.equal(tries[0])
      expect(world.journal.attempts.length - from).to.equal(landed ? 3 : 2)
      expect(world.records(0).map((record) => record.events[0])).to.deep.equal(['before', 'first', 'second'])
      expect(world.alarmed('journal.uncertain')).to.have.length(3)
      expect(world.alarmed('journal.append_rejected')).to.have.length(1)
    })
  }

  it('fenced in the end: everything that waited is unavailable', async () => {
    const { world, uncertain } = uncertainWorld()
    await world.start()
    const to = world.address('probe', 0)
    await world.answer(to, { kind: 'note', text: 'before' })
    uncertain.push('lost')
    const asked = world.ask(to, { kind: 'note', text: 'first' }, 'k1')
    await world.time.settle()
    await appendAsAnother(world)
    await world.time.advance(1_000)
    expect(asked.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
  })

  it('a claim of unknown outcome is repeated with the identical bytes, and makes one epoch record', async () => {
    const { world, uncertain } = uncertainWorld()
    uncertain.push('unheard', 'lost')
    await world.start()
    expect(uncertain.tried).to.have.length(3)
    expect(new Set(uncertain.tried).size).to.equal(1)
    expect(world.batches(0)).to.have.length(1)
    expect(await world.answer(world.address('probe', 0), { kind: 'look' })).to.include({ kind: 'done' })
  })
})

/** Another owner writes at the head of partition 0. */
async function appendAsAnother(world: RuntimeWorld): Promise<void> {
  const { journal } = world
  const held = journal.inFlight > 0
  const stranger = journal.append(0, journal.head(0), Buffer.from('another owner was here\n'))
  if (held) {
    // It overtakes what waits.
    journal.letLastOvertake()
    journal.releaseNext()
  }
  expect(await stranger).to.include({ kind: 'committed' })
}

type Fate = 'lost' | 'unheard' | 'rejects'

/** Answers as its script says before it is honest again. */
class UncertainJournal implements Journal {
  /** Each try as text: expected position and bytes. */
  readonly tried: string[] = []
  private readonly script: Fate[] = []
  private readonly journal: MemoryJournal

  constructor(journal: MemoryJournal) {
    this.journal = journal
  }

  push(...fates: readonly Fate[]): void {
    this.script.push(...fates)
  }

  async append(partition: number, expectedPosition: number, bytes: Uint8Array): Promise<AppendOutcome> {
    this.tried.push(`${partition}@${expectedPosition} ${Buffer.from(bytes).toString('hex')}`)
    const fate = this.script.shift()
    if (fate === undefined) return this.journal.append(partition, expectedPosition, bytes)
    if (fate === 'unheard') await this.journal.append(partition, expectedPosition, bytes)
    if (fate === 'rejects') throw new Error('the port broke its contract')
    return { kind: 'uncertain' }
  }

  replay(from: Parameters<Journal['replay']>[0]): ReturnType<Journal['replay']> {
    return this.journal.replay(from)
  }
}

function uncertainWorld(): { world: RuntimeWorld; uncertain: UncertainJournal } {
  const made: UncertainJournal[] = []
  const world = new RuntimeWorld({
    partitions: 1,
    journal: (journal) => {
      const uncertain = new UncertainJournal(journal)
      made.push(uncertain)
      return uncertain
    },
  })
  const [uncertain] = made
  if (uncertain === undefined) throw new Error('no journal was made')
  return { world, uncertain }
}
