// The way of a command that belongs elsewhere: tried until its deadline with the same key, one hop at most, and bounded.

import { expect } from 'chai'
import type { RemoteAsk, RemoteOutcome, Wire } from '../../actors/cluster/ports.ts'
import { Router } from '../../actors/cluster/router.ts'
import type { ActorAddress, Answer, ReadAnswer } from '../../actors/runtime/answers.ts'
import { Pending, RuntimeWorld, TEST_KINDS } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'

interface Sent {
  readonly ask: RemoteAsk
  readonly timeoutMs: number
  readonly atMs: number
  readonly answered: (outcome: RemoteOutcome) => void
}

/** Another node's answers are the test's. */
class TestWire implements Wire {
  readonly sent: Sent[] = []
  /** What comes back at once; null where the test answers. */
  answers: RemoteOutcome | null = null
  private readonly nowMs: () => number

  constructor(nowMs: () => number) {
    this.nowMs = nowMs
  }

  ask(_partition: number, ask: RemoteAsk, timeoutMs: number, answered: (outcome: RemoteOutcome) => void): void {
    this.sent.push({ ask, timeoutMs, atMs: this.nowMs(), answered })
    if (this.answers !== null) answered(this.answers)
  }

  requestHandOver(): Promise<'nobody'> {
    return Promise.resolve('nobody')
  }

  serves(): Promise<null> {
    return Promise.resolve(null)
  }

  open(): () => void {
    return () => {}
  }
}

const DONE: Answer = { kind: 'done', recordId: null, partition: 0, seq: 7, reply: null }

class Bench {
  readonly world: RuntimeWorld
  readonly wire: TestWire
  readonly router: Router
  readonly probe: ActorAddress

  constructor(world: RuntimeWorld) {
    this.world = world
    const elapsedMs = (): number => world.time.nowMs() - START_MS
    this.wire = new TestWire(elapsedMs)
    this.probe = world.address('probe', 0)
    this.router = new Router({
      partitions: world.partitions.length,
      runtime: world.runtime,
      wire: this.wire,
      scheduler: world.time,
      monotonic: { elapsedMs },
      isKind: (kind) => TEST_KINDS.has(kind),
    })
  }

  /** A node that serves partition 1, and not the probe's. */
  static async make(): Promise<Bench> {
    const world = await RuntimeWorld.serving({ partitions: 2 })
    world.runtime.forget(0)
    return new Bench(world)
  }

  ask(to = this.probe, key = 'k'): Pending<Answer> {
    const command = { kind: 'note', text: 'one' }
    return new Pending(new Promise((resolve) => this.router.submit(to, command, { key, requestId: 'r' }, resolve)))
  }

  read(to = this.probe): Pending<ReadAnswer> {
    return new Pending(this.router.read(to, 'log'))
  }

  get lastSent(): Sent {
    const sent = this.wire.sent.at(-1)
    if (sent === undefined) throw new Error('nothing was sent')
    return sent
  }
}

describe('router', () => {
  it('answers here what lives here, and sends nothing', async () => {
    const { world, router, wire } = await Bench.make()
    const bench = new Bench(world)
    const here = world.address('probe', 1)
    const asked = bench.ask(here)
    await world.time.settle()
    expect(asked.value).to.deep.include({ kind: 'done', reply: { count: 1 } })
    const read = bench.read(here)
    await world.time.settle()
    expect(read.value).to.deep.include({ kind: 'view', view: ['one'] })
    expect([wire.sent, router.waiting]).to.deep.equal([[], 0])
  })

  it('brings elsewhere what lives elsewhere, with its key, and hands its answer on', async () => {
    const bench = await Bench.make()
    const asked = bench.ask()
    expect(bench.lastSent.ask).to.deep.equal({
      kind: 'ask',
      to: bench.probe,
      command: { kind: 'note', text: 'one' },
      meta: { key: 'k', requestId: 'r' },
    })
    bench.lastSent.answered({ kind: 'answer', answer: DONE })
    await bench.world.time.settle()
    expect(asked.value).to.equal(DONE)
  })

  it('refuses what cannot be an actor, at once', async () => {
    const bench = await Bench.make()
    for (const to of [
      { kind: 'dragon', id: 'a' },
      { kind: 'probe', id: 'no spaces' },
    ]) {
      const asked = bench.ask(to)
      await bench.world.time.settle()
      expect(asked.value).to.deep.equal({ kind: 'refused', code: 'not_found', seq: null })
    }
    expect(bench.wire.sent).to.deep.equal([])
  })

  const passing: readonly (readonly [what: string, outcome: RemoteOutcome])[] = [
    ['nobody serves it', { kind: 'nobody' }],
    ['the owner has moved', { kind: 'moved' }],
    ['no answer comes', { kind: 'lost' }],
    ['it is unavailable', { kind: 'answer', answer: { kind: 'refused', code: 'unavailable', seq: null } }],
  ]
  for (const [what, outcome] of passing) {
    it(`${what}: tried again with the same key until the deadline, ever more slowly`, async () => {
      const bench = await Bench.make()
      bench.wire.answers = outcome
      const asked = bench.ask()
      await bench.world.time.advance(7_000)
      expect([asked.settled, bench.router.waiting]).to.deep.equal([false, 1])
      await bench.world.time.advance(1_000)
      expect(asked.value).to.deep.equal({ kind: 'refused', code: 'unavailable', seq: null })
      expect(bench.router.waiting).to.equal(0)
      const times = bench.wire.sent.map(({ atMs }) => atMs)
      expect(times.slice(0, 7)).to.deep.equal([0, 10, 30, 70, 150, 310, 510])
      expect(new Set(bench.wire.sent.map(({ ask }) => JSON.stringify(ask)))).to.have.length(1)
    })
  }

  it('a refusal that is an outcome is the answer', async () => {
    const bench = await Bench.make()
    bench.wire.answers = { kind: 'answer', answer: { kind: 'refused', code: 'overloaded', seq: null } }
    const asked = bench.ask()
    await bench.world.time.settle()
    expect(asked.value).to.deep.equal({ kind: 'refused', code: 'overloaded', seq: null })
    expect(bench.wire.sent).to.have.length(1)
  })

  it('finds the partition here when it has come here meanwhile', async () => {
    const bench = await Bench.make()
    bench.wire.answers = { kind: 'moved' }
    const [asked, read] = [bench.ask(), bench.read()]
    await bench.world.time.drive(bench.world.runtime.acquire(0))
    await bench.world.time.advance(1_000)
    expect([asked.value.kind, read.value.kind]).to.deep.equal(['done', 'view'])
  })

  it('waits for one try no longer than for all of them', async () => {
    const bench = await Bench.make()
    bench.ask()
    expect(bench.lastSent.timeoutMs).to.equal(1_500)
    await bench.world.time.advance(7_500)
    bench.lastSent.answered({ kind: 'nobody' })
    await bench.world.time.advance(20)
    expect(bench.lastSent.timeoutMs).to.equal(490)
  })

  it('does not send on what came from elsewhere', async () => {
    const bench = await Bench.make()
    const heard: RemoteOutcome[] = []
    const ask: RemoteAsk = { kind: 'read', to: bench.probe, query: 'log' }
    bench.router.serve(0, ask, (outcome) => heard.push(outcome))
    await bench.world.time.settle()
    expect([heard, bench.wire.sent]).to.deep.equal([[{ kind: 'moved' }], []])
    bench.router.serve(1, { ...ask, to: bench.world.address('probe', 1) }, (outcome) => heard.push(outcome))
    await bench.world.time.settle()
    expect(heard[1]).to.deep.equal({ kind: 'answer', answer: { kind: 'view', view: [], seq: 0 } })
  })

  it('keeps 20,000 between two tries, and refuses the next', async () => {
    const bench = await Bench.make()
    bench.wire.answers = { kind: 'nobody' }
    let unanswered = 0
    for (let count = 0; count < 20_000; count++) {
      unanswered++
      bench.router.submit(bench.probe, {}, { key: '', requestId: '' }, () => {
        unanswered--
      })
    }
    expect([bench.router.waiting, unanswered]).to.deep.equal([20_000, 20_000])
    const asked = bench.ask()
    await Promise.resolve()
    await Promise.resolve()
    expect(asked.value).to.deep.equal({ kind: 'refused', code: 'overloaded', seq: null })
  })
})
