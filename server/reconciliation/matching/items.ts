// The two sides of a comparison: movements, what the ledger says of a provider's account, and lines, what the provider
// says. Amounts are positive minor units (M1); `in` is money that came to the platform.

import type { RecordId, WalletId } from '../../../shared/ids.ts'

export type Direction = 'in' | 'out'

interface Item {
  readonly asset: string
  readonly direction: Direction
  readonly amountMinor: bigint
  readonly atMs: number
  /** What it is about, by names that both sides know. Items that share one belong together, and no others. */
  readonly references: readonly string[]
}

/** All that one record moved on the account. */
export interface Movement extends Item {
  readonly side: 'movement'
  readonly record: RecordId
  readonly wallet: WalletId | null
}

export interface Line extends Item {
  readonly side: 'line'
  /** The provider's own. */
  readonly id: string
}

export type AnyItem = Movement | Line

/** A class that every movement and every line ends in exactly one of. */
export const CLASSES = [
  'matched',
  'late',
  'missing_at_provider',
  'missing_in_ledger',
  'amount_differs',
  'duplicate_at_provider',
  'not_covered',
  'beyond',
] as const
export type Class = (typeof CLASSES)[number]

export function signedMinor({ direction, amountMinor }: Pick<Item, 'direction' | 'amountMinor'>): bigint {
  return direction === 'in' ? amountMinor : -amountMinor
}

export function sumMinor(items: readonly Item[]): bigint {
  return items.reduce((sum, item) => sum + signedMinor(item), 0n)
}

export function idOf(item: AnyItem): string {
  return item.side === 'movement' ? item.record : item.id
}

/** A name that it always has, so that an adjustment can say what it puts right. */
export function ownReference(item: AnyItem): string {
  return `${item.side === 'movement' ? 'record' : 'line'}:${idOf(item)}`
}

/** Oldest first, in an order that does not depend on that of the input. */
export function inOrder<Of extends AnyItem>(items: readonly Of[]): readonly Of[] {
  return [...items].sort(compareItems)
}

export function compareItems(a: AnyItem, b: AnyItem): number {
  return (
    a.atMs - b.atMs ||
    compareText(a.side, b.side) ||
    compareText(idOf(a), idOf(b)) ||
    compareMinor(signedMinor(a), signedMinor(b)) ||
    compareText(a.references.join(' '), b.references.join(' '))
  )
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareMinor(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
