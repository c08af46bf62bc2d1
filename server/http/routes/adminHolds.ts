// The desk of holds: those that are open over all wallets, the next to run out first.

import { z } from 'zod'
import type { HoldPage, HoldPlace, WalletStaffService } from '../../../actors/wallet/service.ts'
import { isWalletId } from '../../../shared/ids.ts'
import { ok } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { moneySchema, timeSchema, timeText } from '../schemas.ts'
import { assetSchema, beginOf, limitSchema, momentSchema, moneyText, walletSchema } from './adminLedgerForms.ts'
import { unreadableSchema } from './adminPages.ts'

const LIMIT_DEFAULT = 50
const CURSOR = /^(\d{1,15}) (\S{1,64}) (.{1,256})$/s

const cursorSchema = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_-]+$/)
  .transform((text, context): HoldPlace => {
    const [, expiresAtMs, walletId = '', name = ''] = CURSOR.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
    if (isWalletId(walletId)) return { expiresAtMs: Number(expiresAtMs), walletId, name }
    context.addIssue({ code: 'custom', message: 'is no cursor of this list' })
    return z.NEVER
  })

const query = z.object({
  wallet_id: walletSchema.optional(),
  asset: assetSchema.optional(),
  expires_before: momentSchema.optional().meta({ description: 'exclusive; a date alone is its beginning (UTC)' }),
  cursor: cursorSchema.optional(),
  limit: limitSchema.optional(),
})

const listSchema = z
  .object({
    holds: z.array(
      z.object({
        wallet_id: z.string(),
        user_id: z.string().nullable(),
        name: z.string(),
        asset: z.string(),
        left: moneySchema,
        expires_at: timeSchema,
      }),
    ),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'null at the end; a page may be short, or empty, before it' }),
    unreadable: unreadableSchema,
    as_of: timeSchema.meta({
      description: 'of the states; one just made may be missing where another process serves its wallet',
    }),
  })
  .meta({ id: 'OpenHolds' })

export function adminHoldRoutes(wallets: WalletStaffService): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/admin/holds',
      tag: 'admin',
      summary: 'Open holds of all wallets, or of one, the next to run out first',
      auth: 'staff',
      rate: 'general',
      query,
      responses: { 200: listSchema },
      errors: ['invalid_request', 'rate_limited', 'overloaded', 'unavailable', 'ledger.past_not_ready'],
      async handle({ query: { wallet_id, asset, expires_before, cursor, limit } }) {
        const found = await wallets.openHolds({
          walletId: wallet_id ?? null,
          asset: asset ?? null,
          expiresBeforeMs: expires_before === undefined ? null : beginOf(expires_before),
          after: cursor ?? null,
          limit: limit ?? LIMIT_DEFAULT,
        })
        return found.kind === 'refused' ? found : ok(listBody(found.page))
      },
    }),
  ]
}

function listBody({ rows, next, unreadable, asOfMs }: HoldPage): z.input<typeof listSchema> {
  return {
    holds: rows.map(({ walletId, userId, name, asset, leftMinor, expiresAtMs }) => ({
      wallet_id: walletId,
      user_id: userId,
      name,
      asset,
      left: moneyText(leftMinor, asset),
      expires_at: timeText(expiresAtMs),
    })),
    next_cursor: next === null ? null : cursorText(next),
    unreadable: [...unreadable],
    as_of: timeText(asOfMs),
  }
}

function cursorText({ expiresAtMs, walletId, name }: HoldPlace): string {
  return Buffer.from(`${expiresAtMs} ${walletId} ${name}`, 'utf8').toString('base64url')
}
