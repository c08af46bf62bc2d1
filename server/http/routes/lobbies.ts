// Lobbies (CONTRACT): making one, coming in, being ready, starting, leaving. Repeating any of it changes nothing more, so
// that no key is needed; a key of a new lobby names it. Who may see a lobby that is not for everybody is asked here.

import { z } from 'zod'
import { type LobbyAct, type LobbyCaller, type LobbyService, maySee } from '../../../actors/lobby/service.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, created, empty, ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import {
  bodyOf,
  createBody,
  createdAnswer,
  isRefusal,
  joinedAnswer,
  lobbyAnswer,
  readSetup,
  readyAnswer,
  startedAnswer,
} from './lobbyForms.ts'

export const lobbyParams = z.object({ id: z.string().max(64) })
const own = { tag: 'lobbies', auth: 'player', rate: 'general', params: lobbyParams } as const
const COMMON_ERRORS = ['invalid_request', 'lobby.unknown', 'rate_limited', 'overloaded', 'unavailable'] as const
const KEY = /^[\x21-\x7e]{1,128}$/

const joinBody = z.object({
  player_id: z.string().max(64).nullish(),
  player_mmr: z.number().nullish().meta({ description: 'not looked at: the server knows it' }),
  seat: z.int().min(0).max(9).nullish(),
  code: z.string().max(32).nullish().meta({ description: 'of a private lobby' }),
})
const readyBody = z.object({ player_id: z.string().max(64).nullish(), is_ready: z.boolean() })
const startBody = z.object({
  force_start: z.boolean().nullish().meta({ description: 'nobody starts without the others being ready' }),
  fill_bots: z.boolean().nullish().meta({ description: 'for the free seats, where nothing is staked' }),
})

export function lobbyRoutes(lobbies: LobbyService): readonly Route[] {
  return [createRoute(lobbies), lookRoute(lobbies), joinRoute(lobbies), readyRoute(lobbies), ...endRoutes(lobbies)]
}

function createRoute(lobbies: LobbyService): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/lobbies',
    tag: 'lobbies',
    summary: 'Open a lobby, and take its first seat',
    auth: 'player',
    rate: 'general',
    body: createBody,
    responses: { 201: createdAnswer },
    errors: [...COMMON_ERRORS, 'forbidden', 'idempotency_mismatch', 'asset.unknown', 'lobby.too_many', 'lobby.exists'],
    async handle({ caller, body, headers, requestId }) {
      if (body.creator_id != null && body.creator_id !== caller.userId) return refuse('forbidden')
      const key = headers['idempotency-key'] ?? body.idempotency_key ?? ''
      if (typeof key !== 'string' || (key !== '' && !KEY.test(key)))
        return refuseField('idempotency_key', 'takes 1 to 128 printable ASCII characters, no spaces')
      const setup = readSetup(body)
      if (isRefusal(setup)) return setup
      const outcome = await lobbies.create(caller, setup, key, requestId)
      if (outcome.kind === 'refused') return refuse(outcome.code)
      const lobby = bodyOf(outcome.lobby, caller.userId)
      return isRefusal(lobby) ? lobby : created({ lobby, creator_slot: slotOf(lobby, caller) })
    },
  })
}

function lookRoute(lobbies: LobbyService): Route {
  return defineRoute({
    ...own,
    method: 'GET',
    path: '/api/lobbies/{id}',
    auth: 'optional',
    summary: 'A lobby; one that is not for everybody only for who is in it, is invited, or has its code',
    query: z.object({ code: z.string().max(32).optional() }),
    responses: { 200: lobbyAnswer },
    errors: [...COMMON_ERRORS],
    async handle({ params: { id }, query, caller }) {
      const outcome = await lobbies.look(id)
      if (outcome.kind === 'refused') return refuse(outcome.code)
      const viewer = caller?.userId ?? null
      if (!maySee(outcome.lobby.view, viewer, query.code ?? null)) return refuse('lobby.unknown')
      const lobby = bodyOf(outcome.lobby, viewer)
      return isRefusal(lobby) ? lobby : ok({ lobby })
    },
  })
}

function joinRoute(lobbies: LobbyService): Route {
  return defineRoute({
    ...own,
    method: 'POST',
    path: '/api/lobbies/{id}/join',
    summary: 'Take a seat, or another free one',
    body: joinBody,
    responses: { 200: joinedAnswer },
    errors: [
      ...COMMON_ERRORS,
      ...(['lobby.full', 'lobby.seat_taken', 'lobby.no_such_seat', 'lobby.not_open', 'lobby.over'] as const),
      ...(['lobby.not_invited', 'lobby.barred', 'lobby.rating_apart', 'forbidden', 'not_found'] as const),
    ],
    async handle({ params: { id }, body, caller, requestId }) {
      const act = { kind: 'join', seat: body.seat ?? null, code: body.code ?? null } as const
      return shown(lobbies, id, caller, act, requestId, (lobby) => ok({ lobby, assigned_slot: slotOf(lobby, caller) }))
    },
  })
}

function readyRoute(lobbies: LobbyService): Route {
  return defineRoute({
    ...own,
    method: 'PUT',
    path: '/api/lobbies/{id}/ready',
    summary: 'Be ready, or not; not ready ends a ready check',
    body: readyBody,
    responses: { 200: readyAnswer },
    errors: [
      ...COMMON_ERRORS,
      ...(['lobby.not_seated', 'lobby.not_open', 'lobby.ready_check_over', 'forbidden', 'not_found'] as const),
    ],
    async handle({ params: { id }, body, caller, requestId }) {
      const act = { kind: 'ready', ready: body.is_ready } as const
      return shown(lobbies, id, caller, act, requestId, (lobby) => {
        const taken = lobby.player_slots.filter((slot) => slot.player_id !== null)
        const ready = taken.filter((slot) => slot.is_ready).length
        const all = ready === lobby.player_slots.length
        return ok({ lobby, all_players_ready: all, ready_count: ready, total_count: taken.length })
      })
    },
  })
}

function endRoutes(lobbies: LobbyService): readonly Route[] {
  return [
    defineRoute({
      ...own,
      method: 'POST',
      path: '/api/lobbies/{id}/start',
      summary: 'By its owner: the match, once everybody is ready; else a ready check of a minute first',
      body: startBody,
      responses: { 200: startedAnswer },
      errors: [...COMMON_ERRORS, 'lobby.not_owner', 'lobby.not_full', 'lobby.not_open'],
      async handle({ params: { id }, body, caller, requestId }) {
        const act = { kind: 'start', bots: body.fill_bots ?? false } as const
        return shown(lobbies, id, caller, act, requestId, (lobby) =>
          ok({ lobby, match_id: lobby.status === 'starting' || lobby.status === 'started' ? lobby.match_id : null }),
        )
      },
    }),
    defineRoute({
      ...own,
      method: 'DELETE',
      path: '/api/lobbies/{id}/leave',
      summary: 'Give the seat up; in a match also the seat there, and after its lock the stake stays',
      responses: { 204: null },
      errors: [...COMMON_ERRORS, 'lobby.in_match'],
      handle: ({ params: { id }, caller, requestId }) =>
        shown(lobbies, id, caller, { kind: 'leave' }, requestId, () => empty),
    }),
    defineRoute({
      ...own,
      method: 'DELETE',
      path: '/api/lobbies/{id}',
      summary: 'By its owner: close it',
      responses: { 204: null },
      errors: [...COMMON_ERRORS, 'lobby.not_owner', 'lobby.in_match', 'lobby.over'],
      handle: ({ params: { id }, caller, requestId }) =>
        shown(lobbies, id, caller, { kind: 'close' }, requestId, () => empty),
    }),
  ]
}

type Body = Exclude<ReturnType<typeof bodyOf>, { kind: 'refused' }>

async function shown(
  lobbies: LobbyService,
  id: string,
  caller: LobbyCaller & Caller,
  act: LobbyAct,
  requestId: string,
  answer: (lobby: Body) => Answer,
): Promise<Answer> {
  const outcome = await lobbies.act(id, caller, act, requestId)
  if (outcome.kind === 'refused') return refuse(outcome.code)
  const lobby = bodyOf(outcome.lobby, caller.userId)
  return isRefusal(lobby) ? lobby : answer(lobby)
}

function slotOf(lobby: Body, { userId }: LobbyCaller): Body['player_slots'][number] | null {
  return lobby.player_slots.find((slot) => slot.player_id === userId) ?? null
}
