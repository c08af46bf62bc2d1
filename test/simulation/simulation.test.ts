// The simulator as a test: a few hundred seeds (SIM_RUNS, from SIM_SEED on) hold every invariant, meet everything that
// makes them worth running, and replay exactly. A failing seed: npm run simulate -- --seed N --runs 1 --trace

import { expect } from 'chai'
import { addCounts, missing } from './coverage.ts'
import { type RunResult, simulate } from './run.ts'

const RUNS = wholeFrom('SIM_RUNS', 300)
const FIRST_SEED = wholeFrom('SIM_SEED', 1)
const CHUNK = 30
/** Fewer runs than this may miss what is rare. */
const RUNS_FOR_COVERAGE = 200

function wholeFrom(name: string, otherwise: number): number {
  const text = process.env[name] ?? String(otherwise)
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} takes a whole number from 1, not "${text}"`)
  return Number(text)
}

function shown({ seed, steps, finding, lastLines }: RunResult): string {
  if (finding === null) return ''
  return [`seed ${seed}, step ${steps}: ${finding.invariant}: ${finding.message}`, ...lastLines.slice(-15)].join('\n')
}

describe('simulation', () => {
  const counts = new Map<string, number>()

  for (let first = FIRST_SEED; first < FIRST_SEED + RUNS; first += CHUNK) {
    const last = Math.min(first + CHUNK, FIRST_SEED + RUNS) - 1
    it(`seeds ${first} to ${last} hold every invariant`, async function () {
      this.timeout(120_000).slow(60_000)
      for (let seed = first; seed <= last; seed++) {
        const run = await simulate(seed)
        addCounts(counts, run.counts)
        expect(shown(run)).to.equal('')
      }
    })
  }

  it('meets everything it is there for', function () {
    if (RUNS < RUNS_FOR_COVERAGE) return
    this.slow(1_000)
    expect(missing(counts)).to.deep.equal([])
  })

  it('gives the same trace for the same seed, and another for another', async function () {
    this.timeout(30_000).slow(10_000)
    const [first, again, other] = [await simulate(7, 1_500), await simulate(7, 1_500), await simulate(8, 1_500)]
    expect(again.traceHash).to.equal(first.traceHash)
    expect(again.steps).to.equal(first.steps)
    expect([...again.counts]).to.deep.equal([...first.counts])
    expect(other.traceHash).to.not.equal(first.traceHash)
  })
})
