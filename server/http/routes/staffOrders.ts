// Orders of staff to a wallet, as one kind of route: never to a wallet of their own, each under a key, answered with the
// record that did it, and told to the audit log.

import { z } from 'zod'
import type { OrderOutcome, StaffOrder, WalletStaffService } from '../../../actors/wallet/service.ts'
import { isWalletId } from '../../../shared/ids.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, changed, type Refusal, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'

const doneSchema = z.object({ record: z.string().meta({ description: 'the record that says so' }) })

const COMMON_ERRORS = [
  'invalid_request',
  'forbidden',
  'idempotency_key_required',
  'idempotency_mismatch',
  'not_found',
  'wallet.not_open',
  'wallet.closed',
  'rate_limited',
  'overloaded',
  'unavailable',
] as const

/** Parameters of such a route: the wallet, and what else the order is about. */
export const orderParams = z.object({ wallet: z.string().max(64) })

interface StaffOrderSpec<Params extends typeof orderParams, Body extends z.ZodObject> {
  readonly line: `${'POST' | 'PUT'} /admin/wallets/{wallet}/${string}`
  readonly summary: string
  readonly params: Params
  /** Beside the key. */
  readonly body: Body
  readonly errors: Route['errors']
  readonly order: (call: {
    readonly params: z.output<Params>
    readonly body: z.output<Body>
    readonly caller: Caller
  }) => StaffOrder | Refusal
}

export function staffOrderRoute<Params extends typeof orderParams, Body extends z.ZodObject>(
  wallets: WalletStaffService,
  { line, summary, params, body, errors, order }: StaffOrderSpec<Params, Body>,
): Route {
  return defineRoute({
    method: line.startsWith('PUT') ? 'PUT' : 'POST',
    path: line.slice(line.indexOf(' ') + 1),
    tag: 'admin',
    summary,
    auth: 'staff',
    rate: 'general',
    idempotent: true,
    params,
    body: body.extend({ idempotency_key: idempotencyKeySchema }),
    responses: { 200: doneSchema },
    errors: [...COMMON_ERRORS, ...errors],
    async handle(call) {
      const { caller, key, requestId } = call
      // Parsed by these very schemas.
      const asked = { params: call.params as z.output<Params>, body: call.body as z.output<Body>, caller }
      const { wallet } = asked.params
      if (!isWalletId(wallet)) return refuse('not_found')
      if (wallet === caller.walletId) return refuse('forbidden')
      const made = order(asked)
      if (made.kind === 'refused') return made
      return doneAnswer(await wallets.order(wallet, made, staffKey(caller, key), requestId), made)
    },
  })
}

/** Keys of staff and of the wallet's owner never meet: no owner's key has a blank in it. */
export function staffKey({ userId }: Caller, key: string): string {
  return `staff ${userId} ${key}`
}

/** The audit log gets what was ordered and the record that did it: what was before stands in the ledger. */
function doneAnswer(outcome: OrderOutcome, order: StaffOrder): Answer {
  if (outcome.kind === 'refused') return outcome
  const { transactionId: record } = outcome.receipt
  return changed({ record } satisfies z.input<typeof doneSchema>, {
    before: null,
    after: { record, ...summaryOf(order) },
  })
}

/** Without what somebody wrote: that stays in the record. */
function summaryOf(order: StaffOrder): object {
  switch (order.kind) {
    case 'verify':
      return { order: order.kind, level: order.level }
    case 'withdrawal':
      return { order: order.kind, id: order.id, step: order.step }
    case 'propose': {
      const { direction, asset, account } = order
      return { order: order.kind, direction, asset, amount_minor: order.amountMinor.toString(), account }
    }
    case 'reverse':
      return { order: order.kind, reverses: order.record, amount: order.amount }
    case 'adjust':
      return { order: order.kind, id: order.id, verdict: order.verdict }
    default:
      return { order: order.kind }
  }
}
