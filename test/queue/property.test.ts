// Random crowds in one pool: whatever comes when, nobody is asked twice, parties are whole, everybody is within everybody's
// window, teams are full, and nobody waits for ever while there is somebody to play with.

import { expect } from 'chai'
import fc from 'fast-check'
import { decodeSpec } from '../../actors/match/spec.ts'
import { queueKind } from '../../actors/queue/kind.ts'
import { encodeJoining, type JoiningTicket, type Ticket } from '../../actors/queue/ticket.ts'
import { unitOf, windowOf } from '../../actors/queue/units.ts'
import type { Accepted } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { KindBench } from '../support/kindBench.ts'

const TIERS = ['free', 'premium', 'pro', 'elite'] as const
const POOLS = ['duel.bo3.1v1.eu-west.USD.0', 'arena.2v2.2v2.eu-west.USD.0', 'arena.3v3.3v3.eu-west.USD.0'] as const

const step = fc.record({
  what: fc.constantFrom('join', 'join', 'join', 'party', 'leave', 'wait', 'off', 'made'),
  rating: fc.integer({ min: 900, max: 2400 }),
  tier: fc.constantFrom(...TIERS),
  size: fc.integer({ min: 2, max: 3 }),
  pick: fc.nat(1_000),
  ms: fc.integer({ min: 1, max: 40_000 }),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

class Crowd {
  readonly queue: KindBench<ReturnType<typeof queueKind.initial>, never, never, never, never>
  private readonly teamSize: number
  private names = 0

  constructor(pool: string) {
    // The bench is used through `arrive` alone, which makes the commands.
    this.queue = new KindBench(queueKind, pool) as never
    this.teamSize = Number(pool.split('.')[2]?.[0])
  }

  take({ what, rating, tier, size, pick, ms }: Step): void {
    const { state } = this.queue
    const open = [...state.proposals.values()]
    const proposal = open[pick % Math.max(1, open.length)]
    switch (what) {
      case 'join':
        return this.join({ rating, tier })
      case 'party': {
        const members = Math.min(size, this.teamSize)
        const users = Array.from({ length: members }, (_, member) => `u_${this.names + 1 + member}` as UserId)
        const [id = '', ...named] = users
        const leading = { id, size: members, members: named }
        const joining = { id, size: 1, members: [] }
        const joins = [leading, ...named.map(() => joining)]
        // The last one may be missing, or come together with somebody whom nobody has named.
        if (pick % 5 === 0) joins.pop()
        if (pick % 5 === 1) joins.push(joining)
        for (const party of joins) this.join({ rating, tier, party })
        return
      }
      case 'leave': {
        const ids = [...state.tickets.keys()]
        const id = ids[pick % Math.max(1, ids.length)]
        if (id !== undefined) this.look(() => this.queue.arrive('leave', id))
        return
      }
      case 'off':
      case 'made': {
        if (proposal === undefined) return
        const blamed = proposal.tickets[pick % proposal.tickets.length]?.user
        const body = {
          match: proposal.match,
          state: what === 'off' ? 'cancelled' : 'ready',
          at_fault: pick % 3 === 0 || blamed === undefined ? [] : [blamed],
        }
        this.look(() => this.queue.arrive('match_news', body))
        return
      }
      case 'wait':
        return this.wait(ms)
    }
  }

  wait(ms: number): void {
    const { queue } = this
    const untilMs = queue.nowMs + ms
    while (queue.state.tickMs !== null && queue.state.tickMs <= untilMs) {
      queue.nowMs = Math.max(queue.nowMs, queue.state.tickMs)
      this.look(() => queue.arrive('tick', null, { via: 'timer' }))
    }
    queue.nowMs = untilMs
  }

  join(more: Partial<JoiningTicket>): void {
    this.names++
    const ticket: JoiningTicket = {
      ...{ id: `1-${this.names}` as RecordId, user: `u_${this.names}` as UserId, rating: 1500, deviation: 100 },
      ...{ tier: 'free', role: '', maps: [], party: null, fillBots: false },
      ...more,
    }
    this.look(() => this.queue.arrive('join', encodeJoining(ticket)))
  }

  /** Does it, and looks at the matches that came of it. */
  private look(act: () => Accepted<unknown>): void {
    const { queue } = this
    const before = new Set(queue.state.proposals.keys())
    const { outbox } = act()
    for (const [match, { tickets }] of queue.state.proposals) if (!before.has(match)) this.check(tickets)
    for (const { name, body } of outbox) {
      if (name !== 'create') continue
      const { seats } = decodeSpec(body)
      expect(seats).to.have.length(2 * this.teamSize)
      for (const team of [0, 1]) expect(seats.filter((seat) => seat.team === team)).to.have.length(this.teamSize)
    }
    this.checkAll()
  }

  private check(tickets: readonly Ticket[]): void {
    const units = new Map<string, Ticket[]>()
    for (const ticket of tickets) {
      const id = ticket.party?.id ?? ticket.id
      units.set(id, [...(units.get(id) ?? []), ticket])
    }
    const whole = [...units].map(([id, members]) => {
      const named = members.flatMap(({ party }) => party?.members ?? [])
      expect(members).to.have.length(named.length + 1)
      if (members[0]?.party !== null)
        expect(members.map(({ user }) => user).sort()).to.deep.equal([id, ...named].sort())
      return unitOf(id, members)
    })
    for (const one of whole) {
      const window = windowOf(one, this.queue.nowMs)
      for (const other of whole) expect(Math.abs(one.rating - other.rating)).to.be.at.most(window)
    }
  }

  private checkAll(): void {
    const { tickets, proposals, units, byUser } = this.queue.state
    const users = [...tickets.values(), ...[...proposals.values()].flatMap((each) => each.tickets)].map(
      ({ user }) => user,
    )
    expect(new Set(users).size).to.equal(users.length)
    expect(byUser.size).to.equal(tickets.size)
    const listed = units.all.flatMap((unit) => unit.tickets)
    expect(new Set(listed).size).to.equal(listed.length)
    for (const [index, unit] of units.all.entries())
      expect(unit.rating).to.be.at.least(units.all[index - 1]?.rating ?? 0)
    if (tickets.size > 0) expect(this.queue.state.tickMs, 'somebody waits').to.not.equal(null)
  }
}

describe('queue: random crowds', () => {
  for (const pool of POOLS) {
    it(`${pool}: every match is one that all its players would have`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const crowd = new Crowd(pool)
          for (const each of steps) crowd.take(each)
          // A day later nobody is left over, and nothing ticks.
          crowd.wait(24 * 60 * 60_000)
          expect(crowd.queue.state.tickets.size).to.equal(0)
          expect(crowd.queue.state.tickMs).to.equal(null)
        }),
        { numRuns: 60 },
      )
    })
  }

  it('nobody of a low tier waits while those of higher ones are matched past them for ever', () => {
    const crowd = new Crowd(POOLS[0])
    crowd.join({ rating: 1700, tier: 'free' })
    // Everybody 1500, one at a time, each far from the first one's window at first; all elite.
    let waitedMs = 0
    while (crowd.queue.state.byUser.has('u_1' as UserId)) {
      crowd.join({ rating: 1500, tier: 'elite' })
      crowd.wait(1_000)
      waitedMs += 1_000
      expect(waitedMs).to.be.at.most(RULES.tierHeadStartMs.elite + 2 * RULES.matchWindowStepMs)
    }
  })

  it('what can be matched is the same after a restart', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const crowd = new Crowd(POOLS[1])
        for (const each of steps) crowd.take(each)
        const { state } = crowd.queue
        const again = queueKind.decodeState(queueKind.encodeState(state))
        expect(again.units.all).to.deep.equal(state.units.all)
        expect(again.byUser.size).to.equal(state.byUser.size)
        expect(again.proposed).to.deep.equal(
          new Map([...state.proposed].filter(([, match]) => state.proposals.has(match))),
        )
      }),
      { numRuns: 60 },
    )
  })
})
