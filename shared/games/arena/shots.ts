// Shooting: a ray that hits at once. All shots of a tick are aimed first and hurt afterwards, so that two who shoot each
// other in one tick both hit, whatever their seats.

import { cosOf, sinOf, UNIT } from '../angles.ts'
import { squared } from '../fixed.ts'
import type { GameEvent } from '../game.ts'
import { die } from './lives.ts'
import { clearAlong } from './maps.ts'
import { type ArenaState, type Fighter, isAlive, NEVER, NOBODY, PRESENT } from './state.ts'
import * as tuning from './tuning.ts'

export function shootAll(state: ArenaState, events: GameEvent[]): void {
  for (const fighter of state.fighters) {
    fighter.fired = 0
    fighter.struck = NOBODY
    if (isAlive(fighter) && fighter.presence === PRESENT) handle(state, fighter, events)
  }
  const { fighters, clock } = state
  for (let count = 0; count < fighters.length; count += 1) {
    // Who of two gets the kill changes with the tick.
    const shooter = fighters[(clock.tick + count) % fighters.length]
    if (shooter !== undefined && shooter.struck !== NOBODY) hurt(state, shooter, events)
  }
}

function handle(state: ArenaState, fighter: Fighter, events: GameEvent[]): void {
  if (fighter.reload > 0 || fighter.cooldown > 0) return
  const wantsReload = (fighter.buttons & tuning.RELOAD) !== 0 && fighter.ammo < tuning.MAGAZINE
  if (fighter.ammo === 0 || wantsReload) {
    fighter.reload = tuning.RELOAD_TICKS
    return
  }
  if ((fighter.buttons & tuning.FIRE) !== 0) fire(state, fighter, events)
}

function fire(state: ArenaState, fighter: Fighter, events: GameEvent[]): void {
  const isMoving = fighter.moveX !== 0 || fighter.moveY !== 0
  const spread = isMoving ? tuning.SPREAD_MOVING : tuning.SPREAD_STANDING
  const angle = fighter.aim + state.random.below(2 * spread + 1) - spread
  const dirX = cosOf(angle)
  const dirY = sinOf(angle)
  let reach = clearAlong(state.map, fighter.x, fighter.y, dirX, dirY, UNIT, tuning.SIGHT)
  for (const other of state.fighters) {
    if (other.team === fighter.team || !isAlive(other)) continue
    const distance = meets(fighter, other, dirX, dirY)
    if (distance >= reach) continue
    reach = distance
    fighter.struck = other.seat
  }
  fighter.shotX = fighter.x + Math.trunc((dirX * reach) / UNIT)
  fighter.shotY = fighter.y + Math.trunc((dirY * reach) / UNIT)
  fighter.fired = 1
  fighter.shots += 1
  fighter.ammo -= 1
  fighter.shield = 0
  fighter.cooldown = tuning.COOLDOWN_TICKS
  events.push({ kind: 'shot', seat: fighter.seat, target: null, x: fighter.x, y: fighter.y, value: fighter.aim })
}

/** How far along the ray the body begins; beyond any reach where it passes by. */
function meets(from: Fighter, body: Fighter, dirX: number, dirY: number): number {
  const dx = body.x - from.x
  const dy = body.y - from.y
  const along = (dx * dirX + dy * dirY) / UNIT
  const aside = (dx * dirY - dy * dirX) / UNIT
  const half = tuning.BODY_RADIUS * tuning.BODY_RADIUS - aside * aside
  if (half < 0 || (along < 0 && squared(dx, dy) > tuning.BODY_RADIUS * tuning.BODY_RADIUS)) return tuning.SIGHT
  return Math.max(0, Math.floor(along - Math.sqrt(half)))
}

function hurt(state: ArenaState, shooter: Fighter, events: GameEvent[]): void {
  const target = state.fighters[shooter.struck]
  if (target === undefined) return
  shooter.hits += 1
  watch(state, shooter)
  // Who fell to another shot of this tick, or is shielded, is hit but not hurt.
  const damage = target.shield > 0 ? 0 : Math.min(tuning.DAMAGE, target.health)
  const { seat } = shooter
  events.push({ kind: 'hit', seat, target: target.seat, x: target.x, y: target.y, value: damage })
  if (damage === 0) return
  target.health -= damage
  shooter.damage += damage
  if (target.health > 0) return
  die(state, target)
  shooter.kills += 1
  events.push({ kind: 'kill', seat, target: target.seat, x: target.x, y: target.y, value: null })
}

/** A hit in the same tick in which the aim jumped. What came late over the network has turned for longer. */
function watch({ clock }: ArenaState, shooter: Fighter): void {
  if (shooter.turned < tuning.SNAP_TURN || shooter.turned < shooter.waited * tuning.SNAP_RATE) return
  shooter.snaps += 1
  if (shooter.snaps >= tuning.SNAP_HITS && shooter.flaggedAt === NEVER) shooter.flaggedAt = clock.tick
}
