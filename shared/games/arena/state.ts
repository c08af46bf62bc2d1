// The state of an arena: small integers in flat objects, made once and changed in place, so that a step allocates nothing.
// Its bytes are those integers in order, four bytes each, little end first.

import type { GameSetup } from '../game.ts'
import { RANDOM_WORDS, type Random, seedRandom, wordOf } from '../random.ts'
import { type ArenaMap, DEFAULT_MAP, MAPS } from './maps.ts'
import { type ArenaMode, FULL_HEALTH, LIMITS, type Limits, MAGAZINE } from './tuning.ts'

export const PLAYING = 0
export const OVERTIME = 1
export const OVER = 2

export const LEFT = 0
export const PRESENT = 1
export const AWAY = 2

export const NOBODY = -1
export const NEVER = -1

export interface Fighter {
  readonly seat: number
  readonly team: number
  readonly bot: number
  presence: number
  x: number
  y: number
  // What the seat holds: it goes on until it says something else.
  moveX: number
  moveY: number
  aim: number
  buttons: number
  /** How far the aim turned in this tick, and how many ticks after what the seat said before. */
  turned: number
  waited: number
  saidAt: number
  /** 0 while dead. */
  health: number
  ammo: number
  cooldown: number
  reload: number
  respawn: number
  shield: number
  kills: number
  deaths: number
  damage: number
  shots: number
  hits: number
  snaps: number
  flaggedAt: number
  /** A bit for each seat in sight, at the end of the tick. */
  sees: number
  // The shot of this tick.
  fired: number
  shotX: number
  shotY: number
  struck: number
  // What a bot remembers of the nearest enemy it saw.
  seenX: number
  seenY: number
  seenAt: number
  seenFor: number
}

interface Clock {
  tick: number
  phase: number
}

export interface ArenaState {
  readonly map: ArenaMap
  readonly limits: Limits
  readonly clock: Clock
  /** Index is seat. */
  readonly fighters: readonly Fighter[]
  /** In order. */
  readonly teams: readonly number[]
  /** Ticks until each kit is back; 0: there. */
  readonly kits: Int32Array
  /** Of the bots' whims. */
  readonly salt: number
  readonly randomWords: Int32Array
  readonly random: Random
}

function fighterOf(seat: number, team: number, bot: boolean): Fighter {
  return {
    ...{ seat, team, bot: bot ? 1 : 0, presence: PRESENT, x: 0, y: 0 },
    ...{ moveX: 0, moveY: 0, aim: 0, buttons: 0, turned: 0, waited: 0, saidAt: 0 },
    ...{ health: FULL_HEALTH, ammo: MAGAZINE, cooldown: 0, reload: 0, respawn: 0, shield: 0 },
    ...{ kills: 0, deaths: 0, damage: 0, shots: 0, hits: 0, snaps: 0, flaggedAt: NEVER, sees: 0 },
    ...{ fired: 0, shotX: 0, shotY: 0, struck: NOBODY },
    ...{ seenX: 0, seenY: 0, seenAt: NEVER, seenFor: 0 },
  }
}

const FIELDS = Object.keys(fighterOf(0, 0, false)) as (keyof Fighter)[] // the literal has no other

const isMode = (mode: string): mode is ArenaMode => Object.hasOwn(LIMITS, mode)

/** Everybody stands nowhere yet. Throws on a setup the game's own lists do not allow. */
export function emptyState(setup: GameSetup): ArenaState {
  const map = MAPS.get(setup.map ?? DEFAULT_MAP)
  if (setup.seats.some(({ seat }, index) => seat !== index)) throw new Error('arena: seats out of order')
  if (map === undefined || !isMode(setup.mode)) throw new Error(`arena: no ${setup.mode} on ${setup.map}`)
  const randomWords = new Int32Array(RANDOM_WORDS)
  return {
    ...{ map, limits: LIMITS[setup.mode], randomWords, random: seedRandom(randomWords, setup.seed) },
    clock: { tick: 0, phase: PLAYING },
    fighters: setup.seats.map(({ seat, team, bot }) => fighterOf(seat, team, bot)),
    teams: [...new Set(setup.seats.map(({ team }) => team))].sort((first, second) => first - second),
    kits: new Int32Array(map.kits.length),
    salt: wordOf(`${setup.seed}:bots`),
  }
}

export function stateBytes(state: ArenaState): Uint8Array {
  const { clock, kits, randomWords, fighters } = state
  const words = [clock.tick, clock.phase, ...randomWords, ...kits]
  for (const fighter of fighters) for (const field of FIELDS) words.push(fighter[field])
  const bytes = new Uint8Array(words.length * 4)
  const data = new DataView(bytes.buffer)
  for (const [index, word] of words.entries()) data.setInt32(index * 4, word, true)
  return bytes
}

/** Of what `stateBytes` wrote, with the setup it was written with. */
export function stateFrom(setup: GameSetup, bytes: Uint8Array): ArenaState {
  const state = emptyState(setup)
  const { clock, kits, randomWords, fighters } = state
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const expected = (2 + randomWords.length + kits.length + fighters.length * FIELDS.length) * 4
  if (bytes.length !== expected) throw new RangeError(`arena: a state of ${bytes.length} bytes, not ${expected}`)
  let at = 0
  const next = () => data.getInt32(at++ * 4, true)
  clock.tick = next()
  clock.phase = next()
  for (let index = 0; index < randomWords.length; index += 1) randomWords[index] = next()
  for (let index = 0; index < kits.length; index += 1) kits[index] = next()
  for (const fighter of fighters) Object.assign(fighter, Object.fromEntries(FIELDS.map((field) => [field, next()])))
  return state
}

export const isAlive = (fighter: Fighter): boolean => fighter.health > 0

export const sees = (fighter: Fighter, other: Fighter): boolean => (fighter.sees & (1 << other.seat)) !== 0
