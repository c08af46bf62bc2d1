// A queue's state: the fold of its events (A3). Tickets that wait, those that a match was proposed to, and how long tickets
// have waited of late. What can be matched is derived from it, and kept beside it.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { QueueEvent } from './commands.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, Units, unitOf } from './units.ts'

/** Waits that estimates are made from. */
const RECENT_WAITS = 64

export interface Proposal {
  readonly match: string
  readonly atMs: number
  readonly tickets: readonly Ticket[]
}

export interface Queue {
  readonly id: string
  readonly tickets: Map<RecordId, Ticket>
  readonly proposals: Map<string, Proposal>
  /** Of the newest tickets that a match was proposed to, in ms, oldest first. */
  waits: readonly number[]
  /** Matches made, ever. */
  made: number
  tickMs: number | null
  /** Derived: which ticket a user waits with. */
  readonly byUser: Map<UserId, RecordId>
  /** Derived: the newest match that was proposed to a user and is not decided. */
  readonly proposed: Map<UserId, string>
  /** Derived: parties that wait, complete or not. */
  readonly parties: Map<string, Ticket[]>
  /** Derived: what can be matched now. */
  readonly units: Units
}

export function newQueue(id: string): Queue {
  return {
    id,
    tickets: new Map(),
    proposals: new Map(),
    waits: [],
    made: 0,
    tickMs: null,
    byUser: new Map(),
    proposed: new Map(),
    parties: new Map(),
    units: new Units(),
  }
}

export function evolve(queue: Queue, event: QueueEvent, atMs: number): void {
  switch (event.kind) {
    case 'joined':
      return addTicket(queue, event.ticket)
    case 'over':
      return removeTicket(queue, event.ticket)
    case 'proposed': {
      const { match } = event
      const tickets = event.tickets.flatMap((id) => queue.tickets.get(id) ?? [])
      for (const { id } of tickets) removeTicket(queue, id)
      addProposal(queue, { match, atMs, tickets })
      const waits = tickets.map(({ joinedMs }) => Math.max(0, atMs - joinedMs))
      queue.waits = [...queue.waits, ...waits].slice(-RECENT_WAITS)
      return
    }
    case 'made':
      queue.made++
      dropProposal(queue, event.match)
      return
    case 'called_off': {
      const proposal = dropProposal(queue, event.match)
      for (const [id, expiresMs] of event.requeued) {
        const ticket = proposal?.tickets.find((each) => each.id === id)
        if (ticket !== undefined) addTicket(queue, { ...ticket, expiresMs })
      }
      return
    }
    case 'timed':
      queue.tickMs = event.dueMs
      return
    default:
      event satisfies never
  }
}

export function addProposal(queue: Queue, proposal: Proposal): void {
  queue.proposals.set(proposal.match, proposal)
  for (const { user } of proposal.tickets) {
    const other = queue.proposals.get(queue.proposed.get(user) ?? '')
    // The newest counts, in whatever order they are read.
    if (other === undefined || other.atMs <= proposal.atMs) queue.proposed.set(user, proposal.match)
  }
}

function dropProposal(queue: Queue, match: string): Proposal | undefined {
  const proposal = queue.proposals.get(match)
  queue.proposals.delete(match)
  for (const { user } of proposal?.tickets ?? []) {
    if (queue.proposed.get(user) === match) queue.proposed.delete(user)
  }
  return proposal
}

export function addTicket(queue: Queue, ticket: Ticket): void {
  queue.tickets.set(ticket.id, ticket)
  queue.byUser.set(ticket.user, ticket.id)
  const { party } = ticket
  if (party === null) return queue.units.add(unitOf(ticket.id, [ticket]))
  const members = [...(queue.parties.get(party.id) ?? []), ticket].sort((a, b) => (a.id < b.id ? -1 : 1))
  queue.parties.set(party.id, members)
  const unit = partyUnit(party.id, members)
  if (unit !== null) queue.units.add(unit)
}

function removeTicket(queue: Queue, id: RecordId): void {
  const ticket = queue.tickets.get(id)
  if (ticket === undefined) return
  queue.tickets.delete(id)
  queue.byUser.delete(ticket.user)
  const { party } = ticket
  if (party === null) return queue.units.remove(unitOf(id, [ticket]))
  const members = queue.parties.get(party.id) ?? []
  const unit = partyUnit(party.id, members)
  if (unit !== null) queue.units.remove(unit)
  const left = members.filter((member) => member.id !== id)
  if (left.length === 0) queue.parties.delete(party.id)
  else queue.parties.set(party.id, left)
}

/** Null while somebody is missing. */
function partyUnit(id: string, members: readonly Ticket[]): Unit | null {
  const size = members[0]?.party?.size ?? 0
  return members.length === size ? unitOf(id, members) : null
}

/** Of the unit that this ticket is in; null while its party is not complete. */
export function unitOfTicket(queue: Queue, { id, party }: Ticket): Unit | null {
  const ticket = queue.tickets.get(id)
  if (ticket === undefined) return null
  return party === null ? unitOf(id, [ticket]) : partyUnit(party.id, queue.parties.get(party.id) ?? [])
}
