// Lengths in thousandths of a unit, as integers. Additions and products stay below 2^53, where a number is exact, and
// roots and quotients are rounded as IEEE 754 says and then cut: the same on every engine.

/** A unit of length. */
export const ONE = 1000

/** Any coordinate is smaller, so that a product of two differences is exact. */
export const FARTHEST = 1_000_000

/** The square of the distance: what comparisons need. */
export function squared(dx: number, dy: number): number {
  return dx * dx + dy * dy
}

/** The distance, cut to a whole thousandth. */
export function lengthOf(dx: number, dy: number): number {
  return Math.floor(Math.sqrt(dx * dx + dy * dy))
}

/** `value` within `low` to `high`. */
export function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

export interface Rect {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Whether the segment crosses the rectangle's inside or runs along its edge. Exact: separating axes, at twice the scale. */
export function crosses(rect: Rect, x0: number, y0: number, x1: number, y1: number): boolean {
  if (x0 < rect.left && x1 < rect.left) return false
  if (x0 > rect.right && x1 > rect.right) return false
  if (y0 < rect.top && y1 < rect.top) return false
  if (y0 > rect.bottom && y1 > rect.bottom) return false
  const dx = x1 - x0
  const dy = y1 - y0
  const acrossX = rect.left + rect.right - 2 * x0
  const acrossY = rect.top + rect.bottom - 2 * y0
  const reach = (rect.right - rect.left) * Math.abs(dy) + (rect.bottom - rect.top) * Math.abs(dx)
  return Math.abs(dx * acrossY - dy * acrossX) <= reach
}

/**
 * How far a ray goes until it meets the rectangle, cut to a thousandth; `reach` where it does not within that. The
 * direction is a vector of length `unit`. A ray that starts inside meets it at once.
 */
export function rayTo(
  rect: Rect,
  x: number,
  y: number,
  dirX: number,
  dirY: number,
  unit: number,
  reach: number,
): number {
  let near = 0
  let far = reach
  if (dirX === 0) {
    if (x < rect.left || x > rect.right) return reach
  } else {
    const first = ((dirX > 0 ? rect.left : rect.right) - x) * unit
    const last = ((dirX > 0 ? rect.right : rect.left) - x) * unit
    near = Math.max(near, first / dirX)
    far = Math.min(far, last / dirX)
  }
  if (dirY === 0) {
    if (y < rect.top || y > rect.bottom) return reach
  } else {
    const first = ((dirY > 0 ? rect.top : rect.bottom) - y) * unit
    const last = ((dirY > 0 ? rect.bottom : rect.top) - y) * unit
    near = Math.max(near, first / dirY)
    far = Math.min(far, last / dirY)
  }
  return near > far ? reach : Math.floor(near)
}
