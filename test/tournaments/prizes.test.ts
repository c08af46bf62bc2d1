// Prizes: tables by place, shared places, fewer entrants than places, and the units that do not divide.

import { expect } from 'chai'
import fc from 'fast-check'
import { isPrizeTable, splitPool } from '../../shared/tournaments/prizes.ts'

const placings = (...places: readonly number[]) => places.map((place, entrant) => ({ entrant, place }))

function amounts(pool: bigint, table: readonly number[], ...places: readonly number[]): readonly bigint[] | string {
  const split = splitPool(pool, table, placings(...places))
  return split.kind === 'split' ? split.prizes.map((prize) => prize.amountMinor) : split.code
}

/** The places of groups of these sizes: 1, 2, 2, 4 of 1, 2, 1. */
function placesOf(sizes: readonly number[]): readonly number[] {
  let place = 1
  return sizes.flatMap((size) => {
    const shared = Array.from({ length: size }, () => place)
    place += size
    return shared
  })
}

describe('prizes', () => {
  const TOP_THREE = [6000, 3000, 1000]
  const splits: readonly (readonly [what: string, pool: bigint, places: readonly number[], paid: readonly bigint[]])[] =
    [
      ['three places', 1000n, [1, 2, 3], [600n, 300n, 100n]],
      ['nothing for the fourth', 1000n, [1, 2, 3, 4], [600n, 300n, 100n]],
      ['a shared second place', 1000n, [1, 2, 2], [600n, 200n, 200n]],
      ['a shared first place', 1000n, [1, 1, 3], [450n, 450n, 100n]],
      [
        'a third place shared with places that get nothing',
        1000n,
        [1, 2, 3, 3, 3, 3],
        [600n, 300n, 25n, 25n, 25n, 25n],
      ],
      ['two entrants share it by two to one', 900n, [1, 2], [600n, 300n]],
      ['one entrant', 999n, [1], [999n]],
      ['what does not divide goes to the first', 101n, [1, 2, 3], [61n, 30n, 10n]],
      ['an odd unit goes to the first of those who share the first place', 11n, [1, 1], [6n, 5n]],
      ['what is too little to be cut goes to the first', 1n, [1, 2, 3], [1n]],
      ['nothing', 0n, [1, 2, 3], []],
    ]
  for (const [what, pool, places, paid] of splits) {
    it(what, () => expect(amounts(pool, TOP_THREE, ...places)).to.deep.equal(paid))
  }

  it('tables fall and add up', () => {
    expect(isPrizeTable([10_000])).to.equal(true)
    expect(isPrizeTable([5000, 5000])).to.equal(true)
    for (const table of [[], [9999], [5000, 5001], [4000, 6000], [10_000, 0], [5000.5, 4999.5], [Number.NaN]]) {
      expect(isPrizeTable(table), table.join()).to.equal(false)
      expect(amounts(10n, table, 1, 2)).to.equal('tournament.prizes_malformed')
    }
    expect(amounts(-1n, [10_000], 1)).to.equal('tournament.prizes_malformed')
  })

  it('places that are none are refused', () => {
    for (const places of [[], [2], [1, 1, 2], [1, 3], [1, 2, 1], [0, 1]]) {
      expect(amounts(10n, TOP_THREE, ...places), places.join()).to.equal('tournament.places_malformed')
    }
  })

  it('all of the pool is paid, a higher place never gets less, and sharers differ by one unit at most', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 })
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(weights, sizes, fc.bigInt({ min: 0n, max: 10n ** 15n }), (parts, groups, pool) => {
        const sum = parts.reduce((total, part) => total + part, 0)
        const table = parts.map((part) => Math.floor((part * 10_000) / sum)).toSorted((a, b) => b - a)
        table[0] = (table[0] ?? 0) + 10_000 - table.reduce((total, points) => total + points, 0)
        fc.pre(isPrizeTable(table))
        const split = splitPool(pool, table, placings(...placesOf(groups)))
        if (split.kind !== 'split') throw new Error(split.code)
        expect(split.prizes.reduce((total, prize) => total + prize.amountMinor, 0n)).to.equal(pool)
        for (const [index, prize] of split.prizes.entries()) {
          const before = split.prizes[index - 1]
          if (before === undefined) continue
          expect(prize.amountMinor <= before.amountMinor).to.equal(true)
          if (before.place === prize.place) expect(before.amountMinor - prize.amountMinor <= 1n).to.equal(true)
        }
      }),
    )
  })
})
