// How each seat moved: how far and how fast, how near to its team and to its enemies, how much of the field it covered.

import { lengthOf } from '../fixed.ts'
import type { GameField, GameSetup, SeatPosition } from '../game.ts'

/** Cells the field is divided into along its width, for what is covered. */
const COVER_COLUMNS = 20

interface Walk {
  readonly seat: number
  readonly team: number
  ticksInField: number
  distance: number
  lastTick: number
  lastX: number
  lastY: number
  sumX: number
  sumY: number
  mateSum: number
  mateTicks: number
  enemySum: number
  enemyTicks: number
  readonly cells: Set<number>
}

export interface PositioningRow {
  readonly seat: number
  readonly team: number
  readonly ticksInField: number
  /** Of every step between two ticks in the field; the way back into it is none. */
  readonly distance: number
  readonly distancePerSecond: number
  /** Null where it was never in the field. */
  readonly averagePlace: { readonly x: number; readonly y: number } | null
  /** To the nearest, averaged over the ticks in which there was one. */
  readonly averageToMate: number | null
  readonly averageToEnemy: number | null
  /** Of a thousand cells of the field, those it set foot in. */
  readonly coveredPermille: number
}

export function emptyWalks(setup: GameSetup): Walk[] {
  return setup.seats.map(({ seat, team }) => ({
    ...{ seat, team, ticksInField: 0, distance: 0, lastTick: -2, lastX: 0, lastY: 0, sumX: 0, sumY: 0 },
    ...{ mateSum: 0, mateTicks: 0, enemySum: 0, enemyTicks: 0, cells: new Set<number>() },
  }))
}

/** Once for each tick, in order. */
export function walkOn(
  walks: readonly Walk[],
  field: GameField,
  tick: number,
  positions: readonly SeatPosition[],
): void {
  const cell = cellSize(field)
  for (const { seat, x, y } of positions) {
    const walk = walks[seat]
    if (walk === undefined) continue
    if (walk.lastTick === tick - 1) walk.distance += lengthOf(x - walk.lastX, y - walk.lastY)
    walk.lastTick = tick
    walk.lastX = x
    walk.lastY = y
    walk.sumX += x
    walk.sumY += y
    walk.ticksInField += 1
    walk.cells.add(Math.floor(y / cell) * (COVER_COLUMNS + 1) + Math.floor(x / cell))
    measure(walks, walk, x, y, positions)
  }
}

function measure(walks: readonly Walk[], walk: Walk, x: number, y: number, positions: readonly SeatPosition[]): void {
  let mate = -1
  let enemy = -1
  for (const other of positions) {
    if (other.seat === walk.seat) continue
    const distance = lengthOf(other.x - x, other.y - y)
    if (walks[other.seat]?.team === walk.team) mate = mate < 0 ? distance : Math.min(mate, distance)
    else enemy = enemy < 0 ? distance : Math.min(enemy, distance)
  }
  if (mate >= 0) {
    walk.mateSum += mate
    walk.mateTicks += 1
  }
  if (enemy >= 0) {
    walk.enemySum += enemy
    walk.enemyTicks += 1
  }
}

export function positioningOf(walks: readonly Walk[], field: GameField, tickHz: number): PositioningRow[] {
  const cell = cellSize(field)
  const cells = -Math.floor(-field.width / cell) * -Math.floor(-field.height / cell)
  return walks.map((walk) => {
    const { seat, team, ticksInField, distance, sumX, sumY } = walk
    const x = averageOf(sumX, ticksInField)
    const y = averageOf(sumY, ticksInField)
    return {
      ...{ seat, team, ticksInField, distance },
      distancePerSecond: averageOf(distance * tickHz, ticksInField) ?? 0,
      averagePlace: x === null || y === null ? null : { x, y },
      averageToMate: averageOf(walk.mateSum, walk.mateTicks),
      averageToEnemy: averageOf(walk.enemySum, walk.enemyTicks),
      coveredPermille: Math.min(1000, Math.floor((walk.cells.size * 1000) / Math.max(1, cells))),
    }
  })
}

const cellSize = (field: GameField): number => Math.max(1, -Math.floor(-field.width / COVER_COLUMNS))

const averageOf = (sum: number, count: number): number | null => (count === 0 ? null : Math.floor(sum / count))
