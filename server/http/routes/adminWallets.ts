// What staff sees of a wallet and does to it (CONTRACT, Admin HTTP): read, freeze and unfreeze, close, verify its owner,
// and take its withdrawals further. Nobody does it to a wallet of their own. A freeze and a payment that race each other meet in the wallet's mailbox.

import { z } from 'zod'
import type { StaffOrder, WalletStaffService } from '../../../actors/wallet/service.ts'
import { isWalletId, parseRecordId, recordId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Identity } from '../../identity/port.ts'
import type { Caller } from '../../identity/tokens.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import { staffWalletBody, staffWalletSchema } from './adminWalletForms.ts'
import { doneAnswer, doneSchema, STAFF_ORDER_ERRORS, staffKey } from './staffOrders.ts'

const STEPS = ['review', 'approve', 'reject', 'process', 'complete', 'fail'] as const

const walletParam = z.object({ wallet: z.string().max(64) })
const noteText = memoText.min(1)

export function adminWalletRoutes(
  wallets: WalletStaffService,
  identity: Pick<Identity, 'findDestination'>,
): readonly Route[] {
  return [
    readRoute(wallets, identity),
    orderRoute(wallets, 'POST /admin/wallets/{wallet}/freeze', 'Let nothing but returns and payments in or out', {
      body: z.object({ reason: noteText, idempotency_key: idempotencyKeySchema }),
      errors: ['wallet.frozen'],
      order: ({ reason }) => ({ kind: 'freeze', reason }),
    }),
    orderRoute(wallets, 'POST /admin/wallets/{wallet}/unfreeze', 'Let it work again', {
      body: z.object({ idempotency_key: idempotencyKeySchema }),
      errors: ['wallet.not_frozen'],
      order: () => ({ kind: 'unfreeze' }),
    }),
    orderRoute(wallets, 'POST /admin/wallets/{wallet}/close', 'Close it for ever; it has to be empty', {
      body: z.object({ idempotency_key: idempotencyKeySchema }),
      errors: ['wallet.frozen', 'wallet.not_empty'],
      order: () => ({ kind: 'close' }),
    }),
    orderRoute(wallets, 'PUT /admin/wallets/{wallet}/kyc', 'Say how far its owner has been verified', {
      body: z.object({ level: z.int().min(0).max(2), idempotency_key: idempotencyKeySchema }),
      errors: ['wallet.kyc_unchanged'],
      order: ({ level }, caller) => ({ kind: 'verify', level, by: caller.userId }),
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
    params: walletParam,
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

interface OrderSpec<Body extends z.ZodType> {
  readonly body: Body
  readonly errors: Route['errors']
  readonly order: (body: z.output<Body>, caller: Caller) => StaffOrder
}

function orderRoute<Body extends z.ZodType>(
  wallets: WalletStaffService,
  line: `${'POST' | 'PUT'} ${string}`,
  summary: string,
  { body, errors, order }: OrderSpec<Body>,
): Route {
  const space = line.indexOf(' ')
  return defineRoute({
    method: line.startsWith('PUT') ? 'PUT' : 'POST',
    path: line.slice(space + 1),
    tag: 'admin',
    summary,
    auth: 'staff',
    rate: 'general',
    idempotent: true,
    params: walletParam,
    body,
    responses: { 200: doneSchema },
    errors: [...STAFF_ORDER_ERRORS, ...errors],
    async handle(call) {
      const { params, caller, key, requestId } = call
      if (!isWalletId(params.wallet)) return refuse('not_found')
      if (params.wallet === caller.walletId) return refuse('forbidden')
      // Parsed by this very schema.
      const made = order(call.body as z.output<Body>, caller)
      return doneAnswer(await wallets.order(params.wallet, made, staffKey(caller, key), requestId), made)
    },
  })
}

function stepRoute(wallets: WalletStaffService): Route {
  return defineRoute({
    method: 'POST',
    path: '/admin/wallets/{wallet}/withdrawals/{id}/{step}',
    tag: 'admin',
    summary: `Take a withdrawal further: ${STEPS.join(', ')}`,
    auth: 'staff',
    rate: 'general',
    idempotent: true,
    params: walletParam.extend({ id: z.string().max(64), step: z.enum(STEPS) }),
    body: z.object({
      note: noteText.meta({ description: 'the reason; for `complete` the reference of the provider' }),
      idempotency_key: idempotencyKeySchema,
    }),
    responses: { 200: doneSchema },
    errors: [
      ...STAFF_ORDER_ERRORS,
      'wallet.frozen',
      'wallet.withdrawal_unknown',
      'wallet.withdrawal_state',
      'wallet.sandbox_refused',
    ],
    async handle({ params, body, caller, key, requestId }) {
      const place = parseRecordId(params.id)
      if (!isWalletId(params.wallet)) return refuse('not_found')
      if (params.wallet === caller.walletId) return refuse('forbidden')
      if (place === null) return refuse('wallet.withdrawal_unknown')
      const order = {
        kind: 'withdrawal',
        id: recordId(place.partition, place.seq),
        step: params.step,
        by: caller.userId,
        note: body.note,
      } as const
      return doneAnswer(await wallets.order(params.wallet, order, staffKey(caller, key), requestId), order)
    },
  })
}
