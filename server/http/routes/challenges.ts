// Disputes of results, which the web client calls challenges: raised by a player of the match while its window is open,
// voted on by the others, decided by staff. A challenge's id names its match.

import { z } from 'zod'
import { DISPUTE_TYPES, type DisputeCommand, type DisputeType } from '../../../actors/match/commands.ts'
import { isRecordId, type RecordId } from '../../../shared/ids.ts'
import type { Identity } from '../../identity/port.ts'
import type { Caller } from '../../identity/tokens.ts'
import { EVIDENCE_CHARACTERS, EVIDENCE_TEXTS, evidenceNames } from '../../play/evidenceTexts.ts'
import type { MatchDesk } from '../../play/matchDesk.ts'
import { type Answer, created, empty, ok, refuse } from '../answer.ts'
import { refuseOthers } from '../ownership.ts'
import { defineRoute, type Route } from '../route.ts'
import { idempotencyKeySchema } from '../schemas.ts'
import type { DisputeDesks } from './evidence.ts'
import { challengeBody, challengeSchema, matchParams, splitId } from './matchForms.ts'
import { ORDER_ERRORS, orderedSchema } from './matchOrders.ts'
import { resolve, resolveBody } from './prizePools.ts'

const CHALLENGES = { tag: 'disputes', rate: 'general' } as const
/** What takes the time of people is said less often than anything else. */
const SLOWLY = { rate: 'dispute' } as const
const BUSY = ['rate_limited', 'overloaded', 'unavailable'] as const
const PLAYER_ERRORS = [
  ...(['invalid_request', 'idempotency_key_required', 'idempotency_mismatch', 'forbidden', 'not_found'] as const),
  ...(['match.not_seated', 'match.dispute_unknown', 'match.dispute_closed', ...BUSY] as const),
] as const
const RAISE_ERRORS = ['match.dispute_exists', 'match.window_over', 'match.too_much_evidence'] as const

const params = z.object({ id: z.string().max(100) })
const key = { idempotency_key: idempotencyKeySchema }
const texts = z.array(z.string().min(1).max(EVIDENCE_CHARACTERS)).max(EVIDENCE_TEXTS)
const evidence = texts.default([])

const raiseBody = z.object({
  player_id: z.string().max(64).nullish(),
  match_id: z.string().max(64),
  type: z.enum(DISPUTE_TYPES).default('other'),
  reason: z.string().max(EVIDENCE_CHARACTERS).default(''),
  evidence,
  tick_from: z.int().min(0).nullish(),
  tick_to: z.int().min(0).nullish(),
  ...key,
})

export function challengeRoutes(desks: DisputeDesks, identity: Identity): readonly Route[] {
  const { desk } = desks
  return [...raiseRoutes(desks, identity), ...listRoutes(desk), ...oneRoutes(desks, identity), resolveRoute(desk)]
}

function raiseRoutes(desks: DisputeDesks, identity: Identity): readonly Route[] {
  const raise = { ...CHALLENGES, ...SLOWLY, method: 'POST', auth: 'player', idempotent: true } as const
  return [
    defineRoute({
      ...raise,
      path: '/challenges',
      summary: 'Dispute a result: once for each player, while the window is open; it holds the whole pool',
      body: raiseBody,
      responses: { 201: challengeSchema },
      errors: [...PLAYER_ERRORS, ...RAISE_ERRORS],
      async handle({ body, caller, ...call }) {
        const other = await refuseOthers(caller, body, identity)
        if (other !== null) return other
        const { match_id: match, type, tick_from: from, tick_to: to } = body
        const said = body.reason === '' ? body.evidence : [body.reason, ...body.evidence]
        const ticks = from === null || from === undefined ? null : ([from, to ?? from] as const)
        return raised(desks, match, { type, texts: said, ticks }, { ...call, caller })
      },
    }),
    defineRoute({
      ...raise,
      path: '/match-making/prize-pools/{id}/dispute',
      tag: 'prize pools',
      summary: 'Dispute what a pool is to be paid for, by one of its players',
      params: matchParams,
      body: z.object({
        player_id: z.string().max(64).nullish(),
        reason: z.string().max(EVIDENCE_CHARACTERS),
        evidence,
        ...key,
      }),
      responses: { 201: challengeSchema },
      errors: [...PLAYER_ERRORS, ...RAISE_ERRORS],
      async handle({ params: { id }, body, caller, ...call }) {
        const other = await refuseOthers(caller, body, identity)
        if (other !== null) return other
        const said = [body.reason, ...body.evidence]
        return raised(desks, id, { type: 'wrong_result', texts: said, ticks: null }, { ...call, caller })
      },
    }),
  ]
}

interface PlayerCall {
  readonly caller: Caller
  readonly key: string
  readonly requestId: string
}

interface Said {
  readonly type: DisputeType
  readonly texts: readonly string[]
  readonly ticks: readonly [number, number] | null
}

async function raised(
  { desk, ...kept }: DisputeDesks,
  match: string,
  { type, texts, ticks }: Said,
  call: PlayerCall,
): Promise<Answer> {
  const user = call.caller.userId
  const command: DisputeCommand = { kind: 'dispute', user, type, evidence: evidenceNames(texts), ticks }
  const answer = await desk.tell(match, command, `${user} ${call.key}`, call.requestId)
  if (answer.kind === 'refused') return refuse(answer.code)
  const dispute = answer.view.disputes.find((each) => each.user === user)
  if (dispute === undefined) return refuse('match.dispute_unknown')
  if (!(await kept.texts.keep(match, user, texts, dispute))) return refuse('unavailable')
  return created(challengeBody(match, dispute))
}

const listSchema = z.object({ challenges: z.array(challengeSchema), total_count: z.int() })
const page = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(10_000).default(0),
}

function listRoutes(desk: MatchDesk): readonly Route[] {
  const list = { ...CHALLENGES, method: 'GET', query: z.object(page), responses: { 200: listSchema } } as const
  return [
    defineRoute({
      ...list,
      path: '/challenges',
      summary: 'Disputes in the caller’s own matches, newest match first',
      auth: 'player',
      errors: ['invalid_request', ...BUSY],
      handle: ({ query, caller }) => listed(desk, ['dispute:any', `player:${caller.userId}`], query),
    }),
    defineRoute({
      ...list,
      path: '/challenges/pending',
      summary: 'Disputes in the caller’s own matches that nobody has decided',
      auth: 'player',
      errors: ['invalid_request', ...BUSY],
      handle: ({ query, caller }) => listed(desk, ['dispute:open', `player:${caller.userId}`], query),
    }),
    defineRoute({
      ...CHALLENGES,
      method: 'GET',
      path: '/matches/{id}/challenges',
      summary: 'Disputes of a match',
      auth: 'player',
      params: matchParams,
      responses: { 200: listSchema },
      errors: ['not_found', ...BUSY],
      async handle({ params: { id } }) {
        const read = await desk.match(id)
        if (read.kind === 'refused') return refuse(read.code)
        const { disputes } = read.view
        return ok({ challenges: disputes.map((each) => challengeBody(id, each)), total_count: disputes.length })
      },
    }),
  ]
}

/** As their matches have them now; `total_count` is of matches. */
export async function listed(
  desk: MatchDesk,
  tags: readonly string[],
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<Answer> {
  const found = await desk.list({ tags, limit, offset })
  if (found.kind === 'refused') return refuse(found.code)
  const reads = await Promise.all(found.rows.map(({ match }) => desk.match(match)))
  const challenges = reads.flatMap((read) =>
    read.kind === 'refused' ? [] : read.view.disputes.map((dispute) => challengeBody(read.view.id, dispute)),
  )
  return ok({ challenges, total_count: found.total })
}

function oneRoutes(desks: DisputeDesks, identity: Identity): readonly Route[] {
  const { desk } = desks
  const own = { ...CHALLENGES, auth: 'player', params } as const
  return [
    defineRoute({
      ...own,
      method: 'GET',
      path: '/challenges/{id}',
      summary: 'A dispute, with its votes',
      responses: { 200: challengeSchema },
      errors: ['not_found', 'match.dispute_unknown', ...BUSY],
      async handle({ params: { id } }) {
        const [match, record] = splitId(id)
        const read = await desk.match(match)
        if (read.kind === 'refused') return refuse(read.code)
        const dispute = read.view.disputes.find((each) => each.id === record)
        return dispute === undefined ? refuse('match.dispute_unknown') : ok(challengeBody(match, dispute))
      },
    }),
    defineRoute({
      ...own,
      ...SLOWLY,
      method: 'DELETE',
      path: '/challenges/{id}',
      summary: 'Take a dispute back, by whoever raised it',
      responses: { 204: null },
      errors: [...PLAYER_ERRORS, 'match.dispute_foreign'],
      async handle({ params: { id }, caller, requestId }) {
        const call = { caller, key: '', requestId }
        const answer = await about(
          desks,
          id,
          (dispute) => ({ kind: 'withdraw', id: dispute, user: caller.userId }),
          call,
        )
        return answer.kind === 'refused' ? answer : empty
      },
    }),
    defineRoute({
      ...own,
      ...SLOWLY,
      method: 'POST',
      path: '/challenges/{id}/evidence',
      summary: 'Hand in more evidence, by anybody of the match',
      idempotent: true,
      body: z.object({ player_id: z.string().max(64).nullish(), evidence: texts.min(1), ...key }),
      responses: { 200: challengeSchema },
      errors: [...PLAYER_ERRORS, 'match.too_much_evidence'],
      async handle({ params: { id }, body, caller, ...call }) {
        const other = await refuseOthers(caller, body, identity)
        if (other !== null) return other
        const names = evidenceNames(body.evidence)
        const more = (dispute: RecordId): DisputeCommand => ({
          ...{ kind: 'evidence', id: dispute, user: caller.userId, evidence: names },
        })
        return about(desks, id, more, { ...call, caller }, body.evidence)
      },
    }),
    defineRoute({
      ...own,
      ...SLOWLY,
      method: 'POST',
      path: '/challenges/{id}/vote',
      summary: 'Say whether a dispute is right, by another player of the match; staff sees it',
      body: z.object({ player_id: z.string().max(64).nullish(), vote: z.enum(['uphold', 'reject']) }),
      responses: { 200: challengeSchema },
      errors: [...PLAYER_ERRORS, 'match.dispute_own'],
      async handle({ params: { id }, body, caller, requestId }) {
        const other = await refuseOthers(caller, body, identity)
        if (other !== null) return other
        const vote = (dispute: RecordId): DisputeCommand => ({
          ...{ kind: 'vote', id: dispute, user: caller.userId, verdict: body.vote },
        })
        return about(desks, id, vote, { caller, key: '', requestId })
      },
    }),
  ]
}

async function about(
  { desk, texts }: DisputeDesks,
  id: string,
  command: (dispute: RecordId) => DisputeCommand,
  { caller, key: given, requestId }: PlayerCall,
  said: readonly string[] = [],
): Promise<Answer> {
  const [match, record] = splitId(id)
  if (!isRecordId(record)) return refuse('match.dispute_unknown')
  const answer = await desk.tell(match, command(record), given === '' ? '' : `${caller.userId} ${given}`, requestId)
  if (answer.kind === 'refused') return refuse(answer.code)
  const dispute = answer.view.disputes.find((each) => each.id === record)
  if (dispute === undefined) return refuse('match.dispute_unknown')
  if (!(await texts.keep(match, caller.userId, said, dispute))) return refuse('unavailable')
  return ok(challengeBody(match, dispute))
}

function resolveRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...CHALLENGES,
    method: 'POST',
    path: '/challenges/{id}/resolve',
    summary: 'Decide a dispute, and with it the whole pool; a large one once another approves',
    auth: 'staff',
    idempotent: true,
    params,
    body: resolveBody,
    responses: { 200: orderedSchema },
    errors: [...ORDER_ERRORS, 'match.split_wrong', 'match.dispute_unknown'],
    async handle({ params: { id }, body, ...call }) {
      const [match, record] = splitId(id)
      const read = await desk.match(match)
      if (read.kind === 'refused') return refuse(read.code)
      if (!read.view.disputes.some((each) => each.id === record)) return refuse('match.dispute_unknown')
      return resolve(desk, match, body, call)
    },
  })
}
