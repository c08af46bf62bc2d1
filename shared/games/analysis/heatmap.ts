// How often something was where: counts in a grid laid over the field.

import type { GameField } from '../game.ts'
import type { MatchEvent } from './eventList.ts'
import { POINT_STRIDE, type Trajectory } from './trajectory.ts'

export interface Heatmap {
  readonly columns: number
  readonly rows: number
  /** The side of a cell, in the game's units. */
  readonly cell: number
  /** Row by row. */
  readonly counts: readonly number[]
  readonly most: number
  readonly total: number
}

const MOST_COLUMNS = 256

interface Place {
  readonly x: number
  readonly y: number
}

/** Of places in the field; what lies on its far edges counts for the last cells, what lies outside for none. */
export function heatmapOf(field: GameField, places: Iterable<Place>, wantedColumns: number): Heatmap {
  const columns = Math.min(Math.max(Math.trunc(wantedColumns), 1), MOST_COLUMNS)
  const cell = Math.max(1, -Math.floor(-field.width / columns))
  const rows = Math.max(1, -Math.floor(-field.height / cell))
  const counts = new Array<number>(columns * rows).fill(0)
  let most = 0
  let total = 0
  for (const { x, y } of places) {
    if (!(x >= 0 && y >= 0 && x <= field.width && y <= field.height)) continue
    const at = Math.min(Math.floor(y / cell), rows - 1) * columns + Math.min(Math.floor(x / cell), columns - 1)
    const count = (counts[at] ?? 0) + 1
    counts[at] = count
    most = Math.max(most, count)
    total += 1
  }
  return { columns, rows, cell, counts, most, total }
}

/** Where these seats were at each sample. */
export function* presence(trajectories: readonly Trajectory[], seats: ReadonlySet<number> | null): Generator<Place> {
  for (const { seat, points } of trajectories) {
    if (seats !== null && !seats.has(seat)) continue
    for (let at = 0; at < points.length; at += POINT_STRIDE) yield { x: points[at + 1] ?? 0, y: points[at + 2] ?? 0 }
  }
}

/** Where events of a kind happened that these seats made. */
export function* incidents(
  events: readonly MatchEvent[],
  kind: string,
  seats: ReadonlySet<number> | null,
): Generator<Place> {
  for (const event of events) {
    if (event.kind !== kind || event.x === null || event.y === null) continue
    if (seats === null || (event.seat !== null && seats.has(event.seat))) yield { x: event.x, y: event.y }
  }
}
