// Prices as exact fractions: what one whole unit of an asset is worth in whole units of another. Nothing is rounded on the
// way; the two functions that end in minor units say in which direction they round (RULES, rounding).

import type { AssetSpec } from './assets.ts'

/** A positive fraction in lowest terms. */
export interface Rate {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** What assets are worth. Null where nobody says so. */
export interface Rates {
  /** US dollars for one whole unit of the asset. */
  usd(asset: string): Rate | null
}

/** In US dollars for one whole unit. Assets of other codes have no price. */
export const DEFAULT_PRICES: Readonly<Record<string, string>> = Object.freeze({
  USD: '1',
  USDC: '1',
  USDT: '1',
  CREDIT: '0.01',
})

/** Rates that stay as they are. Throws where a price is no positive decimal. */
export function fixedRates(prices: Readonly<Record<string, string>>): Rates {
  const known = new Map<string, Rate>()
  for (const [asset, price] of Object.entries(prices)) {
    const rate = parsePrice(price)
    if (rate === null) throw new RangeError(`${price} is no price of ${asset}`)
    known.set(asset, rate)
  }
  return { usd: (asset) => known.get(asset) ?? null }
}

const PRICE_PATTERN = /^(0|[1-9]\d{0,11})(?:\.(\d{1,12}))?$/
const FRACTION_PATTERN = /^([1-9]\d{0,59})\/([1-9]\d{0,59})$/

/** Reads a positive decimal with at most twelve decimals; null where the text is none. */
export function parsePrice(text: string): Rate | null {
  const match = PRICE_PATTERN.exec(text)
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  const numerator = BigInt(whole + fraction)
  return numerator === 0n ? null : reduced(numerator, 10n ** BigInt(fraction.length))
}

/** `n/d`, as the log keeps a rate. */
export function rateText({ numerator, denominator }: Rate): string {
  return `${numerator}/${denominator}`
}

/** Reads what `rateText` wrote; null where it did not. */
export function parseRate(text: string): Rate | null {
  const match = FRACTION_PATTERN.exec(text)
  return match === null ? null : reduced(BigInt(match[1] ?? ''), BigInt(match[2] ?? ''))
}

/** For people: at most `decimals` decimals, cut off, never zero-padded. */
export function rateDecimal({ numerator, denominator }: Rate, decimals = 12): string {
  const scaled = (numerator * 10n ** BigInt(decimals)) / denominator
  const digits = scaled.toString().padStart(decimals + 1, '0')
  const cut = digits.length - decimals
  return `${digits.slice(0, cut)}.${digits.slice(cut)}`.replace(/\.?0+$/, '')
}

/** Units of `to` for one unit of `from`; null where either has no price. */
export function rateBetween(rates: Rates, from: string, to: string): Rate | null {
  const [paid, bought] = [rates.usd(from), rates.usd(to)]
  if (paid === null || bought === null) return null
  return reduced(paid.numerator * bought.denominator, paid.denominator * bought.numerator)
}

/** Minor units of `to` for `minor` of `from`, rounded down. */
export function exchanged(minor: bigint, from: AssetSpec, to: AssetSpec, rate: Rate): bigint {
  return (minor * rate.numerator * unit(to)) / (rate.denominator * unit(from))
}

export interface Price {
  /** The least minor units of `from` that are worth `minor` of `to`. */
  readonly cost: bigint
  /** Whether that is more than the exact price, by less than one minor unit. */
  readonly roundedUp: boolean
}

export function priceOf(minor: bigint, from: AssetSpec, to: AssetSpec, rate: Rate): Price {
  const [value, parts] = [minor * rate.denominator * unit(from), rate.numerator * unit(to)]
  const roundedUp = value % parts !== 0n
  return { cost: value / parts + (roundedUp ? 1n : 0n), roundedUp }
}

function unit(asset: AssetSpec): bigint {
  return 10n ** BigInt(asset.exponent)
}

function reduced(numerator: bigint, denominator: bigint): Rate {
  let [a, b] = [numerator, denominator]
  while (b !== 0n) [a, b] = [b, a % b]
  return { numerator: numerator / a, denominator: denominator / a }
}
