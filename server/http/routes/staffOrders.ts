// What all orders of staff to a wallet have in common: whose key it is, what is answered, what may be wrong.

import { z } from 'zod'
import type { OrderOutcome } from '../../../actors/wallet/service.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, ok } from '../answer.ts'

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

export function doneAnswer(outcome: OrderOutcome): Answer {
  if (outcome.kind === 'refused') return outcome
  return ok({ record: outcome.receipt.transactionId } satisfies z.input<typeof doneSchema>)
}
