// The `watch` room: who looks on at one match, on the process they came to. It has no way to the loop, only what anybody
// may see, late, the same bytes for all. Who reads too slowly is let go of by the transport (A5). Made by the desk of
// watching alone; goes when nobody looks on any more.

import { type AuthContext, type Client, CloseCode, Room, ServerError } from '@colyseus/core'
import { errorBody } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import { CLOSE } from '../../shared/matchMessages.ts'
import { authenticate, type Identified, type RoomIdentity } from '../roomIdentity.ts'
import type { WatchedView, WatchParts, WatchStream } from './watchStream.ts'

export interface Watched {
  readonly match: string
  readonly game: AnyGame
  readonly mode: string
  readonly map: string | null
  readonly delayMs: number
  readonly seats: readonly { readonly seat: number; readonly team: number; readonly bot: boolean }[]
}

export interface WatchRoomHost extends RoomIdentity {
  readonly rateLimits: boolean
  /** What the room of this id shows; null where it was not opened by the desk. */
  watched(roomId: string): Watched | null
  stream(parts: Pick<WatchParts, 'match' | 'delayMs' | 'show' | 'missing' | 'over'>): WatchStream
  gone(roomId: string): void
}

const MAX_SPECTATORS = 10_000
const COUNT_EVERY_MS = 1_000
/** A spectator has nothing to say. */
const MESSAGES_PER_SECOND = 5

type Spectator = Client<{ auth: Identified }>

let host: WatchRoomHost | null = null

export function provideWatchHost(provided: WatchRoomHost): void {
  host = provided
}

function hosted(): WatchRoomHost {
  if (host === null) throw new Error('the watch room has no host')
  return host
}

export class WatchRoom extends Room {
  override maxClients = MAX_SPECTATORS
  override maxMessagesPerSecond = hosted().rateLimits ? MESSAGES_PER_SECOND : Number.POSITIVE_INFINITY
  private watched: Watched | null = null
  private stream: WatchStream | null = null
  private newest: WatchedView | null = null
  private told = 0

  static override onAuth(token: string, _options: unknown, context: AuthContext): Promise<Identified> {
    return authenticate(hosted(), token, context)
  }

  override onCreate(): void {
    this.patchRate = null
    const watched = hosted().watched(this.roomId)
    if (watched === null) throw new ServerError(404, 'not_found')
    this.watched = watched
    this.stream = hosted().stream({
      match: watched.match,
      delayMs: watched.delayMs,
      show: (view) => {
        this.newest = view
        this.broadcast('view', view)
      },
      missing: ({ from, to }) => this.broadcast('missing', { from_tick: from, to_tick: to }),
      over: () => this.over(),
    })
    this.clock.setInterval(() => this.tellCount(), COUNT_EVERY_MS)
    this.onMessage('*', (client: Spectator) => client.send('error', errorBody('invalid_request')))
  }

  override onJoin(client: Spectator): void {
    if (isGone(client)) throw new ServerError(401, 'unauthenticated')
    const { watched } = this
    if (watched === null) throw new ServerError(404, 'not_found')
    const { match, game, mode, map, delayMs, seats } = watched
    client.send('watching', {
      ...{ match_id: match, game: game.id, mode, map, tick_hz: game.tickHz, delay_seconds: delayMs / 1_000, seats },
    })
    client.send('spectators', { count: this.clients.length })
    if (this.newest !== null) client.send('view', this.newest)
  }

  override onDispose(): void {
    this.stream?.close()
    hosted().gone(this.roomId)
  }

  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }

  private tellCount(): void {
    // They say nothing, so nothing of theirs could be refused: who was erased is shown nothing more.
    for (const client of this.clients) if (isGone(client as Spectator)) client.leave(CloseCode.WITH_ERROR)
    const count = this.clients.length
    if (count === this.told) return
    this.told = count
    this.broadcast('spectators', { count })
  }

  private over(): void {
    this.broadcast('over', {})
    this.disconnect(CLOSE.over).catch((error: unknown) => hosted().failed(error))
  }
}

/** Erased since they joined. */
function isGone({ auth }: Spectator): boolean {
  return auth !== undefined && hosted().isErased(auth.userId)
}
