// `node loadtest/bench/arenaTicks.ts [ticks]`: what a tick of ten players in the arena costs one core: the step, ten views
// of seats and one of the public, as the loop makes them, without sockets. Bots play; what they cost is shown apart.

import { performance } from 'node:perf_hooks'
import { arena } from '../../shared/games/arena/arena.ts'
import type { GameSetup } from '../../shared/games/game.ts'

const TICKS = Number(process.argv[2] ?? 20_000)
const WARM_UP = 2_000
const PLAYERS = 10

const seats = Array.from({ length: PLAYERS }, (_, seat) => ({ seat, team: seat % 2, bot: true }))

interface Spent {
  bots: number
  step: number
  views: number
  text: number
  bytes: number
}

function run(map: string, ticks: number): Spent {
  const spent: Spent = { bots: 0, step: 0, views: 0, text: 0, bytes: 0 }
  const setup = (tick: number): GameSetup => ({ seed: `bench:${tick}`, mode: '5v5', map, seats })
  let state = arena.init(setup(0))
  for (let tick = 0; tick < ticks; tick += 1) {
    if (arena.outcome(state) !== null) state = arena.init(setup(tick))
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
    spent.text += performance.now() - viewed
    spent.bots += asked - begun
    spent.step += stepped - asked
    spent.views += viewed - stepped
  }
  return spent
}

for (const map of arena.maps) {
  run(map, WARM_UP)
  const { bots, step, views, text, bytes } = run(map, TICKS)
  const each = (total: number) => ((total * 1000) / TICKS).toFixed(1)
  console.log(
    `${map}: step ${each(step)} µs, ${PLAYERS + 1} views ${each(views)} µs, together ${each(step + views)} µs a tick;` +
      ` as JSON ${each(text)} µs, ${Math.round(bytes / TICKS / (PLAYERS + 1))} bytes a view; ${PLAYERS} bots ${each(bots)} µs`,
  )
}
