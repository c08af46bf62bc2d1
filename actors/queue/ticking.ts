// When a queue looks again: only as often as something can have changed. Nothing waits where nobody does.

import type { RecordId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { TimerChange } from '../runtime/record.ts'
import type { QueueEvent } from './commands.ts'
import { parsePool } from './pool.ts'
import type { Looking, Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { widensAt } from './units.ts'

export const TICK_TIMER = 'tick'

/** Looks no more often than this, however many wait. */
const LEAST_PAUSE_MS = 500
/** A timer that has not come so long after its time does not come any more. */
const PARKED_MS = 30_000

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
  if (due === null || comesBy(queue, due, nowMs)) return null
  const { event, timers } = ticking(queue, due)
  return event === null ? null : { event, timers }
}

/** A timer that should have come long ago was parked, and is gone (M4): nobody waits for it. */
export function comesBy({ tickMs }: Pick<Queue, 'tickMs'>, dueMs: number, nowMs: number): boolean {
  return tickMs !== null && tickMs <= dueMs && tickMs > nowMs - PARKED_MS
}

/** By the timer that has just come, and is gone: one that is due again has to be set, whatever it was before. */
export function timedAgain(queue: Queue, dueMs: number | null, looking: Looking | null): Ticking {
  if (dueMs === null) return { event: queue.tickMs === null ? null : { kind: 'timed', dueMs: null }, timers: [] }
  const event: Timed = looking === null ? { kind: 'timed', dueMs } : { kind: 'timed', dueMs, looking }
  return { event, timers: [{ kind: 'set', name: TICK_TIMER, dueMs, body: null }] }
}

/** When the first of these changes what can be matched; null where none of them does. */
export function nextTick(tickets: Iterable<Ticket>, queue: Pick<Queue, 'id'>, nowMs: number): number | null {
  const due = firstChange(tickets, queue, nowMs)
  return due === null ? null : Math.max(due, nowMs + LEAST_PAUSE_MS)
}

/** Of all but those that are `done`; also what has changed since the look at them began. */
export function nextLook(
  queue: Queue,
  done: ReadonlySet<RecordId>,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): number | null {
  const due = firstChange(queue.tickets.values(), queue, sinceMs, done)
  return due === null ? null : Math.max(due, nowMs + LEAST_PAUSE_MS)
}

function firstChange(
  tickets: Iterable<Ticket>,
  queue: Pick<Queue, 'id'>,
  afterMs: number,
  done: ReadonlySet<RecordId> | null = null,
): number | null {
  const canFill = fillsBots(queue)
  let due = Number.POSITIVE_INFINITY
  for (const ticket of tickets) {
    if (done?.has(ticket.id) !== true) due = Math.min(due, changesAt(ticket, canFill, afterMs))
  }
  return due === Number.POSITIVE_INFINITY ? null : due
}

function changesAt(ticket: Ticket, canFill: boolean, nowMs: number): number {
  const { party, fillBots, joinedMs, expiresMs } = ticket
  let due = expiresMs
  if (party !== null && joinedMs + RULES.partyMs > nowMs) due = Math.min(due, joinedMs + RULES.partyMs)
  const botsMs = joinedMs + RULES.fillBotsAfterMs
  if (canFill && fillBots && botsMs > nowMs) due = Math.min(due, botsMs)
  return Math.min(due, widensAt(ticket, nowMs) ?? due)
}

/** Bots stake nothing, and play what is played here. */
export function fillsBots(queue: Pick<Queue, 'id'>): boolean {
  const pool = parsePool(queue.id)
  return pool !== null && pool.stakeMinor === 0n && !pool.isExternal
}
