// Plays a game as the loop does: bots are asked, what they and others send is read as a client's input is, and stepped.

import { stateBytes } from '../../../shared/games/bytes.ts'
import type {
  AnyGame,
  GameEvent,
  GameJson,
  GameOutcome,
  GameSetup,
  SeatChange,
  SeatInput,
} from '../../../shared/games/game.ts'

export function setupOf(
  game: AnyGame,
  { seed = 'seed', mode = game.modes[0] ?? '', map = game.maps[0] ?? null, seats = game.minSeats, alone = false } = {},
): GameSetup {
  return {
    ...{ seed, mode, map },
    seats: Array.from({ length: seats }, (_, seat) => ({ seat, team: alone ? seat : seat % 2, bot: true })),
  }
}

/** What the bots of these seats do now, as the recording would hand it back. */
export function botInputs(game: AnyGame, state: unknown, setup: GameSetup): SeatInput<unknown>[] {
  return setup.seats.flatMap(({ seat }) => {
    const input = game.bot(state, seat)
    return input === null ? [] : [{ seat, input: game.readInput(game.writeInput(input)) }]
  })
}

export interface Played {
  readonly state: unknown
  readonly ticks: number
  readonly outcome: GameOutcome
  readonly events: readonly GameEvent[]
}

/** By bots, to the end. */
export function playOut(
  game: AnyGame,
  setup: GameSetup,
  changes: ReadonlyMap<number, readonly SeatChange[]> = new Map(),
): Played {
  const state: unknown = game.init(setup)
  const events: GameEvent[] = []
  for (let ticks = 1; ticks <= game.maxTicks; ticks += 1) {
    events.push(...game.step(state, botInputs(game, state, setup), changes.get(ticks) ?? []))
    const outcome = game.outcome(state)
    if (outcome !== null) return { state, ticks, outcome, events }
  }
  throw new Error(`${game.id}: no outcome after ${game.maxTicks} ticks`)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
/** Keys in order: a state that was put away may have others. */
export const text = (view: GameJson): string => Buffer.from(stateBytes(view)).toString()
