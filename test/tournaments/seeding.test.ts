// Seeding: the standard trees of 8 and 16, the Berger tables as they are published, and groups by the snake.

import { expect } from 'chai'
import fc from 'fast-check'
import { bergerRounds, snakeGroups, treeOrder, treeSize } from '../../shared/tournaments/seeding.ts'

const printed = (count: number) => {
  return bergerRounds(count).map((round) => round.map(([a, b]) => `${a + 1}-${b + 1}`).join(' '))
}

describe('seeding', () => {
  it('the standard trees, seeds from 1', () => {
    const seeds = (size: number) => treeOrder(size).map((seed) => seed + 1)
    expect(seeds(2)).to.deep.equal([1, 2])
    expect(seeds(4)).to.deep.equal([1, 4, 2, 3])
    expect(seeds(8)).to.deep.equal([1, 8, 4, 5, 2, 7, 3, 6])
    expect(seeds(16)).to.deep.equal([1, 16, 8, 9, 4, 13, 5, 12, 2, 15, 7, 10, 3, 14, 6, 11])
  })

  it('trees have room for their entrants and no more', () => {
    expect([1, 2, 3, 4, 5, 8, 9, 4095, 4096].map(treeSize)).to.deep.equal([1, 2, 4, 4, 8, 8, 16, 4096, 4096])
  })

  it('where the better seed always wins, the best meet as late as they can', () => {
    let standing = [...treeOrder(4096)]
    while (standing.length > 1) {
      const left = standing.length
      expect(standing.toSorted((a, b) => a - b)).to.deep.equal(Array.from({ length: left }, (_, seed) => seed))
      standing = standing.flatMap((seed, at) => (at % 2 === 0 ? [Math.min(seed, standing[at + 1] ?? seed)] : []))
    }
  })

  // FIDE Handbook C.05, annex 1.
  const berger: readonly (readonly [count: number, rounds: readonly string[]])[] = [
    [4, ['1-4 2-3', '4-3 1-2', '2-4 3-1']],
    [6, ['1-6 2-5 3-4', '6-4 5-3 1-2', '2-6 3-1 4-5', '6-5 1-4 2-3', '3-6 4-2 5-1']],
    [
      8,
      [
        '1-8 2-7 3-6 4-5',
        '8-5 6-4 7-3 1-2',
        '2-8 3-1 4-7 5-6',
        '8-6 7-5 1-4 2-3',
        '3-8 4-2 5-1 6-7',
        '8-7 1-6 2-5 3-4',
        '4-8 5-3 6-2 7-1',
      ],
    ],
  ]
  for (const [count, rounds] of berger) {
    it(`the Berger table of ${count}`, () => expect(printed(count)).to.deep.equal(rounds))
  }

  it('an odd count leaves one free each round, another each time', () => {
    const free = bergerRounds(5).map((round) => [0, 1, 2, 3, 4].filter((seed) => !round.flat().includes(seed)))
    expect(free.flat().toSorted()).to.deep.equal([0, 1, 2, 3, 4])
  })

  it('everyone meets everyone once, and nobody has one side more than once oftener than the other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), (count) => {
        const met = new Set<string>()
        const balance = new Array<number>(count).fill(0)
        for (const round of bergerRounds(count)) {
          expect(new Set(round.flat()).size).to.equal(count - (count % 2))
          for (const [a, b] of round) {
            met.add(`${Math.min(a, b)}-${Math.max(a, b)}`)
            balance[a] = (balance[a] ?? 0) + 1
            balance[b] = (balance[b] ?? 0) - 1
          }
        }
        expect(met.size).to.equal((count * (count - 1)) / 2)
        expect(Math.max(...balance.map(Math.abs))).to.be.at.most(1)
      }),
    )
  })

  it('groups by the snake', () => {
    expect(snakeGroups(8, 2)).to.deep.equal([
      [0, 3, 4, 7],
      [1, 2, 5, 6],
    ])
    expect(snakeGroups(7, 3)).to.deep.equal([
      [0, 5, 6],
      [1, 4],
      [2, 3],
    ])
  })
})
