// Who sees whom: within reach of sight and with no wall between. Worked out once at the end of a tick, for both at once.

import { squared } from '../fixed.ts'
import { isClear } from './maps.ts'
import { type ArenaState, type Fighter, isAlive, sees } from './state.ts'
import { SIGHT } from './tuning.ts'

const FARTHEST = squared(SIGHT, 0)

export function look(state: ArenaState): void {
  const { fighters, map } = state
  for (const fighter of fighters) fighter.sees = 0
  for (let first = 0; first < fighters.length; first += 1) {
    const one = fighters[first]
    if (one === undefined || !isAlive(one)) continue
    for (let second = first + 1; second < fighters.length; second += 1) {
      const other = fighters[second]
      if (other === undefined || !isAlive(other) || squared(other.x - one.x, other.y - one.y) > FARTHEST) continue
      if (!isClear(map, one.x, one.y, other.x, other.y)) continue
      one.sees |= 1 << other.seat
      other.sees |= 1 << one.seat
    }
  }
  for (const fighter of fighters) if (fighter.bot === 1) remember(state, fighter)
}

function remember(state: ArenaState, fighter: Fighter): void {
  const enemy = nearestEnemy(state, fighter)
  if (enemy === null) {
    fighter.seenFor = 0
    return
  }
  fighter.seenX = enemy.x
  fighter.seenY = enemy.y
  fighter.seenAt = state.clock.tick
  fighter.seenFor += 1
}

/** Of those in sight. */
export function nearestEnemy(state: ArenaState, fighter: Fighter): Fighter | null {
  let nearest: Fighter | null = null
  let least = FARTHEST + 1
  for (const other of state.fighters) {
    if (other.team === fighter.team || !sees(fighter, other)) continue
    const distance = squared(other.x - fighter.x, other.y - fighter.y)
    if (distance >= least) continue
    nearest = other
    least = distance
  }
  return nearest
}
