// Where each seat was, sampled every few ticks. A seat that is not in the field (dead, gone) has no sample: its line breaks
// where the ticks of two points are further apart than the samples are.

import type { GameSetup, SeatPosition } from '../game.ts'

export interface Trajectory {
  readonly seat: number
  /** Three numbers a point: tick, x, y. */
  readonly points: number[]
}

export const POINT_STRIDE = 3

export function emptyTrajectories(setup: GameSetup): Trajectory[] {
  return setup.seats.map(({ seat }) => ({ seat, points: [] }))
}

export function samplePositions(
  trajectories: readonly Trajectory[],
  tick: number,
  positions: readonly SeatPosition[],
): void {
  for (const { seat, x, y } of positions) trajectories[seat]?.points.push(tick, x, y)
}

/** The points of `trajectory` as the lines that are to be drawn: each of x and y in turn. */
export function linesOf(trajectory: Trajectory, everyTicks: number): number[][] {
  const { points } = trajectory
  const lines: number[][] = []
  let last = Number.MIN_SAFE_INTEGER
  for (let at = 0; at < points.length; at += POINT_STRIDE) {
    const [tick = 0, x = 0, y = 0] = points.slice(at, at + POINT_STRIDE)
    if (tick - last > everyTicks) lines.push([])
    lines.at(-1)?.push(x, y)
    last = tick
  }
  return lines
}
