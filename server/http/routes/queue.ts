// Queues over HTTP: join, leave, where a session stands, what pools look like; and how players are rated.

import { z } from 'zod'
import { rankOf } from '../../../actors/player/ratings.ts'
import type { PlayerView } from '../../../actors/player/state.ts'
import type { PoolView } from '../../../actors/queue/views.ts'
import { isUserId, type UserId } from '../../../shared/ids.ts'
import { RULES } from '../../../shared/rules.ts'
import type { Identity } from '../../identity/port.ts'
import type { ListDesk } from '../../lists/listDesk.ts'
import { parseSession, type QueueDesk, type SessionOutcome } from '../../play/queueDesk.ts'
import { type Answer, created, empty, ok, refuse } from '../answer.ts'
import { refuseOthers } from '../ownership.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeText } from '../schemas.ts'
import { joinBody, orderOf, poolsSchema, ratingsSchema, sessionBody, sessionSchema } from './queueForms.ts'

const QUEUE = { tag: 'queue', rate: 'general' } as const
const BUSY = ['rate_limited', 'overloaded', 'unavailable'] as const

export function queueRoutes(desk: QueueDesk, lists: ListDesk, identity: Identity): readonly Route[] {
  return [joinRoute(desk, identity), ...sessionRoutes(desk, identity), poolsRoute(lists), ratingRoute(desk, identity)]
}

function joinRoute(desk: QueueDesk, identity: Identity): Route {
  return defineRoute({
    ...QUEUE,
    method: 'POST',
    path: '/match-making/queue',
    summary: 'Wait for a match: in one pool at a time, as the server’s records rate the caller',
    auth: 'player',
    idempotent: true,
    body: joinBody,
    responses: { 201: sessionSchema },
    errors: [
      ...(['invalid_request', 'idempotency_key_required', 'idempotency_mismatch', 'forbidden', 'not_found'] as const),
      ...(['queue.unknown_pool', 'queue.party_too_large', 'queue.party_wrong', 'queue.ping_too_high'] as const),
      ...(['queue.already_waiting', 'queue.in_match', 'queue.penalised', ...BUSY] as const),
    ],
    async handle({ caller, body, key, requestId }) {
      const other = await refuseOthers(caller, body, identity)
      if (other !== null) return other
      if ((body.ping ?? 0) > (body.max_ping ?? RULES.maxPingMs)) return refuse('queue.ping_too_high')
      return answerOf(await desk.join(caller.userId, orderOf(body), key, requestId), created)
    },
  })
}

function sessionRoutes(desk: QueueDesk, identity: Identity): readonly Route[] {
  const own = { ...QUEUE, auth: 'player', params: z.object({ session: z.string().max(128) }) } as const
  const errors = ['forbidden', 'not_found', 'queue.no_ticket', ...BUSY] as const
  return [
    defineRoute({
      ...own,
      method: 'GET',
      path: '/match-making/session/{session}',
      summary: 'Where a session stands: its place, an estimate, its match',
      responses: { 200: sessionSchema },
      errors,
      async handle({ caller, params }) {
        const session = await ownSession(params.session, caller.userId, identity)
        if ('kind' in session) return session
        return answerOf(await desk.session(caller.userId, session.ticket), ok)
      },
    }),
    defineRoute({
      ...own,
      method: 'DELETE',
      path: '/match-making/queue/{session}',
      summary: 'Leave the queue; nothing is lost by it',
      responses: { 204: null },
      errors,
      async handle({ caller, params, requestId }) {
        const session = await ownSession(params.session, caller.userId, identity)
        if ('kind' in session) return session
        const left = await desk.leave(caller.userId, session.ticket, requestId)
        return left.kind === 'refused' ? refuse(left.code) : empty
      },
    }),
  ]
}

async function ownSession(text: string, caller: UserId, identity: Identity) {
  const session = parseSession(text)
  if (session === null) return refuse('not_found')
  if (session.user === caller) return session
  return refuse((await identity.findUser(session.user)) === null ? 'not_found' : 'forbidden')
}

function answerOf(outcome: SessionOutcome, success: (body: object) => Answer): Answer {
  return outcome.kind === 'refused' ? refuse(outcome.code) : success(sessionBody(outcome.session))
}

function poolsRoute(lists: ListDesk): Route {
  return defineRoute({
    ...QUEUE,
    method: 'GET',
    path: '/match-making/pools/{game}',
    summary: 'The pools of a game that anybody has waited in',
    auth: 'none',
    params: z.object({ game: z.string().regex(/^[a-z0-9_-]{1,32}$/) }),
    query: z.object({
      region: z.enum(RULES.regions).optional(),
      game_mode: z
        .string()
        .regex(/^[a-z0-9_-]{1,32}$/)
        .optional(),
    }),
    responses: { 200: poolsSchema },
    errors: ['invalid_request', ...BUSY],
    async handle({ params, query }) {
      const tags = [`game:${params.game}`]
      if (query.region !== undefined) tags.push(`region:${query.region}`)
      if (query.game_mode !== undefined) tags.push(`mode:${query.game_mode}`)
      const page = await lists.page({ of: 'queue', tags, limit: 100 })
      if (page.kind === 'refused') return refuse(page.code)
      const pools = page.rows.map(({ fields }) => poolBody(fields as unknown as PoolView & { readonly pool: string }))
      return ok({ pools, total_count: page.total, as_of: page.asOfMs === null ? null : timeText(page.asOfMs) })
    },
  })
}

function poolBody({ pool, waiting, byTier, proposed, made, estimateMs, meanRating }: PoolView & { pool: string }) {
  return {
    ...{ pool_id: pool, waiting, by_tier: byTier, proposed, matches_made: made },
    estimated_wait_seconds: estimateMs === null ? null : Math.ceil(estimateMs / 1000),
    mean_rating: meanRating,
  }
}

function ratingRoute(desk: QueueDesk, identity: Identity): Route {
  return defineRoute({
    ...QUEUE,
    method: 'GET',
    path: '/players/{id}/ratings',
    summary: 'How a player is rated, mode by mode',
    auth: 'player',
    params: z.object({ id: z.string().max(64) }),
    responses: { 200: ratingsSchema },
    errors: ['not_found', ...BUSY],
    async handle({ caller, params: { id } }) {
      if (!isUserId(id) || (id !== caller.userId && (await identity.findUser(id)) === null)) return refuse('not_found')
      const read = await desk.player(id)
      return read.kind === 'refused' ? refuse(read.code) : ok(ratingsBody(id, read.view, id === caller.userId))
    },
  })
}

function ratingsBody(
  id: UserId,
  { tier, ratings, penalty }: PlayerView,
  isOwn: boolean,
): z.output<typeof ratingsSchema> {
  return {
    user_id: id,
    tier,
    ratings: ratings.map(({ key, volatility, ...rating }) => ({
      rating_key: key,
      ...{ rating: rating.rating, deviation: rating.deviation, matches: rating.matches },
      provisional: rating.matches < RULES.provisionalMatches,
      rank: rankOf({ ...rating, volatility }),
    })),
    penalty_until: isOwn && penalty !== null ? timeText(penalty.untilMs) : null,
  }
}
