// Adjustments with four eyes (RULES): one of staff proposes, another approves or rejects; nothing moves before. Reversals of
// records are decided as they are.

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

const reversalSchema = z.object({
  of: z.string().meta({ description: 'the record' }),
  what: z.enum(['deposit', 'receipt', 'withdrawal', 'conversion', 'adjustment']),
  to_wallet_id: z.string().nullable().meta({ description: 'whom the money goes back to, where a wallet sent it' }),
  against: z
    .array(
      z.object({ account: z.string(), side: z.enum(['debit', 'credit']), currency: z.string(), amount: moneySchema }),
    )
    .meta({ description: 'its entries on accounts that are not the wallet’s' }),
})

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
    reversal: reversalSchema.nullable().meta({ description: 'null where no record is reversed by it' }),
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
  return [listRoute(wallets), proposeRoute(wallets), reverseRoute(wallets), decideRoute(wallets)]
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

function reverseRoute(wallets: WalletStaffService): Route {
  return staffOrderRoute(wallets, {
    line: 'POST /admin/wallets/{wallet}/reversals',
    summary: 'Propose to reverse a record of this wallet, in full or in part; decided as an adjustment',
    params: orderParams,
    body: z.object({
      record: z
        .string()
        .max(64)
        .meta({ description: 'the id of the record, which a transaction has as `transaction_id`' }),
      amount: amountSchema.optional().meta({
        description:
          'in the asset of the record, for a conversion the one that was paid; all of it where none is given',
      }),
      reason: reasonText,
    }),
    errors: [
      'amount.malformed',
      'amount.not_positive',
      'amount.too_precise',
      'amount.too_large',
      'wallet.below_minimum',
      'wallet.reversal_foreign',
      'wallet.reversal_moved_nothing',
      'wallet.reversal_of_reversal',
      'wallet.reversal_of_sending',
      'wallet.reversal_of_hold',
      'wallet.reversal_of_request',
      'wallet.not_reversible',
      'wallet.reversal_exceeds',
      'wallet.reversal_done',
      'wallet.reversal_open',
      'wallet.too_many_reversals',
      'wallet.adjustment_too_large',
      'wallet.too_many_adjustments',
    ],
    order({ body: { record, amount = null, reason }, caller }) {
      const place = parseRecordId(record.replace(':', '-'))
      if (place === null) return refuse('not_found')
      return { kind: 'reverse', record: recordId(place.partition, place.seq), amount, reason, ...adjuster(caller) }
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
  return {
    id: row.id,
    wallet_id: row.walletId,
    user_id: row.userId,
    direction: row.direction,
    currency: row.asset,
    amount: amountText(row.amountMinor, row.asset),
    account: row.account,
    reason: row.reason,
    proposed_by: row.by,
    proposed_at: timeText(row.proposedAtMs),
    expires_at: timeText(row.expiresAtMs),
    reversal: row.reversal === null ? null : reversalBody(row.reversal),
  }
}

function reversalBody(
  reversal: NonNullable<AdjustmentPage['rows'][number]['reversal']>,
): z.input<typeof reversalSchema> {
  return {
    of: reversal.record,
    what: reversal.what,
    to_wallet_id: reversal.to,
    against: reversal.against.map(({ account, side, asset, amountMinor }) => ({
      ...{ account, side, currency: asset, amount: amountText(amountMinor, asset) },
    })),
  }
}

function amountText(minor: bigint, code: string): string {
  const asset = findAsset(code)
  return asset === null ? minor.toString() : formatAmount(minor, asset)
}
