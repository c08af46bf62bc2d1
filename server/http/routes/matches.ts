// A match as its players see it, and their own seat in it: taken by their own stake (M9) or word, or given up.

import { z } from 'zod'
import type { MatchDesk } from '../../play/matchDesk.ts'
import type { Seats } from '../../play/seatDesk.ts'
import { ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { matchBody, matchParams, matchSchema } from './matchForms.ts'

const MATCH = { tag: 'matches', rate: 'general', params: matchParams } as const
const BUSY = ['rate_limited', 'overloaded', 'unavailable'] as const

const seatSchema = z.object({
  match_id: z.string(),
  status: z
    .enum(['sent', 'taken', 'given_up'])
    .meta({ description: 'sent: the stake is on its way, and comes back where the match does not take it' }),
})

export function matchRoutes(desk: MatchDesk, seats: Seats): readonly Route[] {
  return [readRoute(desk), ...seatRoutes(seats)]
}

function readRoute(desk: MatchDesk): Route {
  return defineRoute({
    ...MATCH,
    method: 'GET',
    path: '/matches/{id}',
    summary: 'A match: its seats, its state, what it waits for',
    auth: 'player',
    responses: { 200: matchSchema },
    errors: ['not_found', ...BUSY],
    async handle({ params: { id } }) {
      const read = await desk.match(id)
      return read.kind === 'refused' ? refuse(read.code) : ok(matchBody(read.view))
    },
  })
}

function seatRoutes(seats: Seats): readonly Route[] {
  const orders = [
    ['stake', 'Pay the stake of the caller’s own seat; repeated, it is paid once', 'accept'],
    ['accept', 'Take the caller’s own seat; where something is staked, by the stake', 'accept'],
    ['decline', 'Give the caller’s own seat up; after the lock the stake stays', 'giveUp'],
  ] as const
  return orders.map(([name, summary, method]) =>
    defineRoute({
      ...MATCH,
      method: 'POST',
      path: `/matches/{id}/${name}`,
      summary,
      auth: 'player',
      responses: { 200: seatSchema },
      errors: [
        ...(['not_found', 'match.not_seated', 'match.not_funding', 'match.over', 'wallet.insufficient_funds'] as const),
        ...(['wallet.owes', 'wallet.frozen', 'wallet.closed', 'wallet.not_open', 'wallet.stake_kyc'] as const),
        ...(['wallet.not_stakable', 'wallet.above_maximum', ...BUSY] as const),
      ],
      async handle({ params: { id }, caller, requestId }) {
        const outcome = await seats[method](caller.userId, id, requestId)
        return outcome.kind === 'refused' ? refuse(outcome.code) : ok({ match_id: id, status: outcome.kind })
      },
    }),
  )
}
