// What comes late to a queue, and what comes all at once: a match called off when its players have moved on, and a crowd
// whose tickets run out together.

import { expect } from 'chai'
import { queueKind } from '../../actors/queue/kind.ts'
import { addTicket } from '../../actors/queue/state.ts'
import { encodeJoining, type JoiningTicket } from '../../actors/queue/ticket.ts'
import { MAX_RECORD_BYTES } from '../../actors/runtime/codec.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { KindBench, sent } from '../support/kindBench.ts'

const DUEL = 'duel.bo3.1v1.eu-west.USD.0'
const TEAMS = 'arena.2v2.2v2.eu-west.USD.0'

function queueOf(pool: string) {
  const queue = new KindBench(queueKind, pool)
  const join = (name: string, more: Partial<JoiningTicket> = {}) =>
    queue.arrive(
      'join',
      encodeJoining({
        ...{ id: `1-${name}` as RecordId, user: `u_${name}` as UserId, rating: 1500, deviation: 100, tier: 'free' },
        ...{ role: '', maps: [], party: null, fillBots: false },
        ...more,
      }),
    )
  const callOff = (match: string, atFault: readonly string[] = []) =>
    queue.arrive('match_news', { match, state: 'cancelled', at_fault: atFault })
  const offered = () => [...queue.state.proposals.keys()]
  const waiting = () => [...queue.state.tickets.values()].map(({ user }) => user.slice(2)).sort()
  return { queue, join, callOff, offered, waiting }
}

describe('queue: a match that is called off very late', () => {
  it('puts nobody back who waits again already', () => {
    const { queue, join, callOff, offered, waiting } = queueOf(DUEL)
    join('ann')
    join('bob')
    const [match = ''] = offered()
    queue.nowMs += RULES.proposalMs
    join('ann2', { user: 'u_ann' as UserId, rating: 1000 })
    expect(sent(callOff(match))).to.have.members([
      'ticket_over player/u_ann ["1-ann","engaged"]',
      `requeued player/u_bob ["1-bob","${DUEL}","${match}"]`,
    ])
    expect(waiting()).to.deep.equal(['ann', 'bob'])
  })

  it('puts nobody back who was offered another match meanwhile, and does not forget that one', () => {
    const { queue, join, callOff, offered, waiting } = queueOf(DUEL)
    join('ann')
    join('bob')
    const [match = ''] = offered()
    queue.nowMs += RULES.proposalMs
    join('ann2', { user: 'u_ann' as UserId, rating: 1000 })
    join('cat', { rating: 1000 })
    callOff(match)
    expect(waiting()).to.deep.equal(['bob'])
    expect(sent(join('ann3', { user: 'u_ann' as UserId }))).to.deep.equal([
      'ticket_over player/u_ann ["1-ann3","engaged"]',
    ])
    const again = queueKind.decodeState(queueKind.encodeState(queue.state))
    expect(again.proposed, 'whoever takes over knows the same').to.deep.equal(queue.state.proposed)
  })

  it('makes no party larger than it said it is', () => {
    const { queue, join, callOff, offered, waiting } = queueOf(TEAMS)
    const party = { id: 'squad', size: 2 }
    for (const name of ['a', 'b']) join(name, { party })
    for (const name of ['x', 'y']) join(name)
    const [match = ''] = offered()
    join('c', { party })
    expect(sent(callOff(match, ['u_x'])).filter((line) => line.includes('party'))).to.deep.equal([
      'ticket_over player/u_a ["1-a","party"]',
      'ticket_over player/u_b ["1-b","party"]',
    ])
    expect(waiting()).to.deep.equal(['c', 'y'])
    join('d', { party })
    expect(queue.state.units.all.map(({ id }) => id).sort()).to.deep.equal(['1-y', 'squad'])
  })
})

describe('queue: a crowd whose time runs out together', () => {
  it('is let go in records that are not too large, one after the other', () => {
    const { queue, join, waiting } = queueOf(DUEL)
    // Nobody is within anybody's window.
    join('player0')
    const [first] = queue.state.tickets.values()
    if (first === undefined) throw new Error('nobody waits')
    for (let index = 1; index < 500; index++) {
      const who = { id: `1-${index}` as RecordId, user: `u_player${index}` as UserId, rating: index * 1_000 }
      addTicket(queue.state, { ...first, ...who })
    }
    queue.nowMs += RULES.ticketMs
    let ticks = 0
    while (queue.state.tickMs !== null) {
      queue.nowMs = Math.max(queue.nowMs, queue.state.tickMs)
      const { events, outbox } = queue.arrive('tick', null, { via: 'timer' })
      // An envelope's line says a little more than this.
      const bytes = JSON.stringify([events.map(queueKind.encodeEvent), outbox]).length + 100 * outbox.length
      expect(bytes).to.be.below(MAX_RECORD_BYTES)
      ticks++
    }
    expect(waiting()).to.deep.equal([])
    expect(ticks).to.be.above(1)
  })
})
