// What no match goes below, as tables: how long a result may be disputed, how late it is watched, and what the platform adds;
// whoever makes the match, and whatever they say.

import { expect } from 'chai'
import { disputeMsOf, leastDisputeMs, watchDelayMsOf } from '../../actors/match/minima.ts'
import { contributionOf, rakeOf } from '../../actors/match/prizes.ts'
import { RULES } from '../../shared/rules.ts'
import { MatchBench, type SpecOptions, specOf } from '../support/matchBench.ts'

const HOURS_72 = 72 * 60 * 60_000
const FREE: SpecOptions = { stakeMinor: 0n, ratingKey: null }

describe('match: the dispute window', () => {
  for (const [asset, stakeMinor, leastMs] of [
    ['USD', 0n, 0],
    ['USD', 500n, 0],
    ['USD', 501n, HOURS_72],
    ['USD', 100_000n, HOURS_72],
    ['USDC', 5_000_000n, 0],
    ['USDC', 5_000_001n, HOURS_72],
    ['USDT', 5_000_001n, HOURS_72],
    ['CREDIT', 1_000_000n, 0],
  ] as const) {
    it(`of ${stakeMinor} ${asset} a seat is at least ${leastMs / 3_600_000} h`, () => {
      expect(leastDisputeMs(asset, stakeMinor)).to.equal(leastMs)
      for (const disputeMs of [0, 60_000, HOURS_72 - 1])
        expect(disputeMsOf(specOf({ asset, stakeMinor, disputeMs }))).to.equal(Math.max(leastMs, disputeMs))
      const longer = HOURS_72 + 1
      expect(disputeMsOf(specOf({ asset, stakeMinor, disputeMs: longer })), 'and longer where that is said').to.equal(
        longer,
      )
    })
  }

  it('is kept by the match itself, whoever made it with less', () => {
    const bench = new MatchBench().finished({ stakeMinor: 501n, disputeMs: 0 })
    expect([bench.status, bench.timers.get('dispute')]).to.deep.equal(['finished', bench.nowMs + HOURS_72])
    expect(bench.due('dispute', 11_000), 'given once more in full').to.equal('extended')
    expect(bench.timers.get('dispute')).to.equal(bench.nowMs + HOURS_72)
    expect(bench.due('dispute')).to.equal('settled')
    expect(new MatchBench().finished({ stakeMinor: 500n, disputeMs: 0 }).status).to.equal('settled')
  })
})

describe('match: the delay of spectators', () => {
  for (const [what, options, saidMs, delayMs] of [
    ['casual: at once', FREE, 0, 0],
    ['casual, where its maker wants a delay', FREE, 5_000, 5_000],
    ['rated', { ...FREE, ratingKey: 'duel.bo3' }, 0, RULES.watchDelayCompetitiveMs],
    ['for a stake', { ratingKey: null }, 0, RULES.watchDelayCompetitiveMs],
    ['for credits', { asset: 'CREDIT', ratingKey: null }, 0, RULES.watchDelayCompetitiveMs],
    ['for a stake, later', {}, 300_000, 300_000],
  ] as const) {
    it(what, () => expect(watchDelayMsOf(specOf({ ...options, watchDelayMs: saidMs }))).to.equal(delayMs))
  }
})

describe('match: nobody gains by losing to themselves', () => {
  const stakes = {
    USD: [1n, 2n, 50n, 99n, 100n, 124n, 125n, 200n, 500n, 2_000n, 100_000n],
    USDC: [1n, 1_000_000n, 1_250_000n, 5_000_000n, 1_000_000_000n],
    CREDIT: [1n, 100n, 1_000_000n],
  }
  for (const [asset, amounts] of Object.entries(stakes)) {
    for (const seats of [2, 3, 4, 6, 10]) {
      it(`${asset}, ${seats} seats: what is paid out is never more than what was staked`, () => {
        for (const stakeMinor of amounts) {
          const contributionMinor = { USD: 50n, USDC: 500_000n }[asset] ?? 0n
          const teams = Array.from({ length: seats }, (_, seat) => seat)
          const bench = new MatchBench().finished({ asset, stakeMinor, contributionMinor, tier: 'pro', teams })
          if (bench.status === 'finished') bench.due('dispute')
          const paid = teams.reduce((sum, seat) => sum + bench.paid(seat, 'prize'), 0n)
          const staked = stakeMinor * BigInt(seats)
          expect(paid <= staked, `${paid} of ${staked}`).to.equal(true)
          expect([bench.status, bench.escrow]).to.deep.equal(['settled', 0n])
        }
      })
    }
  }

  for (const [stakeMinor, rake, added] of [
    [100n, 40n, 40n],
    [124n, 49n, 49n],
    [125n, 50n, 50n],
    [200n, 50n, 50n],
    [2_000n, 100n, 50n],
  ] as const) {
    it(`two seats of ${stakeMinor}: a rake of ${rake}, and ${added} added`, () => {
      expect(rakeOf('USD', 2n * stakeMinor)).to.equal(rake)
      const spec = specOf({ stakeMinor, contributionMinor: 50n, tier: 'premium' })
      expect(contributionOf(spec, 2n * stakeMinor)).to.equal(added)
      expect(contributionOf({ ...spec, tier: 'free' }, 2n * stakeMinor)).to.equal(0n)
    })
  }
})
