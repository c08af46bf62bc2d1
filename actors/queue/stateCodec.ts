// A queue's state as snapshots keep it. Canonical: equal states give equal text, so every list stands in one order. What is
// derived is made again.

import type { Json } from '../runtime/record.ts'
import { addProposal, addTicket, type Looking, newQueue, type Queue } from './state.ts'
import { decodeTicket, encodeTicket, type Ticket } from './ticket.ts'

interface StoredQueue {
  readonly id: string
  readonly tickets: readonly Json[]
  /** [match, at, tickets]. */
  readonly proposals: readonly (readonly [string, number, readonly Json[]])[]
  readonly waits: readonly number[]
  readonly made: number
  readonly tickMs: number | null
  /** [since, rank, unit]. */
  readonly looking?: StoredLooking
}

export type StoredLooking = readonly [number, number, string]

export function encodeLooking({ sinceMs, rankMs, id }: Looking): StoredLooking {
  return [sinceMs, rankMs, id]
}

export function decodeLooking([sinceMs, rankMs, id]: StoredLooking): Looking {
  return { sinceMs, rankMs, id }
}

export function encodeState({ id, tickets, proposals, waits, made, tickMs, looking }: Queue): Json {
  const stored: StoredQueue = {
    id,
    tickets: [...tickets.values()].sort(byId).map(encodeTicket),
    proposals: [...proposals.values()]
      .sort((a, b) => (a.match < b.match ? -1 : 1))
      .map(({ match, atMs, tickets: offered }) => [match, atMs, offered.map(encodeTicket)] as const),
    ...{ waits, made, tickMs },
    ...(looking === null ? {} : { looking: encodeLooking(looking) }),
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

export function decodeState(json: Json): Queue {
  const stored = json as unknown as StoredQueue // written by encodeState
  const queue: Queue = { ...newQueue(stored.id), waits: stored.waits, made: stored.made, tickMs: stored.tickMs }
  if (stored.looking !== undefined) queue.looking = decodeLooking(stored.looking)
  for (const ticket of stored.tickets) addTicket(queue, decodeTicket(ticket))
  for (const [match, atMs, tickets] of stored.proposals)
    addProposal(queue, { match, atMs, tickets: tickets.map(decodeTicket) })
  return queue
}

function byId(one: Ticket, other: Ticket): number {
  return one.id < other.id ? -1 : 1
}
