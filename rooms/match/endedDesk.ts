// Rooms of matches that are over, for players who come back to hear how theirs ended: whoever played it has closed its room,
// or is gone, and with it the news. Nothing is played in them, so they are wherever somebody asks, under names of their own.

import { isOver } from '../../actors/match/state.ts'
import type { MatchView } from '../../actors/match/views.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import type { AnyGame } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import { LiveMatch } from './liveMatch.ts'
import type { MatchSurroundings } from './liveParts.ts'

export interface EndedDeskParts extends MatchSurroundings {
  gameOf(id: string): AnyGame | null
  newRoomId(): string
  openRoom(roomId: string): Promise<void>
}

/** Of one process at a time (A5); each goes by itself soon. */
const MAX_ROOMS = 500
/** How long after a match's newest turn somebody may come back to it. */
const ASKED_WITHIN_MS = 60 * 60_000

interface Ended {
  readonly view: MatchView
  readonly game: AnyGame
  readonly users: readonly (UserId | null)[]
}

export class EndedDesk {
  private readonly parts: EndedDeskParts
  private readonly rooms = new Map<string, LiveMatch>()
  private readonly byMatch = new Map<string, Promise<string>>()

  constructor(parts: EndedDeskParts) {
    this.parts = parts
  }

  /** For the room of this id; null where it was not opened here. */
  take(roomId: string): LiveMatch | null {
    return this.rooms.get(roomId) ?? null
  }

  /** The id of a room of this process, or why there is none. A5: opened for nobody but who played. */
  async roomOf(match: string, user: UserId): Promise<{ readonly roomId: string } | ErrorCode> {
    let opening = this.byMatch.get(match)
    if (opening === undefined) {
      const ended = await this.find(match)
      if (ended === null || !ended.users.includes(user)) return 'not_found'
      opening = this.byMatch.get(match)
      if (opening === undefined) {
        if (this.byMatch.size >= MAX_ROOMS) return 'overloaded'
        opening = this.open(match, ended)
        this.byMatch.set(match, opening)
        opening.catch(() => this.byMatch.delete(match))
      }
    }
    return { roomId: await opening }
  }

  close(): void {
    for (const ended of this.rooms.values()) ended.drop()
    this.rooms.clear()
    this.byMatch.clear()
  }

  private async find(match: string): Promise<Ended | null> {
    const view = await this.parts.asks.view(match)
    const game = typeof view === 'string' ? null : this.gameOf(view)
    if (typeof view === 'string' || game === null) return null
    return { view, game, users: (view.spec?.seats ?? []).map(({ user }) => user) }
  }

  private async open(match: string, { view, game, users }: Ended): Promise<string> {
    const roomId = this.parts.newRoomId()
    const gone = (): void => {
      this.rooms.delete(roomId)
      this.byMatch.delete(match)
    }
    // Nothing is written for it, and nothing asked but what its players ask.
    const ended = new LiveMatch({
      ...this.parts,
      ...{ match, game, epoch: 0, users, mayRun: () => false, ended: gone },
    })
    this.rooms.set(roomId, ended)
    try {
      await this.parts.openRoom(roomId)
    } catch (error) {
      gone()
      throw error
    }
    ended.update(view)
    return roomId
  }

  /** Null where it is not over, or has been for long, or was not played here. */
  private gameOf(view: MatchView): AnyGame | null {
    const { spec, status, sinceMs } = view
    const isEnded = isOver(view) || status === 'finished' || status === 'disputed'
    if (spec === null || spec.external || !isEnded) return null
    return sinceMs + ASKED_WITHIN_MS > this.parts.nowMs() ? this.parts.gameOf(spec.game) : null
  }
}
