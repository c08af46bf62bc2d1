// What a lobby answers to each command in each of its states, as tables; and what becomes of it by its match.

import { expect } from 'chai'
import type { LobbyCommand } from '../../actors/lobby/commands.ts'
import { LOBBY } from '../../actors/lobby/limits.ts'
import { decodeSpec } from '../../actors/match/spec.ts'
import { specFault } from '../../actors/match/specCheck.ts'
import type { UserId } from '../../shared/ids.ts'
import { codeOf } from '../support/kindBench.ts'
import {
  ANN,
  BEN,
  CAT,
  create,
  DAN,
  FREE,
  join,
  LobbyBench,
  leave,
  ready,
  STAKED,
  start,
  user,
} from '../support/lobbyBench.ts'

const invite = (by: UserId, target: UserId): LobbyCommand => ({ kind: 'invite', user: by, target })
const kick = (by: UserId, target: UserId): LobbyCommand => ({ kind: 'kick', user: by, target })
const close = (by: UserId): LobbyCommand => ({ kind: 'close', user: by })

const STATES = ['absent', 'open', 'full', 'ready_check', 'starting', 'started', 'completed', 'cancelled'] as const
type State = (typeof STATES)[number]

/** Ann's lobby of two seats, with Ben in it from `full` on. */
function inState(state: State, setup = FREE): LobbyBench {
  const bench = new LobbyBench()
  if (state === 'absent') return bench
  bench.accepted(create(ANN, setup))
  if (state === 'cancelled') bench.accepted(close(ANN))
  if (state === 'open' || state === 'cancelled') return bench
  bench.accepted(join(BEN))
  if (state === 'full') return bench
  bench.accepted(start(ANN))
  if (state === 'ready_check') return bench
  bench.accepted(ready(BEN))
  if (state !== 'starting') bench.news('live')
  if (state === 'completed') bench.news('settled')
  return bench
}

describe('lobby: every command in every state', () => {
  const cases: readonly (readonly [name: string, command: LobbyCommand, answers: readonly string[]])[] = [
    [
      'the same is made again',
      create(ANN),
      ['accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
    ],
    [
      'another is made of it',
      create(ANN, STAKED),
      ['accepted', 'exists', 'exists', 'exists', 'exists', 'exists', 'exists', 'exists'],
    ],
    ['a third joins', join(CAT), ['unknown', 'accepted', 'full', 'not_open', 'not_open', 'not_open', 'over', 'over']],
    [
      'joining twice',
      join(ANN),
      ['unknown', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
    ],
    [
      'somebody else’s seat',
      join(CAT, { seat: 0 }),
      ['unknown', 'seat_taken', 'seat_taken', 'not_open', 'not_open', 'not_open', 'over', 'over'],
    ],
    [
      'a seat that is not there',
      join(CAT, { seat: 2 }),
      [
        'unknown',
        'no_such_seat',
        'no_such_seat',
        'no_such_seat',
        'no_such_seat',
        'no_such_seat',
        'no_such_seat',
        'no_such_seat',
      ],
    ],
    [
      'who sits is ready',
      ready(ANN),
      ['unknown', 'accepted', 'accepted', 'accepted', 'not_open', 'not_open', 'not_open', 'not_open'],
    ],
    [
      'who does not sit is ready',
      ready(CAT),
      ['unknown', 'not_seated', 'not_seated', 'not_seated', 'not_seated', 'not_seated', 'not_seated', 'not_seated'],
    ],
    [
      'the owner starts',
      start(ANN),
      ['unknown', 'not_full', 'accepted', 'accepted', 'not_open', 'not_open', 'not_open', 'not_open'],
    ],
    [
      'the owner starts with bots',
      start(ANN, true),
      ['unknown', 'accepted', 'accepted', 'accepted', 'not_open', 'not_open', 'not_open', 'not_open'],
    ],
    [
      'another starts',
      start(BEN),
      ['unknown', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner'],
    ],
    [
      'the owner leaves',
      leave(ANN),
      ['unknown', 'accepted', 'accepted', 'accepted', 'in_match', 'in_match', 'accepted', 'accepted'],
    ],
    [
      'who does not sit leaves',
      leave(CAT),
      ['unknown', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
    ],
    [
      'the owner sends somebody away',
      kick(ANN, BEN),
      ['unknown', 'not_seated', 'accepted', 'accepted', 'not_open', 'not_open', 'not_open', 'not_open'],
    ],
    [
      'another sends the owner away',
      kick(BEN, ANN),
      ['unknown', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner'],
    ],
    [
      'the owner sends themselves away',
      kick(ANN, ANN),
      ['unknown', 'own_seat', 'own_seat', 'own_seat', 'own_seat', 'own_seat', 'own_seat', 'own_seat'],
    ],
    [
      'the owner invites',
      invite(ANN, DAN),
      ['unknown', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'over', 'over'],
    ],
    [
      'another invites',
      invite(BEN, DAN),
      ['unknown', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner', 'not_owner'],
    ],
    [
      'the owner closes it',
      close(ANN),
      ['unknown', 'accepted', 'accepted', 'accepted', 'in_match', 'in_match', 'over', 'accepted'],
    ],
    [
      'staff ends it',
      { kind: 'end', by: DAN },
      ['unknown', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
    ],
  ]
  for (const [name, command, answers] of cases) {
    for (const [index, state] of STATES.entries()) {
      const answer = answers[index] ?? ''
      it(`${state}: ${name} → ${answer}`, () => {
        expect(codeOf(inState(state).run(command)).replace('lobby.', '')).to.equal(answer)
      })
    }
  }
})

describe('lobby: who sits in it', () => {
  it('a seat is chosen, and changed while it is open', () => {
    const bench = inState('open')
    bench.accepted(join(ANN, { seat: 1 }))
    expect(bench.seats).to.equal(`- ${ANN}`)
    bench.accepted(join(BEN))
    expect(bench.seats).to.equal(`${BEN} ${ANN}`)
  })

  it('who leaves leaves their readiness behind', () => {
    const bench = inState('full')
    bench.accepted(ready(BEN))
    bench.accepted(leave(BEN))
    bench.accepted(join(BEN))
    expect(bench.seats).to.equal(`${ANN} ${BEN}`)
  })

  const owners: readonly (readonly [state: State, match: boolean, status: string, owner: UserId])[] = [
    ['full', false, 'open', BEN],
    ['ready_check', false, 'open', BEN],
    ['starting', true, 'starting', BEN],
    ['started', true, 'started', BEN],
    ['completed', false, 'completed', ANN],
  ]
  for (const [state, match, status, owner] of owners) {
    it(`${state}: its owner leaves → ${status}, owned by ${owner}`, () => {
      const bench = inState(state)
      bench.accepted(leave(ANN, match ? bench.match : null))
      expect(bench.shown).to.include({ status, owner })
    })
  }

  it('the last one leaves → closed; of a match that goes on, once it is over', () => {
    const bench = inState('open')
    bench.accepted(leave(ANN))
    expect(bench.shown).to.deep.include({ status: 'cancelled', closed: { why: 'empty', by: null } })
    const playing = inState('started')
    for (const who of [ANN, BEN]) playing.accepted(leave(who, playing.match))
    expect(playing.shown.status).to.equal('started')
    playing.news('cancelled', [ANN, BEN])
    expect(playing.shown.status).to.equal('cancelled')
  })

  it('who has been there longest owns it next', () => {
    const bench = new LobbyBench()
    bench.accepted(create(ANN, { ...FREE, mode: '2v2', format: '2v2' }))
    for (const [index, who] of [CAT, BEN, DAN].entries()) {
      bench.nowMs += 1_000
      bench.accepted(join(who, { seat: 3 - index }))
    }
    bench.accepted(leave(ANN))
    expect(bench.shown.owner).to.equal(CAT)
  })

  it('who was sent away does not come back, unless invited', () => {
    const bench = inState('full')
    bench.accepted(kick(ANN, BEN))
    expect(codeOf(bench.run(join(BEN)))).to.equal('lobby.barred')
    bench.accepted(invite(ANN, BEN))
    bench.accepted(join(BEN))
    expect(bench.seats).to.equal(`${ANN} ${BEN}`)
  })

  const comings: readonly (readonly [
    visibility: 'public' | 'private' | 'matchmaking' | 'friends',
    how: string,
    answer: string,
  ])[] = [
    ['public', '', 'accepted'],
    ['private', '', 'lobby.not_invited'],
    ['private', 'wrong code', 'lobby.not_invited'],
    ['private', 'code', 'accepted'],
    ['private', 'invited', 'accepted'],
    ['friends', '', 'lobby.not_invited'],
    ['friends', 'code', 'lobby.not_invited'],
    ['friends', 'invited', 'accepted'],
    ['matchmaking', '', 'accepted'],
    ['matchmaking', 'far away', 'lobby.rating_apart'],
  ]
  for (const [visibility, how, answer] of comings) {
    it(`${visibility}${how && `, ${how}`} → ${answer}`, () => {
      const bench = inState('open', { ...FREE, visibility })
      if (how === 'invited') bench.accepted(invite(ANN, BEN))
      const code = how === 'code' ? (bench.shown.code ?? '') : 'NO'
      expect(codeOf(bench.run(join(BEN, { code, rating: how === 'far away' ? 2_301 : 2_300 })))).to.equal(answer)
    })
  }

  it('invitations, and who may not come back, have their bounds', () => {
    const bench = inState('open')
    for (let each = 0; each < LOBBY.maxInvitations; each++) bench.accepted(invite(ANN, user(`guest${each}`)))
    expect(codeOf(bench.run(invite(ANN, BEN)))).to.equal('lobby.too_many_invitations')
    for (let each = 0; each <= LOBBY.maxBarred; each++) {
      bench.accepted(join(user(`other${each}`)))
      bench.accepted(kick(ANN, user(`other${each}`)))
    }
    expect(bench.shown.barred).to.have.length(LOBBY.maxBarred)
  })
})

describe('lobby: to its match and back', () => {
  it('the owner is ready by starting it, and everybody ready starts it at once', () => {
    const bench = inState('full')
    bench.accepted(ready(BEN))
    const { outbox } = bench.accepted(start(ANN))
    expect(bench.shown.status).to.equal('starting')
    const [envelope] = outbox
    expect(envelope).to.include({ to: `match/${bench.match}`, name: 'create' })
    const spec = decodeSpec(envelope?.body ?? null)
    expect(specFault(spec)).to.equal(null)
    expect(spec).to.include({ source: 'lobby/l_1', stakeMinor: 0n, ratingKey: 'arena.blitz' })
    expect(spec.seats.map((seat) => seat.user)).to.deep.equal([ANN, BEN])
    expect(spec.map).to.be.a('string')
  })

  it('bots take the free seats of a free lobby: unrated; of no other', () => {
    const bench = inState('open')
    const spec = decodeSpec(bench.accepted(start(ANN, true)).outbox[0]?.body ?? null)
    expect(spec.seats.map((seat) => seat.user)).to.deep.equal([ANN, null])
    expect([spec.ratingKey, specFault(spec)]).to.deep.equal([null, null])
    for (const setup of [STAKED, { ...FREE, game: 'cs2', mode: 'duel' }])
      expect(codeOf(inState('open', setup).run(start(ANN, true)))).to.equal('lobby.not_full')
  })

  it('a ready check that runs out costs the seats of those who were not ready', () => {
    const bench = inState('ready_check')
    bench.due('ready', bench.shown.readyDueMs ?? 0)
    expect(bench.shown).to.include({ status: 'open', reopened: 'not_ready', owner: ANN })
    expect(bench.seats).to.equal(`${ANN} -`)
  })

  it('what comes after its time is refused, whichever comes first (A7)', () => {
    const bench = inState('ready_check')
    bench.nowMs = bench.shown.readyDueMs ?? 0
    expect(codeOf(bench.run(ready(BEN)))).to.equal('lobby.ready_check_over')
  })

  it('a timer of an earlier check says nothing', () => {
    const bench = inState('ready_check')
    const dueMs = bench.shown.readyDueMs ?? 0
    bench.accepted(ready(BEN, false))
    expect(bench.shown).to.include({ status: 'open', reopened: 'declined' })
    bench.nowMs += 1
    bench.accepted(start(ANN))
    bench.due('ready', dueMs)
    expect(bench.shown.status).to.equal('ready_check')
    expect(bench.seats).to.equal(`${ANN}+ ${BEN}`)
  })

  const news: readonly (readonly [
    state: State,
    news: string,
    atFault: readonly UserId[],
    status: string,
    seats: string,
  ])[] = [
    ['starting', 'ready', [], 'starting', `${ANN}+ ${BEN}+`],
    ['starting', 'live', [], 'started', `${ANN}+ ${BEN}+`],
    ['starting', 'cancelled', [BEN], 'open', `${ANN} -`],
    ['starting', 'cancelled', [ANN], 'open', `- ${BEN}`],
    ['starting', 'cancelled', [], 'open', `${ANN} ${BEN}`],
    ['starting', 'cancelled', [ANN, BEN], 'cancelled', '- -'],
    ['started', 'finished', [], 'started', `${ANN}+ ${BEN}+`],
    ['started', 'settled', [], 'completed', `${ANN}+ ${BEN}+`],
    ['started', 'cancelled', [], 'open', `${ANN} ${BEN}`],
    ['completed', 'cancelled', [], 'completed', `${ANN}+ ${BEN}+`],
  ]
  for (const [state, what, atFault, status, seats] of news) {
    it(`${state}: ${what}${atFault.length > 0 ? ` by ${atFault.join(', ')}` : ''} → ${status}, ${seats}`, () => {
      const bench = inState(state)
      bench.news(what, atFault)
      expect(bench.shown.status).to.equal(status)
      expect(bench.seats).to.equal(seats)
    })
  }

  it('news of another match, or by another than the match, change nothing', () => {
    const bench = inState('starting')
    bench.news('cancelled', [ANN], 'm_other')
    bench.arrive('match_news', { match: bench.match, state: 'cancelled', at_fault: [] }, { from: 'match/m_other' })
    bench.arrive('match_news', { match: bench.match, state: 'cancelled', at_fault: [] }, { from: 'wallet/w_x' })
    expect(bench.shown.status).to.equal('starting')
  })

  it('a match that would not be made opens it again', () => {
    const bench = inState('starting')
    bench.arrive('returned', { code: 'match.spec_invalid', original: '1-1' }, { from: `match/${bench.match}` })
    expect(bench.shown).to.include({ status: 'open', reopened: 'match_refused' })
  })

  it('is closed where nothing happens for long, counted from what happened last', () => {
    const bench = inState('open')
    const first = bench.nowMs + LOBBY.idleMs
    bench.nowMs += 1_000
    bench.accepted(join(BEN))
    bench.due('idle', first)
    expect(bench.shown.status).to.equal('open')
    bench.due('idle', first + 1_000)
    expect(bench.shown).to.deep.include({ status: 'cancelled', closed: { why: 'idle', by: null } })
  })
})
