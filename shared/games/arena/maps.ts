// The maps of the arena, drawn: one character is a cell of one unit. Only the upper half is drawn; the lower half is the
// upper one turned by half a turn, with the sides exchanged, so that neither side has the better ground.

import { crosses, ONE, type Rect, rayTo } from '../fixed.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

export interface ArenaMap {
  readonly id: string
  /** In cells. */
  readonly columns: number
  readonly rows: number
  /** In thousandths of a unit. */
  readonly width: number
  readonly height: number
  /** 1 where there is wall, row by row. */
  readonly solid: Uint8Array
  /** The same walls as few rectangles: for rays, and to draw. */
  readonly walls: readonly Rect[]
  /** Where each side begins. */
  readonly sides: readonly [readonly Place[], readonly Place[]]
  readonly spawns: readonly Place[]
  readonly kits: readonly Place[]
}

// `#` wall, `A` and `B` where the sides begin, `+` a kit.
const DRAWN: Readonly<Record<string, readonly string[]>> = {
  pit: [
    'A.......#...........',
    '..................B.',
    '...##.......##......',
    'A..#.....+...#......',
    '......#.......##...B',
    'A........##.........',
    '....#...............',
  ],
  yard: [
    'A...........#...................',
    '............#.......##..........',
    '...###..............##.......B..',
    'A....#......+...................',
    '.....#.........####......##.....',
    '...................#......#.....',
    'A......##..........#......#....B',
    '........#.......................',
    '........#...##..................',
    '..+.............##..............',
  ],
  halls: [
    'A.........#.............#...............',
    '..........#.............#............B..',
    'A.........#......+......#...............',
    '........................#....#####......',
    '..........#..................#..........',
    '####..#####....########......#.........B',
    '...............#......#.................',
    'A..............#......#......#####..####',
    '......##.......#..............#.........',
    '......#.......................#.........',
    '..................##..........#...+.....',
    '...###............##....................',
  ],
}

const TURNED: Readonly<Record<string, string>> = { A: 'B', B: 'A' }

function parse(id: string, half: readonly string[]): ArenaMap {
  const turned = half.toReversed().map((row) => [...row].reverse().map((cell) => TURNED[cell] ?? cell))
  const cells = [...half.map((row) => [...row]), ...turned]
  const columns = cells[0]?.length ?? 0
  if (cells.some((row) => row.length !== columns)) throw new Error(`map ${id}: its rows differ in length`)
  const solid = Uint8Array.from(cells.flat(), (cell) => (cell === '#' ? 1 : 0))
  const sides = [placesOf(cells, 'A'), placesOf(cells, 'B')] as const
  return {
    ...{ id, columns, rows: cells.length, width: columns * ONE, height: cells.length * ONE, solid, sides },
    walls: rectangles(solid, columns),
    spawns: [...sides[0], ...sides[1]],
    kits: placesOf(cells, '+'),
  }
}

function placesOf(cells: readonly (readonly string[])[], wanted: string): Place[] {
  return cells.flatMap((row, y) => {
    const found = row.flatMap((cell, x) => (cell === wanted ? [x] : []))
    return found.map((x) => ({ x: x * ONE + ONE / 2, y: y * ONE + ONE / 2 }))
  })
}

/** Runs of wall in a row, each grown down as far as the run goes on. */
function rectangles(solid: Uint8Array, columns: number): Rect[] {
  const rest = solid.slice()
  const rects: Rect[] = []
  for (let at = rest.indexOf(1); at !== -1; at = rest.indexOf(1, at)) {
    const left = at % columns
    const top = (at - left) / columns
    let right = left
    while (right < columns && rest[top * columns + right] === 1) right += 1
    const isRun = (row: number) =>
      rest.subarray(row * columns + left, row * columns + right).every((cell) => cell === 1)
    let bottom = top
    while (bottom * columns < rest.length && isRun(bottom)) {
      rest.fill(0, bottom * columns + left, bottom * columns + right)
      bottom += 1
    }
    rects.push({ left: left * ONE, top: top * ONE, right: right * ONE, bottom: bottom * ONE })
  }
  return rects
}

export const MAPS: ReadonlyMap<string, ArenaMap> = new Map(
  Object.entries(DRAWN).map(([id, half]) => [id, parse(id, half)]),
)
/** Where a setup leaves it open. */
export const DEFAULT_MAP = 'yard'
export const MAP_IDS: readonly string[] = [...MAPS.keys()]

export function isSolid(map: ArenaMap, column: number, row: number): boolean {
  if (column < 0 || row < 0 || column >= map.columns || row >= map.rows) return true
  return map.solid[row * map.columns + column] === 1
}

/** Whether nothing stands between two points. The same from either end. */
export function isClear(map: ArenaMap, x0: number, y0: number, x1: number, y1: number): boolean {
  for (const wall of map.walls) if (crosses(wall, x0, y0, x1, y1)) return false
  return true
}

/** How far a ray goes before it meets a wall or the border, at most `reach`. */
export function clearAlong(
  map: ArenaMap,
  x: number,
  y: number,
  dirX: number,
  dirY: number,
  unit: number,
  reach: number,
): number {
  let free = reach
  if (dirX !== 0) free = Math.min(free, Math.floor((((dirX > 0 ? map.width : 0) - x) * unit) / dirX))
  if (dirY !== 0) free = Math.min(free, Math.floor((((dirY > 0 ? map.height : 0) - y) * unit) / dirY))
  for (const wall of map.walls) free = Math.min(free, rayTo(wall, x, y, dirX, dirY, unit, free))
  return free
}
