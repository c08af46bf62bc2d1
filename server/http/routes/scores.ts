// Results of matches that are played elsewhere, and what staff says of any: submitted, under_review, verified, disputed,
// conciliated, finalized, or cancelled. A result's id is its match's with a number; a match has one at a time.

import { z } from 'zod'
import type { MatchCommand, Reporter } from '../../../actors/match/commands.ts'
import { memoText } from '../../../shared/walletMessages.ts'
import type { Caller } from '../../identity/tokens.ts'
import { EVIDENCE_CHARACTERS, type EvidenceTexts, evidenceNames } from '../../play/evidenceTexts.ts'
import type { GameServers, Signer } from '../../play/gameServers.ts'
import type { MatchDesk } from '../../play/matchDesk.ts'
import { type Answer, created, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import { outcomeBody, outcomeOf, poolRow, resultBody, resultSchema, splitId } from './matchForms.ts'
import { ORDER_ERRORS, ordered, orderedSchema } from './matchOrders.ts'

const SCORES = { tag: 'scores', rate: 'general' } as const
const BUSY = ['rate_limited', 'overloaded', 'unavailable'] as const
const STATES = ['submitted', 'under_review', 'verified', 'disputed', 'conciliated', 'finalized', 'cancelled'] as const
const params = z.object({ id: z.string().max(80) })
const key = { idempotency_key: idempotencyKeySchema }
const note = memoText.default('').meta({ description: 'of the matter: it stays in the ledger for ever' })

export function scoreRoutes(desk: MatchDesk, servers: GameServers, texts: EvidenceTexts): readonly Route[] {
  return [
    submitRoute(desk, servers),
    listRoute(desk),
    ...readRoutes(desk),
    ...stepRoutes(desk),
    disputeRoute(desk, texts),
  ]
}

const submitBody = outcomeBody.extend({ match_id: z.string().max(64), ...key })

function submitRoute(desk: MatchDesk, servers: GameServers): Route {
  return defineRoute({
    ...SCORES,
    method: 'POST',
    path: '/scores/match-results',
    summary: 'Report how a match went that is played elsewhere: a game server by its signature, or a player of it',
    auth: 'optional',
    idempotent: true,
    body: submitBody,
    responses: { 201: resultSchema },
    errors: [
      ...([
        'invalid_request',
        'idempotency_key_required',
        'idempotency_mismatch',
        'unauthenticated',
        'forbidden',
      ] as const),
      ...(['not_found', 'match.not_seated', 'match.own', 'match.not_live', 'match.played_here'] as const),
      ...(['match.outcome_invalid', 'match.score_exists', 'match.told', ...BUSY] as const),
    ],
    async handle({ body, caller, key: given, headers, requestId }) {
      const signer = servers.signerOf(headers, body)
      const reporter = reporterOf(signer, caller)
      if (reporter === null) return refuse('unauthenticated')
      const read = await desk.match(body.match_id)
      if (read.kind === 'refused') return refuse(read.code)
      const outcome = outcomeOf(read.view, body)
      if (outcome === null) return refuse('match.outcome_invalid')
      // Keys of those who report never meet; a repeated call of a server's is the same one (M6).
      const name = `report ${reporter.kind} ${reporter.id} ${signer?.nonce ?? given}`
      const answer = await desk.tell(body.match_id, { kind: 'report', by: reporter, outcome }, name, requestId)
      if (answer.kind === 'refused') return refuse(answer.code)
      const result = resultBody(answer.view)
      return result === null ? refuse('match.score_unknown') : created(result)
    },
  })
}

/** Null where nobody has signed, in either way. */
function reporterOf(signer: Signer | null, caller: Caller | null): Reporter | null {
  if (signer !== null) return { kind: 'server', id: signer.name }
  return caller === null ? null : { kind: 'player', id: caller.userId }
}

function listRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...SCORES,
    method: 'GET',
    path: '/scores/match-results',
    summary: 'Matches that have a result, newest first',
    auth: 'player',
    query: z.object({
      status: z.enum(STATES).optional(),
      game_id: z
        .string()
        .regex(/^[a-z0-9_-]{1,32}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      offset: z.coerce.number().int().min(0).max(10_000).default(0),
    }),
    responses: {
      200: z.object({
        match_results: z.array(z.object({ result_id: z.string(), match_id: z.string(), status: z.string() })),
        total_count: z.int(),
      }),
    },
    errors: ['invalid_request', ...BUSY],
    async handle({ query: { status, game_id: game, limit, offset } }) {
      const tags = [`result:${status ?? 'any'}`, ...(game === undefined ? [] : [`game:${game}`])]
      const page = await desk.list({ tags, limit, offset })
      if (page.kind === 'refused') return refuse(page.code)
      const rows = page.rows
        .map(poolRow)
        .flatMap(({ result_id, match_id, result_status }) =>
          result_id === null || result_status === null ? [] : [{ result_id, match_id, status: result_status }],
        )
      return ok({ match_results: rows, total_count: page.total })
    },
  })
}

function readRoutes(desk: MatchDesk): readonly Route[] {
  const read = { ...SCORES, method: 'GET', auth: 'player', responses: { 200: resultSchema } } as const
  const errors = ['not_found', 'match.score_unknown', ...BUSY] as const
  return [
    defineRoute({
      ...read,
      path: '/scores/match-results/{id}',
      summary: 'A result of a match',
      params,
      errors,
      handle: ({ params: { id } }) => resultAnswer(desk, ...splitId(id)),
    }),
    defineRoute({
      ...read,
      path: '/scores/match-results/by-match/{match}',
      summary: 'The newest result of a match',
      params: z.object({ match: z.string().max(64) }),
      errors,
      handle: ({ params: { match } }) => resultAnswer(desk, match, null),
    }),
  ]
}

/** `number`: null for the newest, which is the only one that is kept. */
async function resultAnswer(desk: MatchDesk, match: string, number: string | null): Promise<Answer> {
  const read = await desk.match(match)
  if (read.kind === 'refused') return refuse(read.code)
  const result = resultBody(read.view)
  if (result === null || (number !== null && splitId(result.result_id)[1] !== number))
    return refuse('match.score_unknown')
  return ok(result)
}

function stepRoutes(desk: MatchDesk): readonly Route[] {
  const order = { ...SCORES, method: 'PUT', auth: 'staff', idempotent: true, params } as const
  const errors = [
    ...ORDER_ERRORS,
    'match.score_unknown',
    'match.score_state',
    'match.four_eyes',
    'match.window_open',
  ] as const
  const steps = [
    ['verify', 'A result is right, or what its game flagged was looked at'],
    ['finalize', 'Pay a conciliated result; of a large pool another than who conciliated'],
    ['cancel', 'A result is void: the match waits for another'],
  ] as const
  return [
    ...steps.map(([step, summary]) =>
      defineRoute({
        ...order,
        path: `/scores/match-results/{id}/${step}`,
        summary,
        body: z.object({ note, ...key }),
        responses: { 200: orderedSchema },
        errors,
        handle: ({ params: { id }, body, ...call }) =>
          stepped(desk, id, { kind: 'score', step, by: call.caller.userId, note: body.note }, call),
      }),
    ),
    defineRoute({
      ...order,
      path: '/scores/match-results/{id}/conciliate',
      summary: 'Another outcome in place of a disputed one; it pays nobody before it is finalized',
      body: outcomeBody.extend({ note, ...key }),
      responses: { 200: orderedSchema },
      errors: [...errors, 'match.outcome_invalid'],
      async handle({ params: { id }, body, ...call }) {
        const read = await desk.match(splitId(id)[0])
        if (read.kind === 'refused') return refuse(read.code)
        const outcome = outcomeOf(read.view, body)
        if (outcome === null) return refuse('match.outcome_invalid')
        return stepped(desk, id, { kind: 'conciliate', outcome, by: call.caller.userId, note: body.note }, call)
      },
    }),
  ]
}

async function stepped(
  desk: MatchDesk,
  id: string,
  command: MatchCommand,
  call: Parameters<typeof ordered>[3],
): Promise<Answer> {
  const [match, number] = splitId(id)
  const read = await desk.match(match)
  if (read.kind === 'refused') return refuse(read.code)
  if (`${read.view.score?.number ?? ''}` !== number) return refuse('match.score_unknown')
  return ordered(desk, match, command, call)
}

function disputeRoute(desk: MatchDesk, texts: EvidenceTexts): Route {
  return defineRoute({
    ...SCORES,
    method: 'PUT',
    rate: 'dispute',
    path: '/scores/match-results/{id}/dispute',
    summary: 'Dispute a result, by a player of its match while its window is open',
    auth: 'player',
    idempotent: true,
    params,
    body: z.object({ reason: z.string().max(EVIDENCE_CHARACTERS).default(''), ...key }),
    responses: { 200: resultSchema },
    errors: [
      ...(['invalid_request', 'idempotency_key_required', 'idempotency_mismatch', 'not_found'] as const),
      ...(['match.not_seated', 'match.dispute_exists', 'match.window_over', ...BUSY] as const),
    ],
    async handle({ params: { id }, body, caller, key: given, requestId }) {
      const [match] = splitId(id)
      const said = body.reason === '' ? [] : [body.reason]
      const evidence = evidenceNames(said)
      const command = { kind: 'dispute', user: caller.userId, type: 'wrong_result', evidence, ticks: null } as const
      const answer = await desk.tell(match, command, `${caller.userId} ${given}`, requestId)
      if (answer.kind === 'refused') return refuse(answer.code)
      const dispute = answer.view.disputes.find(({ user }) => user === caller.userId)
      if (dispute !== undefined && !(await texts.keep(match, caller.userId, said, dispute)))
        return refuse('unavailable')
      const result = resultBody(answer.view)
      return result === null ? refuse('match.score_unknown') : ok(result)
    },
  })
}
