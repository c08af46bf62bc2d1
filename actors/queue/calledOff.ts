// What becomes of the tickets of a proposal. Made: the match has its players, and the queue is done with them. Called off:
// whom nobody blames waits on with the time they have waited; whoever came with somebody at fault is out with them, for a
// party plays together or not at all.

import type { UserId } from '../../shared/ids.ts'
import type { TicketEnd } from '../player/commands.ts'
import { accept, type DecideContext, type Decision, type OutgoingEnvelope } from '../runtime/actor.ts'
import type { QueueEvent } from './commands.ts'
import { requeued, ticketOver } from './news.ts'
import type { Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { comesBy, nextTick, ticking } from './ticking.ts'

/** However little of its time was left, a ticket gets another chance. */
const LEAST_LEFT_MS = 60_000

export function made(match: string): Decision<QueueEvent> {
  return accept('none', [{ kind: 'made', match }])
}

/** `atFault`: null where nobody waits on. */
export function calledOff(
  queue: Queue,
  match: string,
  atFault: readonly UserId[] | null,
  ctx: DecideContext,
): Decision<QueueEvent> {
  const tickets = queue.proposals.get(match)?.tickets ?? []
  const waiting: Ticket[] = []
  const outbox: OutgoingEnvelope[] = []
  for (const ticket of tickets) {
    const why = atFault === null ? 'refused' : (endOf(ticket, tickets, atFault) ?? overtaken(queue, ticket, match))
    if (why !== null) {
      outbox.push(ticketOver(ticket, why))
      continue
    }
    const expiresMs = Math.max(ticket.expiresMs, ctx.nowMs + LEAST_LEFT_MS)
    waiting.push({ ...ticket, expiresMs })
    outbox.push(requeued(ticket, queue.id, match))
  }
  const events: QueueEvent[] = [
    { kind: 'called_off', match, requeued: waiting.map(({ id, expiresMs }) => [id, expiresMs]) },
  ]
  // They are looked at soon, together with whoever came meanwhile.
  const due = nextTick(waiting, queue, ctx.nowMs) === null ? null : ctx.nowMs + LOOK_AFTER_MS
  if (due === null || comesBy(queue, due, ctx.nowMs)) return accept('none', events, { outbox })
  const { event, timers } = ticking(queue, due)
  return accept('none', event === null ? events : [...events, event], { outbox, timers })
}

const LOOK_AFTER_MS = 250

/** Null where the ticket waits on. */
function endOf(ticket: Ticket, tickets: readonly Ticket[], atFault: readonly UserId[]): TicketEnd | null {
  if (atFault.includes(ticket.user)) return 'engaged'
  const { party } = ticket
  if (party === null) return null
  const friends = tickets.filter((other) => other.party?.id === party.id)
  return friends.some(({ user }) => atFault.includes(user)) ? 'party' : null
}

// Of a match that nothing was heard of for long: its player waits here again, or was offered another one; or another party
// of that name is here, which theirs would make larger than it said. Where its leader named them, nobody else counts.
function overtaken({ byUser, proposed, parties }: Queue, { user, party }: Ticket, match: string): TicketEnd | null {
  if (byUser.has(user) || proposed.get(user) !== match) return 'engaged'
  return party !== null && party.members === undefined && parties.has(party.id) ? 'party' : null
}
