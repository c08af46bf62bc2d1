// Forms that several routes share: ids, money and times as they are on the wire (CONTRACT: snake_case, money as decimal
// strings, times RFC 3339). Each schema validates, gives the type and describes itself in the document.

import { z } from 'zod'
import { type AssetSpec, assetCode, findAsset, parseAmount } from '../../shared/assets.ts'
import { ERRORS, type ErrorCode } from '../../shared/errors.ts'
import { type Answer, refuse } from './answer.ts'

/**
 * A decimal string, or a JSON number read by its shortest decimal form. What is no plain decimal (signs, exponents,
 * other digits) is refused by `readMoney`, which knows the asset.
 */
export const amountSchema = z
  .union([z.string().max(64), z.number()])
  .transform((amount) => String(amount))
  .meta({ description: 'a positive decimal, with no more decimals than the asset has', examples: ['12.34', 12.34] })

export const currencySchema = z
  .string()
  .max(160)
  .transform(assetCode)
  .meta({ description: 'code of an asset', examples: ['USD', 'USDC'] })

export const idempotencyKeySchema = z.unknown().optional().meta({
  description: '1 to 128 printable ASCII characters without spaces; the Idempotency-Key header does as well',
  type: 'string',
})

export const moneySchema = z.string().meta({ description: 'a decimal string', examples: ['12.34'] })

export const timeSchema = z.iso.datetime().meta({ description: 'RFC 3339, UTC' })

// Annotated where it is used: codes are the keys of the registry (DESIGN §6).
export const errorCodes = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]

export const errorSchema = z.object({
  error: z.object({
    code: z.enum(errorCodes),
    message: z.string(),
    retryable: z.boolean().meta({ description: 'whether the same request, same key included, may be sent again' }),
    request_id: z.string(),
    details: z.record(z.string(), z.string()).optional().meta({ description: 'field to what is wrong with it' }),
    retry_after_seconds: z.int().optional(),
  }),
})

export type Money =
  | { readonly kind: 'money'; readonly asset: AssetSpec; readonly amountMinor: bigint }
  | (Answer & { readonly kind: 'refused' })

/** M1: from the wire's two texts to minor units of a registered asset. */
export function readMoney(currency: string, amount: string): Money {
  const asset = findAsset(currency)
  if (asset === null) return refuse('asset.unknown', { details: { currency: 'names no asset' } })
  const parsed = parseAmount(amount, asset)
  if (parsed.kind === 'amount') return { kind: 'money', asset, amountMinor: parsed.minor }
  return refuse(`amount.${parsed.reason}`, { details: { amount: ERRORS[`amount.${parsed.reason}`].message } })
}

/** Milliseconds since the Unix epoch as RFC 3339. */
export function timeText(atMs: number): string {
  return new Date(atMs).toISOString()
}
