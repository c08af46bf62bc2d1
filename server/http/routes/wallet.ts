// The caller's own wallet. Reads are asked of the actor (a client reads its own writes), lists of the store (S1); money
// moves under the caller's idempotency key (M6).

import { z } from 'zod'
import type { WalletService } from '../../../actors/wallet/service.ts'
import { isWalletId, parseRecordId, recordId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Identity } from '../../identity/port.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, currencySchema, idempotencyKeySchema, readMoney, timeText } from '../schemas.ts'
import { conversionRoutes } from './conversions.ts'
import { historyQuery, readFilter } from './historyQuery.ts'
import {
  balanceBody,
  balanceSchema,
  historySchema,
  receiptBody,
  receiptSchema,
  transactionBody,
  transactionSchema,
} from './walletForms.ts'
import { withdrawalRoutes } from './withdrawals.ts'

const transferBody = z.object({
  to: z.string().max(64).meta({ description: 'wallet id of the receiver' }),
  currency: currencySchema,
  amount: amountSchema,
  memo: memoText.nullish().meta({ description: 'shown to both sides' }),
  idempotency_key: idempotencyKeySchema,
})

const depositBody = z.object({
  currency: currencySchema,
  amount: amountSchema,
  payment_method: z.string().max(64).nullish(),
  chain_id: z.union([z.int(), z.string().max(64)]).nullish(),
  tx_hash: z.string().max(128).nullish(),
  idempotency_key: idempotencyKeySchema,
})

export const MONEY_ERRORS = [
  'invalid_request',
  'idempotency_key_required',
  'idempotency_mismatch',
  'asset.unknown',
  'amount.malformed',
  'amount.not_positive',
  'amount.too_precise',
  'amount.too_large',
  'wallet.not_open',
  'wallet.frozen',
  'wallet.closed',
  'rate_limited',
  'overloaded',
  'unavailable',
] as const

export function walletRoutes(wallets: WalletService, identity: Pick<Identity, 'destinationOf'>): readonly Route[] {
  return [
    ...readRoutes(wallets),
    transferRoute(wallets),
    depositRoute(wallets),
    ...withdrawalRoutes(wallets, identity),
    ...conversionRoutes(wallets),
  ]
}

function readRoutes(wallets: WalletService): readonly Route[] {
  const own = { tag: 'wallet', auth: 'player', rate: 'general' } as const
  return [
    defineRoute({
      ...own,
      method: 'GET',
      path: '/wallet/balance',
      summary: 'Balances, up to date with every answered command',
      responses: { 200: balanceSchema },
      errors: ['wallet.not_open', 'rate_limited', 'unavailable'],
      async handle({ caller }) {
        const found = await wallets.balance(caller.walletId)
        return found.kind === 'ok' ? ok(balanceBody(found.balance)) : found
      },
    }),
    defineRoute({
      ...own,
      method: 'GET',
      path: '/wallet/transactions',
      summary: 'What moved the available balance, newest first',
      query: historyQuery,
      responses: { 200: historySchema },
      errors: ['invalid_request', 'rate_limited', 'unavailable'],
      async handle({ caller, query }) {
        const filter = readFilter(query)
        const found = await wallets.history(caller.walletId, filter)
        if (found.kind === 'refused') return found
        const { transactions, totalCount, asOfMs } = found.page
        return ok({
          transactions: transactions.map(transactionBody),
          total_count: totalCount,
          limit: filter.limit,
          offset: filter.offset,
          as_of: timeText(asOfMs),
        } satisfies z.input<typeof historySchema>)
      },
    }),
    defineRoute({
      ...own,
      method: 'GET',
      path: '/wallet/transactions/{id}',
      summary: 'One transaction',
      params: z.object({ id: z.string() }),
      responses: { 200: transactionSchema },
      errors: ['not_found', 'rate_limited', 'unavailable'],
      async handle({ caller, params }) {
        const [record = '', asset = null, side = null] = params.id.split('.')
        const id = parseRecordId(record)
        if (id === null || !(side === null || side === 'debit' || side === 'credit')) return refuse('not_found')
        const found = await wallets.transaction(caller.walletId, recordId(id.partition, id.seq), { asset, side })
        if (found.kind === 'refused') return found
        const { id: own, transactionId } = found.transaction
        // The record's id will do for its first line; a line's has to be that line's.
        return params.id === own || params.id === transactionId
          ? ok(transactionBody(found.transaction))
          : refuse('not_found')
      },
    }),
  ]
}

function transferRoute(wallets: WalletService): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/transfers',
    tag: 'wallet',
    summary: 'Send money to another wallet; pending until the receiver has it',
    auth: 'player',
    rate: 'general',
    idempotent: true,
    body: transferBody,
    responses: { 200: receiptSchema },
    errors: [
      ...MONEY_ERRORS,
      'wallet.insufficient_funds',
      'wallet.owes',
      'wallet.self_transfer',
      'wallet.unknown_recipient',
    ],
    async handle({ caller, body, key, requestId }) {
      const money = readMoney(body.currency, body.amount)
      if (money.kind === 'refused') return money
      if (!isWalletId(body.to)) return refuse('wallet.unknown_recipient', { details: { to: 'names no wallet' } })
      const { asset, amountMinor } = money
      const order = { to: body.to, asset: asset.code, amountMinor, memo: body.memo ?? '' }
      const outcome = await wallets.transfer(caller.walletId, order, key, requestId)
      return outcome.kind === 'ok' ? ok(receiptBody(outcome.receipt, asset, amountMinor)) : outcome
    },
  })
}

function depositRoute(wallets: WalletService): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/deposit',
    tag: 'wallet',
    summary: 'Deposit from the sandbox provider; refused in production',
    auth: 'player',
    rate: 'deposit',
    idempotent: true,
    body: depositBody,
    responses: { 200: receiptSchema },
    errors: [
      ...MONEY_ERRORS,
      'wallet.below_minimum',
      'wallet.above_maximum',
      'wallet.not_depositable',
      'wallet.deposit_limit',
      'wallet.balance_limit',
      'wallet.sandbox_refused',
      'not_available',
    ],
    async handle({ caller, body, key, requestId }) {
      // M6, M7: a chain's transaction is credited once for ever, by an actor of its own, which is not built yet.
      if (typeof body.tx_hash === 'string') return refuse('not_available')
      const money = readMoney(body.currency, body.amount)
      if (money.kind === 'refused') return money
      const { asset, amountMinor } = money
      const outcome = await wallets.deposit(caller.walletId, { asset: asset.code, amountMinor }, key, requestId)
      return outcome.kind === 'ok' ? ok(receiptBody(outcome.receipt, asset, amountMinor)) : outcome
    },
  })
}
