// A lobby's state as snapshots keep it. Canonical: equal states give equal text, so every field is written, in this order;
// sets keep the order in which they were filled, which replay gives again.

import type { UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { CloseReason, ReopenReason } from './commands.ts'
import { decodeSetup, encodeSetup } from './setup.ts'
import { type Lobby, type LobbySeat, type LobbyStatus, newLobby } from './state.ts'

type StoredSeat = readonly [user: string, rating: number, deviation: number, joinedMs: number, ready: boolean]

interface StoredLobby {
  readonly id: string
  readonly status: LobbyStatus
  readonly setup: Json
  readonly owner: string | null
  readonly code: string | null
  readonly seats: readonly (StoredSeat | null)[]
  readonly invited: readonly string[]
  readonly barred: readonly string[]
  readonly bots: boolean
  readonly match: string | null
  readonly readyDue: number | null
  /** [created, since, active] */
  readonly times: readonly [number, number, number]
  readonly reopened: ReopenReason | null
  readonly closed: readonly [CloseReason, string | null] | null
}

export function encodeState(lobby: Lobby): Json {
  const { id, status, setup, owner, code, invited, barred, bots, match, reopened, closed } = lobby
  const stored: StoredLobby = {
    ...{ id, status, setup: setup === null ? null : encodeSetup(setup), owner, code },
    seats: lobby.seats.map((seat) => (seat === null ? null : encodeSeat(seat))),
    ...{ invited: [...invited], barred: [...barred], bots, match, readyDue: lobby.readyDueMs },
    times: [lobby.createdMs, lobby.sinceMs, lobby.activeMs],
    ...{ reopened, closed: closed === null ? null : [closed.why, closed.by] },
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

export function decodeState(json: Json): Lobby {
  const stored = json as unknown as StoredLobby // written by encodeState, ids as it found them
  const { id, status, setup, code, bots, match, readyDue, times, reopened, closed } = stored
  const [createdMs, sinceMs, activeMs] = times
  return {
    ...newLobby(id),
    ...{ status, setup: setup === null ? null : decodeSetup(setup), owner: stored.owner as UserId | null, code },
    seats: stored.seats.map((seat) => (seat === null ? null : decodeSeat(seat))),
    invited: new Set(stored.invited as readonly UserId[]),
    barred: new Set(stored.barred as readonly UserId[]),
    ...{ bots, match, readyDueMs: readyDue, createdMs, sinceMs, activeMs, reopened },
    closed: closed === null ? null : { why: closed[0], by: closed[1] as UserId | null },
  }
}

function encodeSeat({ user, rating, deviation, joinedMs, ready }: LobbySeat): StoredSeat {
  return [user, rating, deviation, joinedMs, ready]
}

function decodeSeat([user, rating, deviation, joinedMs, ready]: StoredSeat): LobbySeat {
  return { user: user as UserId, rating, deviation, joinedMs, ready } // as encodeSeat found it
}
