// C1: when a member takes a partition, when it does not, and how it lets one go.

import { expect } from 'chai'
import { Membership } from '../../actors/cluster/membership.ts'
import { Ownership } from '../../actors/cluster/ownership.ts'
import { ownerOf } from '../../actors/cluster/placement.ts'
import type { HandOver, PartitionService, Wire } from '../../actors/cluster/ports.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import { Pending, RuntimeWorld } from '../support/runtimeWorld.ts'
import { TestLeases } from '../support/testLeases.ts'
import { START_MS } from '../support/walletBench.ts'

const TTL_MS = 3_000

/** What the others say is the test's. */
class TestWire implements Wire {
  handsOver: HandOver | 'nobody' | 'lost' = 'nobody'
  readonly serving = new Map<string, boolean | null>()
  readonly opened = new Map<number, PartitionService>()
  readonly requests: number[] = []
  asked = 0

  ask(): void {}

  requestHandOver(partition: number): Promise<HandOver | 'nobody' | 'lost'> {
    this.requests.push(partition)
    return Promise.resolve(this.handsOver)
  }

  serves(member: string): Promise<boolean | null> {
    this.asked++
    return Promise.resolve(this.serving.get(member) ?? null)
  }

  open(partition: number, service: PartitionService): () => void {
    this.opened.set(partition, service)
    return () => this.opened.delete(partition)
  }
}

class Bench {
  readonly world = new RuntimeWorld({ partitions: 1 })
  readonly wire = new TestWire()
  readonly leases = new TestLeases()
  readonly told: string[] = []
  readonly runtime: Runtime = this.world.another()
  /** Ends what happens between the wish to let go and letting go. */
  leaving: (() => void)[] = []
  readonly membership: Membership
  readonly ownership: Ownership
  renews = true
  canRead = true

  constructor() {
    const { time } = this.world
    const observer = { committed() {}, answered() {}, alarm: (event: string) => this.told.push(event) }
    this.membership = new Membership({
      me: 'me',
      address: null,
      ttlMs: TTL_MS,
      leases: this.leases,
      scheduler: time,
      monotonic: { elapsedMs: () => time.nowMs() - START_MS },
      observer,
      holds: () => this.ownership.size,
      changed: () => this.ownership.look(),
      lapsed: () => this.ownership.dropAll(),
    })
    this.ownership = new Ownership({
      partitions: 1,
      membership: this.membership,
      wire: this.wire,
      runtime: this.runtime,
      scheduler: time,
      observer,
      serve: () => {},
      canRead: () => (this.canRead ? Promise.resolve() : Promise.reject(new Error('no store'))),
      prepare: () => Promise.resolve(),
      failing: () => {},
      taken: () => this.told.push('taken'),
      leaving: () => new Promise((resolve) => this.leaving.push(resolve)),
      left: () => this.told.push('left'),
    })
  }

  async run(forMs: number): Promise<void> {
    for (let ms = 0; ms < forMs; ms += 100) {
      for (const put of this.leases.puts.splice(0)) if (this.renews) put.done()
      await this.world.time.advance(100)
    }
  }

  /** A member that knows its bucket for long enough, and has what nobody else had. */
  static async started(othersServe: Readonly<Record<string, boolean | null>> = {}): Promise<Bench> {
    const bench = new Bench()
    for (const [member, serves] of Object.entries(othersServe)) bench.wire.serving.set(member, serves)
    bench.leases.says = { life: 'one', members: Object.keys(othersServe) }
    bench.membership.start()
    bench.ownership.start()
    await bench.run(TTL_MS + 1_000)
    return bench
  }

  get serves(): boolean {
    return this.wire.opened.has(0) && this.runtime.partition(0) !== undefined
  }

  /** Another member asks for the partition, that everybody would say is its own. */
  async askedBy(member: string): Promise<Pending<HandOver>> {
    const service = this.wire.opened.get(0)
    if (service === undefined) throw new Error('it does not serve')
    const answer = new Pending(service.handOver(member))
    await this.world.time.settle()
    return answer
  }
}

describe('ownership: taking', () => {
  it('waits for as long as a lease lasts, then takes what nobody has', async () => {
    const bench = new Bench()
    bench.membership.start()
    bench.ownership.start()
    await bench.run(TTL_MS - 500)
    expect([bench.serves, bench.wire.requests]).to.deep.equal([false, []])
    await bench.run(1_000)
    expect([bench.serves, bench.told]).to.deep.equal([true, ['taken']])
  })

  const waits: readonly (readonly [what: string, handsOver: TestWire['handsOver'], serves: boolean | null])[] = [
    ['nobody serves it, and somebody with a lease is about to', 'nobody', true],
    ['nobody serves it, and somebody with a lease does not answer', 'nobody', null],
    ['its owner does not answer', 'lost', null],
    ['its owner let it go, and somebody else is about to have it', 'released', true],
    ['its owner let it go, and somebody with a lease does not answer', 'released', null],
  ]
  for (const [what, handsOver, serves] of waits) {
    it(`${what}: it waits, though it has never heard of them`, async () => {
      const bench = await Bench.started({ other: serves })
      bench.wire.handsOver = handsOver
      await bench.run(2_000)
      expect([bench.serves, bench.world.journal.attempts.length]).to.deep.equal([false, 0])
      bench.wire.serving.set('other', false)
      await bench.run(1_000)
      expect(bench.serves).to.equal(true)
    })
  }

  it('takes what its owner would not let go of only when that owner has no lease', async () => {
    const bench = await Bench.started({ other: null })
    bench.wire.handsOver = 'refused'
    await bench.run(2_000)
    expect([bench.serves, bench.wire.asked > 0]).to.deep.equal([false, true])
    bench.wire.handsOver = 'lost'
    bench.leases.says = { life: 'one', members: [] }
    await bench.run(1_000)
    expect(bench.serves).to.equal(true)
  })

  it('takes nothing for a lease’s time after leases may have been forgotten', async () => {
    const bench = await Bench.started({ other: null })
    bench.leases.says = { life: 'two', members: [] }
    await bench.run(TTL_MS - 500)
    expect(bench.serves).to.equal(false)
    await bench.run(1_500)
    expect(bench.serves).to.equal(true)
  })

  it('asks nobody to let go of what it could not recover', async () => {
    const bench = new Bench()
    bench.canRead = false
    bench.membership.start()
    bench.ownership.start()
    await bench.run(TTL_MS + 3_000)
    expect([bench.wire.requests, bench.told.includes('partition.not_taken')]).to.deep.equal([[], true])
    bench.canRead = true
    await bench.run(2_500)
    expect(bench.serves).to.equal(true)
  })

  it('what was found out in one term proves nothing in the next', async () => {
    const bench = await Bench.started({ other: true })
    bench.wire.serving.set('other', false)
    bench.world.journal.hold()
    await bench.run(1_000)
    expect(bench.world.journal.inFlight).to.equal(1)
    bench.renews = false
    await bench.run(TTL_MS)
    bench.renews = true
    await bench.run(1_200)
    bench.wire.serving.set('other', true)
    bench.world.journal.release()
    await bench.world.time.settle()
    expect([bench.membership.held(), bench.serves]).to.deep.equal([true, false])
  })
})

describe('ownership: letting go', () => {
  it('refuses as long as it believes that the partition is its own', async () => {
    const bench = await Bench.started()
    const answer = await bench.askedBy('other')
    expect([answer.value, bench.serves]).to.deep.equal(['refused', true])
  })

  it('drops everything when its lease runs out, and takes it anew', async () => {
    const bench = await Bench.started()
    bench.renews = false
    await bench.run(TTL_MS)
    expect([bench.serves, bench.runtime.partition(0), bench.told]).to.deep.equal([
      false,
      undefined,
      ['taken', 'lease.lapsed', 'left'],
    ])
    bench.renews = true
    await bench.run(1_500)
    expect(bench.serves).to.equal(true)
  })

  /** A member that everybody would say the partition belongs to, once it is there. */
  const heir = ['a', 'b', 'c', 'd', 'e', 'f'].find((id) => ownerOf(0, ['me', id]) === id) ?? ''

  /** One that serves while its heir has come. */
  async function succeeded(): Promise<Bench> {
    const bench = await Bench.started()
    bench.leases.renewed(heir)
    return bench
  }

  it('serves on until what shortens the next recovery is done, then answers that it let go', async () => {
    const bench = await succeeded()
    const answer = await bench.askedBy(heir)
    expect([answer.settled, bench.serves]).to.deep.equal([false, true])
    for (const done of bench.leaving) done()
    await bench.world.time.settle()
    expect([answer.value, bench.serves, bench.told.at(-1)]).to.deep.equal(['released', false, 'left'])
  })

  it('says when it takes longer', async () => {
    const bench = await succeeded()
    const answer = await bench.askedBy(heir)
    await bench.run(500)
    expect([answer.value, bench.serves]).to.deep.equal(['refused', true])
  })

  it('a wish to let go that outlasts the lease ends with it, and touches nothing that comes later', async () => {
    const bench = await succeeded()
    await bench.askedBy(heir)
    bench.renews = false
    await bench.run(TTL_MS)
    expect(bench.serves).to.equal(false)
    // It has it again, and is asked again, when the first wish comes to its end.
    bench.renews = true
    await bench.run(1_500)
    expect(bench.serves).to.equal(true)
    bench.leases.renewed(heir)
    const answer = await bench.askedBy(heir)
    bench.leaving[0]?.()
    await bench.world.time.settle()
    expect([bench.serves, answer.settled]).to.deep.equal([true, false])
    bench.leaving[1]?.()
    await bench.world.time.settle()
    expect([bench.serves, answer.value]).to.deep.equal([false, 'released'])
  })
})
