// Simultaneous, hidden choice between two: five elements in a ring, each of which beats the two after it. A choice is
// seen by nobody, and nobody sees that it was made, until both have chosen or the time of the round is over; so no view
// of another changes with it. A match is the best of N rounds; equal ones go on, one decisive round at a time.

import { stateBytes, stateOf } from './bytes.ts'
import type { Game, GameEvent, GameJson, GameOutcome, GameSetup, SeatChange, SeatInput, Viewer } from './game.ts'
import { blend, wordOf } from './random.ts'

export const ELEMENTS = ['fire', 'ice', 'wind', 'stone', 'water'] as const
export type Element = (typeof ELEMENTS)[number]

const HZ = 10
export const ROUND_TICKS = 10 * HZ
/** How long both choices are shown before the next round. */
export const REVEAL_TICKS = 2 * HZ
/** Rounds after the last one, while it is equal. */
export const EXTRA_ROUNDS = 5
const ROUNDS: Readonly<Record<string, number>> = { bo3: 3, bo5: 5, bo7: 7 }
const MOST_ROUNDS = 7 + EXTRA_ROUNDS
const SEATS = [0, 1] as const
type Seat = (typeof SEATS)[number]
type Pair<T> = [T, T]

interface DuelState {
  readonly rounds: number
  readonly salt: number
  tick: number
  /** From 1. */
  round: number
  phase: 'choose' | 'reveal' | 'over'
  /** Of the phase. */
  ticksLeft: number
  wins: Pair<number>
  choices: Pair<Element | null>
  left: Pair<boolean>
}

/** Whether `first` beats `second`. */
export function beats(first: Element, second: Element): boolean {
  const ahead = (ELEMENTS.indexOf(second) - ELEMENTS.indexOf(first) + ELEMENTS.length) % ELEMENTS.length
  return ahead === 1 || ahead === 2
}

function init(setup: GameSetup): DuelState {
  const rounds = ROUNDS[setup.mode]
  if (rounds === undefined || setup.seats.length !== 2)
    throw new Error(`a duel of ${setup.seats.length}, ${setup.mode}`)
  return {
    ...{ rounds, salt: wordOf(setup.seed), tick: 0, round: 1, phase: 'choose', ticksLeft: ROUND_TICKS },
    ...{ wins: [0, 0], choices: [null, null], left: [false, false] },
  }
}

function step(state: DuelState, inputs: readonly SeatInput<Element>[], changes: readonly SeatChange[]): GameEvent[] {
  const events: GameEvent[] = []
  if (state.phase === 'over') return events
  state.tick += 1
  for (const { seat, change } of changes) {
    if (change !== 'left' || !isSeat(seat)) continue
    state.left[seat] = true
    state.phase = 'over'
    events.push(event('left', seat, null))
  }
  if (state.phase === 'choose') {
    // The first choice counts: what was sent after it is not looked at.
    for (const { seat, input } of inputs) if (isSeat(seat)) state.choices[seat] ??= input
  }
  if (state.phase !== 'over') advance(state, events)
  return events
}

function advance(state: DuelState, events: GameEvent[]): void {
  state.ticksLeft -= 1
  if (state.phase === 'choose') {
    const [first, second] = state.choices
    if ((first === null || second === null) && state.ticksLeft > 0) return
    const winner = winnerOf(first, second)
    if (winner !== null) state.wins[winner] += 1
    for (const seat of SEATS) events.push(event('choice', seat, indexOf(state.choices[seat])))
    events.push(event('point', winner, winner === null ? 0 : 1))
    state.phase = isDecided(state) ? 'over' : 'reveal'
    state.ticksLeft = state.phase === 'over' ? 0 : REVEAL_TICKS
  } else if (state.ticksLeft <= 0) {
    state.round += 1
    state.choices = [null, null]
    state.phase = 'choose'
    state.ticksLeft = ROUND_TICKS
  }
}

/** Who does not choose in time loses to who did. */
function winnerOf(first: Element | null, second: Element | null): Seat | null {
  if (first === null || second === null) return first === second ? null : first === null ? 1 : 0
  if (beats(first, second)) return 0
  return beats(second, first) ? 1 : null
}

function isDecided({ wins: [first, second], round, rounds }: DuelState): boolean {
  const lead = Math.abs(first - second)
  return round < rounds ? lead > rounds - round : lead > 0 || round === rounds + EXTRA_ROUNDS
}

function view(state: DuelState, viewer: Viewer): GameJson {
  const shown = state.phase !== 'choose'
  const own = (seat: Seat) => viewer.kind === 'seat' && viewer.seat === seat
  return {
    ...{ tick: state.tick, phase: state.phase, round: state.round, rounds: state.rounds, ticks_left: state.ticksLeft },
    wins: [...state.wins],
    choices: SEATS.map((seat) => (shown || own(seat) ? state.choices[seat] : null)),
    left: [...state.left],
  }
}

function outcome(state: DuelState): GameOutcome | null {
  if (state.phase !== 'over') return null
  const [first, second] = state.wins
  const bothLeft = state.left[0] && state.left[1]
  const winner = state.left[0] !== state.left[1] ? (state.left[0] ? 1 : 0) : first > second ? 0 : 1
  const drawn = bothLeft || (!state.left[0] && !state.left[1] && first === second)
  const results = SEATS.map((seat) => ({
    ...{ seat, score: state.wins[seat] },
    position: drawn || seat === winner ? 1 : 2,
  }))
  return { results, mvp: drawn ? null : winner }
}

/** Only its own choice decides whether it says anything, and only its seed what. */
function bot(state: DuelState, seat: number): Element | null {
  if (state.phase !== 'choose' || !isSeat(seat) || state.choices[seat] !== null) return null
  const whim = blend(state.salt, seat, state.round)
  const after = HZ + (whim % (3 * HZ))
  if (ROUND_TICKS - state.ticksLeft < after) return null
  return ELEMENTS[(whim >>> 8) % ELEMENTS.length] ?? null
}

const isSeat = (seat: number): seat is Seat => seat === 0 || seat === 1
const indexOf = (element: Element | null): number | null => (element === null ? null : ELEMENTS.indexOf(element))
const event = (kind: string, seat: number | null, value: number | null): GameEvent => {
  return { kind, seat, target: null, x: null, y: null, value }
}

export const duel: Game<DuelState, Element> = {
  id: 'duel',
  version: 1,
  tickHz: HZ,
  maxTicks: MOST_ROUNDS * (ROUND_TICKS + REVEAL_TICKS),
  modes: Object.keys(ROUNDS),
  maps: [],
  minSeats: 2,
  maxSeats: 2,
  init,
  readInput: (raw) => ELEMENTS.find((element) => element === raw) ?? null,
  writeInput: (input) => input,
  step,
  view,
  outcome,
  serialise: (state) => stateBytes(state as unknown as GameJson), // plain JSON: the interface only lacks an index
  restore: (_setup, bytes) => stateOf(bytes) as unknown as DuelState, // of what `serialise` wrote
  flags: () => [],
  bot,
}
