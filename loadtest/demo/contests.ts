// The matches of the demo: who plays what, and how. Nobody thinks much; the games do not mind.

import { BUTTON, FIGHTER, FIGHTER_STRIDE, HEAD, PART } from '../../shared/games/arena/viewLayout.ts'
import { ELEMENTS } from '../../shared/games/duel.ts'
import type { Contest } from './contender.ts'

const TURN = 1024

/** Walks about, turns to whom it sees, and shoots. */
function arenaMove(view: unknown): unknown {
  if (!Array.isArray(view)) return null
  const [head, fighters] = [view[PART.head], view[PART.fighters]] as readonly (readonly number[])[]
  if (head === undefined || fighters === undefined || (head[HEAD.tick] ?? 0) % 4 !== 0) return null
  const rows = Array.from({ length: fighters.length / FIGHTER_STRIDE }, (_, row) =>
    fighters.slice(row * FIGHTER_STRIDE, (row + 1) * FIGHTER_STRIDE),
  )
  const own = rows.find((row) => row[FIGHTER.seat] === head[HEAD.viewer])
  const other = rows.find((row) => row[FIGHTER.seat] !== head[HEAD.viewer])
  const wander = [pick([-1, 0, 1]), pick([-1, 0, 1])]
  if (own === undefined || other === undefined) return [...wander, Math.floor(Math.random() * TURN), 0]
  const [dx, dy] = [at(other, FIGHTER.x) - at(own, FIGHTER.x), at(other, FIGHTER.y) - at(own, FIGHTER.y)]
  const aim = Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * TURN + TURN) % TURN
  return [...wander, aim, BUTTON.fire]
}

function at(row: readonly number[], place: number): number {
  return row[place] ?? 0
}

let chosenAtMs = 0

/** One of five, now and then: the server takes the first of a round. */
function duelMove(): unknown {
  if (performance.now() - chosenAtMs < 50) return null
  chosenAtMs = performance.now()
  return pick(ELEMENTS)
}

function pick<T>(values: readonly T[]): T | undefined {
  return values[Math.floor(Math.random() * values.length)]
}

export const CONTESTS: readonly Contest[] = [
  { game: 'arena', mode: 'blitz', move: arenaMove },
  { game: 'arena', mode: 'blitz', move: arenaMove },
  { game: 'duel', mode: 'bo7', move: duelMove },
]
