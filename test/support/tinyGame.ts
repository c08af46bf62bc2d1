// The smallest game there is, for tests of what runs games: each seat adds to its count, the first to reach the goal wins.
// Each seat has a secret number that nobody else may see.

import type { Game, GameEvent, GameOutcome, GameSetup } from '../../shared/games/game.ts'

export interface TinyState {
  readonly setup: GameSetup
  tick: number
  readonly counts: number[]
  readonly secrets: readonly number[]
  readonly left: boolean[]
  readonly away: boolean[]
}

export interface TinyInput {
  readonly add: number
}

export const TINY_GOAL = 50

export function tinyGame(more: Partial<Game<TinyState, TinyInput>> = {}): Game<TinyState, TinyInput> {
  return { ...TINY, ...more }
}

const TINY: Game<TinyState, TinyInput> = {
  id: 'tiny',
  version: 1,
  tickHz: 20,
  maxTicks: 2_000,
  modes: ['standard'],
  maps: [],
  minSeats: 2,
  maxSeats: 10,
  init(setup) {
    const secrets = setup.seats.map(({ seat }) => [...`${setup.seed}/${seat}`].reduce(mix, 7) % 1_000)
    return {
      ...{ setup, tick: 0, secrets, counts: secrets.map(() => 0) },
      ...{ left: secrets.map(() => false), away: secrets.map(() => false) },
    }
  },
  readInput(raw) {
    const add = typeof raw === 'object' && raw !== null && 'add' in raw ? raw.add : null
    return typeof add === 'number' && Number.isInteger(add) && add >= 1 && add <= 9 ? { add } : null
  },
  writeInput: ({ add }) => ({ add }),
  step(state, inputs, changes) {
    const events: GameEvent[] = []
    state.tick++
    for (const { seat, change } of changes) {
      if (change === 'left') state.left[seat] = true
      else state.away[seat] = change === 'away'
    }
    for (const { seat, input } of inputs) {
      state.counts[seat] = (state.counts[seat] ?? 0) + input.add
      events.push({ kind: 'added', seat, target: null, x: seat, y: state.tick, value: input.add })
    }
    return events
  },
  view: ({ tick, counts, secrets, left, away }, viewer) => ({
    ...{ tick, counts: [...counts], left: [...left], away: [...away] },
    ...(viewer.kind === 'seat' ? { secret: secrets[viewer.seat] ?? null } : {}),
  }),
  outcome: (state) => outcomeOf(state),
  serialise: ({ tick, counts, left, away }) => Buffer.from(JSON.stringify([tick, counts, left, away])),
  restore(setup, bytes) {
    const [tick, counts, left, away] = JSON.parse(Buffer.from(bytes).toString())
    return { ...TINY.init(setup), tick, counts, left, away }
  },
  flags: () => [],
  bot: ({ tick }) => (tick % 10 === 0 ? { add: 1 } : null),
}

function outcomeOf({ counts, left, tick }: TinyState): GameOutcome | null {
  const playing = left.filter((gone) => !gone).length
  if (playing > 1 && tick < TINY.maxTicks && counts.every((count) => count < TINY_GOAL)) return null
  const score = (seat: number): number => (left[seat] === true ? -1 : (counts[seat] ?? 0))
  const results = counts.map((_, seat) => {
    const better = counts.filter((_count, other) => score(other) > score(seat)).length
    return { seat, position: better + 1, score: counts[seat] ?? 0 }
  })
  return { results, mvp: null }
}

function mix(hash: number, letter: string): number {
  return (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0
}

export function tinySetup(seats = 2, bots: readonly number[] = []): GameSetup {
  return {
    ...{ seed: 'a seed', mode: 'standard', map: null },
    seats: Array.from({ length: seats }, (_, seat) => ({ seat, team: seat, bot: bots.includes(seat) })),
  }
}
