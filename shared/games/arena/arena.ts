// A shooter seen from above, 2 to 10 players in any teams. Who sees what is decided here and not by a client; the state
// changes in place, in an order that favours no seat.

import { turnBetween } from '../angles.ts'
import type { Game, GameEvent, GameFlag, GameSetup, SeatChange, SeatInput } from '../game.ts'
import { botInput } from './bot.ts'
import { type ArenaInput, readInput, writeInput } from './input.ts'
import { passTick, placeAll, takeKits } from './lives.ts'
import { DEFAULT_MAP, MAP_IDS, MAPS } from './maps.ts'
import { moveAll } from './moves.ts'
import { judge, outcomeOf } from './scoring.ts'
import { shootAll } from './shots.ts'
import { look } from './sight.ts'
import {
  type ArenaState,
  AWAY,
  emptyState,
  isAlive,
  LEFT,
  NEVER,
  OVER,
  PRESENT,
  stateBytes,
  stateFrom,
} from './state.ts'
import { HZ, LIMITS, MOST_TICKS } from './tuning.ts'
import { arenaView, positionsIn } from './view.ts'

const NOTHING: readonly GameEvent[] = []

function init(setup: GameSetup): ArenaState {
  const state = emptyState(setup)
  placeAll(state)
  look(state)
  return state
}

function step(
  state: ArenaState,
  inputs: readonly SeatInput<ArenaInput>[],
  changes: readonly SeatChange[],
): readonly GameEvent[] {
  if (state.clock.phase === OVER) return NOTHING
  state.clock.tick += 1
  const events: GameEvent[] = []
  for (const change of changes) applyChange(state, change, events)
  applyInputs(state, inputs)
  passTick(state, events)
  moveAll(state)
  shootAll(state, events)
  takeKits(state, events)
  judge(state)
  look(state)
  return events
}

function applyChange(state: ArenaState, { seat, change }: SeatChange, events: GameEvent[]): void {
  const fighter = state.fighters[seat]
  if (fighter === undefined || fighter.presence === LEFT) return
  // Who is away stands still and can be hit: being away is no shelter.
  fighter.presence = change === 'left' ? LEFT : change === 'away' ? AWAY : PRESENT
  fighter.moveX = 0
  fighter.moveY = 0
  fighter.buttons = 0
  if (change === 'left') fighter.health = 0
  const { x, y } = fighter
  events.push({
    kind: change,
    seat,
    target: null,
    x: isAlive(fighter) ? x : null,
    y: isAlive(fighter) ? y : null,
    value: null,
  })
}

function applyInputs({ fighters, clock }: ArenaState, inputs: readonly SeatInput<ArenaInput>[]): void {
  for (const fighter of fighters) fighter.turned = 0
  for (const { seat, input } of inputs) {
    const fighter = fighters[seat]
    if (fighter === undefined || fighter.presence !== PRESENT) continue
    fighter.turned = Math.abs(turnBetween(fighter.aim, input.aim))
    fighter.waited = clock.tick - fighter.saidAt
    fighter.saidAt = clock.tick
    fighter.moveX = input.moveX
    fighter.moveY = input.moveY
    fighter.aim = input.aim
    fighter.buttons = input.buttons
  }
}

function flags({ fighters }: ArenaState): readonly GameFlag[] {
  const flagged = fighters.filter((fighter) => fighter.flaggedAt !== NEVER && fighter.bot === 0)
  return flagged.map(({ seat, flaggedAt }) => ({ seat, rule: 'arena.aim_snap', tick: flaggedAt }))
}

const FORMATS = {
  '1v1': ['1v1'],
  '2v2': ['2v2'],
  '3v3': ['3v3'],
  '4v4': ['4v4'],
  '5v5': ['5v5'],
} as const

export const arena: Game<ArenaState, ArenaInput> = {
  id: 'arena',
  version: 1,
  tickHz: HZ,
  maxTicks: MOST_TICKS,
  modes: Object.keys(LIMITS),
  maps: MAP_IDS,
  minSeats: 2,
  maxSeats: 10,
  formats: FORMATS,
  alone: ['ffa'],
  init,
  readInput,
  writeInput,
  step,
  view: arenaView,
  outcome: outcomeOf,
  serialise: stateBytes,
  restore: stateFrom,
  flags,
  bot: botInput,
  field: (map) => {
    const { width, height } = MAPS.get(map ?? DEFAULT_MAP) ?? { width: 0, height: 0 }
    return { width, height, positions: positionsIn }
  },
}
