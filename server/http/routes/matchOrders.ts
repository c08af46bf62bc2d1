// What staff orders of a match, as one kind of step: the command under a key of that person's own, answered with what came
// of it, and told to the audit log by its name and record alone.

import { z } from 'zod'
import type { MatchCommand } from '../../../actors/match/commands.ts'
import type { Caller } from '../../identity/tokens.ts'
import type { MatchAnswer, MatchDesk } from '../../play/matchDesk.ts'
import { type Answer, changed, refuse } from '../answer.ts'
import { matchBody, matchSchema } from './matchForms.ts'
import { staffKey } from './staffOrders.ts'

export const orderedSchema = z.object({
  status: z.string().nullable().meta({
    description: 'proposed: the pool is so large that another person has to approve it',
  }),
  record: z.string().nullable().meta({ description: 'the record that says so; it names a proposal' }),
  match: matchSchema,
})

export const ORDER_ERRORS = [
  ...(['invalid_request', 'idempotency_key_required', 'idempotency_mismatch', 'not_found', 'match.own'] as const),
  ...(['match.over', 'match.ruling_state', 'match.ruling_too_large', 'match.too_many_rulings'] as const),
  ...(['rate_limited', 'overloaded', 'unavailable'] as const),
] as const

export interface OrderCall {
  readonly caller: Caller
  readonly key: string
  readonly requestId: string
}

export async function ordered(desk: MatchDesk, id: string, command: MatchCommand, call: OrderCall): Promise<Answer> {
  const answer = await desk.tell(id, command, staffKey(call.caller, call.key), call.requestId)
  return orderAnswer(id, command, answer)
}

export function orderAnswer(id: string, command: MatchCommand, answer: MatchAnswer): Answer {
  if (answer.kind === 'refused') return refuse(answer.code)
  const { record, status, view } = answer
  return changed({ status, record, match: matchBody(view) } satisfies z.input<typeof orderedSchema>, {
    before: null,
    after: { match: id, order: nameOf(command), record, status },
  })
}

function nameOf(command: MatchCommand): string {
  return command.kind === 'rule' ? `rule ${command.ruling.kind}` : command.kind
}

export function roleOf({ roles }: Caller): 'operator' | 'admin' {
  return roles.includes('admin') ? 'admin' : 'operator'
}
