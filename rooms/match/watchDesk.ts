// Finds, or opens, the room in which a match is watched in this process.

import { watchDelayMsOf } from '../../actors/match/minima.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { MatchAsks } from './matchAsks.ts'
import type { Watched } from './watchRoom.ts'

export interface WatchDeskParts {
  readonly asks: Pick<MatchAsks, 'view'>
  gameOf(id: string): AnyGame | null
  newRoomId(): string
  openRoom(roomId: string): Promise<void>
}

/** Matches watched in one process at a time (A5). */
const MAX_ROOMS = 1_000

export class WatchDesk {
  private readonly parts: WatchDeskParts
  private readonly rooms = new Map<string, Watched>()
  private readonly byMatch = new Map<string, Promise<string | ErrorCode>>()

  constructor(parts: WatchDeskParts) {
    this.parts = parts
  }

  get watching(): number {
    return this.rooms.size
  }

  watched(roomId: string): Watched | null {
    return this.rooms.get(roomId) ?? null
  }

  gone(roomId: string): void {
    const watched = this.rooms.get(roomId)
    this.rooms.delete(roomId)
    if (watched !== undefined) this.byMatch.delete(watched.match)
  }

  /** The id of a room of this process, or why there is none. */
  async roomOf(match: string): Promise<{ readonly roomId: string } | ErrorCode> {
    let opening = this.byMatch.get(match)
    if (opening === undefined) {
      if (this.byMatch.size >= MAX_ROOMS) return 'overloaded'
      opening = this.open(match)
      this.byMatch.set(match, opening)
      // What was refused, or did not open, may be open later.
      opening.then(
        (roomId) => this.rooms.has(roomId) || this.byMatch.delete(match),
        () => this.byMatch.delete(match),
      )
    }
    const opened = await opening
    return this.rooms.has(opened) ? { roomId: opened } : (opened as ErrorCode) // no room: then it is the refusal
  }

  private async open(match: string): Promise<string | ErrorCode> {
    const view = await this.parts.asks.view(match)
    if (typeof view === 'string') return view
    const { spec, status } = view
    if (spec === null || spec.external || status !== 'live') return 'not_found'
    const game = this.parts.gameOf(spec.game)
    if (game === null) return 'not_found'
    const roomId = this.parts.newRoomId()
    const seats = spec.seats.map(({ user, team }, seat) => ({ seat, team, bot: user === null }))
    const { mode, map } = spec
    const delayMs = watchDelayMsOf(spec)
    this.rooms.set(roomId, { match, game, mode, map, delayMs, seats })
    try {
      await this.parts.openRoom(roomId)
    } catch (error) {
      this.rooms.delete(roomId)
      throw error
    }
    return roomId
  }
}
