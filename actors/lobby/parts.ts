// Pieces that decisions of a lobby are put together from: events, with what they send and wait for.

import type { UserId } from '../../shared/ids.ts'
import { type Accepted, accept, type Decision, type OutgoingEnvelope } from '../runtime/actor.ts'
import type { Json, TimerChange } from '../runtime/record.ts'
import type { CloseReason, LobbyEvent, ReopenReason } from './commands.ts'
import { LOBBY } from './limits.ts'
import type { LobbySeat, Made } from './state.ts'

export type LobbyDecision = Decision<LobbyEvent>

export interface Part {
  readonly events?: readonly LobbyEvent[]
  readonly outbox?: readonly OutgoingEnvelope[]
  readonly timers?: readonly TimerChange[]
  readonly reply?: Json
}

/** Later replies win. */
export function together(...parts: readonly Part[]): Accepted<LobbyEvent> {
  const reply = parts.findLast((part) => part.reply !== undefined)?.reply
  return accept(
    'none',
    parts.flatMap(({ events }) => events ?? []),
    {
      outbox: parts.flatMap(({ outbox }) => outbox ?? []),
      timers: parts.flatMap(({ timers }) => timers ?? []),
      ...(reply === undefined ? {} : { reply }),
    },
  )
}

export const NOTHING_NEW: LobbyDecision = Object.freeze(together())

/** A timer of the same name takes the earlier one's place. */
export function idleFrom(nowMs: number): TimerChange {
  const dueMs = nowMs + LOBBY.idleMs
  return { kind: 'set', name: 'idle', dueMs, body: dueMs }
}

export const NO_READY_TIMER: TimerChange = Object.freeze({ kind: 'cancel', name: 'ready' })
export const NO_IDLE_TIMER: TimerChange = Object.freeze({ kind: 'cancel', name: 'idle' })

/** Over, whatever it waited for. */
export function closed(lobby: Made, why: CloseReason, by: UserId | null): Part {
  const timers = lobby.status === 'ready_check' ? [NO_READY_TIMER, NO_IDLE_TIMER] : [NO_IDLE_TIMER]
  return { events: [{ kind: 'closed', why, by }], timers }
}

/** Open again for those who stay: none of them is ready any more. */
export function reopened(lobby: Made, why: ReopenReason, nowMs: number): Part {
  const timers = lobby.status === 'ready_check' ? [NO_READY_TIMER, idleFrom(nowMs)] : [idleFrom(nowMs)]
  return { events: [{ kind: 'reopened', why }], timers }
}

/** Of those who stay when these go, who has been there longest owns it, if its owner goes. Null: nobody stays. */
export function heir(lobby: Made, going: ReadonlySet<UserId>): LobbySeat | null {
  const staying = lobby.seats.filter((seat) => seat !== null).filter(({ user }) => !going.has(user))
  const first = staying.reduce<LobbySeat | null>(
    (eldest, seat) => (eldest === null || seat.joinedMs < eldest.joinedMs ? seat : eldest),
    null,
  )
  return staying.find(({ user }) => user === lobby.owner) ?? first
}
