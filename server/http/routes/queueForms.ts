// Queues on the wire, as the web client calls them: what a join takes, and how a session and a pool are shown. What a client
// says of its own tier and rating is taken in and ignored: the server's records decide.

import { z } from 'zod'
import type { TicketWishes } from '../../../actors/queue/ticket.ts'
import { isUserId } from '../../../shared/ids.ts'
import { RULES } from '../../../shared/rules.ts'
import type { QueueOrder, QueueSession } from '../../play/queueDesk.ts'
import { idempotencyKeySchema, timeText } from '../schemas.ts'

const word = z.string().regex(/^[a-z0-9_-]{1,32}$/)
const ignored = z.unknown().optional().meta({ description: 'taken from the server’s records; ignored here' })

export const joinBody = z.object({
  player_id: z.string().max(64).nullish(),
  squad_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .nullish()
    .meta({
      description: 'the user id of its leader; those of one squad are matched together, in one team, or not at all',
    }),
  squad_members: z
    .array(z.string().max(64).refine(isUserId))
    .max(4)
    .nullish()
    .meta({ description: 'by the leader alone: the user ids of the others, each of whom joins with the leader’s id' }),
  game_id: word,
  game_mode: word,
  region: z.enum(RULES.regions),
  team_format: z.enum(['1v1', '2v2', '3v3', '4v4', '5v5']).default('1v1'),
  currency: z.enum(['USD', 'CREDIT']).default('USD'),
  entry_fee_cents: z
    .int()
    .min(0)
    .max(100_000)
    .nullish()
    .meta({ description: 'what the tier pays where it is not said' }),
  player_role: word.nullish(),
  map_preferences: z
    .array(z.string().regex(/^[a-z0-9_]{1,32}$/))
    .max(16)
    .nullish(),
  max_ping: z.number().min(1).max(RULES.maxPingMs).nullish(),
  ping: z.number().min(0).max(60_000).nullish().meta({ description: 'to the region, as the client measured it' }),
  fill_bots: z.boolean().nullish().meta({ description: 'bots take the seats nobody wants, where nothing is staked' }),
  tier: ignored,
  player_mmr: ignored,
  priority_boost: ignored,
  skill_range_min: ignored,
  skill_range_max: ignored,
  distribution_rule: ignored,
  idempotency_key: idempotencyKeySchema,
})

export type JoinBody = z.output<typeof joinBody>

export function orderOf(body: JoinBody): QueueOrder {
  const { game_id: game, game_mode: mode, region, team_format: format, currency: asset, entry_fee_cents: fee } = body
  return {
    pool: { game, mode, region, format, asset },
    stakeMinor: fee === null || fee === undefined ? null : BigInt(fee),
    wishes: wishesOf(body),
  }
}

function wishesOf({ squad_id: id, squad_members: members, ...body }: JoinBody): TicketWishes {
  return {
    role: body.player_role ?? '',
    maps: [...new Set(body.map_preferences ?? [])].sort(),
    party: id === null || id === undefined ? null : { id, size: 1 + (members?.length ?? 0), members: members ?? [] },
    fillBots: body.fill_bots ?? false,
  }
}

export const sessionSchema = z
  .object({
    session_id: z.string(),
    status: z.enum(['queued', 'searching', 'matched', 'ready', 'cancelled', 'expired']),
    estimated_wait_seconds: z.int().nullable(),
    queue_position: z.int().nullable(),
    match_id: z.string().nullable(),
    pool_id: z.string().nullable(),
    queued_at: z.string().nullable(),
    expires_at: z.string().nullable(),
  })
  .meta({ id: 'QueueSession' })

export function sessionBody(session: QueueSession): z.output<typeof sessionSchema> {
  const { id, status, pool, match, position, estimateMs, joinedMs, expiresMs } = session
  return {
    session_id: id,
    status,
    estimated_wait_seconds: estimateMs === null ? null : Math.ceil(estimateMs / 1000),
    queue_position: position,
    match_id: match,
    pool_id: pool,
    queued_at: joinedMs === null ? null : timeText(joinedMs),
    expires_at: expiresMs === null ? null : timeText(expiresMs),
  }
}

const countSchema = z.int().min(0)

export const poolsSchema = z
  .object({
    pools: z.array(
      z.object({
        pool_id: z.string(),
        waiting: countSchema,
        by_tier: z.object({ free: countSchema, premium: countSchema, pro: countSchema, elite: countSchema }),
        proposed: countSchema.meta({ description: 'matches whose players are being asked' }),
        matches_made: countSchema,
        estimated_wait_seconds: z.int().nullable(),
        mean_rating: z.int().nullable(),
      }),
    ),
    total_count: countSchema,
    as_of: z.string().nullable().meta({ description: 'null before the first record' }),
  })
  .meta({ id: 'QueuePools' })

export const ratingsSchema = z
  .object({
    user_id: z.string(),
    tier: z.enum(['free', 'premium', 'pro', 'elite']),
    ratings: z.array(
      z.object({
        rating_key: z.string(),
        rating: z.number(),
        deviation: z.number(),
        matches: z.int(),
        provisional: z.boolean(),
        rank: z.string().nullable(),
      }),
    ),
    penalty_until: z
      .string()
      .nullable()
      .meta({ description: 'the queues are closed to them until then; their own alone' }),
  })
  .meta({ id: 'PlayerRatings' })
