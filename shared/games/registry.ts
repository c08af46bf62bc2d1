// The games that are played here. A game is one file that exports a `Game`, and one line below.

import { arena } from './arena/arena.ts'
import { duel } from './duel.ts'
import type { AnyGame } from './game.ts'

export type GameRegistry = ReadonlyMap<string, AnyGame>

// Names stand between dots in the ids of queues and in the keys of ratings.
const GAME_ID = /^[a-z][a-z0-9_-]{1,31}$/
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/
const FASTEST_HZ = 60
const FEWEST_SEATS = 2
const MOST_SEATS = 10

/** Refuses what the loop could not run, when the process starts rather than when somebody has staked. */
export function registryOf(games: readonly AnyGame[]): GameRegistry {
  const registry = new Map<string, AnyGame>()
  for (const game of games) {
    const wrong = fault(game)
    if (wrong !== null) throw new Error(`game ${game.id}: ${wrong}`)
    if (registry.has(game.id)) throw new Error(`game ${game.id}: registered twice`)
    registry.set(game.id, game)
  }
  return registry
}

function fault(game: AnyGame): string | null {
  const whole = (value: number, low: number, high: number) => Number.isInteger(value) && value >= low && value <= high
  if (!GAME_ID.test(game.id)) return 'an id is 2 to 32 of a-z, 0-9, _ and -, and begins with a letter'
  if (!whole(game.version, 1, 0xffff)) return 'a version is an integer from 1'
  if (!whole(game.tickHz, 1, FASTEST_HZ)) return `tickHz is 1 to ${FASTEST_HZ}`
  if (!whole(game.maxTicks, 1, 0x7fff_ffff)) return 'maxTicks is an integer from 1'
  if (game.modes.length === 0) return 'it has no mode'
  const badName = [...game.modes, ...game.maps].find((name) => !NAME.test(name))
  if (badName !== undefined) return `${badName} is no name of a mode or a map: 1 to 32 of a-z, 0-9, _ and -`
  if (!whole(game.minSeats, FEWEST_SEATS, MOST_SEATS)) return `minSeats is ${FEWEST_SEATS} to ${MOST_SEATS}`
  if (!whole(game.maxSeats, game.minSeats, MOST_SEATS)) return `maxSeats is minSeats to ${MOST_SEATS}`
  const named = [...Object.keys(game.formats ?? {}), ...(game.alone ?? [])]
  const unknown = named.find((mode) => !game.modes.includes(mode))
  return unknown === undefined ? null : `it has no mode ${unknown}`
}

export const GAMES: GameRegistry = registryOf([arena, duel])
