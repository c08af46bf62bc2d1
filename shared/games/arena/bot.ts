// A bot of the arena: it wanders, goes where it last saw an enemy, strafes and shoots at whom it sees, fetches a kit when
// it is hurt, and turns no faster than a hand. It reads of others only what its seat's view shows: who is in `sees`.

import { angleOf, TURN, turnBetween } from '../angles.ts'
import { lengthOf, ONE, squared, within } from '../fixed.ts'
import { blend } from '../random.ts'
import type { ArenaInput } from './input.ts'
import type { Place } from './maps.ts'
import { nextPlace } from './paths.ts'
import { nearestEnemy } from './sight.ts'
import { type ArenaState, type Fighter, isAlive, NEVER, PRESENT } from './state.ts'
import { BODY_RADIUS, FIRE, HZ, RELOAD, STEP } from './tuning.ts'

/** Of the angle, in a tick. */
const TURN_RATE = 52
const REACTION_TICKS = 5
const MEMORY_TICKS = 5 * HZ
const WANDER_TICKS = 6 * HZ
const STRAFE_TICKS = 9
const AIM_ERROR = 14
const NEAR = 4 * ONE
const FAR = 10 * ONE
const HURT = 50
const LOW_AMMO = 5
/** Close enough to the middle of a cell on one axis: half a step. */
const ALIGNED = STEP / 2

/** Null where it holds what it held. */
export function botInput(state: ArenaState, seat: number): ArenaInput | null {
  const fighter = state.fighters[seat]
  if (fighter === undefined || !isAlive(fighter) || fighter.presence !== PRESENT) return null
  const enemy = nearestEnemy(state, fighter)
  const input = enemy === null ? roam(state, fighter) : fight(state, fighter, enemy)
  const { moveX, moveY, aim, buttons } = fighter
  const isHeld = input.moveX === moveX && input.moveY === moveY && input.aim === aim && input.buttons === buttons
  return isHeld ? null : input
}

function fight(state: ArenaState, fighter: Fighter, enemy: Fighter): ArenaInput {
  const dx = enemy.x - fighter.x
  const dy = enemy.y - fighter.y
  const distance = lengthOf(dx, dy)
  const whim = whimOf(state, fighter, STRAFE_TICKS)
  const error = (whim % (2 * AIM_ERROR + 1)) - AIM_ERROR
  const wanted = angleOf(dx, dy) + error
  const aim = turned(fighter.aim, wanted)
  // Wider the nearer it is.
  const tolerance = AIM_ERROR + Math.floor((BODY_RADIUS * TURN) / (6 * (distance + 1)))
  const isAimed = Math.abs(turnBetween(aim, wanted)) <= tolerance
  const kit = fighter.health <= HURT ? nearestKit(state, fighter) : null
  const buttons = isAimed ? FIRE : 0
  // It stops where it first sees somebody: two who step back behind their corners would do so for ever.
  if (fighter.seenFor < REACTION_TICKS) return { moveX: 0, moveY: 0, aim, buttons: 0 }
  if (kit !== null && distance > NEAR) return { ...toward(state, fighter, kit), aim, buttons }
  const side = (whim >>> 16) % 3 === 0 ? 0 : (whim >>> 20) % 2 === 0 ? 1 : -1
  const onward = distance > FAR ? 1 : distance < NEAR ? -1 : 0
  const moveX = signOf(dx * onward * 2 - dy * side)
  const moveY = signOf(dy * onward * 2 + dx * side)
  return { moveX, moveY, aim, buttons }
}

function roam(state: ArenaState, fighter: Fighter): ArenaInput {
  const target = goalOf(state, fighter)
  const { moveX, moveY } = toward(state, fighter, target)
  const isWalking = moveX !== 0 || moveY !== 0
  const whim = whimOf(state, fighter, HZ)
  const ahead = isWalking ? angleOf(moveX, moveY) : fighter.aim + (whim % 2 === 0 ? TURN_RATE : -TURN_RATE)
  const buttons = fighter.ammo < LOW_AMMO ? RELOAD : 0
  return { moveX, moveY, aim: turned(fighter.aim, ahead), buttons }
}

function goalOf(state: ArenaState, fighter: Fighter): Place {
  const kit = fighter.health <= HURT ? nearestKit(state, fighter) : null
  if (kit !== null) return kit
  const isFresh = fighter.seenAt !== NEVER && state.clock.tick - fighter.seenAt < MEMORY_TICKS
  const seen = { x: fighter.seenX, y: fighter.seenY }
  if (isFresh && squared(seen.x - fighter.x, seen.y - fighter.y) > ONE * ONE) return seen
  const { spawns, kits } = state.map
  const whim = whimOf(state, fighter, WANDER_TICKS) % (spawns.length + kits.length)
  return spawns[whim] ?? kits[whim - spawns.length] ?? seen
}

/** Of those that are there, which everybody sees. */
function nearestKit({ map, kits }: ArenaState, fighter: Fighter): Place | null {
  let nearest: Place | null = null
  for (const [index, place] of map.kits.entries()) {
    if (kits[index] !== 0) continue
    const distance = squared(place.x - fighter.x, place.y - fighter.y)
    if (nearest === null || distance < squared(nearest.x - fighter.x, nearest.y - fighter.y)) nearest = place
  }
  return nearest
}

function toward({ map }: ArenaState, fighter: Fighter, target: Place): { moveX: number; moveY: number } {
  const { x, y } = nextPlace(map, fighter, target) ?? target
  const dx = x - fighter.x
  const dy = y - fighter.y
  return { moveX: Math.abs(dx) > ALIGNED ? signOf(dx) : 0, moveY: Math.abs(dy) > ALIGNED ? signOf(dy) : 0 }
}

function turned(from: number, to: number): number {
  return (from + within(turnBetween(from, to), -TURN_RATE, TURN_RATE)) & (TURN - 1)
}

/** Stays the same for so many ticks; seats change their minds at different times. */
function whimOf({ salt, clock }: ArenaState, { seat }: Fighter, ticks: number): number {
  return blend(salt, seat, Math.floor((clock.tick + seat * 7) / ticks))
}

const signOf = (value: number): number => (value > 0 ? 1 : value < 0 ? -1 : 0)
