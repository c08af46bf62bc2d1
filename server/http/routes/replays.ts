// Replays of matches that were played here: what they are, where they stand, and the recordings themselves. Seen by whoever
// is signed in, once the match is over for those who look on, or by whoever has a share token.

import { z } from 'zod'
import type { MatchView } from '../../../actors/match/views.ts'
import type { ErrorCode } from '../../../shared/errors.ts'
import { isUserId } from '../../../shared/ids.ts'
import type { Caller } from '../../identity/tokens.ts'
import type { ListDesk } from '../../lists/listDesk.ts'
import { replayStatus } from '../../play/recordingFiles.ts'
import type { ReplayDesk } from '../../play/replayDesk.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { limitQuery, offsetQuery, replayBody, replayParams, replaySchema, sharedQuery } from './replayForms.ts'

export const READ_ERRORS = ['not_found', 'rate_limited', 'overloaded', 'unavailable'] as const

export function replayRoutes(desk: ReplayDesk, lists: ListDesk): readonly Route[] {
  return [listRoute(desk, lists), oneRoute(desk), statusRoute(desk), downloadRoute(desk)]
}

/** For routes that a share token opens as well. */
export async function seen(
  desk: ReplayDesk,
  game: string,
  match: string,
  caller: Caller | null,
  shareToken: string | undefined,
  answer: (view: MatchView) => Answer | Promise<Answer>,
): Promise<Answer> {
  if (caller === null && shareToken === undefined) return refuse('unauthenticated')
  const found = await desk.find(game, match, { user: caller?.userId ?? null, shareToken: shareToken ?? null })
  return typeof found === 'string' ? refuse(missing(found)) : answer(found)
}

/** A match that nobody has made is one that is not here. */
function missing(code: ErrorCode): ErrorCode {
  return code === 'match.unknown' ? 'not_found' : code
}

function listRoute(desk: ReplayDesk, lists: ListDesk): Route {
  return defineRoute({
    method: 'GET',
    path: '/games/{game}/replays',
    tag: 'replays',
    summary: 'Matches of a game that have a result, newest first; `status` says whether there is a recording',
    auth: 'player',
    rate: 'general',
    params: z.object({ game: z.string().regex(/^[a-z][a-z0-9_-]{1,31}$/) }),
    query: z.object({
      player: z.string().max(64).optional().describe('a user id: matches that they played'),
      limit: limitQuery.optional(),
      offset: offsetQuery.optional(),
    }),
    responses: {
      200: z.object({ replays: z.array(replaySchema), total_count: z.int(), limit: z.int(), offset: z.int() }),
    },
    errors: ['invalid_request', 'unauthenticated', ...READ_ERRORS],
    async handle({ params: { game }, query, caller }) {
      const { player, limit = 20, offset = 0 } = query
      if (player !== undefined && !isUserId(player)) return refuse('not_found')
      const tags = [`game:${game}`, 'result:any', ...(player === undefined ? [] : [`player:${player}`])]
      const page = await lists.page({ of: 'match', tags, limit, offset })
      if (page.kind === 'refused') return refuse(page.code)
      const asker = { user: caller.userId, shareToken: null }
      const views = await Promise.all(
        page.rows.map(({ actor }) => desk.find(game, actor.slice('match/'.length), asker)),
      )
      const replays = views.flatMap((view) => (typeof view === 'string' ? [] : [replayBody(view)]))
      return ok({ replays, total_count: page.total, limit, offset })
    },
  })
}

function oneRoute(desk: ReplayDesk): Route {
  return defineRoute({
    method: 'GET',
    path: '/games/{game}/replays/{id}',
    tag: 'replays',
    summary: 'One replay; its id is the match’s',
    auth: 'optional',
    rate: 'general',
    params: replayParams,
    query: sharedQuery,
    responses: { 200: replaySchema },
    errors: ['invalid_request', 'unauthenticated', ...READ_ERRORS],
    handle: ({ params: { game, id }, query, caller }) =>
      seen(desk, game, id, caller, query.share_token, (view) => {
        const body = replayBody(view)
        return body === null ? refuse('not_found') : ok(body)
      }),
  })
}

function statusRoute(desk: ReplayDesk): Route {
  return defineRoute({
    method: 'GET',
    path: '/games/{game}/replays/{id}/status',
    tag: 'replays',
    summary: 'Whether a replay can be seen yet',
    auth: 'optional',
    rate: 'general',
    params: replayParams,
    query: sharedQuery,
    responses: { 200: z.object({ id: z.string(), status: z.enum(['recording', 'ready', 'unavailable']) }) },
    errors: ['invalid_request', 'unauthenticated', ...READ_ERRORS],
    handle: ({ params: { game, id }, query, caller }) =>
      seen(desk, game, id, caller, query.share_token, (view) => ok({ id: view.id, status: replayStatus(view) })),
  })
}

function downloadRoute(desk: ReplayDesk): Route {
  return defineRoute({
    method: 'GET',
    path: '/games/{game}/replays/{id}/download',
    tag: 'replays',
    summary: 'The recording, as it was written: its SHA-256 stands in the match’s record',
    auth: 'optional',
    rate: 'general',
    params: replayParams,
    query: sharedQuery,
    responses: { 200: 'application/octet-stream' },
    errors: ['invalid_request', 'unauthenticated', 'replay.not_ready', 'replay.damaged', ...READ_ERRORS],
    handle: ({ params: { game, id }, query, caller }) =>
      seen(desk, game, id, caller, query.share_token, async (view) => {
        const bytes = await desk.files.bytes(view)
        if (typeof bytes === 'string') return refuse(bytes)
        let left: Uint8Array | null = bytes
        const source = {
          async next(): Promise<Uint8Array | null> {
            const piece = left
            left = null
            return piece
          },
          close() {
            left = null
          },
        }
        const contentType = 'application/octet-stream'
        return { kind: 'stream', status: 200, contentType, fileName: `${view.id}.replay`, source }
      }),
  })
}
