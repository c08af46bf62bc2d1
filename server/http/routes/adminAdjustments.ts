// Adjustments with four eyes (RULES): one of staff proposes, another approves or rejects; nothing moves before.

import { z } from 'zod'
import { ADJUSTMENT_ACCOUNTS } from '../../../actors/wallet/adjustments.ts'
import type { AdjustingRole } from '../../../actors/wallet/commands.ts'
import type { AdjustmentPage, WalletStaffService } from '../../../actors/wallet/service.ts'
import { findAsset, formatAmount } from '../../../shared/assets.ts'
import { parseRecordId, recordId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Caller } from '../../identity/tokens.ts'
import { ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, currencySchema, moneySchema, readMoney, timeSchema, timeText } from '../schemas.ts'
import { pageQuery, readCursor, unreadableSchema } from './adminPages.ts'
import { orderParams, staffOrderRoute } from './staffOrders.ts'

const reasonText = memoText
  .min(1)
  .meta({ description: 'of the matter, not of the person: it stays in the ledger for ever' })

const adjustmentSchema = z
  .object({
    id: z.string(),
    wallet_id: z.string(),
    user_id: z.string().nullable(),
    direction: z.enum(['credit', 'debit']).meta({ description: 'credit: money in for the owner' }),
    currency: z.string(),
    amount: moneySchema,
    account: z.string(),
    reason: z.string(),
    proposed_by: z.string(),
    proposed_at: timeSchema,
    expires_at: timeSchema,
  })
  .meta({ id: 'OpenAdjustment' })

const listSchema = z
  .object({
    adjustments: z.array(adjustmentSchema),
    next_cursor: z.string().nullable(),
    unreadable: unreadableSchema,
    as_of: timeSchema,
  })
  .meta({ id: 'OpenAdjustments' })

export function adminAdjustmentRoutes(wallets: WalletStaffService): readonly Route[] {
  return [listRoute(wallets), proposeRoute(wallets), decideRoute(wallets)]
}

function listRoute(wallets: WalletStaffService): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/adjustments',
    tag: 'admin',
    summary: 'Adjustments that wait for a second person',
    auth: 'staff',
    rate: 'general',
    query: z.object(pageQuery),
    responses: { 200: listSchema },
    errors: ['invalid_request', 'rate_limited', 'unavailable'],
    async handle({ query: { limit, cursor } }) {
      const after = readCursor(cursor)
      if (after === 'none') return refuseField('cursor', 'is none that this list gave')
      const found = await wallets.openAdjustments(after, limit)
      if (found.kind === 'refused') return found
      const { rows, next, unreadable, asOfMs } = found.page
      return ok({
        adjustments: rows.map(bodyOf),
        next_cursor: next,
        unreadable: [...unreadable],
        as_of: timeText(asOfMs),
      } satisfies z.input<typeof listSchema>)
    },
  })
}

function proposeRoute(wallets: WalletStaffService): Route {
  return staffOrderRoute(wallets, {
    line: 'POST /admin/wallets/{wallet}/adjustments',
    summary: 'Propose an adjustment; its id is the record that says so',
    params: orderParams,
    body: z.object({
      direction: z.enum(['credit', 'debit']),
      currency: currencySchema,
      amount: amountSchema,
      account: z
        .string()
        .max(16)
        .meta({ description: `booked against: ${ADJUSTMENT_ACCOUNTS.join(', ')}` }),
      reason: reasonText,
    }),
    errors: [
      'asset.unknown',
      'amount.malformed',
      'amount.not_positive',
      'amount.too_precise',
      'amount.too_large',
      'wallet.adjustment_account',
      'wallet.adjustment_too_large',
      'wallet.too_many_adjustments',
    ],
    order({ body, caller }) {
      const money = readMoney(body.currency, body.amount)
      if (money.kind === 'refused') return money
      const { direction, account, reason } = body
      const { asset, amountMinor } = money
      return { kind: 'propose', direction, asset: asset.code, amountMinor, account, reason, ...adjuster(caller) }
    },
  })
}

function decideRoute(wallets: WalletStaffService): Route {
  return staffOrderRoute(wallets, {
    line: 'POST /admin/wallets/{wallet}/adjustments/{id}/{verdict}',
    summary: 'Approve somebody else’s proposal, or reject one',
    params: orderParams.extend({ id: z.string().max(64), verdict: z.enum(['approve', 'reject']) }),
    body: z.object({ note: reasonText }),
    errors: [
      'wallet.adjustment_unknown',
      'wallet.adjustment_own',
      'wallet.adjustment_expired',
      'wallet.adjustment_too_large',
      'wallet.balance_limit',
    ],
    order({ params, body, caller }) {
      const place = parseRecordId(params.id)
      if (place === null) return refuse('wallet.adjustment_unknown')
      const id = recordId(place.partition, place.seq)
      return { kind: 'adjust', id, verdict: params.verdict, note: body.note, ...adjuster(caller) }
    },
  })
}

/** The larger of their roles counts. An auditor does not get here. */
function adjuster({ userId, roles }: Caller): { readonly by: Caller['userId']; readonly role: AdjustingRole } {
  return { by: userId, role: roles.includes('admin') ? 'admin' : 'operator' }
}

function bodyOf(row: AdjustmentPage['rows'][number]): z.input<typeof adjustmentSchema> {
  const asset = findAsset(row.asset)
  return {
    id: row.id,
    wallet_id: row.walletId,
    user_id: row.userId,
    direction: row.direction,
    currency: row.asset,
    amount: asset === null ? row.amountMinor.toString() : formatAmount(row.amountMinor, asset),
    account: row.account,
    reason: row.reason,
    proposed_by: row.by,
    proposed_at: timeText(row.proposedAtMs),
    expires_at: timeText(row.expiresAtMs),
  }
}
