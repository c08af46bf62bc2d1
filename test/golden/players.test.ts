// What the golden journals of players and queues have in them, and that it goes on from where it stood.

import { expect } from 'chai'
import { decodeBatch } from '../../actors/runtime/codec.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { UserId } from '../../shared/ids.ts'
import { MemoryJournal } from '../support/memoryJournal.ts'
import { QueueCast } from '../support/queueCast.ts'
import { RuntimeWorld } from '../support/runtimeWorld.ts'
import { goldenBatches, goldenStates } from './files.ts'

type Told = readonly [tag: string, ...rest: readonly unknown[]]

function recordsOf(journal: string, kind: string): readonly LogRecord[] {
  return goldenStates(journal)
    .flatMap(({ partition }) => goldenBatches(journal, partition).flatMap((bytes) => decodeBatch(bytes).records))
    .filter(({ actor }) => actor.startsWith(`${kind}/`))
}

function eventsOf(journal: string, kind: string): readonly Told[] {
  return recordsOf(journal, kind).flatMap(({ events }) => events.map((event) => event as unknown as Told)) // tag first
}

function refusals(journal: string, kind: string): ReadonlySet<string> {
  return new Set(
    recordsOf(journal, kind).flatMap(({ outcome }) => (outcome.kind === 'refused' ? [String(outcome.code)] : [])),
  )
}

const distinct = (values: readonly unknown[]): readonly unknown[] => [...new Set(values)].sort()

async function goesOn(journal: string): Promise<QueueCast> {
  const past = MemoryJournal.of(
    goldenStates(journal).map(({ partition }) => [partition, goldenBatches(journal, partition)] as const),
  )
  const world = await RuntimeWorld.serving({ partitions: goldenStates(journal).length, past, firstId: 1_000 })
  // The clock is where the log has come to: a partition ahead of it is not served (A7).
  const times = world.partitions.flatMap((partition) => world.records(partition).map(({ atMs }) => atMs))
  world.time.jump(Math.max(...times) - world.time.nowMs())
  await world.time.advance(2_000)
  return new QueueCast(world)
}

describe('golden journal player-1', () => {
  const events = eventsOf('player-1', 'player')

  it('has everything that a player writes, and refuses', () => {
    const tags = ['engaged', 'enqueued', 'freed', 'pardoned', 'penalised', 'rated', 'requeued', 'tier_set', 'unqueued']
    expect(distinct(events.map(([tag]) => tag))).to.deep.equal(tags)
    expect([...refusals('player-1', 'player')]).to.have.members([
      ...['queue.already_waiting', 'queue.no_ticket', 'queue.penalised'],
    ])
  })

  it('has penalties that grow, are pardoned, and are forgiven', () => {
    const counts = events.flatMap(([tag, match, count]) => (tag === 'penalised' ? [[match, count]] : []))
    expect(counts.filter(([match]) => String(match).startsWith('m_fault')).map(([, count]) => count)).to.deep.equal([
      ...[1, 2, 3, 4, 1],
    ])
  })

  it('goes on: whoever left is out, whoever is in a match is not let into a queue, and is rated when it ends', async () => {
    const cast = await goesOn('player-1')
    const [ann, bob] = ['u_ann_0002', 'u_bob_0003'] as UserId[] // of the journal
    if (ann === undefined || bob === undefined) throw new Error('two players')
    expect(await cast.enqueue(bob, 'duel.bo3.1v1.eu-west.USD.0')).to.include({ code: 'queue.in_match' })
    expect(await cast.queueView('duel.bo3.1v1.eu-west.USD.0')).to.include({ waiting: 0 })
    const before = (await cast.playerView(ann)).ratings.find(({ key }) => key === 'duel.bo3')
    await cast.finish('m_last', 0)
    const after = (await cast.playerView(ann)).ratings.find(({ key }) => key === 'duel.bo3')
    expect(after?.matches).to.equal(3)
    expect(after?.rating).to.be.above(before?.rating ?? 0)
    expect((await cast.playerView(bob)).engagement).to.equal(null)
  })
})

describe('golden journal queue-1', () => {
  const events = eventsOf('queue-1', 'queue')

  it('has everything that a queue writes', () => {
    const tags = ['called_off', 'joined', 'made', 'over', 'proposed', 'timed']
    expect(distinct(events.map(([tag]) => tag))).to.deep.equal(tags)
    const ends = eventsOf('queue-1', 'player').flatMap(([tag, , why]) => (tag === 'unqueued' ? [why] : []))
    expect(distinct([...ends, ...events.flatMap(([tag, , why]) => (tag === 'over' ? [why] : []))])).to.deep.equal([
      ...['expired', 'left', 'party', 'refused'],
    ])
    const requeued = events.flatMap(([tag, , tickets]) => (tag === 'called_off' ? [(tickets as Told).length] : []))
    expect(distinct(requeued), 'nobody, one, and a party').to.deep.equal([0, 1, 2])
  })

  it('has bots, stakes that were paid back, and prizes', () => {
    const made = recordsOf('queue-1', 'queue').flatMap(({ outbox }) => outbox.filter(({ name }) => name === 'create'))
    expect(made.some(({ body }) => JSON.stringify(body).includes('[null,'))).to.equal(true)
    const wallet = distinct(eventsOf('queue-1', 'wallet').map(([tag]) => tag))
    expect(wallet).to.include.members(['prize', 'refunded', 'staked'])
  })

  it('goes on: who waits is matched, and half a party lapses', async () => {
    const cast = await goesOn('queue-1')
    const [ann, bob, cat] = ['u_ann_0002', 'u_bob_0003', 'u_cat_0000'] as UserId[] // of the journal
    if (ann === undefined || bob === undefined || cat === undefined) throw new Error('three players')
    const match = await cast.matchOf(ann)
    expect(await cast.matchOf(bob)).to.equal(match)
    await cast.play(match)
    await cast.finish(match, 0)
    expect(await cast.queueView('duel.bo3.1v1.eu-west.USD.200')).to.include({ made: 3, waiting: 0, proposed: 0 })
    await cast.world.time.advance(60_000)
    expect((await cast.playerView(cat)).lastTicket?.why).to.equal('party')
    expect(cast.world.inTransit()).to.equal(0n)
  })
})

describe('golden journal queue-2', () => {
  const events = eventsOf('queue-2', 'player')

  it('has parties that are called by their leaders, and who is none of them', () => {
    const joins = recordsOf('queue-2', 'player').flatMap(({ outbox }) => outbox.filter(({ name }) => name === 'join'))
    const members = joins.flatMap(({ body }) => ((body as Told).length === 11 ? [(body as Told)[10]] : []))
    expect(distinct(members.map((named) => (named as Told).length))).to.deep.equal([0, 1])
    const ends = eventsOf('queue-2', 'player').flatMap(([tag, , why]) => (tag === 'unqueued' ? [why] : []))
    expect(ends.filter((why) => why === 'party')).to.have.length(3)
  })

  it('has penalties that come on top of others, and such as are taken back', () => {
    expect(events.filter(([tag]) => tag === 'lifted')).to.have.length(4)
    const before = events.flatMap((event) => (event[0] === 'penalised' ? [event[4] === null] : []))
    expect(distinct(before)).to.deep.equal([false, true])
    const reinstated = eventsOf('queue-2', 'match').filter(([tag]) => tag === 'reinstated')
    expect(reinstated.map(([, seats]) => seats)).to.deep.equal([[0], [0, 1], [1]])
  })

  it('goes on: a look that was under way comes to its end, and half a party lapses', async () => {
    const DUEL = 'duel.bo3.1v1.eu-west.USD.0'
    const timed = eventsOf('queue-2', 'queue').filter(([tag]) => tag === 'timed')
    expect(timed.some((event) => event.length === 3)).to.equal(true)
    const cast = await goesOn('queue-2')
    expect(await cast.queueView(DUEL)).to.include({ waiting: 80 })
    const [ann] = ['u_ann_0002'] as UserId[] // of the journal
    if (ann === undefined) throw new Error('one player')
    await cast.world.time.advance(60_000)
    expect((await cast.playerView(ann)).lastTicket?.why).to.equal('party')
    await cast.world.time.advance(10 * 60_000)
    expect(await cast.queueView(DUEL)).to.include({ waiting: 0 })
  })
})

describe('golden journal player-2', () => {
  it('has a match that was called off before it was heard of, and one that came of the same ticket', () => {
    const own = recordsOf('player-2', 'player').filter(({ actor }) => actor.startsWith('player/u_ann'))
    const tags = own.flatMap(({ events }) => events.map((event) => (event as unknown as Told)[0]))
    expect(tags).to.deep.equal(['enqueued', 'passed', 'engaged', 'freed', 'rated'])
    const told = recordsOf('player-2', 'match').flatMap(({ outbox }) => outbox.filter(({ name }) => name === 'engaged'))
    expect(told.map(({ body }) => Object.keys(body as object))).to.deep.equal(
      Array.from({ length: 4 }, () => ['match', 'source', 'ticket']),
    )
  })

  it('goes on: who waited on and played is free', async () => {
    const cast = await goesOn('player-2')
    const [ann] = recordsOf('player-2', 'player').flatMap(({ actor }) =>
      actor.includes('ann') ? [actor.slice(7)] : [],
    )
    expect((await cast.playerView(ann as UserId)).engagement).to.equal(null) // of the journal
  })
})
