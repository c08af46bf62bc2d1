// Between a lobby and its match (CONTRACT): what each player has to put in before it begins, and where it is played.

import { z } from 'zod'
import {
  type CommitmentOutcome,
  isIn,
  type LobbyCaller,
  type LobbyService,
  maySee,
} from '../../../actors/lobby/service.ts'
import { gameRules } from '../../../shared/games/rules.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { lobbyParams } from './lobbies.ts'
import { confirmedAnswer, summaryBody, summarySchema } from './lobbyForms.ts'

const own = { tag: 'lobbies', auth: 'player', rate: 'general', params: lobbyParams } as const
const COMMON_ERRORS = ['lobby.unknown', 'lobby.no_match', 'rate_limited', 'overloaded', 'unavailable'] as const
const SEAT_ERRORS = [
  ...(['invalid_request', 'lobby.not_seated', 'lobby.not_open', 'lobby.ready_check_over'] as const),
  ...(['match.not_seated', 'match.not_funding', 'match.forfeit', 'match.over'] as const),
] as const

const connectionAnswer = z.object({
  lobby_id: z.string(),
  match_id: z.string(),
  game_id: z.string(),
  region: z.string(),
  room: z
    .string()
    .nullable()
    .meta({ description: 'the room to join with `matchId`; null for a game played elsewhere' }),
  room_options: z.record(z.string(), z.string()).nullable(),
  server_url: z.string().nullable().meta({ description: 'of a game played elsewhere, once it is known' }),
  server_ip: z.string().nullable(),
  port: z.int().nullable(),
  passcode: z.string().nullable(),
  instructions: z.string(),
})

export function lobbyMatchRoutes(lobbies: LobbyService): readonly Route[] {
  return [readRoute(lobbies), ...sayRoutes(lobbies), connectionRoute(lobbies)]
}

function readRoute(lobbies: LobbyService): Route {
  return defineRoute({
    ...own,
    method: 'GET',
    path: '/api/lobbies/{id}/commitments',
    summary: 'Who has put in what the match waits for: readiness, and then a stake or a word',
    responses: { 200: summarySchema },
    errors: [...COMMON_ERRORS],
    async handle({ params: { id }, caller }) {
      const looked = await lobbies.look(id)
      if (looked.kind === 'refused') return refuse(looked.code)
      if (!maySee(looked.lobby.view, caller.userId, null)) return refuse('lobby.unknown')
      const read = await lobbies.commitments(id)
      return read.kind === 'refused' ? refuse(read.code) : ok(summaryBody(read.commitments))
    },
  })
}

function sayRoutes(lobbies: LobbyService): readonly Route[] {
  return [
    defineRoute({
      ...own,
      method: 'POST',
      path: '/api/lobbies/{id}/commitments/confirm',
      summary: 'Pay the stake of the own seat from the own wallet, or accept it where nothing is staked',
      body: z.object({ player_id: z.string().max(64).nullish() }),
      responses: { 200: confirmedAnswer },
      errors: [
        ...COMMON_ERRORS,
        ...SEAT_ERRORS,
        ...(['wallet.insufficient_funds', 'wallet.stake_kyc', 'wallet.owes', 'wallet.frozen'] as const),
        ...(['wallet.closed', 'wallet.not_open', 'match.stake_required'] as const),
      ],
      async handle({ params: { id }, caller, requestId }) {
        return answered(id, caller, await lobbies.confirm(id, caller, requestId), (outcome) => ({
          ...outcome,
          all_ready: outcome.summary.all_confirmed,
        }))
      },
    }),
    defineRoute({
      ...own,
      method: 'POST',
      path: '/api/lobbies/{id}/commitments/decline',
      summary: 'The match does not take place, and every stake goes back',
      body: z.object({ player_id: z.string().max(64).nullish(), reason: z.string().max(300).nullish() }),
      responses: { 200: summarySchema },
      errors: [...COMMON_ERRORS, ...SEAT_ERRORS],
      async handle({ params: { id }, caller, requestId }) {
        return answered(id, caller, await lobbies.decline(id, caller, requestId), ({ summary }) => summary)
      },
    }),
  ]
}

interface Said {
  readonly commitment: z.input<typeof confirmedAnswer>['commitment']
  readonly summary: z.input<typeof summarySchema>
}

function answered(
  id: string,
  { userId }: LobbyCaller,
  outcome: CommitmentOutcome,
  body: (said: Said) => object,
): Answer {
  if (outcome.kind === 'refused') return refuse(outcome.code)
  const { status, commitments } = outcome
  const commitment = { id: `${id}:${userId}`, lobby_id: id, player_id: userId, status }
  return ok(body({ commitment, summary: summaryBody(commitments) }))
}

function connectionRoute(lobbies: LobbyService): Route {
  return defineRoute({
    ...own,
    method: 'GET',
    path: '/api/lobbies/{id}/connection-info',
    summary: 'Where the match of this lobby is played, for those who have a seat in it',
    responses: { 200: connectionAnswer },
    errors: [...COMMON_ERRORS, 'forbidden'],
    async handle({ params: { id }, caller }) {
      const looked = await lobbies.look(id)
      if (looked.kind === 'refused') return refuse(looked.code)
      const { view } = looked.lobby
      if (!maySee(view, caller.userId, null)) return refuse('lobby.unknown')
      if (!isIn(view, caller.userId)) return refuse('forbidden')
      const { match, setup, status } = view
      if (match === null || setup === null || (status !== 'starting' && status !== 'started'))
        return refuse('lobby.no_match')
      const external = gameRules(setup.game)?.isExternal ?? false
      const answer: z.input<typeof connectionAnswer> = {
        ...{ lobby_id: id, match_id: match, game_id: setup.game, region: setup.region },
        ...{ room: external ? null : 'match', room_options: external ? null : { matchId: match } },
        ...{ server_url: null, server_ip: null, port: null, passcode: null },
        instructions: external
          ? 'This game is played elsewhere: the address of its server has not been reported yet.'
          : 'Join the room with your access token and these options.',
      }
      return ok(answer)
    },
  })
}
