// What staff sees of a wallet and does to it (CONTRACT, Admin HTTP): read, freeze and unfreeze, close, verify its owner,
// and take its withdrawals further. A freeze and a payment that race each other meet in the wallet's mailbox.

import { z } from 'zod'
import type { WalletStaffService } from '../../../actors/wallet/service.ts'
import { isWalletId, parseRecordId, recordId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Identity } from '../../identity/port.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { staffWalletBody, staffWalletSchema } from './adminWalletForms.ts'
import { orderParams, staffOrderRoute } from './staffOrders.ts'

const STEPS = ['review', 'approve', 'reject', 'process', 'complete', 'fail'] as const

const noteText = memoText.min(1)
const NOTHING = z.object({})

export function adminWalletRoutes(
  wallets: WalletStaffService,
  identity: Pick<Identity, 'findDestination'>,
): readonly Route[] {
  return [
    readRoute(wallets, identity),
    staffOrderRoute(wallets, {
      line: 'POST /admin/wallets/{wallet}/freeze',
      summary: 'Let nothing but returns and payments in or out',
      params: orderParams,
      body: z.object({ reason: noteText }),
      errors: ['wallet.frozen'],
      order: ({ body }) => ({ kind: 'freeze', reason: body.reason }),
    }),
    staffOrderRoute(wallets, {
      line: 'POST /admin/wallets/{wallet}/unfreeze',
      summary: 'Let it work again',
      params: orderParams,
      body: NOTHING,
      errors: ['wallet.not_frozen'],
      order: () => ({ kind: 'unfreeze' }),
    }),
    staffOrderRoute(wallets, {
      line: 'POST /admin/wallets/{wallet}/close',
      summary: 'Close it for ever; it has to be empty',
      params: orderParams,
      body: NOTHING,
      errors: ['wallet.frozen', 'wallet.not_empty', 'wallet.owes'],
      order: () => ({ kind: 'close' }),
    }),
    staffOrderRoute(wallets, {
      line: 'PUT /admin/wallets/{wallet}/kyc',
      summary: 'Say how far its owner has been verified',
      params: orderParams,
      body: z.object({ level: z.int().min(0).max(2) }),
      errors: ['wallet.kyc_unchanged'],
      order: ({ body, caller }) => ({ kind: 'verify', level: body.level, by: caller.userId }),
    }),
    stepRoute(wallets),
  ]
}

function readRoute(wallets: WalletStaffService, identity: Pick<Identity, 'findDestination'>): Route {
  return defineRoute({
    method: 'GET',
    path: '/admin/wallets/{wallet}',
    tag: 'admin',
    summary: 'A wallet, up to date with every answered command',
    auth: 'staff',
    rate: 'general',
    params: orderParams,
    responses: { 200: staffWalletSchema },
    errors: ['not_found', 'wallet.not_open', 'rate_limited', 'unavailable'],
    async handle({ params }) {
      if (!isWalletId(params.wallet)) return refuse('not_found')
      const found = await wallets.inspect(params.wallet)
      if (found.kind === 'refused') return found
      const { view, version } = found
      const addresses = new Map<string, string | null>()
      for (const { destination } of view.withdrawals)
        addresses.set(destination, (await identity.findDestination(destination))?.address ?? null)
      return ok(staffWalletBody(params.wallet, view, version, addresses))
    },
  })
}

function stepRoute(wallets: WalletStaffService): Route {
  return staffOrderRoute(wallets, {
    line: 'POST /admin/wallets/{wallet}/withdrawals/{id}/{step}',
    summary: `Take a withdrawal further: ${STEPS.join(', ')}`,
    params: orderParams.extend({ id: z.string().max(64), step: z.enum(STEPS) }),
    body: z.object({
      note: noteText.meta({ description: 'the reason; for `complete` the reference of the provider' }),
    }),
    errors: ['wallet.frozen', 'wallet.withdrawal_unknown', 'wallet.withdrawal_state', 'wallet.sandbox_refused'],
    order({ params, body, caller }) {
      const place = parseRecordId(params.id)
      if (place === null) return refuse('wallet.withdrawal_unknown')
      const id = recordId(place.partition, place.seq)
      return { kind: 'withdrawal', id, step: params.step, by: caller.userId, note: body.note }
    },
  })
}
