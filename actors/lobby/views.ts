// What a lobby shows of itself when it is asked: all of it, for the desk and the room. Who shows whom what is theirs to know.

import type { UserId } from '../../shared/ids.ts'
import { LOBBY } from './limits.ts'
import { type LobbySetup, teamsOf } from './setup.ts'
import type { Lobby, LobbyStatus } from './state.ts'

export type LobbyQuery = { readonly kind: 'state' }

export interface LobbySeatView {
  readonly seat: number
  readonly team: number
  /** Null: free, or, where a match with bots has begun, a bot's. */
  readonly user: UserId | null
  readonly rating: number | null
  readonly ready: boolean
  readonly joinedMs: number | null
}

export interface LobbyView {
  readonly id: string
  readonly status: LobbyStatus
  /** Null where nobody has made it. */
  readonly setup: LobbySetup | null
  readonly owner: UserId | null
  readonly code: string | null
  readonly seats: readonly LobbySeatView[]
  readonly invited: readonly UserId[]
  readonly barred: readonly UserId[]
  readonly bots: boolean
  readonly match: string | null
  readonly readyDueMs: number | null
  readonly createdMs: number
  readonly sinceMs: number
  /** When it is closed, if nothing happens before; null where it waits for something else. */
  readonly expiresMs: number | null
  readonly reopened: Lobby['reopened']
  readonly closed: Lobby['closed']
}

export function view(lobby: Lobby, _query: LobbyQuery): LobbyView {
  const { id, status, setup, owner, code, bots, match, readyDueMs, createdMs, sinceMs, reopened, closed } = lobby
  const teams = setup === null ? [] : teamsOf(setup)
  return {
    ...{ id, status, setup, owner, code, bots, match, readyDueMs, createdMs, sinceMs, reopened, closed },
    expiresMs: status === 'open' ? lobby.activeMs + LOBBY.idleMs : null,
    invited: [...lobby.invited],
    barred: [...lobby.barred],
    seats: lobby.seats.map((seat, number) => ({
      ...{ seat: number, team: teams[number] ?? 0, user: seat?.user ?? null, rating: seat?.rating ?? null },
      ...{ ready: seat?.ready ?? false, joinedMs: seat?.joinedMs ?? null },
    })),
  }
}
