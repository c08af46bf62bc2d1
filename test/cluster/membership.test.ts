// C1: how long the own lease holds, and who else may have one.

import { expect } from 'chai'
import { Membership } from '../../actors/cluster/membership.ts'
import { ManualTime } from '../support/manualTime.ts'
import { TestLeases } from '../support/testLeases.ts'
import { START_MS } from '../support/walletBench.ts'

const TTL_MS = 3_000

class Bench {
  readonly time = new ManualTime(START_MS)
  readonly leases = new TestLeases()
  readonly lapses: number[] = []
  changes = 0
  readonly membership = new Membership({
    me: 'me',
    address: null,
    ttlMs: TTL_MS,
    leases: this.leases,
    scheduler: this.time,
    monotonic: { elapsedMs: () => this.elapsedMs },
    observer: { committed() {}, answered() {}, alarm() {} },
    holds: () => 0,
    changed: () => {
      this.changes++
    },
    lapsed: () => this.lapses.push(this.elapsedMs),
  })

  get elapsedMs(): number {
    return this.time.nowMs() - START_MS
  }

  async started(): Promise<this> {
    this.membership.start()
    await this.time.settle()
    return this
  }

  /** Answers the renewal with this index, all by default. */
  async renewed(index?: number): Promise<void> {
    for (const put of index === undefined ? this.leases.puts : [this.leases.puts[index]]) put?.done()
    await this.time.settle()
  }
}

describe('membership: before it has a lease', () => {
  it('watches without one, and what it has watched counts', async () => {
    const bench = new Bench()
    bench.leases.says = { life: 'one', members: ['other'] }
    bench.membership.watch()
    await bench.time.settle()
    expect([bench.leases.puts.length, bench.membership.eligible]).to.deep.equal([0, []])
    await bench.time.advance(TTL_MS - 1)
    bench.membership.start()
    expect(bench.membership.mayHaveMissed).to.equal(true)
    await bench.time.advance(1)
    expect([bench.membership.mayHaveMissed, await bench.membership.census()]).to.deep.equal([false, ['other']])
  })

  it('a bucket that began anew meanwhile is watched for as long again', async () => {
    const bench = new Bench()
    bench.leases.says = { life: 'one', members: [] }
    bench.membership.watch()
    await bench.time.advance(TTL_MS)
    bench.leases.says = { life: 'two', members: [] }
    bench.membership.start()
    await bench.time.settle()
    expect([bench.membership.mayHaveMissed, await bench.membership.census()]).to.deep.equal([true, null])
  })

  it('gives up nothing where it never had one', async () => {
    const bench = new Bench()
    bench.membership.watch()
    await bench.membership.stop()
    expect(bench.leases.given).to.deep.equal([])
  })
})

describe('membership: the own lease', () => {
  it('holds once a renewal was answered, and counts from when that was sent', async () => {
    const bench = await new Bench().started()
    expect(bench.membership.held()).to.equal(false)
    await bench.time.advance(700)
    await bench.renewed(0)
    await bench.time.advance(TTL_MS - 701)
    expect(bench.membership.held()).to.equal(true)
    await bench.time.advance(1)
    expect(bench.membership.held()).to.equal(false)
  })

  it('is renewed three times in its life', async () => {
    const bench = await new Bench().started()
    await bench.time.advance(TTL_MS)
    expect(bench.leases.puts).to.have.length(4)
  })

  it('is as long as its newest renewal makes it, in whatever order they are answered', async () => {
    const bench = await new Bench().started()
    await bench.time.advance(2_000)
    await bench.renewed(2)
    await bench.renewed(0)
    await bench.renewed(1)
    await bench.time.advance(2_999)
    expect(bench.membership.held()).to.equal(true)
    expect(bench.lapses).to.deep.equal([])
    await bench.time.advance(1)
    expect(bench.membership.held()).to.equal(false)
    expect(bench.lapses).to.deep.equal([5_000])
  })

  it('lapses once, begins another term, and comes back with the next renewal', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    await bench.time.advance(5_000)
    expect(bench.lapses).to.deep.equal([3_000])
    expect([bench.membership.term, bench.membership.eligible]).to.deep.equal([1, []])
    await bench.renewed(5)
    expect(bench.membership.held()).to.equal(true)
    expect([bench.membership.term, bench.membership.eligible]).to.deep.equal([1, ['me']])
  })

  it('tells of its lapse before a late answer makes another', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    // Asleep: what is due comes late, an answer first.
    bench.leases.puts.length = 0
    await bench.time.advance(2_999)
    const [, second] = bench.leases.puts
    bench.time.sleep(3_000)
    second?.done()
    await Promise.resolve()
    await Promise.resolve()
    expect(bench.lapses).to.deep.equal([5_999])
  })

  it('is nobody’s after a stop', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    await bench.membership.stop()
    expect([bench.membership.held(), bench.leases.given]).to.deep.equal([false, ['me']])
    await bench.time.advance(TTL_MS)
    await bench.renewed()
    expect([bench.membership.held(), bench.membership.eligible]).to.deep.equal([false, []])
  })

  it('says at once that it drains, and is given nothing from then on', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    bench.leases.renewed('a')
    expect(bench.membership.eligible).to.deep.equal(['a', 'me'])
    bench.membership.setDraining()
    expect(bench.leases.puts.at(-1)?.value.state).to.equal('draining')
    expect(bench.membership.eligible).to.deep.equal(['a'])
  })

  it('is one of those that leave where all do: what they still have comes to rest with the first of them', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    bench.leases.renewed('z', 'draining')
    bench.membership.setDraining()
    expect(bench.membership.eligible).to.deep.equal(['me'])
    bench.leases.renewed('a', 'draining')
    expect(bench.membership.eligible).to.deep.equal(['a'])
  })
})

describe('membership: the others', () => {
  it('shares among those heard of within their time, that do not drain and have not gone', async () => {
    const bench = await new Bench().started()
    await bench.renewed()
    for (const id of ['a', 'b', 'c']) bench.leases.renewed(id)
    bench.leases.renewed('b', 'draining')
    bench.leases.tell({ kind: 'given_up', member: 'c' })
    expect(bench.membership.eligible).to.deep.equal(['a', 'me'])
    await bench.time.advance(2_000)
    bench.leases.renewed('b')
    await bench.renewed()
    await bench.time.advance(1_000)
    expect(bench.membership.eligible).to.deep.equal(['b', 'me'])
  })

  it('tells of changes, not of renewals', async () => {
    const bench = await new Bench().started()
    bench.leases.renewed('a')
    const { changes } = bench
    bench.leases.renewed('a')
    expect(bench.changes).to.equal(changes)
    bench.leases.renewed('a', 'draining')
    expect(bench.changes).to.equal(changes + 1)
  })
})

describe('membership: the census', () => {
  /** Of a member that has known whoever decides for a lease's time. */
  async function settled(): Promise<Bench> {
    const bench = await new Bench().started()
    await bench.time.advance(TTL_MS)
    return bench
  }

  it('cannot be told before whoever decides was known for as long as a lease lasts', async () => {
    const bench = await new Bench().started()
    await bench.time.advance(TTL_MS - 1)
    expect([bench.membership.mayHaveMissed, await bench.membership.census()]).to.deep.equal([true, null])
    await bench.time.advance(1)
    expect([bench.membership.mayHaveMissed, await bench.membership.census()]).to.deep.equal([false, []])
  })

  it('has members of whom nothing was ever heard', async () => {
    const bench = await settled()
    bench.leases.says = { life: 'one', members: ['a', 'me'] }
    expect(await bench.membership.census()).to.deep.equal(['a'])
  })

  it('has members that were heard of, though whoever decides has none of them', async () => {
    const bench = await settled()
    bench.leases.renewed('a')
    expect(await bench.membership.census()).to.deep.equal(['a'])
    await bench.time.advance(TTL_MS)
    expect(await bench.membership.census()).to.deep.equal([])
    expect(bench.membership.known).to.deep.equal([])
  })

  it('cannot be told for another lease’s time where leases may have been forgotten', async () => {
    const bench = await settled()
    bench.leases.says = { life: 'two', members: [] }
    expect(await bench.membership.census()).to.equal(null)
    await bench.time.advance(TTL_MS - 1)
    expect(await bench.membership.census()).to.equal(null)
    await bench.time.advance(1)
    expect(await bench.membership.census()).to.deep.equal([])
  })

  it('is of the moment in which it was asked for: what is forgotten meanwhile does not count as known', async () => {
    const bench = await settled()
    bench.leases.says = { life: 'two', members: [] }
    await bench.membership.census()
    const heldBack: (() => void)[] = []
    bench.leases.heldBack = heldBack
    const asked = bench.membership.census()
    bench.leases.heldBack = null
    await bench.time.advance(TTL_MS)
    for (const answer of heldBack) answer()
    expect(await asked).to.equal(null)
  })

  it('rejects where nobody tells', async () => {
    const bench = await settled()
    bench.leases.says = null
    const failed = await bench.membership.census().then(
      () => null,
      (error: unknown) => String(error),
    )
    expect(failed).to.equal('Error: no answer')
  })
})
