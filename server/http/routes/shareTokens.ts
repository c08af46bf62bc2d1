// Share tokens: whoever has one may see the replay of one match, without an account.

import { z } from 'zod'
import type { ReplayDesk } from '../../play/replayDesk.ts'
import { created, empty, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'

const HOUR_MS = 60 * 60 * 1_000
const MOST_HOURS = 30 * 24
const DEFAULT_HOURS = 7 * 24

const shareSchema = z
  .object({
    id: z.string(),
    match_id: z.string(),
    game_id: z.string(),
    created_at: timeSchema,
    expires_at: timeSchema,
  })
  .meta({ id: 'ShareToken' })

export function shareTokenRoutes(desk: ReplayDesk): readonly Route[] {
  const head = { path: '/share-tokens', tag: 'replays', auth: 'player', rate: 'general' } as const
  return [
    defineRoute({
      ...head,
      method: 'POST',
      summary: 'Make a token for the replay of a match; it is shown once',
      body: z.object({
        match_id: z.string().max(64),
        expires_in_hours: z.int().min(1).max(MOST_HOURS).optional(),
      }),
      responses: { 201: shareSchema.extend({ token: z.string() }) },
      errors: [
        'invalid_request',
        'unauthenticated',
        'not_found',
        'replay.too_many_shares',
        'rate_limited',
        'unavailable',
      ],
      async handle({ body, caller }) {
        const found = await desk.find(null, body.match_id, { user: caller.userId, shareToken: null })
        if (typeof found === 'string') return refuse(found)
        const game = found.spec?.game ?? ''
        const hours = body.expires_in_hours ?? DEFAULT_HOURS
        const share = await desk.shares.make(caller.userId, found.id, game, hours * HOUR_MS)
        return share === null ? refuse('replay.too_many_shares') : created({ ...shareBody(share), token: share.token })
      },
    }),
    defineRoute({
      ...head,
      method: 'GET',
      summary: 'Your share tokens that are good still',
      responses: { 200: z.object({ share_tokens: z.array(shareSchema), total_count: z.int() }) },
      errors: ['unauthenticated', 'rate_limited', 'unavailable'],
      async handle({ caller }) {
        const shares = await desk.shares.list(caller.userId)
        return ok({ share_tokens: shares.map(shareBody), total_count: shares.length })
      },
    }),
    defineRoute({
      ...head,
      method: 'DELETE',
      summary: 'Take a share token back',
      query: z.object({ id: z.string().max(128).meta({ description: 'its id, or the token' }) }),
      responses: { 204: null },
      errors: ['invalid_request', 'unauthenticated', 'not_found', 'rate_limited', 'unavailable'],
      handle: async ({ query, caller }) =>
        (await desk.shares.takeBack(caller.userId, query.id)) ? empty : refuse('not_found'),
    }),
  ]
}

function shareBody(share: Awaited<ReturnType<ReplayDesk['shares']['list']>>[number]): object {
  return {
    ...{ id: share.id, match_id: share.match, game_id: share.game },
    ...{ created_at: timeText(share.createdAtMs), expires_at: timeText(share.expiresAtMs) },
  }
}
