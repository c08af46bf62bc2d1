// The loop of one match: fixed steps, what becomes of inputs, and what ends a match alone.

import { expect } from 'chai'
import fc from 'fast-check'
import type { Frame, LoopFigures } from '../../rooms/match/loop.ts'
import { MatchLoop } from '../../rooms/match/loop.ts'
import { LoopDriver } from '../../rooms/match/loopDriver.ts'
import { SeatInputs } from '../../rooms/match/seatInputs.ts'
import type { AnyGame, GameOutcome } from '../../shared/games/game.ts'
import { ManualTime } from '../support/manualTime.ts'
import { type TinyState, tinyGame, tinySetup } from '../support/tinyGame.ts'

const STEP_MS = 50

class Bench {
  readonly time = new ManualTime(1_700_000_000_000)
  readonly driver: LoopDriver
  readonly frames: Frame[] = []
  readonly figures = { late: [] as number[], frozen: 0, skipped: 0 }
  outcome: GameOutcome | null = null
  failure: string | null = null
  mayRun = true
  /** What the next step takes, ms. */
  stepTakesMs = 0

  constructor() {
    const startedMs = this.time.nowMs()
    this.driver = new LoopDriver({ elapsedMs: () => this.time.nowMs() - startedMs }, this.time)
  }

  loop(game: AnyGame = tinyGame(), seats = 2, bots: readonly number[] = []): MatchLoop {
    const setup = tinySetup(seats, bots)
    const figures: LoopFigures = {
      late: (ms) => this.figures.late.push(ms),
      took: () => {},
      frozen: () => this.figures.frozen++,
      skipped: (steps) => {
        this.figures.skipped += steps
      },
    }
    const slow: AnyGame = {
      ...game,
      step: (...args) => {
        this.time.sleep(this.stepTakesMs)
        return game.step(...args)
      },
    }
    const loop = new MatchLoop({
      ...{ name: 'm_test', game: slow, setup, from: { state: game.init(setup), tick: 0 }, figures },
      monotonic: { elapsedMs: () => this.driver.nowMs },
      mayRun: () => this.mayRun,
      listener: {
        stepped: (frame) => this.frames.push(frame),
        ended: (outcome) => {
          this.outcome = outcome
        },
        failed: (why) => {
          this.failure = why
        },
      },
    })
    loop.begin(0)
    this.driver.add(loop)
    return loop
  }

  ticks(count: number): Promise<void> {
    return this.time.advance(count * STEP_MS)
  }
}

describe('the driver of loops', () => {
  it('goes on with the others where one throws', async () => {
    const bench = new Bench()
    const run = (): void => {
      throw new Error('broken')
    }
    bench.driver.add({ name: 'broken', dueMs: 10, run })
    bench.loop()
    await bench.ticks(5)
    expect(bench.frames).to.have.length(5)
    expect(bench.driver.size).to.equal(1)
  })
})

describe('a match loop', () => {
  it('steps at the rate of the game', async () => {
    const bench = new Bench()
    bench.loop()
    await bench.ticks(20)
    expect(bench.frames.map(({ tick }) => tick)).to.deep.equal(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('plays one input of a seat in each tick, in the order they came, and acknowledges it', async () => {
    const bench = new Bench()
    const loop = bench.loop()
    loop.input(0, { add: 3 }, 1, null)
    loop.input(0, { add: 4 }, 2, null)
    loop.input(1, { add: 5 }, 1, null)
    await bench.ticks(1)
    expect(bench.frames[0]?.inputs).to.deep.equal([
      { seat: 0, input: { add: 3 } },
      { seat: 1, input: { add: 5 } },
    ])
    expect([loop.played(0), loop.played(1)]).to.deep.equal([1, 1])
    await bench.ticks(1)
    expect(bench.frames[1]?.inputs).to.deep.equal([{ seat: 0, input: { add: 4 } }])
    expect(loop.played(0)).to.equal(2)
  })

  it('an input for a later tick waits for it', async () => {
    const bench = new Bench()
    const loop = bench.loop()
    expect(loop.input(0, { add: 3 }, 1, 4)).to.equal('held')
    await bench.ticks(5)
    expect(bench.frames.filter(({ inputs }) => inputs.length > 0).map(({ tick }) => tick)).to.deep.equal([4])
  })

  it('plays until there is an outcome, and no step more', async () => {
    const bench = new Bench()
    const loop = bench.loop()
    for (let sequence = 1; sequence <= 8; sequence++) {
      loop.input(1, { add: 9 }, sequence, null)
      await bench.ticks(1)
    }
    expect(bench.outcome?.results.map(({ position }) => position)).to.deep.equal([2, 1])
    expect(bench.frames).to.have.length(6)
  })

  it('a seat that has left sends nothing any more, and does not come back', async () => {
    const bench = new Bench()
    const loop = bench.loop(tinyGame(), 3)
    loop.change(0, 'left')
    loop.change(0, 'back')
    expect(loop.input(0, { add: 1 }, 1, null)).to.equal(null)
    await bench.ticks(1)
    expect(bench.frames[0]?.changes).to.deep.equal([{ seat: 0, change: 'left' }])
  })

  it('bots play by their seat’s own view of the state', async () => {
    const bench = new Bench()
    bench.loop(tinyGame(), 2, [1])
    await bench.ticks(11)
    expect(bench.frames.flatMap(({ inputs }) => inputs)).to.deep.equal([
      { seat: 1, input: { add: 1 } },
      { seat: 1, input: { add: 1 } },
    ])
  })

  it('freezes without the lease, and goes on where it was (C1)', async () => {
    const bench = new Bench()
    bench.loop()
    await bench.ticks(5)
    bench.mayRun = false
    await bench.ticks(40)
    expect(bench.frames).to.have.length(5)
    expect(bench.figures.frozen).to.be.greaterThan(0)
    bench.mayRun = true
    await bench.ticks(5)
    expect(bench.frames.length).to.be.within(9, 11)
  })

  it('held up a little, it makes the ticks up; held up long, it gives time up', async () => {
    const bench = new Bench()
    bench.loop()
    await bench.ticks(2)
    bench.time.sleep(10 * STEP_MS)
    await bench.ticks(4)
    expect(bench.frames.length).to.be.within(15, 17)
    bench.time.sleep(100 * STEP_MS)
    const before = bench.frames.length
    await bench.ticks(4)
    expect(bench.frames.length - before).to.be.lessThan(12)
    expect(bench.figures.skipped).to.be.greaterThan(80)
  })

  for (const [what, change, why] of [
    [
      'throws',
      {
        step: (): never => {
          throw new Error('a bug')
        },
      },
      'threw',
    ],
    [
      'throws when asked for its outcome',
      {
        outcome: (): never => {
          throw new Error('a bug')
        },
      },
      'threw',
    ],
    ['has no outcome at the end', { maxTicks: 10, outcome: () => null }, 'no_outcome'],
  ] as const) {
    it(`a game that ${what} ends its match, and no other`, async () => {
      const [bench, other] = [new Bench(), new Bench()]
      bench.loop(tinyGame(change as Partial<ReturnType<typeof tinyGame>>))
      other.loop()
      await bench.ticks(30)
      await other.ticks(30)
      expect([bench.failure, other.failure]).to.deep.equal([why, null])
      expect(other.frames).to.have.length(30)
    })
  }

  it('steps that take too long end the match; one now and then does not', async () => {
    const bench = new Bench()
    bench.loop()
    bench.stepTakesMs = 30
    await bench.ticks(10)
    bench.stepTakesMs = 0
    await bench.ticks(10)
    expect(bench.failure).to.equal(null)
    bench.stepTakesMs = 30
    await bench.ticks(60)
    expect(bench.failure).to.equal('overrun')
  })

  it('one step beyond the hard limit ends it at once', async () => {
    const bench = new Bench()
    bench.loop()
    bench.stepTakesMs = 1_500
    await bench.ticks(2)
    expect(bench.failure).to.equal('overrun')
  })

  it('many loops on one driver each keep their rate', async () => {
    const bench = new Bench()
    const loops = Array.from({ length: 50 }, () => bench.loop())
    await bench.ticks(40)
    for (const loop of loops) expect(loop.tick).to.be.within(39, 40)
  })
})

describe('inputs of a seat', () => {
  const LIMITS = { held: 16, due: 2, aheadTicks: 20, lateTicks: 20 }

  for (const [tick, fate] of [
    [100, 'late'],
    [81, 'late'],
    [80, 'too_late'],
    [101, 'held'],
    [120, 'held'],
    [121, 'too_early'],
  ] as const) {
    it(`at tick 100, one for tick ${tick} is ${fate}`, () => {
      expect(new SeatInputs<string>(LIMITS).offer('a', 1, tick, 100)).to.equal(fate)
    })
  }

  it('what was sent twice, or comes out of order, is played once', () => {
    const inputs = new SeatInputs<string>(LIMITS)
    expect(['b', 'b', 'a'].map((input, index) => inputs.offer(input, [2, 2, 1][index] ?? 0, null, 0))).to.deep.equal([
      'held',
      'repeated',
      'repeated',
    ])
  })

  it('when many wait, the oldest go (A5)', () => {
    const inputs = new SeatInputs<number>(LIMITS)
    for (let sequence = 1; sequence <= 40; sequence++) inputs.offer(sequence, sequence, null, 0)
    expect([inputs.take(1), inputs.take(2), inputs.take(3)]).to.deep.equal([39, 40, null])
    expect(inputs.dropped).to.equal(38)
  })

  it('is never longer than it may be, and never plays one twice or before its tick', () => {
    const offer = fc.record({ ahead: fc.integer({ min: -30, max: 30 }), ticks: fc.integer({ min: 0, max: 3 }) })
    fc.assert(
      fc.property(fc.array(offer, { maxLength: 200 }), (offers) => {
        const inputs = new SeatInputs<{ sequence: number; tick: number }>(LIMITS)
        const played: number[] = []
        let now = 50
        for (const [index, { ahead, ticks }] of offers.entries()) {
          inputs.offer({ sequence: index + 1, tick: now + ahead }, index + 1, now + ahead, now)
          for (let step = 0; step < ticks; step++) {
            const input = inputs.take(++now)
            if (input === null) continue
            expect(input.tick).to.be.at.most(now)
            played.push(input.sequence)
          }
        }
        expect(new Set(played).size).to.equal(played.length)
      }),
    )
  })
})

it('a tiny game of state and inputs gives the same state again', () => {
  const game = tinyGame()
  const state: TinyState = game.init(tinySetup())
  game.step(state, [{ seat: 0, input: { add: 3 } }], [{ seat: 1, change: 'away' }])
  expect(Buffer.from(game.serialise(game.restore(tinySetup(), game.serialise(state)))).toString()).to.equal(
    Buffer.from(game.serialise(state)).toString(),
  )
})
