// When a queue looks again: only as often as something can have changed. Nothing waits where nobody does.

import { RULES } from '../../shared/rules.ts'
import type { TimerChange } from '../runtime/record.ts'
import type { QueueEvent } from './commands.ts'
import { parsePool } from './pool.ts'
import type { Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { unitOf, widensAt } from './units.ts'

export const TICK_TIMER = 'tick'

/** Looks no more often than this, however many wait. */
const LEAST_PAUSE_MS = 500

type Timed = Extract<QueueEvent, { kind: 'timed' }>

export interface Ticking {
  /** Null where the timer stays as it is. */
  readonly event: Timed | null
  readonly timers: readonly TimerChange[]
}

export function ticking(queue: Pick<Queue, 'tickMs'>, dueMs: number | null): Ticking {
  if (dueMs === queue.tickMs) return { event: null, timers: [] }
  const timer: TimerChange =
    dueMs === null ? { kind: 'cancel', name: TICK_TIMER } : { kind: 'set', name: TICK_TIMER, dueMs, body: null }
  return { event: { kind: 'timed', dueMs }, timers: [timer] }
}

/** Null where the timer comes early enough for one more ticket. */
export function withTicket(
  queue: Queue,
  ticket: Ticket,
  nowMs: number,
): { readonly event: Timed; readonly timers: readonly TimerChange[] } | null {
  const due = nextTick([ticket], queue, nowMs)
  if (due === null || (queue.tickMs !== null && queue.tickMs <= due)) return null
  const { event, timers } = ticking(queue, due)
  return event === null ? null : { event, timers }
}

/** When the first of these changes what can be matched; null where none of them does. */
export function nextTick(tickets: Iterable<Ticket>, queue: Pick<Queue, 'id'>, nowMs: number): number | null {
  const canFill = fillsBots(queue)
  let due = Number.POSITIVE_INFINITY
  for (const ticket of tickets) due = Math.min(due, changesAt(ticket, canFill, nowMs))
  return due === Number.POSITIVE_INFINITY ? null : Math.max(due, nowMs + LEAST_PAUSE_MS)
}

function changesAt(ticket: Ticket, canFill: boolean, nowMs: number): number {
  const { party, fillBots, joinedMs, expiresMs } = ticket
  let due = expiresMs
  if (party !== null && joinedMs + RULES.partyMs > nowMs) due = Math.min(due, joinedMs + RULES.partyMs)
  const botsMs = joinedMs + RULES.fillBotsAfterMs
  if (canFill && fillBots && botsMs > nowMs) due = Math.min(due, botsMs)
  return Math.min(due, widensAt(unitOf(ticket.id, [ticket]), nowMs) ?? due)
}

/** Bots stake nothing, and play what is played here. */
export function fillsBots(queue: Pick<Queue, 'id'>): boolean {
  const pool = parsePool(queue.id)
  return pool !== null && pool.stakeMinor === 0n && !pool.isExternal
}
