// The `replay` room: one in each process, for all who look at replays there. Each has a playback of their own, with its
// place and its speed; none hears of another's.

import { type AuthContext, type Client, type MessageContext, Room, ServerError } from '@colyseus/core'
import { type ErrorCode, errorBody } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import { REPLAY_REQUESTS } from '../../shared/matchMessages.ts'
import { authenticate, type Identified, type RoomIdentity } from '../roomIdentity.ts'
import { refuse } from '../walletReplies.ts'
import type { LoopDriver } from './loopDriver.ts'
import { Playback, SPEEDS } from './playback.ts'
import type { Recording } from './recording.ts'

export interface ReplayRoomHost extends RoomIdentity {
  readonly driver: LoopDriver
  readonly rateLimits: boolean
  /** What the user may see of a match, or why not. */
  open(match: string, user: UserId): Promise<{ readonly recording: Recording; readonly game: AnyGame } | ErrorCode>
}

/** Playbacks of one process at a time (A5): each plays its match anew. */
const MAX_PLAYBACKS = 100
const MESSAGES_PER_SECOND = 20

type Viewer = Client<{ auth: Identified }>

let host: ReplayRoomHost | null = null

export function provideReplayHost(provided: ReplayRoomHost): void {
  host = provided
}

function hosted(): ReplayRoomHost {
  if (host === null) throw new Error('the replay room has no host')
  return host
}

export class ReplayRoom extends Room {
  override autoDispose = false
  override maxClients = MAX_PLAYBACKS
  override maxMessagesPerSecond = hosted().rateLimits ? MESSAGES_PER_SECOND : Number.POSITIVE_INFINITY
  private readonly playbacks = new Map<string, Playback>()

  static override onAuth(token: string, _options: unknown, context: AuthContext): Promise<Identified> {
    return authenticate(hosted(), token, context)
  }

  override onCreate(): void {
    this.patchRate = null
    this.onMessage('seek', (client: Viewer, message: unknown, ctx: MessageContext) => {
      if (isGone(client)) return refuse(ctx, 'unauthenticated')
      const parsed = REPLAY_REQUESTS.seek.safeParse(message)
      if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
      this.playbacks.get(client.sessionId)?.seek(parsed.data.tick)
      return { accepted: true }
    })
    this.onMessage('speed', (client: Viewer, message: unknown, ctx: MessageContext) => {
      if (isGone(client)) return refuse(ctx, 'unauthenticated')
      const parsed = REPLAY_REQUESTS.speed.safeParse(message)
      const speed = SPEEDS.find((one) => one === parsed.data?.speed)
      if (!parsed.success || speed === undefined) return refuse(ctx, 'invalid_request', parsed.error)
      this.playbacks.get(client.sessionId)?.setSpeed(speed)
      return { accepted: true }
    })
    this.onMessage('*', (client: Viewer) => client.send('error', errorBody('invalid_request')))
  }

  override async onJoin(client: Viewer, options: unknown): Promise<void> {
    const match = typeof options === 'object' && options !== null && 'matchId' in options ? options.matchId : null
    if (typeof match !== 'string' || client.auth === undefined) throw new ServerError(404, 'not_found')
    if (isGone(client)) throw new ServerError(401, 'unauthenticated')
    const opened = await hosted().open(match, client.auth.userId)
    if (typeof opened === 'string') throw new ServerError(409, opened)
    const { recording, game } = opened
    const { head } = recording
    client.send('replay', {
      ...{ match_id: match, game: head.game, mode: head.setup.mode, map: head.setup.map },
      ...{ tick_hz: head.hz, ticks: head.ticks, seats: head.setup.seats, outcome: head.outcome },
    })
    const show = (view: { readonly t: number; readonly v: unknown }): void => client.send('view', view)
    this.playbacks.set(client.sessionId, new Playback(recording, game, hosted().driver, show))
  }

  override onLeave(client: Viewer): void {
    this.playbacks.get(client.sessionId)?.close()
    this.playbacks.delete(client.sessionId)
  }

  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }
}

/** Erased since they joined. */
function isGone({ auth }: Viewer): boolean {
  return auth !== undefined && hosted().isErased(auth.userId)
}
