// Lists of lobbies (CONTRACT): what can be joined, what the caller is in or invited to, figures, and all of them for staff.

import { z } from 'zod'
import { VISIBILITIES } from '../../../actors/lobby/setup.ts'
import { lobbyBody } from '../../../rooms/lobby/lobbyBody.ts'
import type { UserId } from '../../../shared/ids.ts'
import { isUserId } from '../../../shared/ids.ts'
import { LOBBY_STATUSES, lobbySchema } from '../../../shared/lobbyMessages.ts'
import type { LobbyDesk } from '../../play/lobbyDesk.ts'
import { FOR_ALL, type LobbyLists, type LobbyPage, type RefusedList } from '../../play/lobbyLists.ts'
import { type Answer, changed, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema, timeSchema, timeText } from '../schemas.ts'
import { lobbyParams } from './lobbies.ts'
import { bodyOf, isRefusal, lobbyAnswer } from './lobbyForms.ts'

const word = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/)
const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const about = { game_id: word.optional(), game_mode: word.optional(), region: word.optional() }
const place = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
}
const status = z.enum(LOBBY_STATUSES)

const listQuery = z.object({
  ...about,
  ...place,
  status: status.optional().meta({ description: 'without it: open; of the caller’s own, every one' }),
  visibility: z.enum(VISIBILITIES).optional(),
  type: word.optional().meta({ description: 'not looked at' }),
  featured: flag.optional(),
  q: z.string().max(100).optional().meta({ description: 'not looked at: lobbies have no titles' }),
  mine: flag.optional().meta({ description: 'the caller sits in it' }),
  invited: flag.optional().meta({ description: 'the caller is invited' }),
})

const listAnswer = z.object({
  lobbies: z.array(lobbySchema),
  total: z.int(),
  total_count: z.int(),
  has_more: z.boolean(),
  as_of: timeSchema,
})

const counts = z.record(z.string(), z.int())
const statsAnswer = z.object({
  total_active_lobbies: z.int(),
  lobbies_by_game_mode: counts.meta({ description: 'open ones, by <game>.<mode>' }),
  lobbies_by_region: counts.meta({ description: 'open ones' }),
  lobbies_by_status: counts,
  average_fill_time_seconds: z.null().meta({ description: 'not counted' }),
  average_players_per_lobby: z.number(),
})

const ERRORS = ['invalid_request', 'unauthenticated', 'rate_limited', 'overloaded', 'unavailable'] as const

export function lobbyListRoutes(lists: LobbyLists): readonly Route[] {
  const open = { method: 'GET', tag: 'lobbies', auth: 'optional', rate: 'general' } as const
  return [
    defineRoute({
      ...open,
      path: '/api/lobbies',
      summary: 'Lobbies that anybody may join, newest first; or those the caller is in, or invited to',
      query: listQuery,
      responses: { 200: listAnswer },
      errors: [...ERRORS],
      async handle({ query, caller }) {
        const viewer = caller?.userId ?? null
        const own = query.mine === true || query.invited === true
        if (own && viewer === null) return refuse('unauthenticated')
        const tags = tagsOf(query)
        if (tags === null) return refuseField('game_mode', 'needs game_id')
        const whose = own ? ownTags(query, viewer) : [FOR_ALL]
        const { limit, offset, visibility } = query
        const more = visibility === undefined ? [] : [`visibility:${visibility}`]
        const wanted = query.status ?? (query.mine === true ? null : 'open')
        return pageBody(
          await lists.page({ status: wanted, tags: [...tags, ...whose, ...more], limit, offset }),
          query,
          viewer,
        )
      },
    }),
    defineRoute({
      ...open,
      path: '/api/lobbies/featured',
      summary: 'Open lobbies with the fewest free seats',
      query: z.object({ ...about, limit: z.coerce.number().int().min(1).max(50).default(8) }),
      responses: { 200: listAnswer },
      errors: [...ERRORS],
      async handle({ query, caller }) {
        const tags = tagsOf(query)
        if (tags === null) return refuseField('game_mode', 'needs game_id')
        const page = await lists.featured(tags, query.limit)
        return pageBody(page, { limit: query.limit, offset: 0 }, caller?.userId ?? null, true)
      },
    }),
    defineRoute({
      ...open,
      path: '/api/lobbies/stats',
      summary: 'How many lobbies there are, counted every few seconds',
      query: z.object(about),
      responses: { 200: statsAnswer },
      errors: [...ERRORS],
      async handle({ query }) {
        const tags = tagsOf(query)
        if (tags === null) return refuseField('game_mode', 'needs game_id')
        const found = await lists.figures(tags)
        if (found.kind === 'refused') return refuse(found.code)
        const { byStatus, byMode, byRegion, meanPlayers } = found
        const active = ['open', 'ready_check', 'starting', 'started'].reduce(
          (sum, name) => sum + (byStatus[name] ?? 0),
          0,
        )
        const answer: z.input<typeof statsAnswer> = {
          ...{ total_active_lobbies: active, lobbies_by_game_mode: byMode, lobbies_by_region: byRegion },
          ...{ lobbies_by_status: byStatus, average_fill_time_seconds: null, average_players_per_lobby: meanPlayers },
        }
        return ok(answer)
      },
    }),
  ]
}

export function adminLobbyRoutes(lists: LobbyLists, desk: LobbyDesk): readonly Route[] {
  const staff = { tag: 'admin', auth: 'staff', rate: 'general' } as const
  return [
    defineRoute({
      ...staff,
      method: 'GET',
      path: '/admin/lobbies',
      summary: 'All lobbies, newest first',
      query: z.object({
        ...about,
        ...place,
        status: status.optional(),
        player: word.optional(),
        match: word.optional(),
      }),
      responses: { 200: listAnswer },
      errors: [...ERRORS],
      async handle({ query, caller }) {
        const tags = tagsOf(query)
        if (tags === null) return refuseField('game_mode', 'needs game_id')
        if (query.player !== undefined && !isUserId(query.player)) return refuseField('player', 'is no id of a user')
        const more = [
          ...(query.player === undefined ? [] : [`player:${query.player}`]),
          ...(query.match === undefined ? [] : [`match:${query.match}`]),
        ]
        const { limit, offset } = query
        const wish = { status: query.status ?? null, tags: [...tags, ...more], limit, offset }
        return pageBody(await lists.page(wish), query, caller.userId)
      },
    }),
    defineRoute({
      ...staff,
      method: 'POST',
      path: '/admin/lobbies/{id}/cancel',
      summary: 'End a lobby; a match that came of it goes on',
      idempotent: true,
      params: lobbyParams,
      body: z.object({ idempotency_key: idempotencyKeySchema }),
      responses: { 200: lobbyAnswer },
      errors: [...ERRORS, 'idempotency_key_required', 'idempotency_mismatch', 'lobby.unknown'],
      async handle({ params: { id }, caller, key, requestId }) {
        const outcome = await desk.end(id, caller.userId, `${caller.userId}:${key}`.slice(0, 128), requestId)
        if (outcome.kind === 'refused') return refuse(outcome.code)
        const lobby = bodyOf(outcome.lobby, null)
        return isRefusal(lobby)
          ? lobby
          : changed({ lobby }, { before: null, after: { lobby: id, status: lobby.status } })
      },
    }),
  ]
}

/** Null where a mode is named without its game. */
function tagsOf(query: {
  readonly game_id?: string | undefined
  readonly game_mode?: string | undefined
  readonly region?: string | undefined
}): readonly string[] | null {
  const { game_id: game, game_mode: mode, region } = query
  if (mode !== undefined && game === undefined) return null
  return [
    ...(game === undefined ? [] : [`game:${game}`]),
    ...(mode === undefined ? [] : [`mode:${game}.${mode}`]),
    ...(region === undefined ? [] : [`region:${region}`]),
  ]
}

function ownTags(
  query: { readonly mine?: boolean | undefined; readonly invited?: boolean | undefined },
  viewer: UserId | null,
) {
  return [
    ...(query.mine === true ? [`player:${viewer}`] : []),
    ...(query.invited === true ? [`invited:${viewer}`] : []),
  ]
}

function pageBody(
  page: LobbyPage | RefusedList,
  { limit, offset }: { readonly limit: number; readonly offset: number },
  viewer: UserId | null,
  featured = false,
): Answer {
  if (page.kind === 'refused') return refuse(page.code)
  const { names, total } = page
  const lobbies = page.lobbies.flatMap((lobby) => lobbyBody(lobby, { viewer, names, featured }) ?? [])
  const answer: z.input<typeof listAnswer> = {
    ...{ lobbies, total, total_count: total, has_more: offset + limit < total, as_of: timeText(page.asOfMs) },
  }
  return ok(answer)
}
