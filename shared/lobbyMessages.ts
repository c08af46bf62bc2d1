// The lobby as both wires show it, and the messages of the `lobby` room: one zod schema each gives the validator, the type
// and docs/rooms.md.

import { z } from 'zod'
import { isPrintable } from './walletMessages.ts'

const user = z.string().regex(/^u_[A-Za-z0-9_-]{4,40}$/)
const seatNumber = z.number().int().min(0).max(9)

export const LOBBY_STATUSES = ['open', 'ready_check', 'starting', 'started', 'completed', 'cancelled'] as const

export const slotSchema = z
  .object({
    slot_number: z.number(),
    player_id: z.string().nullable().describe('null: free, or a bot’s once the match is made'),
    player_name: z.string().nullable().describe('text of its owner: show it as text alone'),
    is_ready: z.boolean(),
    joined_at: z.string().nullable(),
    mmr: z.number().nullable(),
    team: z.number().describe('from 1'),
  })
  .meta({ id: 'LobbySlot' })

export const lobbySchema = z
  .object({
    id: z.string(),
    name: z.string().describe('made from the game: a lobby has no title of its own'),
    creator_id: z.string().nullable().describe('who owns it now'),
    status: z.enum(LOBBY_STATUSES),
    visibility: z.enum(['public', 'private', 'matchmaking', 'friends']),
    type: z.enum(['ranked', 'custom']).describe('ranked: its result counts for the rating'),
    game_id: z.string(),
    game_mode: z.string(),
    team_format: z.string(),
    map: z.string().nullable().describe('null leaves it to the match'),
    map_pool: z.array(z.string()),
    region: z.string(),
    max_players: z.number(),
    min_players: z.number(),
    requires_ready_check: z.literal(true),
    allow_spectators: z.literal(true),
    allow_cross_platform: z.literal(true),
    is_featured: z.boolean(),
    tags: z.array(z.string()),
    player_slots: z.array(slotSchema),
    takes_bots: z.boolean().describe('whether bots may take the free seats'),
    entry_fee_cents: z.number(),
    distribution_rule: z.string(),
    prize_pool: z.object({
      prize_pool_id: z.string().nullable().describe('the match that holds it'),
      currency: z.string(),
      entry_fee: z.string(),
      entry_fee_cents: z.number(),
      total: z.string().describe('with every seat taken'),
      platform_fee: z.string().describe('of that; none where the pool is refunded'),
      distribution_rule: z.string(),
      dispute_window_hours: z.number(),
    }),
    match_id: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
    expires_at: z.string().nullable().describe('when it is closed, if nothing happens'),
    ready_check_ends_at: z.string().nullable(),
    started_at: z.string().nullable(),
    completed_at: z.string().nullable(),
    reopened_because: z.string().nullable(),
    closed_because: z.string().nullable(),
    join_code: z.string().nullable().describe('for those who sit in it'),
    invited: z.array(z.string()).describe('for those who sit in it'),
  })
  .meta({ id: 'Lobby' })

export type LobbyBody = z.infer<typeof lobbySchema>

export const CHAT = Object.freeze({
  maxLength: 300,
  /** Messages of one player, and in which time. */
  burst: 5,
  burstMs: 5_000,
  /** Kept for those who come later. */
  kept: 50,
})

export const LOBBY_REQUESTS = {
  join: z
    .object({ seat: seatNumber.optional(), code: z.string().max(32).optional() })
    .optional()
    .describe('takes a seat, or another free one'),
  ready: z.object({ ready: z.boolean() }),
  start: z
    .object({ bots: z.boolean().optional().describe('for the free seats, where nothing is staked') })
    .optional()
    .describe('by the owner: a ready check, and then the match'),
  leave: z.object({}).optional().describe('gives the seat up; in a match also the seat there'),
  invite: z.object({ user_id: user }).describe('by the owner'),
  kick: z.object({ user_id: user }).describe('by the owner: they do not come back, unless invited'),
  confirm: z.object({}).optional().describe('pays the stake of the own seat, or accepts it where nothing is staked'),
  decline: z.object({}).optional().describe('the match does not take place'),
  chat: z
    .object({
      text: z
        .string()
        .min(1)
        .max(CHAT.maxLength)
        .refine((text) => text.trim() !== '' && isPrintable(text), { error: 'takes printable text only' }),
    })
    .describe('said to those who are here; kept nowhere'),
} as const

export type LobbyRequest = keyof typeof LOBBY_REQUESTS

const lobbyReply = z.object({ lobby: lobbySchema })
const seatReply = z.object({ status: z.enum(['pending', 'confirmed', 'declined']) })

export const LOBBY_REPLIES = {
  join: lobbyReply,
  ready: lobbyReply,
  start: lobbyReply,
  leave: lobbyReply,
  invite: lobbyReply,
  kick: lobbyReply,
  confirm: seatReply,
  decline: seatReply,
  chat: z.object({ said: z.literal(true) }),
} as const

export const chatLine = z.object({
  user_id: z.string(),
  name: z.string().nullable().describe('show it as text alone'),
  text: z.string().describe('show it as text alone'),
  at: z.string(),
})
export type ChatLine = z.infer<typeof chatLine>

export const LOBBY_PUSHES = {
  lobby: lobbySchema.describe('when it is joined, and whenever it changes; only of durable records'),
  chat: z.object({ lines: z.array(chatLine) }).describe('what was said: at first the last 50 lines'),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
} as const

/** Why the room lets somebody go: the code of the close frame. */
export const LOBBY_CLOSE = Object.freeze({
  /** Not theirs to see any more. */
  sentAway: 4020,
  over: 4021,
})
