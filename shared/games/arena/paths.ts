// The way from any cell of a map to a place, for bots: for each cell, which neighbour is next. Worked out for a place when
// a bot first asks, and kept with the map: what is kept depends on the map alone.

import { ONE } from '../fixed.ts'
import { type ArenaMap, isSolid, type Place } from './maps.ts'

const STRAIGHT = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const
const SLANTING = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const
const UNREACHED = -1

const kept = new WeakMap<ArenaMap, Map<number, Int16Array>>()

/** The middle of the next cell on the way to `target`; null where it is reached or there is no way. */
export function nextPlace(map: ArenaMap, from: Place, target: Place): Place | null {
  const here = cellOf(map, from)
  const there = cellOf(map, target)
  const next = here === there ? UNREACHED : (waysTo(map, there)[here] ?? UNREACHED)
  if (next === UNREACHED) return null
  const column = next % map.columns
  return { x: column * ONE + ONE / 2, y: ((next - column) / map.columns) * ONE + ONE / 2 }
}

function cellOf(map: ArenaMap, { x, y }: Place): number {
  return Math.floor(y / ONE) * map.columns + Math.floor(x / ONE)
}

function waysTo(map: ArenaMap, target: number): Int16Array {
  const ofMap = kept.get(map) ?? new Map<number, Int16Array>()
  kept.set(map, ofMap)
  const known = ofMap.get(target)
  if (known !== undefined) return known
  const ways = search(map, target)
  ofMap.set(target, ways)
  return ways
}

/** Breadth first from the target: each cell keeps the one it was reached from. */
function search(map: ArenaMap, target: number): Int16Array {
  const ways = new Int16Array(map.solid.length).fill(UNREACHED)
  ways[target] = target
  const queue = [target]
  for (const cell of queue) {
    const column = cell % map.columns
    const row = (cell - column) / map.columns
    const reach = (dx: number, dy: number) => {
      const neighbour = cell + dy * map.columns + dx
      if (isSolid(map, column + dx, row + dy) || ways[neighbour] !== UNREACHED) return
      ways[neighbour] = cell
      queue.push(neighbour)
    }
    for (const [dx, dy] of STRAIGHT) reach(dx, dy)
    for (const [dx, dy] of SLANTING) {
      // No cutting of corners: a body is wider than a point.
      if (!isSolid(map, column + dx, row) && !isSolid(map, column, row + dy)) reach(dx, dy)
    }
  }
  return ways
}
