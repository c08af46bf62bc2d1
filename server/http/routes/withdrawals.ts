// Withdrawals as their owner sees them: asked for, and taken back while nobody has approved them. Where the money goes is
// kept with identity; the ledger has a name for it only.

import { z } from 'zod'
import type { WalletService } from '../../../actors/wallet/service.ts'
import { findAsset } from '../../../shared/assets.ts'
import { parseRecordId, recordId } from '../../../shared/ids.ts'
import { withdrawalAddress } from '../../../shared/walletMessages.ts'
import type { Identity } from '../../identity/port.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, currencySchema, idempotencyKeySchema, readMoney } from '../schemas.ts'
import { MONEY_ERRORS } from './wallet.ts'
import { receiptBody, receiptSchema } from './walletForms.ts'

const withdrawBody = z.object({
  currency: currencySchema,
  amount: amountSchema,
  to_address: withdrawalAddress,
  chain_id: z.union([z.int(), z.string().max(64)]).nullish(),
  idempotency_key: idempotencyKeySchema,
})

export function withdrawalRoutes(wallets: WalletService, identity: Pick<Identity, 'destinationOf'>): readonly Route[] {
  return [withdrawRoute(wallets, identity), cancelRoute(wallets)]
}

function withdrawRoute(wallets: WalletService, identity: Pick<Identity, 'destinationOf'>): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/withdraw',
    tag: 'wallet',
    summary: 'Ask money out; pending until it is paid out, the fee is part of the amount',
    auth: 'player',
    rate: 'withdraw',
    idempotent: true,
    body: withdrawBody,
    responses: { 200: receiptSchema },
    errors: [
      ...MONEY_ERRORS,
      'wallet.below_minimum',
      'wallet.above_maximum',
      'wallet.insufficient_funds',
      'wallet.owes',
      'wallet.not_withdrawable',
      'wallet.withdrawal_limit',
      'wallet.kyc_limit',
      'wallet.kyc_required',
      'wallet.too_many_withdrawals',
      'wallet.too_many_destinations',
      'wallet.sandbox_refused',
      'not_available',
    ],
    async handle({ caller, body, key, requestId }) {
      // No provider pays out on a chain yet: which one is not to be asked and then forgotten.
      if (body.chain_id !== undefined && body.chain_id !== null) return refuse('not_available')
      const money = readMoney(body.currency, body.amount)
      if (money.kind === 'refused') return money
      const { asset, amountMinor } = money
      const destination = (): Promise<string | null> => identity.destinationOf(caller.userId, body.to_address)
      const order = { asset: asset.code, amountMinor, destination }
      const outcome = await wallets.withdraw(caller.walletId, order, key, requestId)
      return outcome.kind === 'ok' ? ok(receiptBody(outcome.receipt, asset, amountMinor)) : outcome
    },
  })
}

function cancelRoute(wallets: WalletService): Route {
  return defineRoute({
    method: 'POST',
    path: '/wallet/transactions/{id}/cancel',
    tag: 'wallet',
    summary: 'Take a withdrawal back that nobody has approved yet',
    auth: 'player',
    rate: 'general',
    idempotent: true,
    params: z.object({ id: z.string() }),
    body: z.object({ idempotency_key: idempotencyKeySchema }),
    responses: { 200: receiptSchema },
    errors: [
      'invalid_request',
      'idempotency_key_required',
      'idempotency_mismatch',
      'wallet.withdrawal_unknown',
      'wallet.withdrawal_state',
      'wallet.frozen',
      'wallet.closed',
      'rate_limited',
      'overloaded',
      'unavailable',
    ],
    async handle({ caller, params, key, requestId }) {
      const place = parseRecordId(params.id)
      if (place === null) return refuse('wallet.withdrawal_unknown')
      const id = recordId(place.partition, place.seq)
      const outcome = await wallets.cancelWithdrawal(caller.walletId, id, caller.userId, key, requestId)
      if (outcome.kind === 'refused') return outcome
      const { asset, amountMinor } = outcome.moved
      const spec = findAsset(asset)
      return spec === null ? refuse('internal') : ok(receiptBody(outcome.receipt, spec, amountMinor))
    },
  })
}
