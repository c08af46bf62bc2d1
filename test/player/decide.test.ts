// What a player answers to each command, whatever they are engaged in; and every order in which envelopes of different
// senders may come.

import { expect } from 'chai'
import type { PlayerCommand } from '../../actors/player/commands.ts'
import { playerKind } from '../../actors/player/kind.ts'
import { NEW_RATING, rankOf } from '../../actors/player/ratings.ts'
import type { TicketWishes } from '../../actors/queue/ticket.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { codeOf, KindBench, sent } from '../support/kindBench.ts'

const OTHER_POOL = 'duel.bo3.1v1.eu-west.USD.0'
const WISHES: TicketWishes = { role: '', maps: [], party: null, fillBots: false }
const BY = 'u_admin' as UserId

const enqueue = (pool = OTHER_POOL, wishes = WISHES): PlayerCommand => ({ kind: 'enqueue', pool, wishes })
const leave: PlayerCommand = { kind: 'leave', ticket: null }

function bench() {
  return new KindBench(playerKind, 'u_annannann')
}
type Bench = ReturnType<typeof bench>

const OF_POOL = `queue/${OTHER_POOL}`
/** As an earlier release says it where no ticket is named. */
const engaged = (player: Bench, match = 'm_1', source: string | null = OF_POOL, ticket: string | null = null) =>
  player.arrive('engaged', ticket === null ? { match, source } : { match, source, ticket })
const over = (player: Bench, match = 'm_1', fault = false) => player.arrive('match_over', { match, fault })
const requeued = (player: Bench, ticket: string, match = 'm_1') =>
  player.arrive('requeued', [ticket, OTHER_POOL, match])

/** What holds them: `ticket 3-1`, `match m_1`, or `nothing`. */
function held(player: Bench): string {
  const { engagement } = player.view({ kind: 'state' })
  if (engagement === null) return 'nothing'
  return engagement.kind === 'ticket' ? `ticket ${engagement.ticket}` : `match ${engagement.match}`
}

describe('player: queues', () => {
  it('goes into one pool at a time, with what the server knows', () => {
    const player = bench()
    player.accepted({ kind: 'set_tier', tier: 'pro', by: BY })
    const joined = player.accepted(enqueue())
    expect(joined.reply).to.deep.equal({ ticket: '3-2', pool: OTHER_POOL })
    expect(sent(joined)).to.deep.equal([`join queue/${OTHER_POOL} ["3-2","u_annannann",1500,350,"pro","",[],"",0,0]`])
    expect(codeOf(player.run(enqueue()))).to.equal('queue.already_waiting')
    expect(held(player)).to.equal('ticket 3-2')
  })

  for (const [what, command, code] of [
    ['a pool that is none', enqueue('arena.nothing.1v1.eu-west.USD.0'), 'queue.unknown_pool'],
    ['a pool of a game that is none', enqueue('chess.bo3.1v1.eu-west.USD.0'), 'queue.unknown_pool'],
    ['a region that is none', enqueue('duel.bo3.1v1.mars.USD.0'), 'queue.unknown_pool'],
    ['a fee that is none', enqueue('duel.bo3.1v1.eu-west.USD.3'), 'queue.unknown_pool'],
    ['an asset that is none', enqueue('duel.bo3.1v1.eu-west.USDC.100'), 'queue.unknown_pool'],
    ['a format that the mode has not', enqueue('duel.bo3.5v5.eu-west.USD.0'), 'queue.unknown_pool'],
    [
      'a party that no team holds',
      enqueue(OTHER_POOL, { ...WISHES, party: { id: 'p', size: 2 } }),
      'queue.party_too_large',
    ],
    ['leaving without a ticket', leave, 'queue.no_ticket'],
  ] as const) {
    it(`refuses ${what}`, () => expect(codeOf(bench().run(command))).to.equal(code))
  }

  it('leaves once, by name or without', () => {
    const player = bench()
    player.accepted(enqueue())
    expect(codeOf(player.run({ kind: 'leave', ticket: '9-9' as RecordId }))).to.equal('queue.no_ticket')
    expect(sent(player.run({ kind: 'leave', ticket: '3-1' as RecordId }))).to.deep.equal([
      `leave queue/${OTHER_POOL} "3-1"`,
    ])
    expect(codeOf(player.run(leave))).to.equal('queue.no_ticket')
    expect(player.view({ kind: 'state' }).lastTicket).to.deep.equal({ ticket: '3-1', pool: OTHER_POOL, why: 'left' })
  })

  it('is out where the queue says so, of that ticket alone', () => {
    const player = bench()
    player.accepted(enqueue())
    player.arrive('ticket_over', ['9-9', 'expired'])
    expect(held(player)).to.equal('ticket 3-1')
    player.arrive('ticket_over', ['3-1', 'expired'])
    expect(held(player)).to.equal('nothing')
    expect(player.view({ kind: 'state' }).lastTicket?.why).to.equal('expired')
  })
})

describe('player: matches', () => {
  it('is seated out of the queue, and free when it is over', () => {
    const player = bench()
    player.accepted(enqueue())
    expect(sent(engaged(player))).to.deep.equal([])
    expect(held(player)).to.equal('match m_1')
    expect(codeOf(player.run(enqueue()))).to.equal('queue.in_match')
    over(player, 'm_other')
    expect(held(player)).to.equal('match m_1')
    over(player)
    expect(held(player)).to.equal('nothing')
  })

  it('gives the seat up that came after leaving, and is not blamed', () => {
    const player = bench()
    player.accepted(enqueue())
    player.accepted(leave)
    expect(sent(engaged(player))).to.deep.equal(['decline match/m_1 {"user":"u_annannann"}'])
    over(player, 'm_1', true)
    expect(player.view({ kind: 'state' })).to.include({ engagement: null, penalty: null })
  })

  it('keeps the new ticket where a match came of the old one', () => {
    const player = bench()
    player.accepted(enqueue())
    player.accepted(leave)
    player.accepted(enqueue('duel.bo5.1v1.eu-west.USD.0'))
    expect(sent(engaged(player))).to.deep.equal(['decline match/m_1 {"user":"u_annannann"}'])
    expect(held(player)).to.equal('ticket 3-3')
  })

  it('leaves the queue for a match that friends made', () => {
    const player = bench()
    player.accepted(enqueue())
    expect(sent(engaged(player, 'm_2', 'lobby/l_1'))).to.deep.equal([`leave queue/${OTHER_POOL} "3-1"`])
    expect(held(player)).to.equal('match m_2')
    expect(sent(engaged(player, 'm_3', 'lobby/l_2'))).to.deep.equal([])
    expect(held(player)).to.equal('match m_2')
  })

  // The match says `match_over`, the queue `requeued`: two senders, any order, and the player may act in between.
  for (const [order, steps, left] of [
    ['over, requeued', [over, requeued], 'ticket 3-1'],
    ['requeued, over', [requeued, over], 'ticket 3-1'],
  ] as const) {
    it(`waits on after a match that others called off (${order})`, () => {
      const player = bench()
      player.accepted(enqueue())
      engaged(player)
      for (const step of steps) step === requeued ? requeued(player, '3-1') : over(player)
      expect(held(player)).to.equal(left)
    })
  }

  // What the match says may be late as a whole: the queue has had its word by then.
  it('waits on though the match is heard of only after it was called off, and then plays another', () => {
    const player = bench()
    player.accepted(enqueue())
    requeued(player, '3-1')
    expect(sent(engaged(player))).to.deep.equal([])
    over(player)
    expect(held(player)).to.equal('ticket 3-1')
    engaged(player, 'm_2')
    expect(held(player)).to.equal('match m_2')
  })

  it('keeps the new ticket of the same pool where a match came of the old one', () => {
    const player = bench()
    player.accepted(enqueue())
    player.accepted(leave)
    player.accepted(enqueue())
    expect(sent(engaged(player, 'm_1', OF_POOL, '3-1'))).to.deep.equal(['decline match/m_1 {"user":"u_annannann"}'])
    over(player)
    expect(held(player)).to.equal('ticket 3-3')
    engaged(player, 'm_2', OF_POOL, '3-3')
    expect(held(player)).to.equal('match m_2')
  })

  it('remembers a few matches that were called off before they were heard of', () => {
    const player = bench()
    player.accepted(enqueue())
    for (let match = 1; match <= 9; match++) requeued(player, '3-1', `m_${match}`)
    const state = JSON.stringify(playerKind.encodeState(player.state))
    expect(state).to.include('"m_2"').and.to.not.include('"m_1"')
  })

  it('does not wait on with a ticket that was left while its match was called off', () => {
    const player = bench()
    player.accepted(enqueue())
    player.accepted(leave)
    expect(sent(requeued(player, '3-1'))).to.deep.equal([`leave queue/${OTHER_POOL} "3-1"`])
    expect(held(player)).to.equal('nothing')
  })

  it('takes an old ticket back from the queue where another was taken meanwhile', () => {
    const player = bench()
    player.accepted(enqueue())
    engaged(player)
    over(player)
    player.accepted(enqueue('duel.bo5.1v1.eu-west.USD.0'))
    expect(sent(requeued(player, '3-1'))).to.deep.equal([`leave queue/${OTHER_POOL} "3-1"`])
    expect(held(player)).to.equal('ticket 3-4')
  })

  it('pays for faults with time, more for each of late, and is forgiven', () => {
    const player = bench()
    const fault = (): number => {
      player.accepted(enqueue())
      const match = `m_${player.nowMs}`
      engaged(player, match)
      over(player, match, true)
      const until = player.view({ kind: 'state' }).penalty?.untilMs ?? 0
      const minutes = (until - player.nowMs) / 60_000
      expect(codeOf(player.run(enqueue()))).to.equal('queue.penalised')
      player.nowMs = until
      return minutes
    }
    expect([fault(), fault(), fault(), fault(), fault()]).to.deep.equal([1, 5, 15, 60, 60])
    player.nowMs += 24 * 60 * 60_000
    expect(fault()).to.equal(1)
    player.nowMs -= 1
    expect(codeOf(player.run(enqueue()))).to.equal('queue.penalised')
    player.accepted({ kind: 'pardon', by: BY })
    expect(codeOf(player.run(enqueue()))).to.equal('accepted')
  })

  it('a fault that was none is taken back, once, and with it what it made the next one cost', () => {
    const player = bench()
    const reinstated = (match: string) => player.arrive('reinstated', { match }).events.map(({ kind }) => kind)
    const fault = (match: string): void => {
      player.accepted(enqueue())
      engaged(player, match)
      over(player, match, true)
    }
    expect(reinstated('m_1'), 'nobody was blamed').to.deep.equal([])
    fault('m_1')
    const first = player.view({ kind: 'state' }).penalty
    player.nowMs = first?.untilMs ?? 0
    fault('m_2')
    expect(player.view({ kind: 'state' }).penalty?.count).to.equal(2)
    expect(reinstated('m_3'), 'of another match').to.deep.equal([])
    expect(reinstated('m_2')).to.deep.equal(['lifted'])
    const { count, untilMs, atMs } = first ?? {}
    expect(player.view({ kind: 'state' }).penalty).to.deep.equal({ count, untilMs, atMs })
    expect(reinstated('m_2'), 'once').to.deep.equal([])
    expect(codeOf(player.run(enqueue()))).to.equal('accepted')
    engaged(player, 'm_4')
    over(player, 'm_4', true)
    expect(player.view({ kind: 'state' }).penalty?.count).to.equal(2)
  })

  it('free of penalties again where the only fault was none', () => {
    const player = bench()
    player.accepted(enqueue())
    engaged(player)
    over(player, 'm_1', true)
    player.arrive('reinstated', { match: 'm_1' })
    expect(player.view({ kind: 'state' }).penalty).to.equal(null)
    expect(codeOf(player.run(enqueue()))).to.equal('accepted')
  })

  it('takes envelopes that came back for nothing', () => {
    const player = bench()
    for (const from of ['queue/x', 'match/m_1'])
      expect(player.arrive('returned', { code: 'match.over', original: '1-1' }, { from }).events).to.deep.equal([])
  })

  // They had said yes to it, by their wallet or to the match itself, before their leaving came to be known.
  it('is in a match after all where the seat cannot be given up any more', () => {
    const locked = (player: Bench) =>
      sent(player.arrive('returned', { code: 'match.not_funding', original: '1-1' }, { from: 'match/m_1' }))
    const player = bench()
    expect(locked(player)).to.deep.equal([])
    expect(held(player)).to.equal('match m_1')
    over(player)
    player.accepted(enqueue())
    expect(locked(player)).to.deep.equal([`leave queue/${OTHER_POOL} "3-3"`])
    expect(held(player)).to.equal('match m_1')
  })
})

describe('player: ratings', () => {
  it('are Glicko-2 of the published example, kept as numbers', () => {
    const player = bench()
    // Glickman's own: 1500/200 against 1400/30 (won), 1550/100 and 1700/300 (lost) gives 1464.06, 151.52, 0.05999.
    player.state.ratings.set('duel.bo3', { rating: 1500, deviation: 200, volatility: 0.06, matches: 0 })
    const results = [
      [1400, 30, 1],
      [1550, 100, 0],
      [1700, 300, 0],
    ]
    player.arrive('rated', { match: 'm_1', rating_key: 'duel.bo3', results })
    const [rating] = player.view({ kind: 'state' }).ratings
    expect(rating?.rating).to.be.closeTo(1464.06, 0.02)
    expect(rating?.deviation).to.be.closeTo(151.52, 0.02)
    expect(rating?.volatility).to.be.closeTo(0.05999, 0.00001)
    expect(rating?.matches).to.equal(1)
  })

  it('begin where everybody begins, each mode by itself', () => {
    const player = bench()
    player.arrive('rated', { match: 'm_1', rating_key: 'duel.bo3', results: [[1500, 350, 1]] })
    player.arrive('rated', { match: 'm_2', rating_key: 'duel.bo5', results: [[1500, 350, 0]] })
    const [three, five] = player.view({ kind: 'state' }).ratings
    expect(three?.rating).to.be.above(1600)
    expect(five?.rating).to.be.below(1400)
  })

  for (const [rating, matches, rank] of [
    [1500, 9, null],
    [1100, 10, 'bronze'],
    [1200, 10, 'silver'],
    [1400, 10, 'gold'],
    [1600, 10, 'platinum'],
    [1900, 10, 'diamond'],
    [2200, 10, 'master'],
    [2500, 10, 'grandmaster'],
    [2800, 99, 'challenger'],
  ] as const) {
    it(`${rating} after ${matches} matches is ${rank ?? 'no rank'}`, () => {
      expect(rankOf({ ...NEW_RATING, rating, matches })).to.equal(rank)
    })
  }
})
