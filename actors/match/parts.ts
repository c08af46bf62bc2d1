// What a decision of a match is put together from: each part brings events with what belongs to them.

import { type Accepted, accept, type Decision } from '../runtime/actor.ts'
import type { Wait } from './commands.ts'
import type { MatchEvent } from './events.ts'
import { evolve } from './evolve.ts'
import type { Match } from './state.ts'

export type MatchDecision = Decision<MatchEvent>
export type Part = Partial<Omit<Accepted<MatchEvent>, 'kind'>>

/** In order. The operation is that of the first part that moves money. */
export function joined(...parts: readonly Part[]): Part {
  const operation = parts.find((part) => part.operation !== undefined)?.operation
  const reply = parts.find((part) => part.reply !== undefined)?.reply
  return {
    ...(operation !== undefined && { operation }),
    ...(reply !== undefined && { reply }),
    events: parts.flatMap(({ events = [] }) => events),
    postings: parts.flatMap(({ postings = [] }) => postings),
    outbox: parts.flatMap(({ outbox = [] }) => outbox),
    timers: parts.flatMap(({ timers = [] }) => timers),
  }
}

export function together(...parts: readonly Part[]): MatchDecision {
  const { operation = 'none', events = [], ...rest } = joined(...parts)
  return accept(operation, events, rest)
}

/** The match as it will be: a record may take it through more than one state. */
export function after<M extends Match>(match: M, part: Part, nowMs: number): M {
  const next = {
    ...match,
    seats: match.seats.map((seat) => ({ ...seat })),
    disputes: match.disputes.map((dispute) => ({ ...dispute })),
  }
  for (const event of part.events ?? []) evolve(next, event, nowMs)
  return next
}

export const NOTHING_NEW: MatchDecision = Object.freeze(accept<MatchEvent>('none', []))

/** A7: journaled. Its body says when it was due, so that a late one knows how late. */
export function waitFor(wait: Wait, dueMs: number): Part {
  return { timers: [{ kind: 'set', name: wait, dueMs, body: dueMs }] }
}

export function noLongerWaiting(wait: { readonly kind: Wait } | null): Part {
  return wait === null ? {} : { timers: [{ kind: 'cancel', name: wait.kind }] }
}

/** A timer that fires this late finds that the server was down. */
const DOWN_MS = 10_000

export function wasDown(dueMs: number, nowMs: number): boolean {
  return nowMs - dueMs > DOWN_MS
}

/** A7: over at its time, whether or not the timer has come by yet; but where the server was down it will be given again. */
export function isOverdue(wait: { readonly dueMs: number } | null, nowMs: number): boolean {
  return wait !== null && wait.dueMs <= nowMs && !wasDown(wait.dueMs, nowMs)
}
