// npm run simulate -- [--seed N] [--runs M] [--steps K] [--trace]
// Runs seeds N … N+M-1 and prints a line for each. At the first broken invariant: the seed, the step, the invariant and
// the last things that happened; exit 1. The same seed and steps replay it exactly.

import { parseArgs } from 'node:util'
import { DEFAULT_STEPS, type RunResult, simulate } from './run.ts'

function refuse(message: string): never {
  console.error(`Cannot simulate: ${message}\nusage: npm run simulate -- [--seed N] [--runs M] [--steps K] [--trace]`)
  process.exit(2)
}

function options() {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        runs: { type: 'string', default: '100' },
        steps: { type: 'string', default: String(DEFAULT_STEPS) },
        trace: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
}

const values = options()

function whole(name: 'seed' | 'runs' | 'steps', least: number): number {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < least)
    refuse(`--${name} takes a whole number from ${least}, not ${values[name]}`)
  return number
}

function summary(run: RunResult, done: number, of: number): string {
  const count = (what: string): number => run.counts.get(what) ?? 0
  const parts = [
    `[${done}/${of}] seed ${run.seed}`,
    `${run.steps} steps`,
    `${run.records} records`,
    `${count('crash') + count('powerCut')} crashes`,
    `${count('takeOver')} takeovers`,
    `${count('uncertain')} uncertain`,
    `${(run.virtualMs / 1000).toFixed(0)} s`,
    run.traceHash,
  ]
  return `${parts.join('  ')}  ${run.finding === null ? 'ok' : `FAILED ${run.finding.invariant}`}`
}

function explain(run: RunResult, steps: number): void {
  for (const line of run.lastLines.slice(values.trace ? -4_000 : -40)) console.log(`  ${line}`)
  console.log(`\n${run.finding?.invariant} broken at step ${run.steps} of seed ${run.seed}:`)
  console.log(`  ${run.finding?.message}`)
  console.log(`replay: npm run simulate -- --seed ${run.seed} --runs 1 --steps ${steps} --trace`)
}

const [seed, runs, steps] = [whole('seed', 0), whole('runs', 1), whole('steps', 1)]
const startedMs = performance.now()
for (let index = 0; index < runs; index++) {
  const run = await simulate(seed + index, steps)
  console.log(summary(run, index + 1, runs))
  if (run.finding === null && values.trace) for (const line of run.lastLines) console.log(`  ${line}`)
  if (run.finding === null) continue
  explain(run, steps)
  process.exit(1)
}
const seconds = (performance.now() - startedMs) / 1000
console.log(`${runs} runs without a broken invariant, ${(runs / seconds).toFixed(1)} a second`)
