// From one asset into another: what it would give, as a promise for a short while, and the conversion itself.

import { z } from 'zod'
import type { ConversionQuote, WalletService } from '../../../actors/wallet/service.ts'
import { type AssetSpec, findAsset, formatAmount } from '../../../shared/assets.ts'
import { rateDecimal } from '../../../shared/rates.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import {
  amountSchema,
  currencySchema,
  idempotencyKeySchema,
  moneySchema,
  readMoney,
  timeSchema,
  timeText,
} from '../schemas.ts'
import { MONEY_ERRORS } from './wallet.ts'

const pair = {
  from: currencySchema,
  to: currencySchema,
  amount: amountSchema.meta({ description: 'of `from`, at most: what buys nothing stays in the wallet' }),
}

const quoteSchema = z
  .object({
    quote: z.string().meta({ description: 'given to /wallet/convert, once' }),
    from: z.string(),
    to: z.string(),
    rate: z.string().meta({ description: '`to` for one `from`, cut off after twelve decimals' }),
    paid: moneySchema,
    received: moneySchema,
    expires_at: timeSchema,
  })
  .meta({ id: 'ConversionQuote' })

const conversionSchema = z
  .object({
    transaction_id: z.string(),
    status: z.literal('confirmed'),
    from: z.string(),
    to: z.string(),
    paid: moneySchema,
    received: moneySchema,
    position: z.string(),
  })
  .meta({ id: 'Conversion' })

export function conversionRoutes(wallets: WalletService): readonly Route[] {
  return [quoteRoute(wallets), convertRoute(wallets)]
}

function quoteRoute(wallets: WalletService): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/convert/quote',
    tag: 'wallet',
    summary: 'What a conversion would give; the rate is promised for a short while',
    auth: 'player',
    rate: 'general',
    body: z.object(pair),
    responses: { 200: quoteSchema },
    errors: [
      'invalid_request',
      'asset.unknown',
      'amount.malformed',
      'amount.not_positive',
      'amount.too_precise',
      'amount.too_large',
      'wallet.not_convertible',
      'wallet.below_minimum',
      'rate_limited',
    ],
    async handle({ caller, body }) {
      const money = readMoney(body.from, body.amount)
      const to = findAsset(body.to)
      if (money.kind === 'refused') return money
      if (to === null) return refuse('asset.unknown', { details: { to: 'names no asset' } })
      const order = { from: money.asset.code, to: to.code, amountMinor: money.amountMinor }
      const quoted = await wallets.quote(caller.walletId, order)
      return quoted.kind === 'ok' ? ok(quoteBody(quoted.quote, money.asset, to)) : quoted
    },
  })
}

function convertRoute(wallets: WalletService): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/convert',
    tag: 'wallet',
    summary: 'Change money of one asset into another, or buy credits, at the quoted rate or at that of the moment',
    auth: 'player',
    rate: 'general',
    idempotent: true,
    body: z.object({ ...pair, quote: z.string().max(1024).nullish(), idempotency_key: idempotencyKeySchema }),
    responses: { 200: conversionSchema },
    errors: [
      ...MONEY_ERRORS,
      'wallet.insufficient_funds',
      'wallet.owes',
      'wallet.below_minimum',
      'wallet.balance_limit',
      'wallet.not_convertible',
      'wallet.quote_invalid',
      'wallet.quote_expired',
      'wallet.quote_used',
    ],
    async handle({ caller, body, key, requestId }) {
      const money = readMoney(body.from, body.amount)
      const to = findAsset(body.to)
      if (money.kind === 'refused') return money
      if (to === null) return refuse('asset.unknown', { details: { to: 'names no asset' } })
      const order = {
        from: money.asset.code,
        to: to.code,
        amountMinor: money.amountMinor,
        quote: body.quote ?? null,
      }
      const outcome = await wallets.convert(caller.walletId, order, key, requestId)
      if (outcome.kind === 'refused') return outcome
      const { receipt, paidMinor, receivedMinor } = outcome
      return ok({
        transaction_id: receipt.transactionId,
        status: 'confirmed',
        from: money.asset.code,
        to: to.code,
        paid: formatAmount(paidMinor, money.asset),
        received: formatAmount(receivedMinor, to),
        position: receipt.position,
      } satisfies z.input<typeof conversionSchema>)
    },
  })
}

function quoteBody(quote: ConversionQuote, from: AssetSpec, to: AssetSpec): z.input<typeof quoteSchema> {
  return {
    quote: quote.quote,
    from: from.code,
    to: to.code,
    rate: rateDecimal(quote.rate),
    paid: formatAmount(quote.paidMinor, from),
    received: formatAmount(quote.receivedMinor, to),
    expires_at: timeText(quote.expiresAtMs),
  }
}
