// A look at a crowd is made in steps of a bounded effort, and comes to everybody all the same; and a queue whose timer was
// lost looks again.

import { expect } from 'chai'
import { decodeSpec } from '../../actors/match/spec.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import { crowdOf, findMatch } from '../../actors/queue/matching.ts'
import { addTicket } from '../../actors/queue/state.ts'
import { encodeJoining, type Ticket } from '../../actors/queue/ticket.ts'
import { Units, unitOf } from '../../actors/queue/units.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { KindBench, sent } from '../support/kindBench.ts'

const PAID = 'duel.bo3.1v1.eu-west.USD.200'
const FREE = 'duel.bo3.1v1.eu-west.USD.0'
const FIVES = 'arena.5v5.5v5.eu-west.USD.200'
type Bench = KindBench<ReturnType<typeof queueKind.initial>, never, never, never, never>

function waiting(number: number, nowMs: number, more: Partial<Ticket> = {}): Ticket {
  return {
    ...{ id: `1-${String(number).padStart(6, '0')}` as RecordId, user: `u_${number}` as UserId },
    ...{ rating: 1500, deviation: 100, tier: 'free', role: '', maps: [], party: null, fillBots: false },
    ...{ joinedMs: nowMs, expiresMs: nowMs + RULES.ticketMs },
    ...more,
  }
}

/** A queue in which so many wait who were put there, and nobody was looked at yet. */
function crowd(pool: string, count: number, more: (number: number) => Partial<Ticket>): Bench {
  const queue = new KindBench(queueKind, pool) as unknown as Bench // used through `arrive` alone, which makes the commands
  for (let number = 0; number < count; number++) addTicket(queue.state, waiting(number, queue.nowMs, more(number)))
  queue.state.tickMs = queue.nowMs
  return queue
}

function tick(queue: Bench): Accepted<unknown> {
  queue.nowMs = Math.max(queue.nowMs, queue.state.tickMs ?? 0)
  return queue.arrive('tick', null, { via: 'timer' })
}

/** Steps until a look is complete; the matches that it found. */
function look(queue: Bench): { readonly steps: number; readonly users: readonly string[]; readonly proposed: number } {
  const users: string[] = []
  let [steps, proposed] = [0, 0]
  do {
    const { outbox } = tick(queue)
    const specs = outbox.flatMap(({ name, body }) => (name === 'create' ? [decodeSpec(body)] : []))
    proposed = Math.max(proposed, specs.length)
    users.push(...specs.flatMap(({ seats }) => seats.flatMap(({ user }) => user ?? [])))
    steps++
  } while (queue.state.looking !== null)
  return { steps, users, proposed }
}

describe('queue: a look at a crowd', () => {
  const alone = (number: number): Partial<Ticket> => ({ maps: [`map${number}`] })

  it('is made in steps, and finds whom it would have found at once', () => {
    // Nobody would play on anybody else's map, but for the first that is served and the last.
    const queue = crowd(PAID, 3_000, (number) => alone(number % 2_999))
    const { steps, users } = look(queue)
    expect(users.toSorted()).to.deep.equal([])
    expect(steps).to.be.greaterThan(10)
    // They are far apart among neighbours of one rating: with ratings of their own they meet.
    const [first, last] = [
      queue.state.tickets.get('1-000000' as RecordId),
      queue.state.tickets.get('1-002999' as RecordId),
    ]
    if (first === undefined || last === undefined) throw new Error('they wait')
    for (const ticket of [first, last]) {
      queue.arrive('leave', ticket.id)
      addTicket(queue.state, { ...ticket, rating: 2500 })
    }
    expect(look(queue).users.toSorted()).to.deep.equal(['u_0', 'u_2999'])
  })

  it('where it comes to an end it is as long until the next one as for few', () => {
    const queue = crowd(PAID, 1_000, alone)
    const sinceMs = queue.nowMs
    look(queue)
    expect(queue.state.tickMs).to.equal(sinceMs + RULES.matchWindowStepMs)
  })

  it('whose windows widened while it went on are looked at again, soon', () => {
    const queue = crowd(PAID, 1_000, alone)
    const sinceMs = queue.nowMs
    tick(queue)
    expect(queue.state.looking).to.include({ sinceMs })
    queue.nowMs += RULES.matchWindowStepMs + 5_000
    look(queue)
    expect((queue.state.tickMs ?? 0) - queue.nowMs).to.be.within(1, 1_000)
  })

  for (const [what, pool, more, most] of [
    ['of five, which takes long to divide', FIVES, () => ({}), 10],
    ['with bots', FREE, (number: number) => ({ ...alone(number), fillBots: true }), 40],
  ] as const) {
    it(`makes few matches at a time ${what}`, () => {
      const queue = crowd(pool, 400, more)
      queue.nowMs += RULES.fillBotsAfterMs
      const { proposed, users } = look(queue)
      expect(proposed).to.be.within(1, most)
      expect(users).to.have.length(400)
    })
  }

  it('whoever takes over goes on where it was', () => {
    const queue = crowd(PAID, 1_000, alone)
    tick(queue)
    const again = queueKind.decodeState(JSON.parse(JSON.stringify(queueKind.encodeState(queue.state))))
    expect(again.looking).to.deep.equal(queue.state.looking)
    expect(again.looking).to.not.equal(null)
  })

  it('a search that finds nobody looks at few', () => {
    const units = new Units()
    for (let number = 0; number < 5_000; number++) {
      const ticket = waiting(number, 0, { ...alone(number), rating: 1_400 + (number % 200) })
      units.add(unitOf(ticket.id, [ticket]))
    }
    const searched = crowdOf(units)
    const [anchor] = units.ranked
    if (anchor === undefined) throw new Error('nobody')
    expect(findMatch(anchor, searched, 1, 0)).to.equal(null)
    expect(searched.effort.spent).to.be.lessThan(100)
  })

  it('five pairs are no two teams; two who are alone take the last one’s place', () => {
    const queue = crowd(FIVES, 0, () => ({}))
    const pair = (number: number): Partial<Ticket> => {
      const id = `u_${number - (number % 2)}`
      return { party: { id, size: 2, members: number % 2 === 0 ? [`u_${number + 1}` as UserId] : [] } }
    }
    for (let number = 0; number < 10; number++) addTicket(queue.state, waiting(number, queue.nowMs, pair(number)))
    for (const [number, rating] of [
      [10, 1600],
      [11, 1610],
    ] as const)
      addTicket(queue.state, waiting(number, queue.nowMs, { rating }))
    const { users } = look(queue)
    expect(users).to.have.length(10)
    expect(users).to.include.members(['u_10', 'u_11'])
  })
})

describe('queue: a timer that was lost', () => {
  it('is set anew by whoever comes next, and not by one that may still come', () => {
    const queue = new KindBench(queueKind, PAID) as unknown as Bench // used through `arrive` alone
    const join = (name: string, rating: number) => {
      const { joinedMs: _, expiresMs: __, ...ticket } = waiting(0, 0, { rating })
      const own = { id: `1-${name}` as RecordId, user: `u_${name}` as UserId }
      return queue.arrive('join', encodeJoining({ ...ticket, ...own })).timers
    }
    expect(join('ann', 1000)).to.have.length(1)
    const dueMs = queue.state.tickMs ?? 0
    queue.nowMs = dueMs + 5_000
    expect(join('bob', 1300), 'a little late').to.deep.equal([])
    // It was parked: it is in the past, and nothing will come of it.
    queue.nowMs = dueMs + 60_000
    expect(join('cat', 2500)).to.deep.equal([
      { kind: 'set', name: 'tick', dueMs: queue.nowMs + RULES.matchWindowStepMs, body: null },
    ])
    const { users } = look(queue)
    expect(users.toSorted(), 'their windows have long been wide enough').to.deep.equal(['u_ann', 'u_bob'])
    expect(queue.state.tickMs).to.be.greaterThan(queue.nowMs)
  })

  it('after a long pause one look is made, not one for each that was missed', () => {
    const queue = new KindBench(queueKind, PAID) as unknown as Bench // used through `arrive` alone
    const { joinedMs: _, expiresMs: __, ...ticket } = waiting(0, 0)
    queue.arrive('join', encodeJoining(ticket))
    queue.nowMs += 5 * 60_000
    expect(sent(tick(queue))).to.deep.equal([])
    expect(queue.state.tickMs).to.be.greaterThan(queue.nowMs)
  })
})
