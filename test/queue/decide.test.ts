// What a queue does with tickets: matched at once, matched as windows widen, in parties or not at all, with bots where
// somebody wants them; and what becomes of those whose match was called off.

import { expect } from 'chai'
import { decodeSpec, type MatchSpec } from '../../actors/match/spec.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import { encodeJoining, type JoiningTicket } from '../../actors/queue/ticket.ts'
import type { PoolView, TicketView } from '../../actors/queue/views.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { KindBench, sent } from '../support/kindBench.ts'

const DUEL = 'duel.bo3.1v1.eu-west.USD.0'
const PAID = 'duel.bo3.1v1.eu-west.USD.200'
const TEAMS = 'arena.2v2.2v2.eu-west.USD.0'

type Bench = ReturnType<typeof bench>
function bench(pool = DUEL) {
  return new KindBench(queueKind, pool)
}

function ticket(name: string, rating: number, more: Partial<JoiningTicket> = {}): JoiningTicket {
  return {
    ...{ id: `1-${name}` as RecordId, user: `u_${name}` as UserId, rating, deviation: 100, tier: 'free', role: '' },
    ...{ maps: [], party: null, fillBots: false },
    ...more,
  }
}

function join(queue: Bench, name: string, rating: number, more: Partial<JoiningTicket> = {}) {
  return queue.arrive('join', encodeJoining(ticket(name, rating, more)))
}

/** The players of the matches that this decision proposes, as their teams: `ann|bob`. */
function matches(decision: Accepted<unknown>): readonly string[] {
  return specs(decision).map(({ seats }) => {
    const team = (wanted: number) =>
      seats.flatMap(({ user, team: own }) => (own === wanted ? [user?.slice(2) ?? 'bot'] : [])).join('+')
    return `${team(0)}|${team(1)}`
  })
}

function specs({ outbox }: Accepted<unknown>): readonly MatchSpec[] {
  return outbox.filter(({ name }) => name === 'create').map(({ body }) => decodeSpec(body))
}

/** Lets the timer come as long as it is due by then. */
function wait(queue: Bench, ms: number): readonly Accepted<unknown>[] {
  const untilMs = queue.nowMs + ms
  const ticks: Accepted<unknown>[] = []
  while (queue.state.tickMs !== null && queue.state.tickMs <= untilMs) {
    queue.nowMs = Math.max(queue.nowMs, queue.state.tickMs)
    ticks.push(queue.arrive('tick', null, { via: 'timer' }))
  }
  queue.nowMs = untilMs
  return ticks
}

const news = (queue: Bench, match: string, state: string, atFault: readonly string[] = []) =>
  queue.arrive('match_news', { match, state, at_fault: atFault })
const waiting = (queue: Bench): readonly string[] => [...queue.state.tickets.values()].map(({ user }) => user.slice(2))

describe('queue: two players', () => {
  it('are matched at once where they are near enough', () => {
    const queue = bench()
    expect(matches(join(queue, 'ann', 1500))).to.deep.equal([])
    expect(matches(join(queue, 'bob', 1701))).to.deep.equal([])
    const found = join(queue, 'cat', 1690)
    expect(matches(found)).to.have.length(1)
    expect(matches(found)[0]).to.include('bob').and.include('cat')
    expect(waiting(queue)).to.deep.equal(['ann'])
  })

  it('are matched when both windows have widened far enough, and not before', () => {
    const queue = bench()
    join(queue, 'ann', 1500)
    queue.nowMs += 4_000
    join(queue, 'bob', 1830)
    // 330 apart: three steps of the later one, at 34 s.
    expect(wait(queue, 29_999).flatMap(matches)).to.deep.equal([])
    expect(wait(queue, 1).flatMap(matches)).to.have.length(1)
  })

  it('are never matched beyond the widest window', () => {
    const queue = bench()
    join(queue, 'ann', 1000)
    join(queue, 'bob', 1801)
    expect(wait(queue, 9 * 60_000).flatMap(matches)).to.deep.equal([])
    expect(wait(queue, 60_000).flatMap(sent)).to.deep.equal([
      'ticket_over player/u_ann ["1-ann","expired"]',
      'ticket_over player/u_bob ["1-bob","expired"]',
    ])
    expect(waiting(queue)).to.deep.equal([])
    expect(queue.state.tickMs, 'nobody waits, nothing ticks').to.equal(null)
  })

  it('write only when something can change', () => {
    const queue = bench()
    join(queue, 'ann', 1000)
    expect(wait(queue, 10 * 60_000)).to.have.length(13)
  })

  it('are served by tier, and by waiting in the end', () => {
    const queue = bench()
    join(queue, 'old', 1500)
    queue.nowMs += 5_000
    join(queue, 'elite', 2300, { tier: 'elite' })
    queue.nowMs += 1
    // Both want the one in the middle, each is 400 away.
    join(queue, 'mid', 1900)
    const [first] = wait(queue, 10 * 60_000).flatMap(matches)
    expect(first).to.include('elite').and.include('mid')
  })

  it('of other maps are not matched; of one in common, on that', () => {
    const [first = '', second = ''] = ['crossing', 'yard']
    const queue = bench('arena.1v1.1v1.eu-west.USD.0')
    join(queue, 'ann', 1500, { maps: [first] })
    expect(matches(join(queue, 'bob', 1500, { maps: [second] }))).to.deep.equal([])
    const found = join(queue, 'cat', 1500, { maps: ['x', second] })
    expect(specs(found).map(({ map }) => map)).to.deep.equal([second])
  })

  it('of whom one is here already, or in a match that was just found, are turned away', () => {
    const queue = bench()
    join(queue, 'ann', 1500)
    expect(sent(join(queue, 'ann2', 1500, { user: 'u_ann' as UserId }))).to.deep.equal([
      'ticket_over player/u_ann ["1-ann2","engaged"]',
    ])
    join(queue, 'bob', 1500)
    expect(sent(join(queue, 'ann3', 1500, { user: 'u_ann' as UserId }))).to.deep.equal([
      'ticket_over player/u_ann ["1-ann3","engaged"]',
    ])
  })

  it('that left are not matched', () => {
    const queue = bench()
    join(queue, 'ann', 1500)
    queue.arrive('leave', '1-ann')
    queue.arrive('leave', '1-ann')
    expect(queue.state.tickMs).to.equal(null)
    expect(matches(join(queue, 'bob', 1500))).to.deep.equal([])
  })

  it('of a pool that is none are turned away', () => {
    expect(sent(join(bench('duel.bo3.1v1.moon.USD.0'), 'ann', 1500))).to.deep.equal([
      'ticket_over player/u_ann ["1-ann","refused"]',
    ])
  })
})

describe('queue: the match it asks for', () => {
  it('is what the pool says', () => {
    const queue = bench(PAID)
    join(queue, 'ann', 1510.25)
    const [spec] = specs(join(queue, 'bob', 1490))
    expect(spec).to.deep.include({
      ...{ game: 'duel', mode: 'bo3', region: 'eu-west', source: `queue/${PAID}`, asset: 'USD', stakeMinor: 200n },
      ...{ tier: 'pro', prizeRule: 'winner_takes_all', contributionMinor: 50n, fundingMs: 30_000, readyMs: 60_000 },
      ...{ disputeMs: 0, watchDelayMs: 30_000, ratingKey: 'duel.bo3', external: false },
    })
    expect(spec?.seats.map(({ user, rating }) => [user, rating])).to.have.deep.members([
      ['u_ann', 1510.25],
      ['u_bob', 1490],
    ])
  })

  it('is without a contribution where no money is staked, and shown late all the same, since it is rated', () => {
    for (const pool of [DUEL, 'duel.bo3.1v1.eu-west.CREDIT.200']) {
      const queue = bench(pool)
      join(queue, 'ann', 1500)
      const [spec] = specs(join(queue, 'bob', 1500))
      expect(spec?.contributionMinor).to.equal(0n)
      expect(spec?.watchDelayMs).to.equal(30_000)
    }
  })

  it('is played elsewhere where the game is', () => {
    const queue = bench('cs2.duel.1v1.eu-west.USD.0')
    join(queue, 'ann', 1500)
    const [spec] = specs(join(queue, 'bob', 1500))
    expect([spec?.external, spec?.map?.startsWith('de_')]).to.deep.equal([true, true])
  })
})

describe('queue: teams', () => {
  it('are balanced', () => {
    const queue = bench(TEAMS)
    for (const [name, rating] of [
      ['a', 1400],
      ['b', 1450],
      ['c', 1500],
    ] as const)
      expect(matches(join(queue, name, rating))).to.deep.equal([])
    const [match = ''] = matches(join(queue, 'd', 1550))
    const sides = match.split('|').map((side) => side.split('+').sort().join('+'))
    expect(sides.sort()).to.deep.equal(['a+d', 'b+c'])
  })

  it('keep parties together', () => {
    const queue = bench(TEAMS)
    const party = { id: 'squad', size: 2 }
    join(queue, 'a', 1300, { party })
    join(queue, 'x', 1500)
    join(queue, 'y', 1450)
    const [match = ''] = matches(join(queue, 'b', 1600, { party }))
    const sides = match.split('|').map((side) => side.split('+').sort().join('+'))
    expect(sides.sort()).to.deep.equal(['a+b', 'x+y'])
  })

  it('have no half a party', () => {
    const queue = bench(TEAMS)
    join(queue, 'a', 1500, { party: { id: 'squad', size: 2 } })
    for (const name of ['x', 'y', 'z']) expect(matches(join(queue, name, 1500))).to.deep.equal([])
    const ticks = wait(queue, 60_000)
    expect(ticks.flatMap(matches)).to.deep.equal([])
    expect(ticks.flatMap(sent)).to.deep.equal(['ticket_over player/u_a ["1-a","party"]'])
  })

  it('take no stranger who says another size, and nobody beyond it', () => {
    const queue = bench(TEAMS)
    const party = { id: 'squad', size: 2 }
    join(queue, 'a', 1500, { party })
    expect(sent(join(queue, 'b', 1500, { party: { id: 'squad', size: 1 } }))[0]).to.include('"party"')
    join(queue, 'c', 1500, { party })
    expect(sent(join(queue, 'd', 1500, { party }))[0]).to.include('"party"')
  })

  it('spread roles where it costs little', () => {
    const queue = bench(TEAMS)
    join(queue, 'a', 1500, { role: 'medic' })
    join(queue, 'b', 1510, { role: 'scout' })
    join(queue, 'c', 1505, { role: 'medic' })
    const [match = ''] = matches(join(queue, 'd', 1512, { role: 'scout' }))
    for (const side of match.split('|'))
      expect(['a+b', 'a+d', 'b+c', 'c+d']).to.include(side.split('+').sort().join('+'))
  })

  it('are filled with bots after a little while, where all who wait want that', () => {
    const queue = bench(TEAMS)
    join(queue, 'a', 1500, { fillBots: true })
    join(queue, 'b', 1500)
    expect(wait(queue, 2_999).flatMap(matches)).to.deep.equal([])
    const [tick] = wait(queue, 1)
    expect(
      specs(tick ?? join(queue, 'z', 1)).map(({ seats, ratingKey }) => [
        seats.filter(({ user }) => user === null).length,
        ratingKey,
      ]),
    ).to.deep.equal([[3, null]])
    expect(waiting(queue)).to.deep.equal(['b'])
  })

  it('have people first, where several want bots', () => {
    const queue = bench(TEAMS)
    join(queue, 'a', 1500, { fillBots: true })
    join(queue, 'b', 1500, { fillBots: true })
    const [match = ''] = wait(queue, 3_000).flatMap(matches)
    expect(match.split(/[|+]/).sort()).to.deep.equal(['a', 'b', 'bot', 'bot'])
  })

  it('have no bots where something is staked', () => {
    const queue = bench(PAID)
    join(queue, 'a', 1500, { fillBots: true })
    expect(wait(queue, 60_000).flatMap(matches)).to.deep.equal([])
  })
})

describe('queue: what became of a match', () => {
  function proposed(): { readonly queue: Bench; readonly match: string } {
    const queue = bench()
    join(queue, 'ann', 1500)
    queue.nowMs += 5_000
    join(queue, 'bob', 1500)
    return { queue, match: [...queue.state.proposals.keys()][0] ?? '' }
  }

  it('made: the queue is done with it, whatever comes later', () => {
    const { queue, match } = proposed()
    expect(news(queue, match, 'ready').events).to.deep.equal([{ kind: 'made', match }])
    for (const state of ['live', 'finished', 'settled', 'cancelled'])
      expect(news(queue, match, state).events).to.deep.equal([])
    expect(queue.state.made).to.equal(1)
  })

  it('called off: whoever is to blame is out, the other waits on with the time they have waited', () => {
    const { queue, match } = proposed()
    const joinedMs = queue.nowMs - 5_000
    queue.nowMs += 30_000
    expect([...sent(news(queue, match, 'cancelled', ['u_bob']))].sort()).to.deep.equal([
      `requeued player/u_ann ["1-ann","${DUEL}","${match}"]`,
      'ticket_over player/u_bob ["1-bob","engaged"]',
    ])
    const view = queue.view({ kind: 'ticket', ticket: '1-ann' as RecordId }) as TicketView
    expect(view).to.include({ state: 'waiting', joinedMs, position: 1 })
    expect(matches(join(queue, 'cat', 1650))).to.have.length(1)
  })

  it('called off by nobody: both wait on, and are offered each other again', () => {
    const { queue, match } = proposed()
    expect(sent(news(queue, match, 'cancelled'))).to.have.length(2)
    expect(wait(queue, 1_000).flatMap(matches)).to.have.length(1)
  })

  it('called off: a party goes with the one to blame', () => {
    const queue = bench(TEAMS)
    const party = { id: 'squad', size: 2 }
    for (const name of ['a', 'b']) join(queue, name, 1500, { party })
    for (const name of ['x', 'y']) join(queue, name, 1500)
    const match = [...queue.state.proposals.keys()][0] ?? ''
    expect(
      sent(news(queue, match, 'cancelled', ['u_a']))
        .map((line) => line.slice(0, 24))
        .sort(),
    ).to.deep.equal([
      'requeued player/u_x ["1-',
      'requeued player/u_y ["1-',
      'ticket_over player/u_a [',
      'ticket_over player/u_b [',
    ])
  })

  it('refused: nobody waits on', () => {
    const { queue, match } = proposed()
    const back = queue.arrive('returned', { code: 'x', original: '1-1' }, { from: `match/${match}` })
    expect(sent(back).map((line) => line.split(' ')[0])).to.deep.equal(['ticket_over', 'ticket_over'])
    expect(queue.arrive('returned', { code: 'x', original: '1-1' }, { from: 'player/u_ann' }).events).to.deep.equal([])
  })

  it('never heard of: the player is free again after a quarter of an hour', () => {
    const { queue } = proposed()
    queue.nowMs += 15 * 60_000
    expect(sent(join(queue, 'ann2', 1500, { user: 'u_ann' as UserId }))).to.deep.equal([])
  })
})

describe('queue: what it shows', () => {
  it('places, estimates of recent waits, and the pool as a whole', () => {
    const queue = bench()
    const show = (name: string) => queue.view({ kind: 'ticket', ticket: `1-${name}` as RecordId }) as TicketView
    join(queue, 'a', 1500)
    queue.nowMs += 12_000
    join(queue, 'b', 1500)
    expect(show('a')).to.include({ state: 'proposed', match: [...queue.state.proposals.keys()][0] ?? '' })
    join(queue, 'c', 1000)
    join(queue, 'd', 2000, { tier: 'elite' })
    expect([show('d').position, show('c').position]).to.deep.equal([1, 2])
    expect(show('c').estimateMs).to.equal(12_000)
    expect(show('nobody').state).to.equal('unknown')
    const pool = queue.view({ kind: 'pool' }) as PoolView
    expect(pool).to.deep.include({
      ...{ waiting: 2, byTier: { free: 1, premium: 0, pro: 0, elite: 1 }, proposed: 1, made: 0, meanRating: 1500 },
    })
  })
})
