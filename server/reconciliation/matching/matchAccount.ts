// Compares the two sides of one account. Pure, tolerance zero: what belongs together (groups.ts) matches where it adds up
// to the minor unit, and every movement and every line ends in exactly one class, whatever order they came in.

import type { Lateness } from '../limits.ts'
import { type Group, groupsOf } from './groups.ts'
import { type AnyItem, type Class, type Line, type Movement, signedMinor, sumMinor } from './items.ts'
import { isAlike, partOf } from './parts.ts'

export interface Terms {
  /** What is after it is only there to match what is before it. */
  readonly asOfMs: number
  readonly lateness: Lateness
  /** Whether the statement says everything about that moment. */
  readonly covers: (atMs: number) => boolean
}

/** What did not match: one item, or for `amount_differs` all of a group. */
export interface Difference {
  readonly class: Exclude<Class, 'matched'>
  readonly asset: string
  readonly movements: readonly Movement[]
  readonly lines: readonly Line[]
  /** Σ lines less Σ movements: what the ledger's account would have to change by. */
  readonly offMinor: bigint
  /** Of the item that came last. */
  readonly ageMs: number
  /** The only unmatched item of the other side with the same amount: worth a look, and no match. */
  readonly suggested: AnyItem | null
}

export interface Match {
  readonly movements: readonly Movement[]
  readonly lines: readonly Line[]
}

export interface Matching {
  readonly matches: readonly Match[]
  readonly differences: readonly Difference[]
}

export function matchAccount(movements: readonly Movement[], lines: readonly Line[], terms: Terms): Matching {
  const matches: Match[] = []
  const differences: Difference[] = []
  for (const group of groupsOf(movements, lines)) {
    const settled = settle(group, terms)
    if (settled.match !== null) matches.push(settled.match)
    differences.push(...settled.differences)
  }
  return { matches, differences: withSuggestions(differences) }
}

interface Settled {
  readonly match: Match | null
  readonly differences: readonly Difference[]
}

function settle(group: Group, terms: Terms): Settled {
  const { movements, lines } = group
  if (sumMinor(movements) === sumMinor(lines)) return { match: { movements, lines }, differences: [] }
  const isDue = ({ atMs }: AnyItem): boolean => atMs <= terms.asOfMs
  const due = { movements: movements.filter(isDue), lines: lines.filter(isDue) }
  const beyond = [...movements, ...lines].filter((item) => !isDue(item)).map((item) => alone('beyond', item, terms))
  const settled = settleDue(due, terms)
  return { match: settled.match, differences: [...settled.differences, ...beyond] }
}

function settleDue({ movements, lines }: Match, terms: Terms): Settled {
  if (movements.length + lines.length === 0) return { match: null, differences: [] }
  const [booked, stated] = [sumMinor(movements), sumMinor(lines)]
  if (booked === stated) return { match: { movements, lines }, differences: [] }
  const ofLines = partOf(lines, booked)
  if (ofLines !== null) {
    const { taken, left } = ofLines
    const differences = left.map((line) => alone(classOfLine(line, taken, terms), line, terms))
    return { match: { movements, lines: taken }, differences }
  }
  const ofMovements = partOf(movements, stated)
  if (ofMovements !== null) {
    const { taken, left } = ofMovements
    const differences = left.map((movement) => alone(classOfMovement(movement, terms), movement, terms))
    return { match: { movements: taken, lines }, differences }
  }
  if (lines.length === 0) return unmatched(movements.map((each) => alone(classOfMovement(each, terms), each, terms)))
  if (movements.length === 0) return unmatched(lines.map((each) => alone(classOfLine(each, [], terms), each, terms)))
  const newestMs = Math.max(...[...movements, ...lines].map(({ atMs }) => atMs))
  const [{ asset } = { asset: '' }] = movements
  const ageMs = terms.asOfMs - newestMs
  return unmatched([
    { class: 'amount_differs', asset, movements, lines, offMinor: stated - booked, ageMs, suggested: null },
  ])
}

function unmatched(differences: readonly Difference[]): Settled {
  return { match: null, differences }
}

function classOfMovement({ atMs }: Movement, { asOfMs, lateness, covers }: Terms): Difference['class'] {
  if (asOfMs - atMs < lateness.movementMs) return 'late'
  return covers(atMs) ? 'missing_at_provider' : 'not_covered'
}

/** `taken`: the lines of its group that matched. A second one like them is no question of time. */
function classOfLine(line: Line, taken: readonly Line[], { asOfMs, lateness }: Terms): Difference['class'] {
  if (taken.some((other) => isAlike(other, line))) return 'duplicate_at_provider'
  return asOfMs - line.atMs < lateness.lineMs ? 'late' : 'missing_in_ledger'
}

function alone(kind: Difference['class'], item: AnyItem, { asOfMs }: Terms): Difference {
  const isLine = item.side === 'line'
  return {
    class: kind,
    asset: item.asset,
    movements: isLine ? [] : [item],
    lines: isLine ? [item] : [],
    offMinor: isLine ? signedMinor(item) : -signedMinor(item),
    ageMs: asOfMs - item.atMs,
    suggested: null,
  }
}

// By amount alone, so only where each side has one of it, and never as a match.
function withSuggestions(differences: readonly Difference[]): readonly Difference[] {
  const open = new Map<string, { movements: Movement[]; lines: Line[] }>()
  const keyOf = (item: AnyItem): string => `${item.asset} ${signedMinor(item)}`
  for (const { class: kind, movements, lines } of differences) {
    if (kind === 'amount_differs' || kind === 'beyond') continue
    for (const item of [...movements, ...lines]) {
      const bucket = open.get(keyOf(item)) ?? { movements: [], lines: [] }
      open.set(keyOf(item), bucket)
      if (item.side === 'movement') bucket.movements.push(item)
      else bucket.lines.push(item)
    }
  }
  return differences.map((difference) => {
    const [item] = [...difference.movements, ...difference.lines]
    const bucket = item === undefined || difference.class === 'amount_differs' ? undefined : open.get(keyOf(item))
    const isSingle = bucket?.movements.length === 1 && bucket.lines.length === 1
    if (!isSingle || difference.class === 'beyond') return difference
    const other = item?.side === 'movement' ? bucket.lines[0] : bucket.movements[0]
    return other === undefined ? difference : { ...difference, suggested: other }
  })
}

/** How a match came about, as people say it: `1:1`, `N:1`, `1:N`, `N:M`, or `offset` where one side explains itself. */
export function shapeOf({ movements, lines }: Match): 'offset' | '1:1' | 'N:1' | '1:N' | 'N:M' {
  if (movements.length === 0 || lines.length === 0) return 'offset'
  if (movements.length === 1) return lines.length === 1 ? '1:1' : '1:N'
  return lines.length === 1 ? 'N:1' : 'N:M'
}
