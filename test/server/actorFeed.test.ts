// Records of actors of any kind, told once they are durable to who listens for them, and which partitions serve here.

import { expect } from 'chai'
import type { LogRecord } from '../../actors/runtime/record.ts'
import { ActorFeed, type RecordListener } from '../../rooms/actorFeed.ts'
import { Feeds } from '../../rooms/feeds.ts'
import { OwnedPartitions } from '../../rooms/ownedPartitions.ts'
import { WalletFeed } from '../../rooms/walletFeed.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { Pending, RuntimeWorld } from '../support/runtimeWorld.ts'
import { START_MS } from '../support/walletBench.ts'

class Ear implements RecordListener {
  readonly heard: string[] = []
  staleTimes = 0

  committed(partition: PartitionId, record: LogRecord): void {
    this.heard.push(`${partition} ${record.actor} ${record.seq} ${record.events.join()}`)
  }

  stale(): void {
    this.staleTimes++
  }
}

class Listening {
  readonly wallets = new WalletFeed(0)
  readonly failures: string[] = []
  readonly interest: string[] = []
  readonly actors = new ActorFeed((actor) => this.failures.push(actor))
  readonly feeds = new Feeds([this.wallets, this.actors], (actor) => this.failures.push(actor))

  constructor() {
    this.feeds.onInterest = (actor, wanted) => this.interest.push(`${wanted ? 'wants' : 'leaves'} ${actor}`)
  }
}

function recordOf(actor: string, seq: number): LogRecord {
  return {
    ...{ seq, atMs: START_MS, actor, cause: { kind: 'epoch' }, outcome: { kind: 'accepted' }, operation: 'none' },
    ...{ events: ['said'], entries: [], outbox: [], timers: [], reply: null },
  }
}

describe('actor feed', () => {
  it('a listener hears of one actor, and only what is durable (A4)', async () => {
    const listening = new Listening()
    const world = await RuntimeWorld.serving({ feed: listening.feeds })
    const [one, other] = [world.address('probe', 0), world.address('probe', 0, 'b')]
    const ear = new Ear()
    const end = listening.actors.subscribe(actorKey(one.kind, one.id), ear)
    world.journal.hold()
    const first = world.ask(one, { kind: 'note', text: 'first' })
    await world.time.settle()
    expect([first.settled, ear.heard]).to.deep.equal([false, []])
    world.journal.release()
    await world.time.settle()
    await world.answer(other, { kind: 'note', text: 'elsewhere' })
    await world.answer(one, { kind: 'note', text: 'second' })
    end()
    await world.answer(one, { kind: 'note', text: 'third' })
    const key = `probe/${one.id}`
    expect(ear.heard).to.deep.equal([`0 ${key} 2 first`, `0 ${key} 4 second`])
    expect(listening.interest).to.deep.equal([`wants ${key}`, `leaves ${key}`])
  })

  it('a kind is heard of where its partition serves, not from another process', () => {
    const listening = new Listening()
    const [kind, one] = [new Ear(), new Ear()]
    const end = listening.actors.watchKind('probe', kind)
    listening.actors.subscribe('probe/p_a', one)
    expect(['probe/p_b', 'probes/p_b', 'wallet/w_b'].map((actor) => listening.feeds.wants(actor))).to.deep.equal([
      ...[true, false, false],
    ])
    listening.feeds.heard(1, recordOf('probe/p_a', 7))
    expect([kind.heard, one.heard.length]).to.deep.equal([[], 1])
    listening.feeds.committed(1, recordOf('probe/p_a', 8))
    listening.feeds.committed(1, recordOf('probe/p_b', 9))
    expect([kind.heard.length, one.heard.length]).to.deep.equal([2, 2])
    end()
    listening.feeds.committed(1, recordOf('probe/p_b', 10))
    expect(kind.heard).to.have.length(2)
  })

  it('what comes late, or again, is not told: it is in what was read when the owner changed', () => {
    const { actors, feeds } = new Listening()
    const ear = new Ear()
    actors.subscribe('probe/p_a', ear)
    for (const seq of [5, 6, 6, 4]) feeds.heard(0, recordOf('probe/p_a', seq))
    expect(ear.heard).to.have.length(2)
    feeds.refresh((actor) => actor === 'probe/p_b')
    expect(ear.staleTimes).to.equal(0)
    feeds.refresh((actor) => actor === 'probe/p_a')
    expect(ear.staleTimes).to.equal(1)
  })

  it('a listener that throws harms neither the others nor the commit', async () => {
    const listening = new Listening()
    const world = await RuntimeWorld.serving({ feed: listening.feeds })
    const one = world.address('probe', 0)
    const key = actorKey(one.kind, one.id)
    const ear = new Ear()
    const thrower: RecordListener = {
      committed: () => {
        throw new Error('told to')
      },
      stale: () => {
        throw new Error('told to')
      },
    }
    listening.actors.watchKind('probe', thrower)
    listening.actors.subscribe(key, thrower)
    listening.actors.subscribe(key, ear)
    const answer = await world.answer(one, { kind: 'note', text: 'heard all the same' })
    expect([answer.kind, ear.heard.length]).to.deep.equal(['done', 1])
    listening.feeds.refresh(() => true)
    expect([ear.staleTimes, listening.failures]).to.deep.equal([1, [key, key, key]])
    expect(world.alarms).to.deep.equal([])
  })

  it('an actor that both feeds want is wanted until neither does', () => {
    const { wallets, actors, interest } = new Listening()
    const ofWallet = wallets.subscribe('w_alice' as WalletId, {
      balance: () => {},
      transactions: () => {},
      stale: () => {},
    })
    const ofActor = actors.subscribe('wallet/w_alice', new Ear())
    ofWallet()
    expect(interest).to.deep.equal(['wants wallet/w_alice'])
    ofActor()
    expect(interest).to.deep.equal(['wants wallet/w_alice', 'leaves wallet/w_alice'])
  })
})

describe('owned partitions', () => {
  it('who listens hears of what serves already, of what begins to, and of what is lost', async () => {
    const world = await RuntimeWorld.serving()
    const failures: unknown[] = []
    const owned = new OwnedPartitions(world.runtime, { held: () => true }, (error) => failures.push(error))
    const told: string[] = []
    owned.onServing(() => {
      throw new Error('told to')
    })
    owned.serving(0)
    owned.onServing((partition) => told.push(`serves ${partition}`))
    owned.onLost((partition) => told.push(`lost ${partition}`))
    owned.serving(1)
    owned.serving(1)
    owned.lost(0)
    owned.lost(0)
    expect(told).to.deep.equal(['serves 0', 'serves 1', 'lost 0'])
    expect([owned.has(0), owned.has(1), failures.length]).to.deep.equal([false, true, 2])
  })

  it('the timers of a partition name the actors that have something under way, after a restart too', async () => {
    const world = await RuntimeWorld.serving()
    const one = world.address('probe', 1)
    const dueMs = START_MS + 60_000
    await world.answer(one, { kind: 'arm', name: 'live', dueMs })
    await world.answer(one, { kind: 'arm', name: 'over', dueMs })
    await world.answer(one, { kind: 'disarm', name: 'over' })
    await world.restart()
    const lease = { is: true }
    const owned = new OwnedPartitions(world.runtime, { held: () => lease.is }, () => {})
    const timers = (partition: PartitionId): unknown[] =>
      [...owned.timers(partition)].map(({ actor, name, dueMs: due }) => [actor, name, due])
    expect(timers(1)).to.deep.equal([])
    owned.serving(1)
    expect(timers(1)).to.deep.equal([[`probe/${one.id}`, 'live', dueMs]])
    expect([owned.leaseHeld(0), owned.leaseHeld(1)]).to.deep.equal([false, true])
    // C1
    lease.is = false
    expect([owned.has(1), owned.leaseHeld(1)]).to.deep.equal([true, false])
    // Lost in the runtime, and not told of yet.
    world.runtime.forget(1)
    expect([owned.has(1), timers(1)]).to.deep.equal([false, []])
    expect(new Pending(world.runtime.read(one, 'log')).settled).to.equal(false)
  })
})
