// Walking: a square body that walls stop on one axis at a time, so that it slides along them. Bodies pass each other.

import { ONE } from '../fixed.ts'
import { type ArenaMap, isSolid } from './maps.ts'
import { type ArenaState, isAlive, PRESENT } from './state.ts'
import { BODY_HALF, STEP, STEP_SLANTING } from './tuning.ts'

export function moveAll({ map, fighters }: ArenaState): void {
  for (const fighter of fighters) {
    const { moveX, moveY } = fighter
    if (!isAlive(fighter) || fighter.presence !== PRESENT || (moveX === 0 && moveY === 0)) continue
    const step = moveX !== 0 && moveY !== 0 ? STEP_SLANTING : STEP
    if (moveX !== 0) fighter.x = alongX(map, fighter.x, fighter.y, moveX * step)
    if (moveY !== 0) fighter.y = alongY(map, fighter.x, fighter.y, moveY * step)
  }
}

const cellOf = (coordinate: number): number => Math.floor(coordinate / ONE)

// A step is shorter than a cell, so that the cell its front edge comes to is all that can stop it.

function alongX(map: ArenaMap, x: number, y: number, by: number): number {
  const sign = by > 0 ? 1 : -1
  const column = cellOf(x + by + sign * BODY_HALF)
  const top = cellOf(y - BODY_HALF)
  const bottom = cellOf(y + BODY_HALF - 1)
  for (let row = top; row <= bottom; row += 1) if (isSolid(map, column, row)) return beside(column, sign)
  return x + by
}

function alongY(map: ArenaMap, x: number, y: number, by: number): number {
  const sign = by > 0 ? 1 : -1
  const row = cellOf(y + by + sign * BODY_HALF)
  const left = cellOf(x - BODY_HALF)
  const right = cellOf(x + BODY_HALF - 1)
  for (let column = left; column <= right; column += 1) if (isSolid(map, column, row)) return beside(row, sign)
  return y + by
}

/** A thousandth off the wall, so that standing at it is not standing in it. */
function beside(cell: number, sign: number): number {
  return sign > 0 ? cell * ONE - BODY_HALF - 1 : (cell + 1) * ONE + BODY_HALF + 1
}
