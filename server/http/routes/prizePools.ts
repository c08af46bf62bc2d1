// Prize pools: a pool has its match's id. Read by players, with what it would pay; locked, paid out, given back and decided
// about by staff, and disputed by those who played.

import { z } from 'zod'
import type { Ruling } from '../../../actors/match/commands.ts'
import { findAsset, parseAmount } from '../../../shared/assets.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { MatchDesk } from '../../play/matchDesk.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { amountSchema, idempotencyKeySchema, timeSchema, timeText } from '../schemas.ts'
import {
  matchParams,
  outcomeBody,
  outcomeOf,
  poolBody,
  poolRow,
  poolRowSchema,
  poolSchema,
  RESOLUTIONS,
  rulingOf,
} from './matchForms.ts'
import { ORDER_ERRORS, ordered, orderedSchema, roleOf } from './matchOrders.ts'

const POOL = { tag: 'prize pools', rate: 'general' } as const
const BUSY = ['rate_limited', 'overloaded', 'unavailable'] as const
const STATES = ['accumulating', 'locked', 'in_escrow', 'disputed', 'distributed', 'refunded'] as const

const reason = memoText
  .min(1)
  .meta({ description: 'of the matter, not of the person: it stays in the ledger for ever' })
const key = { idempotency_key: idempotencyKeySchema }

export function prizePoolRoutes(desk: MatchDesk): readonly Route[] {
  return [listRoute(desk), statsRoute(desk), ...readRoutes(desk), historyRoute(desk), ...staffRoutes(desk)]
}

function listRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...POOL,
    method: 'GET',
    path: '/match-making/prize-pools',
    summary: 'Prize pools, newest first',
    auth: 'player',
    query: z.object({
      pool_id: z.string().max(64).optional(),
      lobby_id: z
        .string()
        .regex(/^l_[A-Za-z0-9_-]{1,60}$/)
        .optional(),
      game_id: z
        .string()
        .regex(/^[a-z0-9_-]{1,32}$/)
        .optional(),
      status: z.enum(STATES).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      offset: z.coerce.number().int().min(0).max(10_000).default(0),
    }),
    responses: { 200: z.object({ prize_pools: z.array(poolRowSchema), total_count: z.int() }) },
    errors: ['invalid_request', 'not_found', ...BUSY],
    async handle({ query: { pool_id: id, lobby_id: lobby, game_id: game, status, limit, offset } }) {
      if (id !== undefined) return poolAnswer(desk, id, (pool) => ({ prize_pools: [pool], total_count: 1 }))
      const tags = [
        ...(lobby === undefined ? [] : [`source:lobby/${lobby}`]),
        ...(game === undefined ? [] : [`game:${game}`]),
        ...(status === undefined ? [] : [`pool:${status}`]),
      ]
      const page = await desk.list({ tags, limit, offset })
      if (page.kind === 'refused') return refuse(page.code)
      return ok({ prize_pools: page.rows.map(poolRow), total_count: page.total })
    },
  })
}

function statsRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...POOL,
    method: 'GET',
    path: '/match-making/prize-pools/stats',
    summary: 'How many pools there are in each state',
    auth: 'player',
    responses: { 200: z.object({ total_count: z.int(), by_status: z.record(z.string(), z.int()) }) },
    errors: [...BUSY],
    async handle() {
      const counts: Record<string, number> = {}
      let total = 0
      for (const state of STATES) {
        const page = await desk.list({ tags: [`pool:${state}`], limit: 0 })
        if (page.kind === 'refused') return refuse(page.code)
        counts[state] = page.total
        total += page.total
      }
      return ok({ total_count: total, by_status: counts })
    },
  })
}

function readRoutes(desk: MatchDesk): readonly Route[] {
  return ['/prize-pools/{id}', '/matches/{id}/prize-pool'].map((path) =>
    defineRoute({
      ...POOL,
      method: 'GET',
      path,
      summary: 'A prize pool, with what each place would be paid, and what was',
      auth: 'player',
      params: matchParams,
      responses: { 200: poolSchema },
      errors: ['not_found', ...BUSY],
      handle: ({ params: { id } }) => poolAnswer(desk, id, (pool) => pool),
    }),
  )
}

async function poolAnswer(
  desk: MatchDesk,
  id: string,
  shape: (pool: z.input<typeof poolSchema>) => object,
): Promise<Answer> {
  const [match, pool] = [await desk.match(id), await desk.pool(id)]
  if (match.kind === 'refused') return refuse(match.code)
  return pool.kind === 'refused' ? refuse(pool.code) : ok(shape(poolBody(pool.view, match.view.seats)))
}

const eventSchema = z.object({ event: z.string(), at: timeSchema, by: z.string().nullable(), note: z.string() })

function historyRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...POOL,
    method: 'GET',
    path: '/prize-pools/{id}/history',
    summary: 'What became of a pool: made, disputed, proposed about, paid or given back',
    auth: 'player',
    params: matchParams,
    responses: { 200: z.object({ pool_id: z.string(), history: z.array(eventSchema) }) },
    errors: ['not_found', ...BUSY],
    async handle({ params: { id } }) {
      const read = await desk.match(id)
      if (read.kind === 'refused') return refuse(read.code)
      const { createdAtMs, disputes, score, settlement, status, sinceMs, cancelled } = read.view
      const events = [
        { event: 'created', atMs: createdAtMs, by: null, note: '' },
        ...(score === null ? [] : [{ event: 'result', atMs: score.atMs, by: null, note: score.by.kind }]),
        ...disputes.map(({ atMs, user, type }) => ({ event: 'disputed', atMs, by: user, note: type })),
        // Who of staff it was is staff's to know.
        ...(settlement === null ? [] : [{ event: settlement.how, atMs: settlement.atMs, by: null, note: '' }]),
        ...(cancelled === null ? [] : [{ event: status, atMs: sinceMs, by: null, note: '' }]),
      ].sort((a, b) => a.atMs - b.atMs)
      return ok({ pool_id: id, history: events.map(({ atMs, ...event }) => ({ ...event, at: timeText(atMs) })) })
    },
  })
}

function staffRoutes(desk: MatchDesk): readonly Route[] {
  const order = { ...POOL, method: 'POST', auth: 'staff', idempotent: true, params: matchParams } as const
  const responses = { 200: orderedSchema }
  return [
    defineRoute({
      ...order,
      path: '/match-making/prize-pools/{id}/lock',
      summary: 'Says whether every stake is in: a pool locks itself when it is',
      body: z.object(key),
      responses,
      errors: [...ORDER_ERRORS, 'match.not_ready'],
      handle: ({ params: { id }, ...call }) => ordered(desk, id, { kind: 'lock', by: call.caller.userId }, call),
    }),
    defineRoute({
      ...order,
      path: '/match-making/prize-pools/{id}/distribute',
      summary: 'Pay a pool by this result, whatever was reported; a large one once another approves',
      body: outcomeBody.extend({ reason: reason.default('distributed'), ...key }),
      responses,
      errors: [...ORDER_ERRORS, 'match.outcome_invalid'],
      async handle({ params: { id }, body, ...call }) {
        const read = await desk.match(id)
        if (read.kind === 'refused') return refuse(read.code)
        const outcome = outcomeOf(read.view, body)
        if (outcome === null) return refuse('match.outcome_invalid')
        return ordered(desk, id, rule({ kind: 'outcome', outcome }, body.reason, call), call)
      },
    }),
    defineRoute({
      ...order,
      path: '/match-making/prize-pools/{id}/refund',
      summary: 'Give every stake back; of a large pool once another approves',
      body: z.object({ reason, ...key }),
      responses,
      errors: [...ORDER_ERRORS],
      handle: ({ params: { id }, body, ...call }) =>
        ordered(desk, id, rule({ kind: 'refund_all' }, body.reason, call), call),
    }),
    defineRoute({
      ...order,
      path: '/match-making/prize-pools/{id}/resolve-dispute',
      summary: 'Decide a dispute: the result stands, every stake goes back, or a split that adds up',
      body: resolveBody,
      responses,
      errors: [...ORDER_ERRORS, 'match.split_wrong'],
      handle: ({ params: { id }, body, ...call }) => resolve(desk, id, body, call),
    }),
  ]
}

export const resolveBody = z.object({
  resolution: z.enum(RESOLUTIONS),
  custom_payouts: z
    .array(z.object({ player_id: z.string().max(64), amount: amountSchema }))
    .max(10)
    .nullish(),
  admin_notes: reason.default('resolved'),
  ...key,
})

type StaffCall = Parameters<typeof ordered>[3]

export async function resolve(
  desk: MatchDesk,
  id: string,
  { resolution, custom_payouts: custom, admin_notes: note }: z.output<typeof resolveBody>,
  call: StaffCall,
): Promise<Answer> {
  const read = await desk.match(id)
  if (read.kind === 'refused') return refuse(read.code)
  const asset = findAsset(read.view.spec?.asset ?? '')
  const payouts = (custom ?? []).map(({ player_id, amount }) => {
    const parsed = asset === null ? null : parseAmount(amount, asset)
    return { player_id, minor: parsed?.kind === 'amount' ? parsed.minor : null }
  })
  const ruling = rulingOf(read.view, resolution, payouts)
  if (ruling === null) return refuseField('custom_payouts', 'name players of this match, and amounts of its asset')
  return ordered(desk, id, rule(ruling, note, call), call)
}

/** The command of one of staff. */
export function rule(ruling: Ruling, text: string, { caller }: StaffCall) {
  return { kind: 'rule', ruling, by: caller.userId, role: roleOf(caller), reason: text } as const
}
