// The HTTP half of joining a room: Colyseus' matchmaker reserves a seat, and the WebSocket takes it. Only the ways into
// the rooms named here are let through; who may sit down is the room's own check (onAuth), with the caller's token.

import { ErrorCode as ColyseusError, createAuthContext, matchMaker } from '@colyseus/core'
import { z } from 'zod'
import { type ErrorCode, isErrorCode } from '../../../shared/errors.ts'
import type { UserId } from '../../../shared/ids.ts'
import { isMatchId } from '../../play/matchDesk.ts'
import { type Answer, ok, refuse, refuseField } from '../answer.ts'
import type { HttpHeaders } from '../request.ts'
import { defineRoute, type Route } from '../route.ts'

const METHODS = ['join', 'joinOrCreate', 'joinById', 'reconnect'] as const
/** One of each per process, and it is there. */
const ROOMS: ReadonlySet<string> = new Set(['wallet', 'queue', 'lobby', 'replay'])
/** What has a room for each match, by its id: nobody makes one by asking for it. */
const MATCH_ROOM = 'match'
const ROOM_ID = /^[A-Za-z0-9_-]{1,32}$/

const reservationSchema = z
  .looseObject({ name: z.string(), sessionId: z.string(), roomId: z.string() })
  .meta({ id: 'SeatReservation', description: 'what a Colyseus client needs to connect' })

/** Colyseus' own ways in, and its CORS headers (any origin, with credentials), closed for whoever still asks for them. */
export function trimMatchmaking(): void {
  matchMaker.controller.exposedMethods = [...METHODS]
  const noHeaders: Record<string, string> = {}
  Object.assign(matchMaker.controller, { DEFAULT_CORS_HEADERS: noHeaders, getCorsHeaders: () => noHeaders })
}

export interface MatchmakingParts {
  readonly trustProxy: boolean
  /** The room of this process in which a match is watched. */
  watchRoomOf(match: string): Promise<{ readonly roomId: string } | ErrorCode>
  /** That in which its players hear how a match ended. */
  endedRoomOf(match: string, user: UserId): Promise<{ readonly roomId: string } | ErrorCode>
}

export function matchmakingRoutes({ trustProxy, watchRoomOf, endedRoomOf }: MatchmakingParts): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/matchmake/{method}/{room}',
      tag: 'rooms',
      summary: 'Reserve a seat in a room; Colyseus clients call this before they connect',
      // An expired token says nothing here: the room refuses it. Rooms that are there already are asked whoever calls.
      auth: 'optional',
      rate: 'general',
      params: z.object({ method: z.string(), room: z.string() }),
      body: z.looseObject({
        reconnectionToken: z.string().max(128).optional(),
        matchId: z.string().regex(ROOM_ID).optional().describe('for the room `match`: which one'),
        spectate: z.boolean().optional().describe('for the room `match`: to look on'),
      }),
      responses: { 200: reservationSchema },
      errors: ['unauthenticated', 'token_expired', 'not_found', 'rate_limited', 'unavailable'],
      async handle({ params: { method, room }, body, caller, address, headers }) {
        if (!isOpen(method, room)) return refuse('not_found')
        if (method === 'reconnect' && body.reconnectionToken === undefined) {
          return refuseField('reconnectionToken', 'is needed to take a seat again')
        }
        if (matchMaker.state === matchMaker.MatchMakerState.SHUTTING_DOWN) return refuse('unavailable')
        // Without a trusted proxy, headers that name another address are the client's own invention.
        const trusted = trustProxy ? headers : withoutAddresses(headers)
        const context = createAuthContext({ headers: trusted, remoteAddress: address })
        const join = (roomId: string): Promise<Answer> => reserve('joinById', roomId, body, context)
        if (room !== MATCH_ROOM && method !== 'joinById') return reserve(method, room, body, context)
        const { matchId = null, spectate = false } =
          room === MATCH_ROOM && method !== 'joinById' ? body : { matchId: room }
        if (matchId === null) return refuse('not_found')
        if (spectate) {
          if (caller === null) return stranger(headers)
          const watched = await watchRoomOf(matchId)
          return typeof watched === 'string' ? refuse(watched) : join(watched.roomId)
        }
        // Where the match is played, whichever process that is (C3). Its room goes when it is over, or with its process.
        const played = await join(matchId)
        if (played.kind !== 'refused' || played.code !== 'not_found' || !isMatchId(matchId)) return played
        if (caller === null) return stranger(headers)
        const ended = await endedRoomOf(matchId, caller.userId)
        return typeof ended === 'string' ? played : join(ended.roomId)
      },
    }),
  ]
}

/** A5: no room is opened for who could not enter it. A token that does not hold may have held: whoever renews it learns that. */
function stranger({ authorization }: HttpHeaders): Answer {
  return refuse(authorization === undefined ? 'unauthenticated' : 'token_expired')
}

function isOpen(method: string, room: string): boolean {
  if (method === 'join') return room === MATCH_ROOM
  if (method === 'joinOrCreate') return room === MATCH_ROOM || ROOMS.has(room)
  return (method === 'joinById' || method === 'reconnect') && ROOM_ID.test(room)
}

async function reserve(
  method: string,
  room: string,
  options: object,
  context: ReturnType<typeof createAuthContext>,
): Promise<Answer> {
  try {
    return ok(await matchMaker.controller.invokeMethod(method, room, options, context))
  } catch (error) {
    const code = errorCodeOf(error)
    if (code !== null) return refuse(code)
    // A room of another process, which does not answer: dead, and soon no longer known; or slow. Not logged: Colyseus'
    // message carries the reconnection token.
    if (method !== 'joinOrCreate' && matchMaker.getLocalRoomById(room) === undefined) return refuse('unavailable')
    throw error
  }
}

/** Null where nothing is known of it: a bug, to be logged. */
function errorCodeOf(error: unknown): ErrorCode | null {
  if (!(error instanceof Error)) return null
  // The room's refusals carry a registered code as their message.
  if (isErrorCode(error.message)) return error.message
  switch ('code' in error ? error.code : null) {
    case ColyseusError.AUTH_FAILED:
      return 'unauthenticated'
    case ColyseusError.MATCHMAKE_NO_HANDLER:
    case ColyseusError.MATCHMAKE_INVALID_CRITERIA:
    case ColyseusError.MATCHMAKE_INVALID_ROOM_ID:
    case ColyseusError.MATCHMAKE_EXPIRED:
      return 'not_found'
    default:
      return null
  }
}

function withoutAddresses(headers: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return { ...headers, 'x-real-ip': undefined, 'x-forwarded-for': undefined, 'x-client-ip': undefined }
}
