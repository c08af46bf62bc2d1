// How results come to be and are contested, as tables: reports from outside, the life of a score, disputes, and what staff
// decides about a pool, with four eyes where it is large.

import { expect } from 'chai'
import type { MatchCommand, Reporter, Ruling, StaffRole } from '../../actors/match/commands.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { MatchBench, outcomeOf, PLAYERS, type SpecOptions, STAFF, userAt } from '../support/matchBench.ts'

const [ANNA, BERT] = PLAYERS as readonly [UserId, UserId, ...UserId[]]
const [STAFF1, STAFF2] = STAFF
const SERVER: Reporter = { kind: 'server', id: 'cs2-eu' }
const WON = outcomeOf([1, 2])
const LOST = outcomeOf([2, 1])
/** A pool of more than one person decides about. */
const LARGE: SpecOptions = { stakeMinor: 10_000n }

const report = (by: Reporter, outcome = WON): MatchCommand => ({ kind: 'report', by, outcome })
const player = (id: UserId): Reporter => ({ kind: 'player', id })
const operator = (id: UserId): Reporter => ({ kind: 'operator', id })
const score = (step: 'review' | 'verify' | 'finalize' | 'cancel', by = STAFF1): MatchCommand => ({
  ...{ kind: 'score', step, by, note: 'n' },
})
const rule = (ruling: Ruling, by = STAFF1, role: StaffRole = 'operator'): MatchCommand => ({
  ...{ kind: 'rule', ruling, by, role, reason: 'why' },
})
const dispute = (user: UserId): MatchCommand => ({ kind: 'dispute', user, type: 'bug', evidence: [], ticks: null })

function external(options: SpecOptions = {}): MatchBench {
  return new MatchBench().live({ external: true, ...options })
}

describe('match: results from outside', () => {
  type Row = readonly [what: string, said: readonly MatchCommand[], told: readonly string[], status: string]
  const table: readonly Row[] = [
    ['a game server’s word ends it', [report(SERVER)], ['scored finished'], 'verified'],
    ['and is not said twice', [report(SERVER), report(SERVER)], ['scored finished', 'match.not_live'], 'verified'],
    [
      'both players agree',
      [report(player(ANNA)), report(player(BERT))],
      ['told scored', 'told score_moved finished'],
      'verified',
    ],
    [
      'one player repeats himself',
      [report(player(ANNA)), report(player(ANNA)), report(player(ANNA), LOST)],
      ['told scored', '', 'match.told'],
      'submitted',
    ],
    [
      'they contradict each other, and staff verifies',
      [report(player(ANNA)), report(player(BERT), LOST), score('verify')],
      ['told scored', 'told score_moved', 'score_moved finished'],
      'verified',
    ],
    [
      'they contradict each other, it is void, and they agree',
      [report(player(ANNA)), report(player(BERT), LOST), score('cancel'), report(player(BERT)), report(player(ANNA))],
      ['told scored', 'told score_moved', 'score_moved', 'told scored', 'told score_moved finished'],
      'verified',
    ],
    [
      'a game server’s word stands above theirs',
      [report(player(ANNA), LOST), report(SERVER)],
      ['told scored', 'scored finished'],
      'verified',
    ],
    [
      'staff reports, and verifies',
      [report(operator(STAFF1)), score('verify')],
      ['scored', 'score_moved finished'],
      'verified',
    ],
    [
      'staff looks at what a player reported',
      [report(player(ANNA)), score('review'), score('review'), score('finalize')],
      ['told scored', 'score_moved', 'match.score_state', 'match.score_state'],
      'under_review',
    ],
    [
      'nobody’s word',
      [report(player('u_other' as UserId)), report(operator(ANNA)), report(SERVER, outcomeOf([1, 3]))],
      ['match.not_seated', 'match.own', 'match.outcome_invalid'],
      'none',
    ],
  ]
  for (const [what, said, told, status] of table) {
    it(what, () => {
      const bench = external()
      expect(said.map((command) => bench.told(command))).to.deep.equal(told)
      expect(bench.view.score?.status ?? 'none').to.equal(status)
    })
  }

  it('a match that is played here takes no word from outside', () => {
    const bench = new MatchBench().live()
    expect(bench.told(report(SERVER))).to.equal('match.played_here')
    expect(bench.told(report(player(ANNA)))).to.equal('match.played_here')
  })

  it('more than half of those who play, and each team, have to agree', () => {
    const bench = external({ teams: [0, 0, 1, 1] })
    const won = outcomeOf([1, 1, 3, 3])
    expect(bench.told(report(player(ANNA), won))).to.equal('told scored')
    expect(bench.told(report(player(BERT), won)), 'one team alone says nothing').to.equal('told')
    expect(bench.told(report(player(userAt(2)), won))).to.equal('told score_moved finished')
  })

  it('what is undecided when time is up is looked at; without a word nobody has won', () => {
    const bench = external()
    bench.must(report(player(ANNA)))
    expect(bench.due('live')).to.equal('finished')
    expect(bench.due('dispute')).to.equal('window_closed')
    expect(bench.told(score('verify'))).to.equal('score_moved settled')
    expect(external().due('live')).to.equal('cancelled')
  })

  it('who leaves a match of two that is played elsewhere has lost it', () => {
    const bench = external()
    expect(bench.told({ kind: 'leave', user: ANNA })).to.equal('forfeited scored finished')
    bench.due('dispute')
    expect(bench.paid(1, 'prize')).to.equal(1_950n)
  })

  it('of a large pool another verifies what staff reported', () => {
    const bench = external(LARGE)
    bench.must(report(operator(STAFF1)))
    expect(bench.told(score('verify', STAFF1))).to.equal('match.four_eyes')
    expect(bench.told(score('verify', STAFF2))).to.equal('score_moved finished')
  })
})

describe('match: played elsewhere', () => {
  it('is live as soon as every seat is in: nobody arrives here', () => {
    const bench = new MatchBench().create({ external: true })
    bench.must(bench.stake(0))
    expect(bench.told(bench.stake(1))).to.equal('staked readied started')
    expect([...bench.timers.keys()]).to.deep.equal(['live'])
    expect(bench.told({ kind: 'arrive', user: ANNA })).to.equal('')
  })
})

describe('match: disputes', () => {
  it('a dispute holds the pool until staff decides', () => {
    const bench = new MatchBench().finished()
    expect(bench.told(dispute(BERT))).to.equal('disputed')
    expect(bench.told(dispute(BERT))).to.equal('match.dispute_exists')
    expect(bench.told(dispute('u_other' as UserId))).to.equal('match.not_seated')
    expect([...bench.timers.keys()]).to.deep.equal([])
    expect([bench.status, bench.view.score?.status, bench.escrow]).to.deep.equal(['disputed', 'disputed', 2_000n])
    expect(bench.told(rule({ kind: 'approve' }))).to.equal('settled')
    expect(bench.view.disputes.map(({ status }) => status)).to.deep.equal(['resolved'])
    expect([bench.view.score?.status, bench.paid(0, 'prize'), bench.escrow]).to.deep.equal(['finalized', 1_950n, 0n])
  })

  it('votes and evidence, by whom and how often', () => {
    const bench = new MatchBench().finished()
    const id = bench.nextRecordId
    bench.must(dispute(BERT))
    const vote = (user: UserId, verdict: 'uphold' | 'reject' = 'reject'): MatchCommand => ({
      kind: 'vote',
      id,
      user,
      verdict,
    })
    const more = (count: number): MatchCommand => ({
      kind: 'evidence',
      id,
      user: ANNA,
      evidence: Array(count).fill('e'),
    })
    expect(
      [vote(BERT), vote(ANNA), vote(ANNA), vote(ANNA, 'uphold'), more(RULES.maxEvidencePerDispute), more(1)].map((c) =>
        bench.told(c),
      ),
    ).to.deep.equal(['match.dispute_own', 'voted', '', 'voted', 'evidence', 'match.too_much_evidence'])
    expect(bench.told({ ...vote(ANNA), id: '3-99' as RecordId } as MatchCommand)).to.equal('match.dispute_unknown')
    expect(bench.view.disputes[0]?.votes).to.deep.equal([{ user: ANNA, verdict: 'uphold' }])
    bench.must(rule({ kind: 'refund_all' }))
    expect(bench.told(vote(ANNA))).to.equal('match.dispute_closed')
  })

  it('taken back within the window, the window goes on; after it, the result stands', () => {
    for (const later of [false, true]) {
      const bench = new MatchBench().finished()
      const dueMs = bench.timers.get('dispute') ?? 0
      const ids = [ANNA, BERT].map((user) => {
        const id = bench.nextRecordId
        bench.must(dispute(user))
        return id
      })
      if (later) bench.nowMs = dueMs + 1
      const withdraw = (index: number, user: UserId): MatchCommand => ({
        ...{ kind: 'withdraw', id: ids[index] ?? ('' as RecordId), user },
      })
      expect(bench.told(withdraw(0, BERT))).to.equal('match.dispute_foreign')
      expect(bench.told(withdraw(0, ANNA))).to.equal('withdrawn')
      expect(bench.status).to.equal('disputed')
      expect(bench.told(withdraw(1, BERT))).to.equal(later ? 'withdrawn settled' : 'withdrawn')
      expect(bench.told(dispute(BERT)), 'each once').to.equal('match.dispute_exists')
      if (!later) expect([bench.timers.get('dispute'), bench.due('dispute')]).to.deep.equal([dueMs, 'settled'])
      expect(bench.paid(0, 'prize')).to.equal(1_950n)
    }
  })

  it('is raised until the window ends, and not at its end (A7)', () => {
    const bench = new MatchBench().finished()
    bench.nowMs = bench.timers.get('dispute') ?? 0
    expect(bench.told(dispute(BERT))).to.equal('match.window_over')
    bench.nowMs -= 1
    expect(bench.told(dispute(BERT))).to.equal('disputed')
  })

  it('a conciliated result is paid once it is finalized, by another where the pool is large', () => {
    const bench = new MatchBench().finished(LARGE)
    const other: MatchCommand = { kind: 'conciliate', outcome: LOST, by: STAFF1, note: 'seen' }
    expect(bench.told(other)).to.equal('match.score_state')
    bench.must(dispute(BERT))
    expect(bench.told(other)).to.equal('conciliated')
    expect(bench.told(score('finalize', STAFF1))).to.equal('match.four_eyes')
    expect(bench.told(score('finalize', STAFF2))).to.equal('settled')
    expect(bench.view.settlement).to.deep.include({ by: STAFF1, approvedBy: STAFF2, how: 'result' })
    expect(bench.paid(1, 'prize')).to.equal(19_500n)
    expect(bench.news('rated')[0]).to.deep.equal([
      `player/${ANNA}`,
      { match: 'm_1', rating_key: 'pong.duel', results: [[1501, 100, 0]] },
    ])
  })

  it('and is not paid by the clock, also where the dispute is taken back', () => {
    const bench = new MatchBench().finished()
    const id = bench.nextRecordId
    bench.must(dispute(BERT))
    bench.must({ kind: 'conciliate', outcome: LOST, by: STAFF1, note: '' })
    bench.must({ kind: 'withdraw', id, user: BERT })
    expect(bench.view.score?.status).to.equal('conciliated')
    expect(bench.due('dispute')).to.equal('window_closed')
    expect(bench.told(score('finalize', STAFF1)), 'of a small pool alone').to.equal('settled')
  })

  it('a verified result is not finalized while it may be disputed', () => {
    expect(new MatchBench().finished().told(score('finalize'))).to.equal('match.window_open')
  })
})

describe('match: rulings', () => {
  const custom = (...amounts: readonly bigint[]): Ruling => ({
    ...{ kind: 'custom', payouts: amounts.map((amountMinor, seat) => ({ seat, amountMinor })) },
  })
  // A disputed pool of 20.00 with a rake of 0.50.
  const table: readonly (readonly [what: string, ruling: Ruling, told: string, paid: readonly bigint[]])[] = [
    ['approved', { kind: 'approve' }, 'settled', [1_950n, 0n]],
    ['everything back, no rake', { kind: 'refund_all' }, 'settled', [1_000n, 1_000n]],
    ['another result', { kind: 'outcome', outcome: LOST }, 'settled', [0n, 1_950n]],
    ['no result', { kind: 'outcome', outcome: outcomeOf([1]) }, 'match.outcome_invalid', [0n, 0n]],
    ['a split that adds up', custom(950n, 1_000n), 'settled', [950n, 1_000n]],
    ['a split with the rake', custom(1_000n, 1_000n), 'match.split_wrong', [0n, 0n]],
    ['a split of less', custom(950n, 999n), 'match.split_wrong', [0n, 0n]],
    ['a split with a debt', custom(1_951n, -1n), 'match.split_wrong', [0n, 0n]],
    ['a split for strangers', custom(950n, 500n, 500n), 'match.split_wrong', [0n, 0n]],
    [
      'a split that names a seat twice',
      { kind: 'custom', payouts: [950n, 1_000n].map((amountMinor) => ({ seat: 0, amountMinor })) },
      'match.split_wrong',
      [0n, 0n],
    ],
  ]
  for (const [what, ruling, told, paid] of table) {
    it(what, () => {
      const bench = new MatchBench().finished()
      bench.must(dispute(BERT))
      expect(bench.told(rule(ruling))).to.equal(told)
      const sums = [0, 1].map((seat) => bench.paid(seat, 'prize') + bench.paid(seat, 'refund'))
      expect(sums).to.deep.equal(paid)
      expect(bench.escrow).to.equal(told === 'settled' ? 0n : 2_000n)
      const rated = told === 'settled' && (ruling.kind === 'approve' || ruling.kind === 'outcome')
      expect(bench.news('rated').length, 'a result counts, a refund or a split does not').to.equal(rated ? 2 : 0)
    })
  }

  it('of a large pool one proposes and another approves', () => {
    const bench = new MatchBench().finished(LARGE)
    const id = bench.nextRecordId
    const verdict = (
      by: UserId,
      said: 'approve' | 'reject' = 'approve',
      role: StaffRole = 'operator',
    ): MatchCommand => ({
      ...{ kind: 'ruling', id, verdict: said, by, role, note: 'n' },
    })
    expect(bench.told(rule({ kind: 'refund_all' }))).to.equal('ruling_proposed')
    expect(bench.told(verdict(STAFF1))).to.equal('match.four_eyes')
    expect(bench.told(verdict(ANNA))).to.equal('match.own')
    expect(bench.told(verdict(STAFF2))).to.equal('settled')
    expect(bench.view.settlement).to.deep.include({ by: STAFF1, approvedBy: STAFF2, how: 'refund', note: 'why' })
    expect(bench.told(verdict(STAFF2))).to.equal('match.ruling_unknown')
  })

  it('a proposal is rejected, also by whoever made it, and so many wait at most', () => {
    const bench = new MatchBench().finished(LARGE)
    const id = bench.nextRecordId
    for (let count = 0; count < RULES.maxOpenRulingsPerMatch; count++) bench.must(rule({ kind: 'approve' }))
    expect(bench.told(rule({ kind: 'approve' }))).to.equal('match.too_many_rulings')
    expect(bench.told({ kind: 'ruling', id, verdict: 'reject', by: STAFF1, role: 'operator', note: '' })).to.equal(
      'ruling_rejected',
    )
  })

  it('before it is played a pool goes back, and nothing else', () => {
    for (const ruling of [{ kind: 'approve' }, custom(1n), { kind: 'outcome', outcome: WON }] satisfies Ruling[])
      expect(new MatchBench().create().fund().told(rule(ruling))).to.equal('match.ruling_state')
    const bench = new MatchBench().create().fund()
    expect(bench.told(rule({ kind: 'refund_all' }))).to.equal('cancelled')
    expect([bench.paid(0, 'refund'), bench.paid(1, 'refund')]).to.deep.equal([1_000n, 1_000n])
    expect(bench.view.cancelled).to.deep.equal({ why: 'why', atFault: [] })
  })

  it('nobody rules on a match of their own, nor above their role', () => {
    expect(new MatchBench().finished().told(rule({ kind: 'approve' }, ANNA))).to.equal('match.own')
    const rich = new MatchBench().finished({ stakeMinor: 100_000n })
    expect(rich.told(rule({ kind: 'approve' }))).to.equal('match.ruling_too_large')
    expect(rich.told(rule({ kind: 'approve' }, STAFF1, 'admin'))).to.equal('ruling_proposed')
  })

  it('a live match is settled by the result that staff gives it, and its players are free', () => {
    const bench = new MatchBench().live()
    expect(bench.told(rule({ kind: 'outcome', outcome: WON }))).to.equal('settled')
    expect(bench.news('match_over')).to.have.length(2)
    expect([...bench.timers.keys()]).to.deep.equal([])
  })
})
