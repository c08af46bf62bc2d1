// What all orders of staff to a wallet have in common: whose key it is, what is answered, what may be wrong.

import { z } from 'zod'
import type { OrderOutcome, StaffOrder } from '../../../actors/wallet/service.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, changed } from '../answer.ts'

export const doneSchema = z.object({ record: z.string().meta({ description: 'the record that says so' }) })

export const STAFF_ORDER_ERRORS = [
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

/** Keys of staff and of the wallet's owner never meet: no owner's key has a blank in it. */
export function staffKey({ userId }: Caller, key: string): string {
  return `staff ${userId} ${key}`
}

/** The audit log gets what was ordered and the record that did it: what was before stands in the ledger. */
export function doneAnswer(outcome: OrderOutcome, order: StaffOrder): Answer {
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
    case 'adjust':
      return { order: order.kind, id: order.id, verdict: order.verdict }
    default:
      return { order: order.kind }
  }
}
