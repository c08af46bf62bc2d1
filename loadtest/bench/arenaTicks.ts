// `node loadtest/bench/arenaTicks.ts`: what the arena costs one core: steps of ten players, ten views of seats and one of
// the public, as the loop makes them, without sockets. First one match at a time, then a hundred in turn, as a full
// process has them. Bots play; what they cost is shown apart. Medians, because others may share the machine.

import { performance } from 'node:perf_hooks'
import { arena } from '../../shared/games/arena/arena.ts'

const PLAYERS = 10
const MATCHES = 100
const WARM_UP_TICKS = 4_000
const TICKS = 20_000
const BUDGET_MICROS = 150
const PHASES = ['bots', 'step', 'views', 'json'] as const

const seats = Array.from({ length: PLAYERS }, (_, seat) => ({ seat, team: seat % 2, bot: true }))

interface Spent {
  /** Milliseconds of each tick. */
  readonly phases: Readonly<Record<(typeof PHASES)[number], Float64Array>>
  bytes: number
}

/** So many ticks of so many matches in turn; a match that is over begins anew. */
function run(maps: readonly string[], matches: number, ticks: number): Spent {
  const samples = () => new Float64Array(ticks)
  const phases = { bots: samples(), step: samples(), views: samples(), json: samples() }
  const spent: Spent = { phases, bytes: 0 }
  const begin = (match: number, tick: number) => {
    return arena.init({ seed: `bench:${match}:${tick}`, mode: '5v5', map: maps[match % maps.length] ?? null, seats })
  }
  const states = Array.from({ length: matches }, (_, match) => begin(match, 0))
  for (let tick = 0; tick < ticks; tick += 1) {
    const match = tick % matches
    let state = states[match] ?? begin(match, tick)
    if (arena.outcome(state) !== null) state = begin(match, tick)
    states[match] = state
    const begun = performance.now()
    const inputs = seats.flatMap(({ seat }) => {
      const input = arena.bot(state, seat)
      return input === null ? [] : [{ seat, input }]
    })
    const asked = performance.now()
    arena.step(state, inputs, [])
    const stepped = performance.now()
    const views = seats.map(({ seat }) => arena.view(state, { kind: 'seat', seat }))
    views.push(arena.view(state, { kind: 'public' }))
    const viewed = performance.now()
    for (const view of views) spent.bytes += JSON.stringify(view).length
    phases.json[tick] = performance.now() - viewed
    phases.bots[tick] = asked - begun
    phases.step[tick] = stepped - asked
    phases.views[tick] = viewed - stepped
  }
  return spent
}

function report(title: string, { phases, bytes }: Spent, ticks: number): void {
  const together = medianMicros(phases.step.map((step, tick) => step + (phases.views[tick] ?? 0)))
  const share = (together * MATCHES * arena.tickHz) / 1e6
  const parts = PHASES.map((phase) => `${phase} ${medianMicros(phases[phase]).toFixed(1)}`).join(', ')
  console.log(
    `${title}: step and ${PLAYERS + 1} views ${together.toFixed(1)} µs a tick (budget ${BUDGET_MICROS}), of which` +
      ` ${MATCHES} matches take ${(share * 100).toFixed(1)} % of a core` +
      ` (µs: ${parts}; ${Math.round(bytes / ticks / (PLAYERS + 1))} bytes a view)`,
  )
}

const medianMicros = (samples: Float64Array): number => (samples.toSorted()[samples.length >> 1] ?? 0) * 1000

run(arena.maps, 1, WARM_UP_TICKS)
for (const map of arena.maps) report(map, run([map], 1, TICKS), TICKS)
report(`${MATCHES} matches in turn`, run(arena.maps, MATCHES, MATCHES * 500), MATCHES * 500)
