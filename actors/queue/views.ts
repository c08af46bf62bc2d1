// What a queue shows: a ticket with its chances, or the pool as a whole. Nobody's ticket is shown to others.

import type { RecordId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { Queue } from './state.ts'

export type QueueQuery = { readonly kind: 'pool' } | { readonly kind: 'ticket'; readonly ticket: RecordId }

export interface PoolView {
  readonly kind: 'pool'
  readonly waiting: number
  readonly byTier: Readonly<Record<Tier, number>>
  /** Since when the one that has waited longest waits; null where nobody does. */
  readonly oldestMs: number | null
  /** Matches that players have been asked about and have not all answered. */
  readonly proposed: number
  /** Matches made, ever. */
  readonly made: number
  /** The middle one of recent waits; null while there were none. */
  readonly estimateMs: number | null
  readonly meanRating: number | null
}

export interface TicketView {
  readonly kind: 'ticket'
  /** `unknown`: not here, or not any more. */
  readonly state: 'waiting' | 'proposed' | 'unknown'
  readonly match: string | null
  readonly joinedMs: number | null
  readonly expiresMs: number | null
  /** From 1, in the order they are served. */
  readonly position: number | null
  readonly estimateMs: number | null
}

export type QueueView = PoolView | TicketView

export function view(queue: Queue, query: QueueQuery): QueueView {
  return query.kind === 'pool' ? poolView(queue) : ticketView(queue, query.ticket)
}

function poolView(queue: Queue): PoolView {
  const byTier: Record<Tier, number> = { free: 0, premium: 0, pro: 0, elite: 0 }
  let [oldestMs, ratings] = [Number.POSITIVE_INFINITY, 0]
  for (const { tier, joinedMs, rating } of queue.tickets.values()) {
    byTier[tier]++
    oldestMs = Math.min(oldestMs, joinedMs)
    ratings += rating
  }
  const waiting = queue.tickets.size
  return {
    ...{ kind: 'pool', waiting, byTier, proposed: queue.proposals.size, made: queue.made },
    oldestMs: waiting === 0 ? null : oldestMs,
    estimateMs: estimateOf(queue),
    meanRating: waiting === 0 ? null : Math.round(ratings / waiting),
  }
}

function ticketView(queue: Queue, id: RecordId): TicketView {
  const estimateMs = estimateOf(queue)
  const ticket = queue.tickets.get(id)
  if (ticket !== undefined) {
    const { joinedMs, expiresMs } = ticket
    const position = positionOf(queue, id)
    return { kind: 'ticket', state: 'waiting', match: null, joinedMs, expiresMs, position, estimateMs }
  }
  for (const { match, tickets } of queue.proposals.values()) {
    const offered = tickets.find((each) => each.id === id)
    if (offered === undefined) continue
    const { joinedMs, expiresMs } = offered
    return { kind: 'ticket', state: 'proposed', match, joinedMs, expiresMs, position: null, estimateMs }
  }
  return {
    ...{ kind: 'ticket', state: 'unknown', match: null, joinedMs: null, expiresMs: null },
    ...{ position: null, estimateMs },
  }
}

function positionOf({ units, unitOf }: Queue, id: RecordId): number | null {
  const own = unitOf.get(id)
  return own === undefined ? null : units.rankOf(own) + 1
}

function estimateOf({ waits }: Queue): number | null {
  const sorted = [...waits].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
