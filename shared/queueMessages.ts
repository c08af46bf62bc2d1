// The messages of the `queue` room: one zod schema each gives the validator, the type and docs/rooms.md.

import { z } from 'zod'
import { isUserId } from './ids.ts'
import { RULES } from './rules.ts'

const key = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .describe('idempotency key: the same key with the same body is carried out once and answered the same')
const word = z.string().regex(/^[a-z0-9_-]{1,32}$/)
const user = z.string().max(64).refine(isUserId)
const match = z
  .string()
  .regex(/^m_[A-Za-z0-9_-]{1,64}$/)
  .describe('match id')

/** What a client asks, by message type. */
export const QUEUE_REQUESTS = {
  session: z.object({}).optional().describe('where the caller stands: waiting, offered a match, in one, or nowhere'),
  join: z
    .object({
      game: word,
      mode: word,
      region: z.enum(RULES.regions),
      format: z.enum(['1v1', '2v2', '3v3', '4v4', '5v5']).optional().describe('1v1 where it is not said'),
      currency: z.enum(['USD', 'CREDIT']).optional().describe('USD where it is not said'),
      entry_fee_cents: z
        .number()
        .int()
        .min(0)
        .max(100_000)
        .optional()
        .describe('what the tier pays where it is not said'),
      role: word.optional(),
      maps: z
        .array(z.string().regex(/^[a-z0-9_]{1,32}$/))
        .max(16)
        .optional()
        .describe('any where none is named'),
      squad: z
        .object({
          id: user.describe('the user id of its leader'),
          members: z.array(user).max(4).optional().describe('by the leader alone: the user ids of the others'),
        })
        .optional()
        .describe(
          'those of one squad are matched together, in one team, or not at all; the others join with its id alone',
        ),
      fill_bots: z.boolean().optional().describe('bots take the seats nobody wants, where nothing is staked'),
      key,
    })
    .describe('waits for a match, in one pool at a time, as the server’s records rate the caller'),
  leave: z.object({}).optional().describe('leaves the queue; nothing is lost by it'),
  accept: z.object({ match }).describe('takes the seat that is offered: by the stake, where there is one'),
  decline: z.object({ match }).describe('gives the seat up; the queues are closed for a while then'),
} as const

const session = z.object({
  status: z.enum(['none', 'queued', 'searching', 'matched', 'ready', 'cancelled', 'expired']),
  session_id: z.string().nullable(),
  pool_id: z.string().nullable(),
  match_id: z.string().nullable(),
  queue_position: z.number().int().nullable(),
  estimated_wait_seconds: z.number().int().nullable(),
})

const offer = z.object({
  match_id: z.string(),
  game: z.string(),
  mode: z.string(),
  map: z.string().nullable(),
  currency: z.string(),
  stake: z.string().describe('decimal; "0" where nothing is staked'),
  status: z.enum(['funding', 'ready', 'live', 'finished', 'disputed', 'settled', 'cancelled']),
  until: z.string().nullable().describe('RFC 3339: until when the seat has to be taken, or the room to be joined'),
  seat: z.number().int(),
  seats: z.array(
    z.object({
      seat: z.number().int(),
      team: z.number().int(),
      user_id: z.string().nullable().describe('null: a bot'),
      accepted: z.boolean(),
      arrived: z.boolean(),
    }),
  ),
})

export const QUEUE_REPLIES = {
  session: session.describe('to `session`, `join` and `leave`'),
  seat: z
    .object({ status: z.enum(['sent', 'taken', 'given_up']) })
    .describe('to `accept` and `decline`; `sent`: the stake is on its way, and `match` tells when it is there'),
} as const

export const QUEUE_PUSHES = {
  session: session.describe('the caller’s standing, whenever it changes'),
  match_found: offer.describe('a seat is offered: accept or decline it in time'),
  ready_check: offer.describe('every seat is taken: join the room `match` with this id in time'),
  match: offer.describe('the match has changed, until it is live or called off'),
} as const

export type QueueSessionNews = z.infer<typeof session>
export type MatchOffer = z.infer<typeof offer>
