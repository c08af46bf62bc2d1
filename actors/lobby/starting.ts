// From an open lobby to its match and back: the ready check, the match that is asked for, and what its news make of the
// lobby. A match that is called off opens it again for those who were not at fault.

import type { UserId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { encodeSpec } from '../match/spec.ts'
import { type DecideContext, reject } from '../runtime/actor.ts'
import type { LobbyCommand, LobbyEvent } from './commands.ts'
import { LOBBY } from './limits.ts'
import { specOf } from './matchSpec.ts'
import {
  closed,
  idleFrom,
  type LobbyDecision,
  NO_IDLE_TIMER,
  NO_READY_TIMER,
  NOTHING_NEW,
  type Part,
  reopened,
  together,
} from './parts.ts'
import { going } from './seating.ts'
import { takesBots } from './setup.ts'
import { type Made, seated, seatOf } from './state.ts'

type CommandOf<Kind extends LobbyCommand['kind']> = Extract<LobbyCommand, { kind: Kind }>

export function decideReady(lobby: Made, { user, ready }: CommandOf<'ready'>, ctx: DecideContext): LobbyDecision {
  const seat = lobby.seats[seatOf(lobby, user)]
  if (seat === undefined || seat === null) return reject('lobby.not_seated')
  if (lobby.status !== 'open' && lobby.status !== 'ready_check') return reject('lobby.not_open')
  if (isReadyOverdue(lobby, ctx.nowMs)) return reject('lobby.ready_check_over')
  const said: Part = { events: [{ kind: 'readied', user, ready }], reply: { ready } }
  if (lobby.status === 'open') return seat.ready === ready ? NOTHING_NEW : together(said)
  if (!ready) return together(reopened(lobby, 'declined', ctx.nowMs), { reply: { ready } })
  if (seat.ready) return NOTHING_NEW
  const others = seated(lobby).filter((each) => each !== seat)
  return others.every((each) => each.ready) ? together(said, beginning(lobby, lobby.bots, ctx)) : together(said)
}

/** Its owner is ready by starting it. */
export function decideStart(lobby: Made, { user, bots }: CommandOf<'start'>, ctx: DecideContext): LobbyDecision {
  if (user !== lobby.owner) return reject('lobby.not_owner')
  if (lobby.status === 'ready_check') return NOTHING_NEW
  if (lobby.status !== 'open') return reject('lobby.not_open')
  const empty = lobby.seats.some((seat) => seat === null)
  if (empty && !(bots && takesBots(lobby.setup))) return reject('lobby.not_full')
  const own = lobby.seats[seatOf(lobby, user)]
  const said: readonly LobbyEvent[] = own?.ready === true ? [] : [{ kind: 'readied', user, ready: true }]
  const others = seated(lobby).filter((each) => each.user !== user)
  if (others.every(({ ready }) => ready)) return together({ events: said }, beginning(lobby, empty, ctx))
  const dueMs = ctx.nowMs + LOBBY.readyMs
  return together({
    events: [...said, { kind: 'checked', dueMs, bots: empty }],
    timers: [{ kind: 'set', name: 'ready', dueMs, body: dueMs }],
    reply: { status: 'ready_check' },
  })
}

/** Everybody is ready: the match is asked for, and says what becomes of it. */
function beginning(lobby: Made, bots: boolean, ctx: DecideContext): Part {
  const match = `m_${ctx.newId()}`
  const spec = encodeSpec(specOf(lobby, match))
  return {
    events: [{ kind: 'starting', match, bots }],
    outbox: [{ to: actorKey('match', match), name: 'create', money: null, body: spec }],
    timers: lobby.status === 'ready_check' ? [NO_READY_TIMER, NO_IDLE_TIMER] : [NO_IDLE_TIMER],
    reply: { status: 'starting', match },
  }
}

export function decideNews(lobby: Made, command: CommandOf<'match_news'>, ctx: DecideContext): LobbyDecision {
  const { match, state, atFault } = command
  // Of an earlier one, or after staff has ended the lobby.
  if (match !== lobby.match || (lobby.status !== 'starting' && lobby.status !== 'started')) return NOTHING_NEW
  switch (state) {
    case 'ready':
    case 'finished':
      return NOTHING_NEW
    case 'live':
      return lobby.status === 'started' ? NOTHING_NEW : together({ events: [{ kind: 'started', match }] })
    case 'settled':
      return together({ events: [{ kind: 'completed', match }] })
    case 'cancelled':
      return together(calledOff(lobby, atFault, 'match_cancelled', ctx.nowMs))
  }
}

export function decideRefused(lobby: Made, match: string, ctx: DecideContext): LobbyDecision {
  if (match !== lobby.match || lobby.status !== 'starting') return NOTHING_NEW
  return together(calledOff(lobby, [], 'match_refused', ctx.nowMs))
}

function calledOff(
  lobby: Made,
  atFault: readonly UserId[],
  why: 'match_cancelled' | 'match_refused',
  nowMs: number,
): Part {
  const out = atFault.filter((user) => seatOf(lobby, user) >= 0)
  const gone = going(lobby, out, 'fault', nowMs)
  const staying = seated(lobby).length - out.length
  // Nobody is left, or everybody had left before.
  const then = staying === 0 ? closed(lobby, 'empty', null) : reopened(lobby, why, nowMs)
  return { events: [...(gone.events ?? []), ...(then.events ?? [])], timers: then.timers ?? [] }
}

/** A7: whoever was not ready in time has no seat any more. */
export function decideDue(lobby: Made, { wait, dueMs }: CommandOf<'due'>, ctx: DecideContext): LobbyDecision {
  if (wait === 'ready') {
    if (lobby.status !== 'ready_check' || lobby.readyDueMs !== dueMs) return NOTHING_NEW
    const late = seated(lobby).flatMap(({ user, ready }) => (ready ? [] : [user]))
    return together(going(lobby, late, 'not_ready', ctx.nowMs))
  }
  if (lobby.status !== 'open' && lobby.status !== 'ready_check') return NOTHING_NEW
  const idle = lobby.status === 'open' && ctx.nowMs - lobby.activeMs >= LOBBY.idleMs
  if (idle) return together(closed(lobby, 'idle', null))
  return together({ timers: [idleFrom(lobby.status === 'open' ? lobby.activeMs : ctx.nowMs)] })
}

function isReadyOverdue({ readyDueMs }: Made, nowMs: number): boolean {
  return readyDueMs !== null && readyDueMs <= nowMs
}
