// A queue's state: the fold of its events (A3). Tickets that wait, those that a match was proposed to, and how long tickets
// have waited of late. What can be matched is derived from it, and kept beside it.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { QueueEvent } from './commands.ts'
import { partyUnit } from './parties.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, Units, unitOf } from './units.ts'

/** Waits that estimates are made from. */
const RECENT_WAITS = 64

export interface Proposal {
  readonly match: string
  readonly atMs: number
  readonly tickets: readonly Ticket[]
}

/** A look at everybody is made in steps: how far it has come, in the order in which they are served. */
export interface Looking {
  readonly sinceMs: number
  readonly rankMs: number
  readonly id: string
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
  /** Where the look that is under way goes on; null where none is. */
  looking: Looking | null
  /** Derived: what can be matched now. */
  readonly units: Units
  /** Derived: which of the units a ticket is in. */
  readonly unitOf: Map<RecordId, Unit>
}

export function newQueue(id: string): Queue {
  return {
    id,
    tickets: new Map(),
    proposals: new Map(),
    waits: [],
    made: 0,
    tickMs: null,
    looking: null,
    byUser: new Map(),
    proposed: new Map(),
    parties: new Map(),
    units: new Units(),
    unitOf: new Map(),
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
      queue.looking = event.looking ?? null
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
  if (party === null) return addUnit(queue, unitOf(ticket.id, [ticket]))
  const others = queue.parties.get(party.id) ?? []
  changeParty(
    queue,
    party.id,
    [...others, ticket].sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
}

function removeTicket(queue: Queue, id: RecordId): void {
  const ticket = queue.tickets.get(id)
  if (ticket === undefined) return
  queue.tickets.delete(id)
  queue.byUser.delete(ticket.user)
  const { party } = ticket
  if (party === null) return removeUnit(queue, id)
  const others = queue.parties.get(party.id) ?? []
  changeParty(
    queue,
    party.id,
    others.filter((other) => other.id !== id),
  )
}

/** Whoever waits under its name: what of them can be matched now may be another unit, or none any more. */
function changeParty(queue: Queue, party: string, tickets: Ticket[]): void {
  const before = queue.parties.get(party)?.find(({ id }) => queue.unitOf.has(id))
  if (before !== undefined) removeUnit(queue, before.id)
  if (tickets.length === 0) queue.parties.delete(party)
  else queue.parties.set(party, tickets)
  const unit = partyUnit(party, tickets)
  if (unit !== null) addUnit(queue, unit)
}

function addUnit({ units, unitOf: unitsOf }: Queue, unit: Unit): void {
  units.add(unit)
  for (const { id } of unit.tickets) unitsOf.set(id, unit)
}

function removeUnit({ units, unitOf: unitsOf }: Queue, ticket: RecordId): void {
  const unit = unitsOf.get(ticket)
  if (unit === undefined) return
  units.remove(unit)
  for (const { id } of unit.tickets) unitsOf.delete(id)
}
