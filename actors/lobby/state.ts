// A lobby's state: the fold of its events (A3). Who has which seat, who is ready, and which match became of it.

import type { UserId } from '../../shared/ids.ts'
import type { CloseReason, LobbyEvent, ReopenReason, Standing } from './commands.ts'
import { LOBBY } from './limits.ts'
import { type LobbySetup, teamsOf } from './setup.ts'

/** `absent`: nobody has made it. */
export type LobbyStatus = 'absent' | 'open' | 'ready_check' | 'starting' | 'started' | 'completed' | 'cancelled'

export interface LobbySeat extends Standing {
  readonly user: UserId
  readonly joinedMs: number
  ready: boolean
}

export interface Lobby {
  readonly id: string
  status: LobbyStatus
  setup: LobbySetup | null
  owner: UserId | null
  /** Lets into a private lobby whoever knows it. */
  code: string | null
  /** By number; null where nobody sits. */
  seats: (LobbySeat | null)[]
  readonly invited: Set<UserId>
  readonly barred: Set<UserId>
  /** Bots take the seats that nobody has. */
  bots: boolean
  /** The newest that was asked for. */
  match: string | null
  /** Of the ready check. */
  readyDueMs: number | null
  createdMs: number
  /** Of the status. */
  sinceMs: number
  /** When somebody last did something. */
  activeMs: number
  /** Why it is open again; null while it was open all the time. */
  reopened: ReopenReason | null
  closed: { readonly why: CloseReason; readonly by: UserId | null } | null
}

/** One that was made. */
export type Made = Lobby & { setup: LobbySetup; owner: UserId }

export function newLobby(id: string): Lobby {
  return {
    ...{ id, status: 'absent', setup: null, owner: null, code: null, seats: [], bots: false, match: null },
    ...{ invited: new Set(), barred: new Set(), readyDueMs: null, createdMs: 0, sinceMs: 0, activeMs: 0 },
    ...{ reopened: null, closed: null },
  }
}

export function isMade(lobby: Lobby): lobby is Made {
  return lobby.setup !== null
}

export function isOver({ status }: Lobby): boolean {
  return status === 'completed' || status === 'cancelled'
}

/** Of the user; -1 where they have none. */
export function seatOf({ seats }: Pick<Lobby, 'seats'>, user: UserId): number {
  return seats.findIndex((seat) => seat?.user === user)
}

export function seated({ seats }: Pick<Lobby, 'seats'>): readonly LobbySeat[] {
  return seats.filter((seat) => seat !== null)
}

export function evolve(lobby: Lobby, event: LobbyEvent, atMs: number): void {
  lobby.activeMs = atMs
  switch (event.kind) {
    case 'created':
      lobby.setup = event.setup
      lobby.owner = event.owner
      lobby.code = event.code
      lobby.seats = teamsOf(event.setup).map(() => null)
      lobby.createdMs = atMs
      return enter(lobby, 'open', atMs)
    case 'joined':
    case 'moved':
    case 'readied':
    case 'left':
      return evolveSeats(lobby, event, atMs)
    case 'owned':
      lobby.owner = event.user
      return
    case 'invited':
      lobby.invited.add(event.user)
      lobby.barred.delete(event.user)
      return
    case 'checked':
      lobby.readyDueMs = event.dueMs
      lobby.bots = event.bots
      return enter(lobby, 'ready_check', atMs)
    case 'reopened':
      lobby.reopened = event.why
      lobby.bots = false
      for (const seat of seated(lobby)) seat.ready = false
      return enter(lobby, 'open', atMs)
    case 'starting':
      lobby.match = event.match
      lobby.bots = event.bots
      return enter(lobby, 'starting', atMs)
    case 'started':
    case 'completed':
      return enter(lobby, event.kind, atMs)
    case 'closed':
      lobby.closed = { why: event.why, by: event.by }
      return enter(lobby, 'cancelled', atMs)
    default:
      event satisfies never
  }
}

function evolveSeats(
  lobby: Lobby,
  event: Extract<LobbyEvent, { kind: 'joined' | 'moved' | 'readied' | 'left' }>,
  atMs: number,
): void {
  if (event.kind === 'joined') {
    const { user, seat, rating, deviation } = event
    lobby.seats[seat] = { user, rating, deviation, joinedMs: atMs, ready: false }
    lobby.invited.delete(user)
    return
  }
  const number = seatOf(lobby, event.user)
  const seat = lobby.seats[number]
  if (seat === undefined || seat === null) return
  if (event.kind === 'readied') {
    seat.ready = event.ready
    return
  }
  lobby.seats[number] = null
  if (event.kind === 'moved') lobby.seats[event.seat] = seat
  else if (event.why === 'kicked') bar(lobby, event.user)
}

function bar({ barred, invited }: Lobby, user: UserId): void {
  invited.delete(user)
  barred.add(user)
  const [oldest] = barred
  if (barred.size > LOBBY.maxBarred && oldest !== undefined) barred.delete(oldest)
}

function enter(lobby: Lobby, status: LobbyStatus, atMs: number): void {
  lobby.status = status
  lobby.sinceMs = atMs
  if (status !== 'ready_check') lobby.readyDueMs = null
}
