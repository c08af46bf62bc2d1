// What other services are told of a match: each kind of event of its life, in its public form, and nothing personal.

import { expect } from 'chai'
import type { MatchEvent } from '../../actors/match/events.ts'
import { newsOf } from '../../server/events/matchNews.ts'
import { PUBLIC_EVENT } from '../../server/events/publicEvent.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { specOf } from '../support/matchBench.ts'
import { type LoggedRecord, MatchLog } from '../support/matchLog.ts'

const NOTE = 'Anna Smith of 5 Elm Street wrote to us'
const staff = 'u_staff' as UserId // written by the test
const record = '3-9' as RecordId // of the form recordId() gives
const by = { by: staff, approvedBy: null }
const DUE = 1_767_225_600_000

type Row = readonly [event: MatchEvent, types: readonly string[], more?: Record<string, unknown>]

const LIFE: readonly Row[] = [
  [{ kind: 'created', spec: specOf(), dueMs: DUE }, ['created', 'funding'], { stake: '10.00', asset: 'USD' }],
  [{ kind: 'staked', seat: 1, record }, ['pool_funded'], { seat: 1, asset: 'USD', amount: '10.00' }],
  [{ kind: 'accepted', seat: 1 }, []],
  [{ kind: 'readied', dueMs: DUE }, ['ready', 'pool_locked'], { due_at: '2026-01-01T00:00:00.000Z' }],
  [{ kind: 'arrived', seat: 0 }, []],
  [{ kind: 'started', seed: 'secret', dueMs: DUE }, ['live']],
  [{ kind: 'finished', dueMs: null }, ['finished'], { disputable_until: null }],
  [
    { kind: 'disputed', id: record, seat: 0, type: 'other' as never, evidence: [NOTE], ticks: null },
    ['disputed'],
    { dispute_id: '3-9', seat: 0 },
  ],
  [{ kind: 'ruling_proposed', id: record, ruling: { kind: 'approve' }, by: staff, reason: NOTE }, []],
  [
    {
      ...{ kind: 'settled', record, how: 'result', payouts: [{ seat: 0, amountMinor: 1950n }] },
      ...{ rakeMinor: 50n, contributionMinor: 0n, ...by, note: NOTE, outcome: null },
    },
    ['settled', 'pool_distributed'],
    { how: 'result' },
  ],
  [
    {
      ...{ kind: 'settled', record, how: 'refund', payouts: [{ seat: 0, amountMinor: 1000n }] },
      ...{ rakeMinor: 0n, contributionMinor: 0n, ...by, note: NOTE, outcome: null },
    },
    ['settled', 'pool_refunded'],
    { how: 'refund' },
  ],
  [
    { kind: 'cancelled', why: NOTE, atFault: [1], ...by, refunds: [{ seat: 0, amountMinor: 1000n }] },
    ['cancelled', 'pool_refunded'],
    { at_fault: [1] },
  ],
] as const

const ENTRIES: LoggedRecord['entries'] = [
  ['2006', 'USD', 'D', '1000', '0'],
  ['2002:m_1', 'USD', 'C', '1000', '1000'],
]

describe('news of matches', () => {
  for (const [event, types, more = {}] of LIFE) {
    it(`${event.kind} ${'how' in event ? event.how : ''} tells ${types.join(' and ') || 'nothing'}`, () => {
      const batch = new MatchLog().append([{ actor: 'match/m_1', events: [event], entries: ENTRIES }])
      const news = newsOf(batch)
      expect(news.map(({ type }) => type)).to.deep.equal(types)
      for (const each of news) expect(PUBLIC_EVENT.parse(each), 'all of it is in the form').to.deep.equal(each)
      if (news[0] !== undefined) expect(news[0]).to.deep.include(more)
      expect(JSON.stringify(news)).not.to.match(/Anna Smith|secret|u_staff/)
    })
  }

  it('pays by seat, in decimal texts', () => {
    const [settled] = LIFE.filter(([, types]) => types.includes('pool_distributed'))
    if (settled === undefined) throw new Error('no such row')
    const [, pool] = newsOf(new MatchLog().append([{ actor: 'match/m_1', events: [settled[0]], entries: ENTRIES }]))
    expect(pool).to.deep.include({ asset: 'USD', payouts: [{ seat: 0, amount: '19.50' }], rake: '0.50' })
  })

  it('numbers what is told by its place in the batch, whatever other actors wrote between', () => {
    const other = { actor: 'wallet/w_"a":"match/' }
    const [first, second] = [
      { actor: 'match/m_1', events: [LIFE[0]?.[0], LIFE[2]?.[0]] as MatchEvent[] }, // both are there
      { actor: 'match/m_2', events: [LIFE[0]?.[0]] as MatchEvent[] },
    ]
    const news = newsOf(new MatchLog().append([other, first, other, second]))
    expect(news.map(({ id, match_id: match }) => `${id} ${match}`)).to.deep.equal([
      ...['3:3:0 m_1', '3:3:1 m_1', '3:3:4 m_2', '3:3:5 m_2'],
    ])
  })
})
