// Matches for staff: lists of them and of what is disputed, what waits for a second person, a result of their own, and what
// came back and is paid again. Decisions about pools are with the prize pools; cancelling and settling are the short ways.

import { z } from 'zod'
import { isRecordId, isWalletId } from '../../../shared/ids.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { MatchDesk } from '../../play/matchDesk.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import { listed } from './challenges.ts'
import { challengeSchema, matchParams, outcomeBody, outcomeOf, poolRow, poolRowSchema } from './matchForms.ts'
import { ORDER_ERRORS, ordered, orderedSchema, roleOf } from './matchOrders.ts'
import { rule } from './prizePools.ts'

const ADMIN = { tag: 'admin', auth: 'staff', rate: 'general' } as const
const ORDER = { ...ADMIN, method: 'POST', idempotent: true, responses: { 200: orderedSchema } } as const
const STATES = ['funding', 'ready', 'live', 'finished', 'disputed', 'settled', 'cancelled'] as const
const reason = memoText
  .min(1)
  .meta({ description: 'of the matter, not of the person: it stays in the ledger for ever' })
const key = { idempotency_key: idempotencyKeySchema }
const page = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
}

export function adminMatchRoutes(desk: MatchDesk): readonly Route[] {
  return [listRoute(desk), disputesRoute(desk), ...decisionRoutes(desk), resultRoute(desk), payRoute(desk)]
}

function listRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...ADMIN,
    method: 'GET',
    path: '/admin/matches',
    summary: 'Matches, newest first; those that wait for staff where that is asked',
    query: z.object({
      status: z.enum(STATES).optional(),
      player_id: z
        .string()
        .regex(/^u_[A-Za-z0-9_-]{1,60}$/)
        .optional(),
      game_id: z
        .string()
        .regex(/^[a-z0-9_-]{1,32}$/)
        .optional(),
      waiting: z.enum(['true', 'false']).optional().meta({ description: 'under review, proposed about, or unclaimed' }),
      ...page,
    }),
    responses: { 200: z.object({ matches: z.array(poolRowSchema), total_count: z.int() }) },
    errors: ['invalid_request', 'rate_limited', 'overloaded', 'unavailable'],
    async handle({ query: { status, player_id: player, game_id: game, waiting, limit, offset } }) {
      const tags = [
        ...(player === undefined ? [] : [`player:${player}`]),
        ...(game === undefined ? [] : [`game:${game}`]),
        ...(waiting === 'true' ? ['staff:waiting'] : []),
      ]
      const found = await desk.list({ status: status ?? null, tags, limit, offset })
      if (found.kind === 'refused') return refuse(found.code)
      return ok({ matches: found.rows.map(poolRow), total_count: found.total })
    },
  })
}

function disputesRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...ADMIN,
    method: 'GET',
    path: '/admin/disputes',
    summary: 'Disputes that nobody has decided, or all there ever were',
    query: z.object({ all: z.enum(['true', 'false']).optional(), ...page }),
    responses: { 200: z.object({ challenges: z.array(challengeSchema), total_count: z.int() }) },
    errors: ['invalid_request', 'rate_limited', 'overloaded', 'unavailable'],
    handle: ({ query }) => listed(desk, [query.all === 'true' ? 'dispute:any' : 'dispute:open'], query),
  })
}

function decisionRoutes(desk: MatchDesk): readonly Route[] {
  const body = z.object({ reason, ...key })
  return [
    defineRoute({
      ...ORDER,
      path: '/admin/matches/{id}/cancel',
      summary: 'Every stake goes back; of a large pool once another approves',
      params: matchParams,
      body,
      errors: [...ORDER_ERRORS],
      handle: ({ params: { id }, body: said, ...call }) =>
        ordered(desk, id, rule({ kind: 'refund_all' }, said.reason, call), call),
    }),
    defineRoute({
      ...ORDER,
      path: '/admin/matches/{id}/settle',
      summary: 'Pay the result as it was reported, without waiting; of a large pool once another approves',
      params: matchParams,
      body,
      errors: [...ORDER_ERRORS],
      handle: ({ params: { id }, body: said, ...call }) =>
        ordered(desk, id, rule({ kind: 'approve' }, said.reason, call), call),
    }),
    ...(['approve', 'reject'] as const).map((verdict) =>
      defineRoute({
        ...ORDER,
        path: `/admin/matches/{id}/rulings/{ruling}/${verdict}`,
        summary: verdict === 'approve' ? 'Carry out what another has proposed' : 'Turn down what was proposed',
        params: matchParams.extend({ ruling: z.string().max(40) }),
        body: z.object({ note: memoText.default(''), ...key }),
        errors: [...ORDER_ERRORS, 'match.ruling_unknown', 'match.four_eyes', 'match.split_wrong'],
        async handle({ params: { id, ruling }, body: said, ...call }) {
          if (!isRecordId(ruling)) return refuse('match.ruling_unknown')
          const { userId: by } = call.caller
          const command = {
            kind: 'ruling',
            id: ruling,
            verdict,
            by,
            role: roleOf(call.caller),
            note: said.note,
          } as const
          return ordered(desk, id, command, call)
        },
      }),
    ),
  ]
}

function resultRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...ORDER,
    path: '/admin/matches/{id}/result',
    summary: 'Report a result; it waits to be verified, of a large pool by another person',
    params: matchParams,
    body: outcomeBody.extend(key),
    errors: [...ORDER_ERRORS, 'match.not_live', 'match.outcome_invalid', 'match.score_exists'],
    async handle({ params: { id }, body, ...call }) {
      const read = await desk.match(id)
      if (read.kind === 'refused') return refuse(read.code)
      const outcome = outcomeOf(read.view, body)
      if (outcome === null) return refuse('match.outcome_invalid')
      const by = { kind: 'operator', id: call.caller.userId } as const
      return ordered(desk, id, { kind: 'report', by, outcome }, call)
    },
  })
}

function payRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...ORDER,
    staff: ['admin'],
    path: '/admin/matches/{id}/unclaimed/{record}/pay',
    summary: 'Send what came back to a wallet of whoever it belongs to',
    params: matchParams.extend({ record: z.string().max(40) }),
    body: z.object({ wallet_id: z.string().max(64), reason, ...key }),
    errors: [...ORDER_ERRORS, 'match.unclaimed_unknown', 'wallet.unknown_recipient', 'forbidden'],
    async handle({ params: { id, record }, body, ...call }) {
      const { wallet_id: to } = body
      if (!isWalletId(to)) return refuse('wallet.unknown_recipient')
      // Nobody of staff gives to a wallet of their own.
      if (to === call.caller.walletId) return refuse('forbidden')
      if (!isRecordId(record)) return refuse('match.unclaimed_unknown')
      const { userId: by } = call.caller
      return ordered(desk, id, { kind: 'pay', id: record, to, by, reason: body.reason }, call)
    },
  })
}
