// How a tournament's pool is split by place. A table says what each place gets, in basis points of the pool; places that
// are shared split evenly what they would get together. All of the pool is paid: where fewer entrants stand than the
// table has places, the places that are taken share it in their proportions. Amounts are cut to minor units, and what is
// left of that goes to the highest place, in turn where several share it, so that they differ by one unit at most.

import type { ErrorCode } from '../errors.ts'

export const BASIS_POINTS = 10_000

/** Where an entrant ended. Shared places are one number: 1, 2, 2, 4. */
export interface Placing<Entrant> {
  readonly entrant: Entrant
  readonly place: number
}

export interface Prize<Entrant> extends Placing<Entrant> {
  readonly amountMinor: bigint
}

export type Split<Entrant> =
  | { readonly kind: 'split'; readonly prizes: readonly Prize<Entrant>[] }
  | { readonly kind: 'refused'; readonly code: ErrorCode }

/** Basis points by place, the first place first: they add up to all of the pool, and no place gets more than the one before. */
export function isPrizeTable(table: readonly number[]): boolean {
  const falls = table.every((points, index) => {
    return Number.isInteger(points) && points > 0 && points <= (table[index - 1] ?? BASIS_POINTS)
  })
  return falls && table.reduce((sum, points) => sum + points, 0) === BASIS_POINTS
}

/** Prizes in the order of the placings, which is that of the places; those who get nothing are left out. */
export function splitPool<Entrant>(
  poolMinor: bigint,
  table: readonly number[],
  placings: readonly Placing<Entrant>[],
): Split<Entrant> {
  if (poolMinor < 0n || !isPrizeTable(table)) return { kind: 'refused', code: 'tournament.prizes_malformed' }
  const groups = sharedPlaces(placings)
  if (groups === null) return { kind: 'refused', code: 'tournament.places_malformed' }
  const taken = BigInt(pointsOf(table, 1, placings.length))
  const prizes = groups.flatMap((group) => {
    const points = BigInt(pointsOf(table, group.place, group.entrants.length))
    // One division, so that nothing is cut twice.
    const amountMinor = (poolMinor * points) / (taken * BigInt(group.entrants.length))
    return group.entrants.map((entrant) => ({ entrant, place: group.place, amountMinor }))
  })
  const first = BigInt(groups[0]?.entrants.length ?? 0)
  const left = poolMinor - prizes.reduce((sum, prize) => sum + prize.amountMinor, 0n)
  const paid = prizes.map((prize, index) => {
    const turn = BigInt(index)
    if (turn >= first) return prize
    return { ...prize, amountMinor: prize.amountMinor + left / first + (turn < left % first ? 1n : 0n) }
  })
  return { kind: 'split', prizes: paid.filter((prize) => prize.amountMinor > 0n) }
}

/** What so many places get together, beginning at this one. */
function pointsOf(table: readonly number[], place: number, places: number): number {
  return table.slice(place - 1, place - 1 + places).reduce((sum, points) => sum + points, 0)
}

interface SharedPlace<Entrant> {
  readonly place: number
  readonly entrants: Entrant[]
}

/** Null where the places are not 1 and then each the number of those before it and one, or where nobody stands. */
function sharedPlaces<Entrant>(placings: readonly Placing<Entrant>[]): readonly SharedPlace<Entrant>[] | null {
  const groups: SharedPlace<Entrant>[] = []
  for (const [index, { entrant, place }] of placings.entries()) {
    const group = groups.at(-1)
    if (group?.place === place) group.entrants.push(entrant)
    else if (place === index + 1) groups.push({ place, entrants: [entrant] })
    else return null
  }
  return groups.length === 0 ? null : groups
}
