// The life of a match as tables: what it answers in each of its states, what it waits for, who is paid and who is told.

import { expect } from 'chai'
import type { MatchCommand } from '../../actors/match/commands.ts'
import { matchKind } from '../../actors/match/kind.ts'
import { RETURN_ENVELOPE } from '../../actors/runtime/actor.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { MatchBench, PLAYERS, type SpecOptions, STAFF, specOf, userAt } from '../support/matchBench.ts'
import { START_MS } from '../support/walletBench.ts'

const [ANNA, BERT] = PLAYERS as readonly [UserId, UserId, ...UserId[]]
const [STAFF1, STAFF2] = STAFF
const OTHER = 'u_other' as UserId
const FREE: SpecOptions = { stakeMinor: 0n, disputeMs: 0 }

const STATES: Readonly<Record<string, (bench: MatchBench) => unknown>> = {
  absent: () => {},
  funding: (bench) => bench.create(),
  ready: (bench) => bench.create().fund(),
  live: (bench) => bench.live(),
  finished: (bench) => bench.finished(),
  disputed: (bench) => bench.finished().must(DISPUTE),
  settled: (bench) => bench.finished().due('dispute'),
  cancelled: (bench) => bench.create().must({ kind: 'decline', user: ANNA }),
}
const DISPUTE: MatchCommand = { kind: 'dispute', user: BERT, type: 'cheating', evidence: ['ev_1'], ticks: [1, 9] }

function inState(name: string): MatchBench {
  const bench = new MatchBench()
  STATES[name]?.(bench)
  return bench
}

describe('match: every command in every state', () => {
  const by = { by: STAFF1, role: 'operator', reason: 'r' } as const
  const commands: Readonly<Record<string, (bench: MatchBench) => MatchCommand>> = {
    create: () => ({ kind: 'create', spec: specOf() }),
    'create of another': () => ({ kind: 'create', spec: specOf({ stakeMinor: 7n }) }),
    stake: (bench) => bench.stake(0),
    accept: () => ({ kind: 'accept', user: ANNA }),
    decline: () => ({ kind: 'decline', user: ANNA }),
    leave: () => ({ kind: 'leave', user: ANNA }),
    arrive: () => ({ kind: 'arrive', user: ANNA }),
    resume: () => ({ kind: 'resume', epoch: 2, tick: 5 }),
    finish: (bench) => bench.finish([1, 2]),
    abort: () => ({ kind: 'abort', reason: 'overrun' }),
    dispute: () => ({ ...DISPUTE, user: ANNA }),
    refund: () => ({ kind: 'rule', ruling: { kind: 'refund_all' }, ...by }),
    approve: () => ({ kind: 'rule', ruling: { kind: 'approve' }, ...by }),
    lock: () => ({ kind: 'lock', by: STAFF1 }),
  }
  const fromFunding = 'match.not_funding'
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    absent: { create: 'created', 'create of another': 'created', '': 'match.unknown' },
    funding: {
      ...{ create: '', 'create of another': 'match.exists', stake: 'staked', accept: 'match.stake_required' },
      ...{ decline: 'cancelled', leave: 'cancelled', arrive: 'match.not_ready', refund: 'cancelled' },
      ...{ resume: 'match.not_live', finish: 'match.not_live', abort: 'match.not_live', lock: 'match.not_ready' },
      ...{ dispute: 'match.window_over', approve: 'match.ruling_state' },
    },
    ready: {
      ...{
        create: '',
        'create of another': 'match.exists',
        stake: 'match.stake_there',
        accept: 'match.stake_required',
      },
      ...{ decline: fromFunding, leave: 'forfeited', arrive: 'arrived', resume: 'match.not_live', lock: '' },
      ...{ finish: 'match.not_live', abort: 'cancelled', dispute: 'match.window_over', refund: 'cancelled' },
      approve: 'match.ruling_state',
    },
    live: {
      ...{
        create: '',
        'create of another': 'match.exists',
        stake: 'match.stake_there',
        accept: 'match.stake_required',
      },
      ...{
        decline: fromFunding,
        leave: 'forfeited',
        arrive: '',
        resume: 'resumed',
        finish: 'scored finished',
        lock: '',
      },
      ...{ abort: 'cancelled', dispute: 'match.window_over', refund: 'cancelled', approve: 'match.ruling_state' },
    },
    finished: {
      ...{
        create: '',
        'create of another': 'match.exists',
        stake: 'match.stake_there',
        accept: 'match.stake_required',
      },
      ...{ decline: 'match.over', leave: 'match.over', arrive: 'match.over', resume: 'match.not_live' },
      ...{ finish: 'match.not_live', abort: 'match.not_live', dispute: 'disputed', refund: 'settled' },
      ...{ approve: 'settled', lock: '' },
    },
    disputed: {
      ...{
        create: '',
        'create of another': 'match.exists',
        stake: 'match.stake_there',
        accept: 'match.stake_required',
      },
      ...{ decline: 'match.over', leave: 'match.over', arrive: 'match.over', resume: 'match.not_live' },
      ...{ finish: 'match.not_live', abort: 'match.not_live', dispute: 'disputed', refund: 'settled' },
      ...{ approve: 'settled', lock: '' },
    },
    settled: {
      ...{
        create: '',
        'create of another': 'match.exists',
        stake: 'match.stake_there',
        accept: 'match.stake_required',
      },
      ...{ decline: 'match.over', leave: 'match.over', arrive: 'match.over', resume: 'match.not_live', lock: '' },
      ...{ finish: 'match.not_live', abort: 'match.not_live', dispute: 'match.window_over', refund: 'match.over' },
      approve: 'match.over',
    },
    cancelled: {
      ...{ create: '', 'create of another': 'match.exists', stake: fromFunding, accept: 'match.stake_required' },
      ...{ decline: 'match.over', leave: 'match.over', arrive: 'match.over', resume: 'match.not_live', lock: '' },
      ...{ finish: 'match.not_live', abort: 'match.not_live', dispute: 'match.window_over', refund: 'match.over' },
      approve: 'match.over',
    },
  }
  for (const [state, answers] of Object.entries(table)) {
    for (const [name, command] of Object.entries(commands)) {
      const answer = answers[name] ?? answers[''] ?? ''
      it(`${state}: ${name} → ${answer || 'nothing'}`, () => {
        const bench = inState(state)
        expect(bench.told(command(bench))).to.equal(answer)
      })
    }
  }
})

describe('match: funding', () => {
  const wrong: readonly (readonly [why: string, change: Partial<MatchCommand & { kind: 'stake' }>, code: string])[] = [
    ['from another wallet', { from: 'wallet/w_other' }, 'match.stake_wrong'],
    ['of another amount', { amountMinor: 999n }, 'match.stake_wrong'],
    ['of another asset', { asset: 'USDC' }, 'match.stake_wrong'],
    ['for another seat', { seat: 1 }, 'match.stake_wrong'],
    ['for no seat', { seat: 2 }, 'match.stake_wrong'],
  ]
  for (const [why, change, code] of wrong) {
    it(`a stake ${why}: ${code}, and goes back by itself`, () => {
      const bench = inState('funding')
      expect(bench.told({ ...(bench.stake(0) as MatchCommand & { kind: 'stake' }), ...change })).to.equal(code)
      expect(bench.escrow).to.equal(0n)
    })
  }

  it('the last stake locks the pool, and whoever made the match hears it', () => {
    const bench = inState('funding')
    expect(bench.news('engaged')).to.have.length(2)
    expect(bench.told(bench.stake(1))).to.equal('staked')
    expect(bench.told(bench.stake(0))).to.equal('staked readied')
    expect([bench.status, bench.escrow]).to.deep.equal(['ready', 2_000n])
    expect([...bench.timers.keys()]).to.deep.equal(['ready'])
    expect(bench.news('match_news')).to.deep.equal([['queue/q1', { match: 'm_1', state: 'ready', at_fault: [] }]])
  })

  it('without stakes the players’ word is enough, and bots have given theirs', () => {
    const bench = new MatchBench().create({ ...FREE, teams: [0, -1] })
    expect(bench.told({ kind: 'accept', user: OTHER })).to.equal('match.not_seated')
    expect(bench.told({ kind: 'accept', user: ANNA })).to.equal('accepted readied')
    expect(bench.told({ kind: 'arrive', user: ANNA })).to.equal('arrived started')
  })

  it('runs out: stakes go back, and who did not come is at fault', () => {
    const bench = inState('funding')
    bench.must(bench.stake(0))
    expect(bench.due('funding')).to.equal('cancelled')
    expect([bench.escrow, bench.paid(0, 'refund'), bench.paid(1, 'refund')]).to.deep.equal([0n, 1_000n, 0n])
    expect(bench.news('match_over')).to.deep.equal([
      [`player/${BERT}`, { match: 'm_1', fault: true }],
      [`player/${ANNA}`, { match: 'm_1', fault: false }],
    ])
    expect(bench.news('match_news').at(-1)).to.deep.equal([
      'queue/q1',
      { match: 'm_1', state: 'cancelled', at_fault: [BERT] },
    ])
    expect(bench.told(bench.stake(1)), 'a late stake goes back').to.equal('match.not_funding')
  })

  it('a stake at its very end is late, whichever comes first (A7)', () => {
    const bench = inState('funding')
    bench.nowMs = START_MS + 30_000
    expect(bench.told(bench.stake(0))).to.equal('match.not_funding')
    expect(bench.due('funding')).to.equal('cancelled')
  })

  it('a timer that comes when the server was down gives people their time once more', () => {
    const bench = inState('funding')
    expect(bench.due('funding', 10_001)).to.equal('extended')
    expect(bench.told(bench.stake(0))).to.equal('staked')
    expect(bench.timers.get('funding')).to.equal(bench.nowMs + 30_000)
    expect(bench.due('funding')).to.equal('cancelled')
  })

  const specs: readonly (readonly [why: string, options: SpecOptions])[] = [
    ['one seat', { teams: [0] }],
    ['eleven seats', { teams: [...Array(11).keys()].map((seat) => seat % 2) }],
    ['one team', { teams: [0, 0] }],
    ['bots alone', { stakeMinor: 0n, teams: [-1, -2] }],
    ['a bot in a match for money', { teams: [0, -1] }],
    ['a stake above the most', { stakeMinor: 100_001n }],
    ['a stake below nothing', { stakeMinor: -1n }],
    ['a token as stake', { asset: `NFT:137:0x${'ab'.repeat(20)}:1` }],
    ['no such asset', { asset: 'toString' }],
    ['a contribution above the most', { contributionMinor: 51n }],
    ['a contribution in credits', { asset: 'CREDIT', contributionMinor: 1n }],
    ['no time', { fundingMs: 0 }],
    ['a time that is no number', { readyMs: Number.NaN }],
    ['a window of a year', { disputeMs: 365 * 24 * 3_600_000 }],
    ['a source that is nobody', { source: 'somebody' }],
    ['a name that is none', { game: 'a b' }],
  ]
  for (const [why, options] of specs) {
    it(`is not made with ${why}`, () =>
      expect(new MatchBench().told({ kind: 'create', spec: specOf(options) })).to.equal('match.spec_invalid'))
  }
})

describe('match: from the lock to the end', () => {
  it('who does not come forfeits, and the match is won by those who came', () => {
    const bench = inState('ready').arrive(0)
    expect(bench.due('ready')).to.equal('forfeited scored finished')
    expect(bench.view.score).to.deep.include({ status: 'verified', by: { kind: 'walkover' } })
    expect(bench.news('match_over')).to.deep.equal([
      [`player/${BERT}`, { match: 'm_1', fault: true }],
      [`player/${ANNA}`, { match: 'm_1', fault: false }],
    ])
    expect(bench.due('dispute')).to.equal('settled')
    expect([bench.paid(0, 'prize'), bench.paid(1, 'prize'), bench.escrow]).to.deep.equal([1_950n, 0n, 0n])
  })

  it('nobody comes: cancelled, everything back, all at fault', () => {
    const bench = inState('ready')
    expect(bench.due('ready')).to.equal('forfeited cancelled')
    expect([bench.paid(0, 'refund'), bench.paid(1, 'refund'), bench.escrow]).to.deep.equal([1_000n, 1_000n, 0n])
    expect(bench.news('match_over')).to.have.length(2)
    expect(bench.news('match_news').at(-1)).to.deep.equal([
      'queue/q1',
      { match: 'm_1', state: 'cancelled', at_fault: [ANNA, BERT] },
    ])
  })

  it('of three two come: live without the third, whose stake stays', () => {
    const bench = new MatchBench()
      .create({ teams: [0, 1, 2] })
      .fund()
      .arrive(0, 2)
    expect(bench.due('ready')).to.equal('forfeited started')
    expect(bench.told({ kind: 'arrive', user: BERT })).to.equal('match.forfeit')
    bench.must(bench.finish([2, 1, 3]))
    bench.due('dispute')
    expect([bench.paid(0, 'prize'), bench.paid(1, 'prize'), bench.paid(2, 'prize')]).to.deep.equal([2_925n, 0n, 0n])
    // Who forfeited has lost against everybody else, whatever place the game gave.
    expect(bench.news('rated')).to.deep.equal([
      [
        `player/${ANNA}`,
        {
          match: 'm_1',
          rating_key: 'pong.duel',
          results: [
            [1501, 100, 1],
            [1502, 100, 1],
          ],
        },
      ],
      [
        `player/${BERT}`,
        {
          match: 'm_1',
          rating_key: 'pong.duel',
          results: [
            [1500, 100, 0],
            [1502, 100, 0],
          ],
        },
      ],
      [
        `player/${userAt(2)}`,
        {
          match: 'm_1',
          rating_key: 'pong.duel',
          results: [
            [1500, 100, 0],
            [1501, 100, 1],
          ],
        },
      ],
    ])
  })

  it('leaving a locked match forfeits; with everybody else there it begins, or is over', () => {
    const bench = inState('ready').arrive(0)
    expect(bench.told({ kind: 'leave', user: BERT })).to.equal('forfeited scored finished')
    expect(bench.told({ kind: 'leave', user: BERT })).to.equal('match.over')
    const all = inState('ready')
    all.must({ kind: 'leave', user: ANNA })
    expect(all.told({ kind: 'leave', user: ANNA })).to.equal('')
    expect(all.told({ kind: 'leave', user: BERT })).to.equal('forfeited cancelled')
  })

  it('without a window it is settled where it ends, in one record', () => {
    const bench = new MatchBench().live({ stakeMinor: 500n, disputeMs: 0, tier: 'premium', contributionMinor: 50n })
    const decision = bench.must(bench.finish([2, 1]))
    expect(decision.events.map(({ kind }) => kind)).to.deep.equal(['scored', 'finished', 'settled'])
    expect(decision.operation).to.equal('prize_payout')
    expect(
      decision.postings.map(({ side, account, amountMinor }) => `${side} ${account} ${amountMinor}`),
    ).to.deep.equal([
      'debit 5004 50',
      'credit 2002:m_1 50',
      'debit 2002:m_1 1000',
      'credit 2006 1000',
      'debit 2002:m_1 50',
      'credit 4001 50',
    ])
    expect([bench.status, bench.escrow, [...bench.timers.keys()]]).to.deep.equal(['settled', 0n, []])
  })

  const contributions: readonly (readonly [SpecOptions, bigint])[] = [
    [{ tier: 'free', contributionMinor: 50n }, 0n],
    [{ tier: 'pro', contributionMinor: 50n }, 50n],
    [{ tier: 'pro', contributionMinor: 0n }, 0n],
    [{ tier: 'pro', asset: 'CREDIT' }, 0n],
    [{ tier: 'pro', stakeMinor: 0n, contributionMinor: 50n }, 0n],
  ]
  for (const [options, added] of contributions) {
    it(`contributes ${added} where ${Object.entries(options).join(' ')}`, () => {
      const bench = new MatchBench().finished({ stakeMinor: 500n, ...options, disputeMs: 0 })
      expect(bench.view.settlement?.contributionMinor).to.equal(added)
    })
  }

  it('what a game flagged is not paid before somebody has looked', () => {
    const bench = inState('live')
    bench.must(bench.finish([1, 2], [0]))
    expect(bench.view.score?.status).to.equal('under_review')
    expect(bench.due('dispute')).to.equal('window_closed')
    expect(bench.told({ kind: 'score', step: 'verify', by: ANNA, note: '' })).to.equal('match.own')
    expect(bench.told({ kind: 'score', step: 'verify', by: STAFF1, note: 'fair' })).to.equal('score_moved settled')
    expect(bench.paid(0, 'prize')).to.equal(1_950n)
  })

  it('looked at within the window it waits for its end', () => {
    const bench = inState('live')
    bench.must(bench.finish([1, 2], [0]))
    expect(bench.told({ kind: 'score', step: 'verify', by: STAFF1, note: 'fair' })).to.equal('score_moved')
    expect(bench.due('dispute')).to.equal('settled')
  })

  it('a result that is none of this match is refused', () => {
    const bench = new MatchBench().live({ teams: [0, 0, 1] })
    for (const positions of [
      [1, 2, 3],
      [1, 1],
      [0, 0, 1],
      [1, 1, 4],
      [1, 1, 1.5],
    ]) {
      expect(bench.told(bench.finish(positions)), String(positions)).to.equal('match.outcome_invalid')
    }
    expect(bench.told(bench.finish([1, 1, 3], [], 3))).to.equal('match.outcome_invalid')
    expect(bench.told(bench.finish([1, 1, 3], [], 2))).to.equal('scored finished')
  })

  it('nothing happens for too long: cancelled, stakes back', () => {
    const bench = inState('live')
    expect(bench.due('live')).to.equal('cancelled')
    expect([bench.paid(0, 'refund'), bench.paid(1, 'refund')]).to.deep.equal([1_000n, 1_000n])
  })

  it('where everybody has left the result counts as if nobody had', () => {
    const bench = inState('live')
    bench.must({ kind: 'leave', user: ANNA })
    bench.must({ kind: 'leave', user: BERT })
    bench.must(bench.finish([1, 2]))
    expect(bench.due('dispute')).to.equal('settled')
    expect(bench.paid(0, 'prize')).to.equal(1_950n)
  })

  it('a loop goes on from where it says, and an older one is told so', () => {
    const bench = inState('live')
    const at = (epoch: number, tick: number): MatchCommand => ({ kind: 'resume', epoch, tick })
    expect(['resumed', '', 'match.epoch_old', 'match.epoch_old', 'resumed']).to.deep.equal(
      [at(2, 10), at(2, 10), at(2, 11), at(1, 5), at(3, 9)].map((command) => bench.told(command)),
    )
    expect(bench.view.resumes).to.deep.equal([
      { epoch: 2, tick: 10 },
      { epoch: 3, tick: 9 },
    ])
  })
})

describe('match: what comes back', () => {
  const back = (minor: bigint): MatchCommand => ({
    ...{ kind: 'returned', money: { asset: 'USD', amountMinor: minor }, code: 'wallet.closed' },
    ...{ original: '3-7' as RecordId, from: 'wallet/w_anna' },
  })

  it('is booked as unclaimed, and sent again', () => {
    const bench = inState('settled')
    const id = bench.nextRecordId
    expect(bench.told(back(1_950n))).to.equal('unclaimed')
    expect(bench.own.get('2007:m_1', 'USD')).to.equal(1_950n)
    const pay = { kind: 'pay', to: 'w_anna2' as never, by: STAFF2, reason: 'reopened' } as const
    expect(bench.told({ ...pay, id: '3-99' as RecordId })).to.equal('match.unclaimed_unknown')
    expect(bench.told({ ...pay, id, by: ANNA })).to.equal('match.own')
    expect(bench.told({ ...pay, id })).to.equal('paid_again')
    expect(bench.told({ ...pay, id })).to.equal('match.unclaimed_unknown')
    expect(bench.own.get('2007:m_1', 'USD')).to.equal(0n)
    expect(bench.envelopes.at(-1)).to.deep.equal({ to: 'wallet/w_anna2', name: 'prize', minor: 1_950n, body: null })
  })

  for (const state of Object.keys(STATES)) {
    it(`news that nobody took is no news: ${state}`, () => {
      const bench = inState(state)
      const nobody: MatchCommand = { ...(back(1n) as MatchCommand & { kind: 'returned' }), money: null }
      expect(bench.told(nobody)).to.equal('')
    })
  }

  it('envelopes and timers become commands, and what it does not know it throws at', () => {
    const from = 'wallet/w_anna'
    const message = { via: 'envelope', recordId: '0-1' as RecordId, from } as const
    const money = { asset: 'USD', amountMinor: 5n }
    expect(matchKind.incoming({ ...message, name: 'stake', money, body: { seat: 1 } })).to.deep.equal({
      ...{ kind: 'stake', seat: 1, ...money, from, record: '0-1' },
    })
    const body = { code: 'wallet.closed', original: '3-2' }
    expect(matchKind.incoming({ ...message, name: RETURN_ENVELOPE, money: null, body })).to.deep.equal({
      ...{ kind: 'returned', money: null, ...body, from },
    })
    const timer = { via: 'timer', recordId: null, from: 'match/m_1', money: null } as const
    expect(matchKind.incoming({ ...timer, name: 'ready', body: 7 })).to.deep.equal({
      kind: 'due',
      wait: 'ready',
      dueMs: 7,
    })
    for (const bad of [
      { ...message, name: 'stake', money: null, body: { seat: 1 } },
      { ...message, name: 'create', money, body: null },
      { ...message, name: 'other', money, body: null },
      { ...timer, name: 'other', body: 7 },
      { ...timer, name: 'ready', body: null },
    ])
      expect(() => matchKind.incoming(bad)).to.throw()
  })
})
