// The messages of the `match` and `watch` rooms: one zod schema each gives the validator, the type and docs/rooms.md. What
// a view and an input hold is the game's own (shared/games).

import { z } from 'zod'

const seat = z.number().int().min(0).max(63)

/** What a seated player sends. */
export const MATCH_REQUESTS = {
  input: z
    .object({
      s: z
        .number()
        .int()
        .min(1)
        .max(2 ** 31)
        .describe('sequence, from 1, larger each time: what was sent twice is played once'),
      t: z
        .number()
        .int()
        .min(0)
        .max(2 ** 31)
        .optional()
        .describe('the tick it is meant for; without it, the next one'),
      i: z.unknown().describe('the input, as the game reads it'),
    })
    .describe('a message, not a request: there is no answer but the view in which it was played'),
  surrender: z.object({}).optional().describe('gives up: the seat has left, and its stake stays'),
  dispute: z
    .object({
      type: z.enum(['wrong_result', 'cheating', 'disconnect', 'bug', 'conduct', 'other']),
      from_tick: z
        .number()
        .int()
        .min(0)
        .max(2 ** 31)
        .optional(),
      to_tick: z
        .number()
        .int()
        .min(0)
        .max(2 ** 31)
        .optional(),
      key: z.string().regex(/^[\x21-\x7e]{1,128}$/),
    })
    .describe('disputes the result; the whole pool waits for staff'),
} as const

const accepted = z.object({ accepted: z.literal(true) })

export const MATCH_REPLIES = { surrender: accepted, dispute: accepted } as const

const place = z.object({ seat, position: z.number().int(), score: z.number() })

/** What the room pushes to who is seated in it. */
export const MATCH_PUSHES = {
  match: z
    .object({
      match_id: z.string(),
      status: z.enum(['ready', 'live', 'finished', 'disputed', 'settled', 'cancelled']),
      you: seat.describe('your seat'),
      game: z.string(),
      mode: z.string(),
      map: z.string().nullable(),
      tick_hz: z.number(),
      max_ticks: z.number(),
      asset: z.string(),
      stake: z.string(),
      pool: z.string().describe('what the seats have staked, together'),
      watch_delay_seconds: z.number(),
      due_at: z.string().nullable().describe('until when the match waits in this status'),
      seats: z.array(
        z.object({
          seat,
          team: z.number(),
          user_id: z.string().nullable().describe('null: a bot'),
          arrived: z.boolean(),
          forfeit: z.boolean(),
        }),
      ),
    })
    .describe('what the match is, when it is joined and whenever that changes; only of durable records'),
  view: z
    .object({
      t: z.number().describe('tick'),
      a: z.number().describe('sequence of your newest input that was played'),
      v: z.unknown().describe('what your seat may see, as the game shows it'),
    })
    .describe('after each tick'),
  result: z
    .object({ results: z.array(place), mvp: seat.nullable(), hash: z.string().nullable() })
    .describe('the result, once it is durable'),
  settlement: z
    .object({ payouts: z.array(z.object({ seat, amount: z.string() })), rake: z.string() })
    .describe('what was paid, once it is durable'),
  cancelled: z.object({ why: z.string() }).describe('the stakes go back'),
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }),
} as const

/** What spectators are told. */
export const WATCH_PUSHES = {
  watching: z.object({
    match_id: z.string(),
    game: z.string(),
    mode: z.string(),
    map: z.string().nullable(),
    tick_hz: z.number(),
    delay_seconds: z.number(),
    seats: z.array(z.object({ seat, team: z.number(), bot: z.boolean() })),
  }),
  view: z
    .object({ t: z.number(), v: z.unknown() })
    .describe('what anybody may see, ten times a second, late by the delay'),
  missing: z
    .object({ from_tick: z.number(), to_tick: z.number() })
    .describe('what came after the one tick and before the other was lost to those who watch; it goes on from there'),
  spectators: z.object({ count: z.number() }).describe('how many watch'),
  over: z.object({}).describe('nothing comes any more'),
} as const

/** What somebody asks who looks at a replay. */
export const REPLAY_REQUESTS = {
  seek: z
    .object({
      tick: z
        .number()
        .int()
        .min(0)
        .max(2 ** 31),
    })
    .describe('goes to this tick'),
  speed: z
    .object({ speed: z.literal([0, 0.25, 0.5, 1, 2, 4, 8]).describe('0, 0.25, 0.5, 1, 2, 4 or 8; 0 stands still') })
    .describe('how fast it goes'),
} as const

export const REPLAY_REPLIES = { seek: accepted, speed: accepted } as const

export const REPLAY_PUSHES = {
  replay: z.object({
    match_id: z.string(),
    game: z.string(),
    mode: z.string(),
    map: z.string().nullable(),
    tick_hz: z.number(),
    ticks: z.number(),
    seats: z.array(z.object({ seat, team: z.number(), bot: z.boolean() })),
    outcome: z.object({ results: z.array(place), mvp: seat.nullable() }),
  }),
  view: z.object({ t: z.number(), v: z.unknown() }).describe('what anybody may see at this tick, ten times a second'),
} as const

/** Why a room lets somebody go: the code of the close frame. */
export const CLOSE = Object.freeze({
  /** The match goes on at another server, or later: join it again. */
  moved: 4010,
  /** Somebody joined with the same account: the seat is theirs. */
  takenOver: 4011,
  /** Said nothing for too long. */
  idle: 4012,
  /** The match is over. */
  over: 4013,
})

export interface ViewPush {
  readonly t: number
  readonly a: number
  readonly v: unknown
}
