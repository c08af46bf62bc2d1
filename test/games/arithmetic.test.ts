// The arithmetic under the games: the table of sines against big integers, rays against a walk in small steps, chance.

import { expect } from 'chai'
import fc from 'fast-check'
import { angleOf, cosOf, sinOf, TURN, turnBetween, UNIT } from '../../shared/games/angles.ts'
import { stateBytes, stateOf } from '../../shared/games/bytes.ts'
import { crosses, lengthOf, type Rect, rayTo } from '../../shared/games/fixed.ts'
import type { GameJson } from '../../shared/games/game.ts'
import { blend, RANDOM_WORDS, Random, seedRandom, wordOf } from '../../shared/games/random.ts'

const SCALE = 10n ** 60n
// The first sixty decimals.
const PI = 3_141592653589793238462643383279502884197169399375105820974944n

/** round(UNIT * sin(2 pi i / TURN)) by Taylor's series in sixty decimals. */
function exactSine(index: number): number {
  const x = (2n * PI * BigInt(index)) / BigInt(TURN)
  let term = x
  let sum = x
  for (let n = 1n; term !== 0n; n += 2n) {
    term = -(((term * x) / SCALE) * x) / SCALE / ((n + 1n) * (n + 2n))
    sum += term
  }
  return Number((sum * BigInt(UNIT) * 2n + SCALE) / (2n * SCALE))
}

const coordinate = fc.integer({ min: -40_000, max: 40_000 })
const rect = fc
  .tuple(
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 0, max: 30 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 6 }),
  )
  .map(([x, y, w, h]): Rect => ({ left: x * 1000, top: y * 1000, right: (x + w) * 1000, bottom: (y + h) * 1000 }))
const point = fc.record({ x: fc.integer({ min: 0, max: 36_000 }), y: fc.integer({ min: 0, max: 36_000 }) })

describe('angles', () => {
  it('have the sines that sixty decimals have', () => {
    for (let index = 0; index <= TURN / 4; index += 1) {
      const exact = exactSine(index)
      expect(sinOf(index), `angle ${index}`).to.equal(exact)
      expect(sinOf(TURN / 2 - index)).to.equal(exact)
      expect(sinOf(TURN / 2 + index) + exact).to.equal(0)
      expect(sinOf(-index) + exact).to.equal(0)
      expect(cosOf(TURN / 4 - index)).to.equal(exact)
      expect(cosOf(TURN / 4 + index) + exact).to.equal(0)
    }
  })

  it('are found again from their unit vectors', () => {
    for (let angle = 0; angle < TURN; angle += 1) expect(angleOf(cosOf(angle), sinOf(angle))).to.equal(angle)
  })

  it('are found from any vector, to within one step', () => {
    fc.assert(
      fc.property(coordinate, coordinate, (dx, dy) => {
        const found = angleOf(dx, dy)
        expect(found).to.be.within(0, TURN - 1)
        // Math.atan2 is good enough to compare with.
        const wanted = (Math.atan2(dy, dx) / (2 * Math.PI)) * TURN
        expect(Math.abs(turnBetween(Math.round(wanted), found))).to.be.at.most(1)
      }),
    )
  })

  it('turn the short way', () => {
    expect(turnBetween(1000, 10)).to.equal(34)
    expect(turnBetween(10, 1000)).to.equal(-34)
    expect(turnBetween(0, TURN / 2)).to.equal(-TURN / 2)
  })
})

describe('segments and rays', () => {
  it('cross a rectangle where a walk along them comes into it, from either end', () => {
    fc.assert(
      fc.property(rect, point, point, (wall, from, to) => {
        const crossing = crosses(wall, from.x, from.y, to.x, to.y)
        expect(crosses(wall, to.x, to.y, from.x, from.y)).to.equal(crossing)
        for (let part = 0; part <= 64; part += 1) {
          const x = from.x + ((to.x - from.x) * part) / 64
          const y = from.y + ((to.y - from.y) * part) / 64
          if (x > wall.left && x < wall.right && y > wall.top && y < wall.bottom) expect(crossing).to.equal(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('stop at the edge: a step less far is free, what is beyond is not reached', () => {
    fc.assert(
      fc.property(rect, point, fc.nat(TURN - 1), (wall, from, angle) => {
        const reach = 18_000
        const [dirX, dirY] = [cosOf(angle), sinOf(angle)]
        const free = rayTo(wall, from.x, from.y, dirX, dirY, UNIT, reach)
        expect(free).to.be.within(0, reach)
        for (let along = 0; along < free - 1; along += 250) {
          const x = from.x + (dirX * along) / UNIT
          const y = from.y + (dirY * along) / UNIT
          expect(x > wall.left && x < wall.right && y > wall.top && y < wall.bottom, `at ${along}`).to.equal(false)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('have lengths cut to a thousandth', () => {
    expect(lengthOf(3000, 4000)).to.equal(5000)
    expect(lengthOf(1, 1)).to.equal(1)
    expect(lengthOf(-1000, 1000)).to.equal(1414)
  })
})

describe('chance', () => {
  it('is the same from the same seed, and goes on from where its words are', () => {
    const words = new Int32Array(RANDOM_WORDS)
    const random = seedRandom(words, 'a seed')
    const drawn = Array.from({ length: 5 }, () => random.next())
    const again = seedRandom(new Int32Array(RANDOM_WORDS), 'a seed')
    expect(Array.from({ length: 5 }, () => again.next())).to.deep.equal(drawn)
    const copy = new Random(words.slice())
    expect(copy.next()).to.equal(random.next())
    expect(seedRandom(new Int32Array(RANDOM_WORDS), 'A seed').next()).to.not.equal(drawn[0])
  })

  // Old recordings are replayed with these: they never change.
  it('draws what it drew when the first match was recorded', () => {
    const random = seedRandom(new Int32Array(RANDOM_WORDS), 'match')
    expect([random.next(), random.next(), random.next()]).to.deep.equal(GOLDEN.draws)
    expect([wordOf(''), wordOf('match'), wordOf('match', 1), blend(1, 2, 3)]).to.deep.equal(GOLDEN.words)
  })

  it('is even, and in a shuffle loses nothing', () => {
    const random = seedRandom(new Int32Array(RANDOM_WORDS), 'even')
    const counts = new Array<number>(7).fill(0)
    for (let count = 0; count < 70_000; count += 1) {
      const drawn = random.below(7)
      counts[drawn] = (counts[drawn] ?? 0) + 1
    }
    for (const count of counts) expect(count).to.be.within(9_500, 10_500)
    expect(random.shuffle([1, 2, 3, 4, 5]).sort()).to.deep.equal([1, 2, 3, 4, 5])
  })
})

describe('states in JSON', () => {
  it('are the same bytes in whatever order they were built, and come back', () => {
    expect(stateBytes({ b: [1, { d: null, c: 'x' }], a: true })).to.deep.equal(
      stateBytes({ a: true, b: [1, { c: 'x', d: null }] }),
    )
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const bytes = stateBytes(value as GameJson) // both are what JSON holds
        expect(stateBytes(stateOf(bytes))).to.deep.equal(bytes)
      }),
    )
    expect(() => stateBytes({ speed: Number.NaN })).to.throw('a number JSON has not')
  })
})

const GOLDEN = {
  draws: [3597983363, 512982287, 498873674],
  words: [2872998923, 2750039979, 3728149218, 3045667716],
}
