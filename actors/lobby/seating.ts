// Who sits in a lobby: coming in, changing the seat, leaving and being sent away, invitations. Who leaves last closes it;
// where its owner leaves, who has been there longest owns it.

import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { type DecideContext, refuseInput, reject } from '../runtime/actor.ts'
import type { LeaveReason, LobbyCommand, LobbyEvent } from './commands.ts'
import { LOBBY } from './limits.ts'
import { closed, heir, type LobbyDecision, NOTHING_NEW, type Part, reopened, together } from './parts.ts'
import { isOver, type Made, seatOf } from './state.ts'

type CommandOf<Kind extends LobbyCommand['kind']> = Extract<LobbyCommand, { kind: Kind }>

export function decideJoin(lobby: Made, command: CommandOf<'join'>): LobbyDecision {
  const { user, standing, seat: wanted } = command
  if (wanted !== null && lobby.seats[wanted] === undefined) return refuseInput('lobby.no_such_seat')
  const own = seatOf(lobby, user)
  if (own >= 0) return decideMove(lobby, user, own, wanted)
  if (lobby.status !== 'open') return reject(isOver(lobby) ? 'lobby.over' : 'lobby.not_open')
  const barrier = barrierOf(lobby, command)
  if (barrier !== null) return reject(barrier)
  const seat = wanted ?? lobby.seats.indexOf(null)
  if (seat < 0) return reject('lobby.full')
  if (lobby.seats[seat] !== null) return reject('lobby.seat_taken')
  return together({ events: [{ kind: 'joined', user, seat, ...standing }], reply: { seat } })
}

function decideMove(lobby: Made, user: UserId, own: number, wanted: number | null): LobbyDecision {
  if (wanted === null || wanted === own) return together({ reply: { seat: own } })
  if (lobby.status !== 'open') return reject('lobby.not_open')
  if (lobby.seats[wanted] !== null) return reject('lobby.seat_taken')
  return together({ events: [{ kind: 'moved', user, seat: wanted }], reply: { seat: wanted } })
}

function barrierOf(lobby: Made, { user, standing, code }: CommandOf<'join'>) {
  if (lobby.barred.has(user)) return 'lobby.barred'
  if (lobby.invited.has(user)) return null
  switch (lobby.setup.visibility) {
    case 'public':
      return null
    case 'private':
      return code !== null && code === lobby.code ? null : 'lobby.not_invited'
    case 'friends':
      return 'lobby.not_invited'
    case 'matchmaking': {
      const owner = lobby.seats[seatOf(lobby, lobby.owner)]?.rating ?? standing.rating
      return Math.abs(owner - standing.rating) <= RULES.matchWindowMost ? null : 'lobby.rating_apart'
    }
  }
}

export function decideLeave(lobby: Made, { user, match }: CommandOf<'leave'>, ctx: DecideContext): LobbyDecision {
  if (seatOf(lobby, user) < 0) return NOTHING_NEW
  if (isOver(lobby)) return NOTHING_NEW
  const inMatch = lobby.status === 'starting' || lobby.status === 'started'
  // They would be missed there, and nobody would know.
  if (inMatch && match !== lobby.match) return reject('lobby.in_match')
  return together(going(lobby, [user], 'left', ctx.nowMs))
}

export function decideKick(lobby: Made, { user, target }: CommandOf<'kick'>, ctx: DecideContext): LobbyDecision {
  if (user !== lobby.owner) return reject('lobby.not_owner')
  if (target === user) return refuseInput('lobby.own_seat')
  if (lobby.status !== 'open' && lobby.status !== 'ready_check') return reject('lobby.not_open')
  if (seatOf(lobby, target) < 0) return reject('lobby.not_seated')
  return together(going(lobby, [target], 'kicked', ctx.nowMs))
}

export function decideInvite(lobby: Made, { user, target }: CommandOf<'invite'>): LobbyDecision {
  if (user !== lobby.owner) return reject('lobby.not_owner')
  if (isOver(lobby)) return reject('lobby.over')
  if (lobby.invited.has(target) || seatOf(lobby, target) >= 0) return NOTHING_NEW
  if (lobby.invited.size >= LOBBY.maxInvitations) return reject('lobby.too_many_invitations')
  return together({ events: [{ kind: 'invited', user: target }] })
}

/**
 * These go: the lobby is another's, or nobody's and closed, or open again where it was about to start. In a match it stays
 * what it is: the match tells how that goes on.
 */
export function going(lobby: Made, users: readonly UserId[], why: LeaveReason, nowMs: number): Part {
  const leaving = new Set(users)
  const left = users.map((user): LobbyEvent => ({ kind: 'left', user, why }))
  const next = heir(lobby, leaving)
  if (next === null) return whenEmpty(lobby, left)
  const owned: readonly LobbyEvent[] = next.user === lobby.owner ? [] : [{ kind: 'owned', user: next.user }]
  if (lobby.status !== 'ready_check') return { events: [...left, ...owned] }
  const again = reopened(lobby, why === 'not_ready' ? 'not_ready' : 'left', nowMs)
  return { ...again, events: [...left, ...owned, ...(again.events ?? [])] }
}

function whenEmpty(lobby: Made, left: readonly LobbyEvent[]): Part {
  // Of a match that goes on without them: it is over when the match is.
  if (lobby.status === 'starting' || lobby.status === 'started') return { events: left }
  const end = closed(lobby, 'empty', null)
  return { ...end, events: [...left, ...(end.events ?? [])] }
}
