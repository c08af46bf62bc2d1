// A5: a standing wait lowers what is taken on, a short stall does not, and a good while raises it again.

import { expect } from 'chai'
import { Admission } from '../../actors/runtime/admission.ts'
import { DEFAULT_LIMITS } from '../../actors/runtime/limits.ts'

const TARGET_MS = DEFAULT_LIMITS.standingWaitMs
const WINDOW_MS = DEFAULT_LIMITS.standingWindowMs

class Bench {
  nowMs = 1_000_000
  readonly admission = new Admission({ nowMs: () => this.nowMs }, DEFAULT_LIMITS)
  private inHand = 0

  /** Fills up to `wanted` as far as it is let; answers how many were refused. */
  fill(wanted: number): number {
    while (this.inHand < wanted && !this.admission.full) {
      this.admission.add()
      this.inHand++
    }
    return wanted - this.inHand
  }

  /** For a while, everything in hand is answered `waitMs` after it came, and replaced. */
  run(forMs: number, wanted: number, waitMs: number): number {
    let refused = 0
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; ) {
      refused = this.fill(wanted)
      const sinceMs = this.nowMs
      this.nowMs += waitMs
      this.admission.release(this.inHand, sinceMs)
      this.inHand = 0
    }
    return refused
  }
}

describe('admission', () => {
  it('takes everything on while waits are short', () => {
    expect(new Bench().run(20 * WINDOW_MS, 5_000, TARGET_MS / 4)).to.equal(0)
  })

  it('a stall shorter than a window refuses nothing', () => {
    const bench = new Bench()
    bench.run(5 * WINDOW_MS, 5_000, TARGET_MS / 4)
    expect(bench.run(WINDOW_MS - 1, 5_000, WINDOW_MS - 1)).to.equal(0)
    expect(bench.run(5 * WINDOW_MS, 5_000, TARGET_MS / 4)).to.equal(0)
  })

  it('a wait that stands refuses what would wait longer than it may', () => {
    const bench = new Bench()
    bench.run(2 * WINDOW_MS, 4_000, TARGET_MS / 2)
    bench.run(3 * WINDOW_MS, 4_000, 1.5 * TARGET_MS)
    expect(bench.fill(4_000)).to.be.greaterThan(0)
  })

  it('never refuses everything, and takes everything on again after a good while', () => {
    const bench = new Bench()
    bench.run(50 * WINDOW_MS, 100_000, 1.9 * WINDOW_MS)
    const refused = bench.fill(100_000)
    expect(refused).to.be.within(1, 100_000 - 256)
    bench.run(50 * WINDOW_MS, 100_000, TARGET_MS / 4)
    expect(bench.run(WINDOW_MS, 100_000, TARGET_MS / 4)).to.equal(0)
  })

  it('commits further apart than a window are no pause', () => {
    const bench = new Bench()
    bench.run(50 * WINDOW_MS, 100_000, 2.5 * WINDOW_MS)
    expect(bench.fill(100_000)).to.be.greaterThan(0)
  })

  it('what is stuck does not refuse for ever', () => {
    const bench = new Bench()
    bench.run(50 * WINDOW_MS, 100_000, 1.9 * WINDOW_MS)
    bench.fill(100_000)
    expect(bench.admission.full).to.equal(true)
    bench.nowMs += 100 * WINDOW_MS
    expect(bench.admission.full).to.equal(false)
  })

  it('what a lost partition had in hand does not count', () => {
    const bench = new Bench()
    bench.run(50 * WINDOW_MS, 100_000, 1.9 * WINDOW_MS)
    bench.fill(100_000)
    expect(bench.admission.full).to.equal(true)
    bench.admission.drop(200)
    expect(bench.admission.full).to.equal(false)
  })
})
