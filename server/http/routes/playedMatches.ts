// What a match that was played here was like: what happened in it, who did how well, and where.

import { z } from 'zod'
import type { ErrorCode } from '../../../shared/errors.ts'
import {
  eventsOf,
  heatmap,
  type MatchAnalysis,
  positioning,
  scoreboard,
} from '../../../shared/games/analysis/analysis.ts'
import type { AnyGame } from '../../../shared/games/game.ts'
import type { ReplayDesk } from '../../play/replayDesk.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import {
  columnsQuery,
  manyQuery,
  matchParams,
  offsetQuery,
  playedMatchBody,
  playedMatchSchema,
  seatQuery,
  sharedQuery,
  tickQuery,
} from './replayForms.ts'
import { READ_ERRORS, seen } from './replays.ts'

const ANALYSIS_ERRORS = [
  'invalid_request',
  'unauthenticated',
  'replay.not_ready',
  'replay.damaged',
  'replay.other_rules',
  ...READ_ERRORS,
] as const

export function playedMatchRoutes(desk: ReplayDesk, gameOf: (id: string) => AnyGame | null): readonly Route[] {
  const head = { method: 'GET', tag: 'replays', auth: 'optional', rate: 'general', params: matchParams } as const
  const analysed = { ...head, errors: [...ANALYSIS_ERRORS] as ErrorCode[] }
  const placed = { ...analysed, errors: [...analysed.errors, 'replay.no_field' as const] }
  const analyse = (
    call: Parameters<typeof seenCall>[1],
    answer: (analysis: MatchAnalysis) => Answer,
  ): Promise<Answer> =>
    seenCall(desk, call, async (view) => {
      const analysis = await desk.analysis(view)
      return typeof analysis === 'string' ? refuse(analysis) : answer(analysis)
    })
  return [
    defineRoute({
      ...head,
      path: '/games/{game}/matches/{match}',
      summary: 'One match that was, or is, played here',
      query: sharedQuery,
      responses: { 200: playedMatchSchema },
      errors: ['invalid_request', 'unauthenticated', ...READ_ERRORS],
      handle: (call) =>
        seenCall(desk, call, (view) => {
          const body = playedMatchBody(view, gameOf(call.params.game))
          return body === null ? refuse('not_found') : ok(body)
        }),
    }),
    defineRoute({
      ...analysed,
      path: '/games/{game}/matches/{match}/events',
      summary: 'What happened, in order',
      query: sharedQuery.extend({
        kind: z.string().max(200).optional().meta({ description: 'kinds, separated by commas' }),
        seat: seatQuery.optional().meta({ description: 'who did it, or whom it was done to' }),
        from_tick: tickQuery.optional(),
        to_tick: tickQuery.optional(),
        limit: manyQuery.optional(),
        offset: offsetQuery.optional(),
      }),
      responses: { 200: z.object({ events: z.array(eventSchema), total_count: z.int(), tick_hz: z.number() }) },
      handle: (call) =>
        analyse(call, (analysis) => {
          const { kind, seat, from_tick: fromTick, to_tick: toTick, limit = 100, offset = 0 } = call.query
          const events = eventsOf(analysis, {
            ...(kind === undefined ? {} : { kinds: kind.split(',') }),
            ...(seat === undefined ? {} : { seat }),
            ...(fromTick === undefined ? {} : { fromTick }),
            ...(toTick === undefined ? {} : { toTick }),
          })
          const page = events.slice(offset, offset + limit)
          return ok({ events: page, total_count: events.length, limit, offset, tick_hz: analysis.tickHz })
        }),
    }),
    defineRoute({
      ...analysed,
      path: '/games/{game}/matches/{match}/scoreboard',
      summary: 'How well each seat did, best first',
      query: sharedQuery,
      responses: { 200: z.object({ scoreboard: z.array(z.looseObject({ seat: z.int() })), ticks: z.int() }) },
      handle: (call) =>
        analyse(call, (analysis) => ok({ scoreboard: scoreboard(analysis).map(snake), ticks: analysis.ticks })),
    }),
    ...placeRoutes(placed, analyse),
  ]
}

const eventSchema = z.object({
  tick: z.int(),
  kind: z.string(),
  seat: z.int().nullable(),
  target: z.int().nullable(),
  x: z.number().nullable(),
  y: z.number().nullable(),
  value: z.number().nullable(),
})

type Head = Pick<Parameters<typeof defineRoute>[0], 'errors'> & {
  readonly method: 'GET'
  readonly tag: string
  readonly auth: 'optional'
  readonly rate: 'general'
  readonly params: typeof matchParams
}
type Analyse = (call: Parameters<typeof seenCall>[1], answer: (analysis: MatchAnalysis) => Answer) => Promise<Answer>

function placeRoutes(head: Head, analyse: Analyse): readonly Route[] {
  const seats = (seat: number | undefined): ReadonlySet<number> | null => (seat === undefined ? null : new Set([seat]))
  return [
    defineRoute({
      ...head,
      path: '/games/{game}/matches/{match}/trajectory',
      summary: 'Where each seat was, a few times a second: tick, x and y in turn',
      query: sharedQuery.extend({ seat: seatQuery.optional() }),
      responses: {
        200: z.object({ trajectories: z.array(z.object({ seat: z.int(), points: z.array(z.number()) })) }),
      },
      handle: (call) =>
        analyse(call, ({ field, trajectories, everyTicks, tickHz }) => {
          if (field === null) return refuse('replay.no_field')
          const wanted = seats(call.query.seat)
          const shown = trajectories.filter(({ seat }) => wanted === null || wanted.has(seat))
          const size = { width: field.width, height: field.height }
          return ok({ trajectories: shown, every_ticks: everyTicks, tick_hz: tickHz, field: size })
        }),
    }),
    defineRoute({
      ...head,
      path: '/games/{game}/matches/{match}/heatmap',
      summary: 'How often something was where, in a grid over the field',
      query: sharedQuery.extend({
        of: z.string().max(32).optional().meta({ description: '`presence` (as without it), or a kind of event' }),
        seat: seatQuery.optional(),
        columns: columnsQuery.optional(),
      }),
      responses: { 200: z.looseObject({ columns: z.int(), rows: z.int(), counts: z.array(z.int()) }) },
      handle: (call) =>
        analyse(call, (analysis) => {
          const { of = 'presence', seat, columns } = call.query
          const map = heatmap(analysis, { of, seats: seats(seat), ...(columns === undefined ? {} : { columns }) })
          return map === null ? refuse('replay.no_field') : ok(map)
        }),
    }),
    defineRoute({
      ...head,
      path: '/games/{game}/matches/{match}/positioning-stats',
      summary: 'How each seat moved: how far, how near to others, how much of the field',
      query: sharedQuery,
      responses: { 200: z.object({ positioning: z.array(z.looseObject({ seat: z.int() })) }) },
      handle: (call) =>
        analyse(call, (analysis) => {
          const rows = positioning(analysis)
          return rows === null ? refuse('replay.no_field') : ok({ positioning: rows.map(snake) })
        }),
    }),
  ]
}

interface SeenCall {
  readonly params: { readonly game: string; readonly match: string }
  readonly query: { readonly share_token?: string | undefined }
  readonly caller: Parameters<typeof seen>[3]
}

function seenCall(desk: ReplayDesk, call: SeenCall, answer: Parameters<typeof seen>[5]): Promise<Answer> {
  return seen(desk, call.params.game, call.params.match, call.caller, call.query.share_token, answer)
}

/** Names as HTTP has them. */
function snake(row: object): Record<string, unknown> {
  const name = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [name(key), value]))
}
