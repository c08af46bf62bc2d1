// Who gets what of a pool, as a table; and for any pool that it adds up, and that nobody pays for having played.

import { expect } from 'chai'
import fc from 'fast-check'
import { placings, projectedPayouts, rakeOf, split } from '../../actors/match/prizes.ts'
import type { PrizeRule } from '../../actors/match/spec.ts'
import { outcomeOf } from '../support/matchBench.ts'

const WINNER: PrizeRule = 'winner_takes_all'
const TOP3: PrizeRule = 'top_three_split_60_30_10'
const MVP: PrizeRule = 'performance_mvp_70_20_10'

describe('prizes: the platform fee', () => {
  const table: readonly (readonly [stakes: bigint, asset: string, rake: bigint, why: string])[] = [
    [10_000n, 'USD', 250n, '2.5 %'],
    [2_000n, 'USD', 50n, '2.5 % is the least'],
    [1_999n, 'USD', 50n, 'at least 0.50'],
    [250n, 'USD', 50n, '20 % is the least'],
    [249n, 'USD', 49n, 'never more than 20 %, rounded down'],
    [2n, 'USD', 0n, 'of too little nothing'],
    [10_001n, 'USD', 250n, 'rounded down'],
    [10_000_000n, 'USDC', 500_000n, '0.50 in its own units'],
    [40_000_000n, 'USDT', 1_000_000n, '2.5 %'],
    [10_000n, 'CREDIT', 0n, 'none on credits'],
    [0n, 'USD', 0n, 'none of nothing'],
  ]
  for (const [stakes, asset, rake, why] of table) {
    it(`of ${stakes} ${asset}: ${rake} (${why})`, () => expect(rakeOf(asset, stakes)).to.equal(rake))
  }
})

describe('prizes: the split', () => {
  type Row = readonly [
    what: string,
    rule: PrizeRule,
    net: bigint,
    teams: readonly number[],
    positions: readonly number[],
    paid: readonly bigint[],
    more?: { readonly mvp?: number; readonly forfeit?: readonly number[] },
  ]
  // In credits, so that all of it is paid out.
  const table: readonly Row[] = [
    ['the winner has it all', WINNER, 1_000n, [0, 1], [2, 1], [0n, 1_000n]],
    ['a draw is shared, the odd unit to the first seat', WINNER, 1_001n, [0, 1], [1, 1], [501n, 500n]],
    ['a team shares', WINNER, 1_001n, [0, 0, 1, 1], [1, 1, 3, 3], [501n, 500n, 0n, 0n]],
    ['three places', TOP3, 1_000n, [0, 1, 2], [1, 2, 3], [600n, 300n, 100n]],
    ['the remainder goes to the first place', TOP3, 1_009n, [0, 1, 2], [3, 1, 2], [100n, 607n, 302n]],
    ['two of two', TOP3, 1_000n, [0, 1], [1, 2], [600n, 400n]],
    ['two teams', TOP3, 1_000n, [0, 0, 1, 1], [1, 1, 3, 3], [300n, 300n, 200n, 200n]],
    ['a shared second place takes the third', TOP3, 1_000n, [0, 1, 2, 3], [1, 2, 2, 4], [600n, 200n, 200n, 0n]],
    ['a shared third place', TOP3, 1_000n, [0, 1, 2, 3], [1, 2, 3, 3], [600n, 300n, 50n, 50n]],
    ['a shared first place takes the second', TOP3, 1_000n, [0, 1, 2], [1, 1, 3], [450n, 450n, 100n]],
    ['most valuable', MVP, 1_000n, [0, 1, 2], [1, 2, 3], [700n, 200n, 100n], { mvp: 2 }],
    ['most valuable, and the winner', MVP, 1_000n, [0, 1], [1, 2], [800n, 200n], { mvp: 0 }],
    ['nobody most valuable', MVP, 1_000n, [0, 1, 2], [1, 2, 3], [800n, 200n, 0n]],
    ['most valuable forfeited', MVP, 1_000n, [0, 1, 2], [1, 2, 3], [800n, 200n, 0n], { mvp: 2, forfeit: [2] }],
    ['who forfeited wins nothing', WINNER, 1_000n, [0, 1], [1, 2], [0n, 1_000n], { forfeit: [0] }],
    ['nor a part of what the team wins', WINNER, 1_000n, [0, 0, 1], [1, 1, 3], [1_000n, 0n, 0n], { forfeit: [1] }],
    ['two are left of three', TOP3, 1_000n, [0, 1, 2], [1, 2, 3], [0n, 600n, 400n], { forfeit: [0] }],
    ['one is left of three', TOP3, 1_000n, [0, 1, 2], [1, 2, 3], [0n, 0n, 1_000n], { forfeit: [0, 1] }],
    ['one is left, most valuable', MVP, 1_000n, [0, 1], [2, 1], [0n, 1_000n], { forfeit: [0], mvp: 1 }],
  ]
  for (const [what, rule, net, teams, positions, paid, { mvp = null, forfeit = [] } = {}] of table) {
    it(`${rule}: ${what}`, () => {
      const seats = teams.map((team, seat) => ({ seat, team, forfeit: forfeit.includes(seat) }))
      const pool = { asset: 'CREDIT', stakesMinor: net, contributionMinor: 0n, rule }
      const { payouts, rakeMinor } = split(pool, seats, outcomeOf(positions, mvp))
      expect(rakeMinor).to.equal(0n)
      expect(paid.map((_, seat) => payouts.find((each) => each.seat === seat)?.amountMinor ?? 0n)).to.deep.equal(paid)
    })
  }

  it('is projected by place', () => {
    const pool = { asset: 'USD', stakesMinor: 3_000n, contributionMinor: 50n, rule: TOP3 }
    expect(projectedPayouts(pool, 3)).to.deep.equal(
      [
        { position: 1, amountMinor: 1_785n },
        { position: 2, amountMinor: 892n },
        { position: 3, amountMinor: 297n },
      ].map((row, index) => (index === 0 ? { ...row, amountMinor: 2_975n - 892n - 297n } : row)),
    )
  })

  it('adds up for every pool, and nobody pays', () => {
    const seat = fc.record({ team: fc.nat(4), forfeit: fc.boolean() })
    const cases = fc.record({
      rule: fc.constantFrom(WINNER, TOP3, MVP),
      asset: fc.constantFrom('USD', 'USDC', 'CREDIT'),
      stakesMinor: fc.bigInt(0n, 10n ** 12n),
      contributionMinor: fc.bigInt(0n, 500_000n),
      seats: fc.array(seat, { minLength: 2, maxLength: 10 }),
      places: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 5, maxLength: 5 }),
      mvp: fc.option(fc.nat(9)),
    })
    fc.assert(
      fc.property(cases, ({ seats: drawn, places, mvp, ...pool }) => {
        const seats = drawn.map((each, index) => ({ ...each, seat: index, forfeit: each.forfeit && index > 0 }))
        const outcome = outcomeOf(
          seats.map(({ team }) => places[team] ?? 1),
          mvp !== null && mvp < seats.length ? mvp : null,
        )
        const { payouts, rakeMinor } = split(pool, seats, outcome)
        const sum = payouts.reduce((total, { amountMinor }) => total + amountMinor, 0n)
        expect(sum + rakeMinor).to.equal(pool.stakesMinor + pool.contributionMinor)
        expect(rakeMinor >= 0n && rakeMinor * 5n <= pool.stakesMinor).to.equal(true)
        for (const { seat: paid, amountMinor } of payouts) {
          expect(amountMinor > 0n).to.equal(true)
          expect(seats[paid]?.forfeit, 'who forfeited wins nothing').to.equal(false)
        }
        expect(new Set(payouts.map(({ seat: paid }) => paid)).size).to.equal(payouts.length)
        // A better place never has less than a worse one, but for what the most valuable gets.
        const teamPay = placings(seats, outcome).map((group) => {
          const paid = group.flat().reduce((total, member) => {
            return total + (payouts.find((each) => each.seat === member)?.amountMinor ?? 0n)
          }, 0n)
          return { paid, teams: BigInt(group.length) }
        })
        if (outcome.mvp !== null && pool.rule === MVP) return
        for (let index = 1; index < teamPay.length; index++) {
          const [better, worse] = [teamPay[index - 1], teamPay[index]]
          if (better === undefined || worse === undefined) continue
          expect(better.paid * worse.teams >= worse.paid * better.teams - 10n * worse.teams).to.equal(true)
        }
      }),
    )
  })
})
