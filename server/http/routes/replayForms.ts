// What replays and matches look like on the wire.

import { z } from 'zod'
import { watchDelayMsOf } from '../../../actors/match/minima.ts'
import type { MatchView } from '../../../actors/match/views.ts'
import type { AnyGame } from '../../../shared/games/game.ts'
import { replayStatus } from '../../play/recordingFiles.ts'
import { timeSchema, timeText } from '../schemas.ts'

export const matchParams = z.object({ game: z.string().max(64), match: z.string().max(64) })
export const replayParams = z.object({ game: z.string().max(64), id: z.string().max(64) })

export const sharedQuery = z.object({
  share_token: z.string().max(128).optional().meta({ description: 'in place of a player’s own access token' }),
})

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'takes a whole number' })
    .transform(Number)
    .pipe(z.number().max(most))

export const seatQuery = wholeNumber(63)
export const limitQuery = wholeNumber(100).pipe(z.number().min(1))
export const manyQuery = wholeNumber(1_000).pipe(z.number().min(1))
export const offsetQuery = wholeNumber(10_000)
export const tickQuery = wholeNumber(999_999_999)
export const columnsQuery = wholeNumber(256).pipe(z.number().min(1))

const seatSchema = z.object({ seat: z.int(), user_id: z.string().nullable(), team: z.int(), forfeit: z.boolean() })
const placeSchema = z.object({ seat: z.int(), position: z.int(), score: z.number() })

export const replaySchema = z
  .object({
    id: z.string(),
    match_id: z.string(),
    game_id: z.string(),
    game_mode: z.string(),
    map: z.string().nullable(),
    region: z.string(),
    status: z.enum(['recording', 'ready', 'unavailable']),
    players: z.array(seatSchema),
    result: z.object({ results: z.array(placeSchema), mvp: z.int().nullable() }).nullable(),
    outcome_hash: z.string().nullable(),
    recording_sha256: z.string().nullable(),
    created_at: timeSchema,
    ended_at: timeSchema.nullable(),
  })
  .meta({ id: 'Replay' })

export const playedMatchSchema = replaySchema
  .extend({
    match_status: z.string(),
    tick_hz: z.number().nullable(),
    spectator_delay_seconds: z.number(),
    resumed: z.int().meta({ description: 'how often another server went on with it' }),
  })
  .meta({ id: 'PlayedMatch' })

export function replayBody(view: MatchView): object | null {
  const { spec, score } = view
  if (spec === null) return null
  return {
    ...{ id: view.id, match_id: view.id, game_id: spec.game, game_mode: spec.mode, map: spec.map, region: spec.region },
    status: replayStatus(view),
    players: view.seats.map(({ seat, user, team, forfeit }) => ({ seat, user_id: user, team, forfeit })),
    result: score === null ? null : { results: score.outcome.results, mvp: score.outcome.mvp },
    outcome_hash: score?.hash ?? null,
    recording_sha256: score?.recording ?? null,
    created_at: timeText(view.createdAtMs),
    ended_at: score === null ? null : timeText(score.atMs),
  }
}

export function playedMatchBody(view: MatchView, game: AnyGame | null): object | null {
  const replay = replayBody(view)
  if (replay === null || view.spec === null) return null
  return {
    ...replay,
    match_status: view.status,
    tick_hz: game?.tickHz ?? null,
    spectator_delay_seconds: watchDelayMsOf(view.spec) / 1_000,
    resumed: view.resumes.length,
  }
}
