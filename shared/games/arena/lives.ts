// Coming into the arena, coming back, and kits.

import { angleOf } from '../angles.ts'
import { ONE, squared } from '../fixed.ts'
import type { GameEvent } from '../game.ts'
import type { Place } from './maps.ts'
import { type ArenaState, type Fighter, isAlive, LEFT, NOBODY } from './state.ts'
import { FULL_HEALTH, KIT_HEALTH, KIT_REACH, KIT_TICKS, MAGAZINE, SHIELD_TICKS } from './tuning.ts'

/** Beyond this distance one place is as safe as another. */
const SAFE = squared(20 * ONE, 0)
const CROWDED = squared(ONE, 0)

/** Two teams begin on a side each, drawn by lot; more begin anywhere, each place as likely. */
export function placeAll(state: ArenaState): void {
  const { map, random, fighters, teams } = state
  const turned = random.below(2)
  const anywhere = random.shuffle([...map.spawns])
  const places = teams.length === 2 ? [map.sides[turned] ?? [], map.sides[1 - turned] ?? []] : [anywhere]
  const taken = places.map(() => 0)
  for (const fighter of fighters) {
    const group = teams.length === 2 ? teams.indexOf(fighter.team) : 0
    const index = taken[group] ?? 0
    taken[group] = index + 1
    const own = places[group] ?? anywhere
    enter(state, fighter, own[index % own.length] ?? { x: 0, y: 0 })
  }
}

function enter({ map }: ArenaState, fighter: Fighter, place: Place): void {
  fighter.x = place.x
  fighter.y = place.y
  fighter.health = FULL_HEALTH
  fighter.ammo = MAGAZINE
  fighter.cooldown = 0
  fighter.reload = 0
  fighter.respawn = 0
  fighter.shield = SHIELD_TICKS
  fighter.aim = angleOf(map.width / 2 - place.x, map.height / 2 - place.y)
}

export function die(state: ArenaState, fighter: Fighter): void {
  fighter.health = 0
  fighter.deaths += 1
  fighter.respawn = state.limits.respawnTicks
}

/** Counts down what waits, and brings back whose time has come. */
export function passTick(state: ArenaState, events: GameEvent[]): void {
  for (let index = 0; index < state.kits.length; index += 1) {
    const left = state.kits[index] ?? 0
    if (left > 0) state.kits[index] = left - 1
  }
  for (const fighter of state.fighters) {
    if (fighter.cooldown > 0) fighter.cooldown -= 1
    if (fighter.shield > 0) fighter.shield -= 1
    if (fighter.reload > 0) {
      fighter.reload -= 1
      if (fighter.reload === 0) fighter.ammo = MAGAZINE
    }
    if (isAlive(fighter) || fighter.presence === LEFT) continue
    fighter.respawn -= 1
    if (fighter.respawn > 0) continue
    const held = fighter.aim
    enter(state, fighter, safest(state, fighter))
    fighter.aim = held // the seat's hand is where it was
    events.push({ kind: 'spawn', seat: fighter.seat, target: null, x: fighter.x, y: fighter.y, value: null })
  }
}

/** As far from every enemy as can be; among equals, the first from one drawn by lot. */
function safest({ map, fighters, random }: ArenaState, fighter: Fighter): Place {
  const { spawns } = map
  const start = random.below(spawns.length)
  let best = spawns[start] ?? { x: 0, y: 0 }
  let most = NOBODY
  for (let count = 0; count < spawns.length; count += 1) {
    const place = spawns[(start + count) % spawns.length] ?? best
    let distance = SAFE
    for (const other of fighters) {
      if (other === fighter || !isAlive(other)) continue
      const apart = squared(other.x - place.x, other.y - place.y)
      if (other.team !== fighter.team) distance = Math.min(distance, apart)
      else if (apart < CROWDED) distance = 0
    }
    if (distance <= most) continue
    most = distance
    best = place
  }
  return best
}

/** Whose turn it is to be first changes with the tick, so that no seat has the better number. */
export function takeKits(state: ArenaState, events: GameEvent[]): void {
  const { fighters, kits, map, clock } = state
  for (let count = 0; count < fighters.length; count += 1) {
    const fighter = fighters[(clock.tick + count) % fighters.length]
    if (fighter === undefined || !isAlive(fighter) || fighter.health === FULL_HEALTH) continue
    for (let index = 0; index < kits.length; index += 1) {
      const place = map.kits[index]
      if (kits[index] !== 0 || place === undefined) continue
      if (squared(place.x - fighter.x, place.y - fighter.y) > KIT_REACH * KIT_REACH) continue
      const healed = Math.min(KIT_HEALTH, FULL_HEALTH - fighter.health)
      fighter.health += healed
      kits[index] = KIT_TICKS
      events.push({ kind: 'kit', seat: fighter.seat, target: null, x: place.x, y: place.y, value: healed })
      if (fighter.health === FULL_HEALTH) break
    }
  }
}
