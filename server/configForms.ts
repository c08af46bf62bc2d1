// Forms that several variables of the configuration share: whole numbers, lists of addresses and of origins.

import { z } from 'zod'
import { DEFAULT_PRICES, parsePrice } from '../shared/rates.ts'

export const wholeNumberIn = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))

export const wholeNumber = (least: number, most: number, otherwise: number) =>
  wholeNumberIn(least, most).default(otherwise)

export const urlList = (...protocols: readonly string[]) =>
  z
    .string()
    .max(2048)
    .transform((text) => text.split(',').map((url) => url.trim()))
    .pipe(z.array(z.string().refine((text) => isServiceUrl(text, protocols))).min(1))

export const originList = z
  .string()
  .transform((text) => text.split(',').map((origin) => origin.trim()))
  .pipe(z.array(z.string().refine(isOrigin)))
  .default([])

/** `CREDIT=0.01,USDC=1`: dollars for one whole unit; what is not named has its default. */
export const priceList = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim().split('=')))
  .pipe(z.array(z.tuple([z.string().refine(isPriced), z.string().refine(isSensiblePrice)])))
  .transform((prices): Readonly<Record<string, string>> => ({ ...DEFAULT_PRICES, ...Object.fromEntries(prices) }))
  .default(DEFAULT_PRICES)

/** `00:15`, or `off`: milliseconds after midnight, or null. */
export const dayTime = z
  .string()
  .regex(/^(?:off|(?:[01]\d|2[0-3]):[0-5]\d)$/)
  .transform((text) => {
    const [hours = 0, minutes = 0] = text.split(':').map(Number)
    return text === 'off' ? null : (hours * 60 + minutes) * 60_000
  })
  .default(15 * 60_000)

/** From a millionth of a dollar to a million: with others, sums would leave what a balance can hold. */
function isSensiblePrice(text: string): boolean {
  const price = parsePrice(text)
  if (price === null) return false
  const { numerator, denominator } = price
  return numerator * 1_000_000n >= denominator && numerator <= denominator * 1_000_000n
}

/** The dollar is what all others are counted in. */
function isPriced(asset: string): boolean {
  return asset !== 'USD' && Object.hasOwn(DEFAULT_PRICES, asset)
}

/** An origin as browsers write it: scheme, host, port where it is not the usual one; no path, no wildcard. */
function isOrigin(text: string): boolean {
  return /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : '') && new URL(text).origin === text
}

export function isServiceUrl(text: string, protocols: readonly string[]): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocols.includes(protocol) && hostname !== ''
}
