// The part of a group's one side that adds up to what the other side says, where exactly one does: a second charge beside
// the first, a payout that is not in the batch yet. Two different parts that both do are a guess, and none is made (M1).

import { MOST_PARTED } from '../limits.ts'
import { type AnyItem, signedMinor } from './items.ts'

export interface Part<Of> {
  readonly taken: readonly Of[]
  readonly left: readonly Of[]
}

/**
 * Null where no part adds up to the target, where different ones do, or where there are too many items to look through.
 * Of items that differ in their time alone the older ones are taken. `items` are in their order.
 */
export function partOf<Of extends AnyItem>(items: readonly Of[], target: bigint): Part<Of> | null {
  const { length } = items
  if (length < 2 || length > MOST_PARTED) return null
  const amounts = items.map(signedMinor)
  let found: { readonly alike: string; readonly mask: number } | null = null
  for (let mask = 1; mask < (1 << length) - 1; mask++) {
    if (sumOf(amounts, mask) !== target) continue
    const alike = likenessOf(items, mask)
    if (found === null) found = { alike, mask }
    else if (found.alike !== alike) return null
  }
  if (found === null) return null
  const oldest = oldestAlike(items, found.mask)
  return { taken: items.filter((_, at) => oldest.has(at)), left: items.filter((_, at) => !oldest.has(at)) }
}

/** Items that nobody could tell apart but by their time and number. */
export function isAlike(a: AnyItem, b: AnyItem): boolean {
  return likeness(a) === likeness(b)
}

function sumOf(amounts: readonly bigint[], mask: number): bigint {
  let sum = 0n
  for (const [at, amount] of amounts.entries()) if ((mask & (1 << at)) !== 0) sum += amount
  return sum
}

function likeness(item: AnyItem): string {
  return `${signedMinor(item)} ${[...item.references].sort().join(' ')}`
}

function likenessOf(items: readonly AnyItem[], mask: number): string {
  return items
    .filter((_, at) => (mask & (1 << at)) !== 0)
    .map(likeness)
    .sort()
    .join('\n')
}

/** As many of each likeness as the mask has, from the oldest on. */
function oldestAlike(items: readonly AnyItem[], mask: number): ReadonlySet<number> {
  const wanted = new Map<string, number>()
  for (const [at, item] of items.entries()) {
    if ((mask & (1 << at)) !== 0) wanted.set(likeness(item), (wanted.get(likeness(item)) ?? 0) + 1)
  }
  const taken = new Set<number>()
  for (const [at, item] of items.entries()) {
    const left = wanted.get(likeness(item)) ?? 0
    if (left === 0) continue
    wanted.set(likeness(item), left - 1)
    taken.add(at)
  }
  return taken
}
