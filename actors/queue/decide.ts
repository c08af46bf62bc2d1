// What a queue answers to each command. Pure (A2). It proposes matches and forgets those that are made: stakes, seats and
// waiting for people are the match's business, which tells how it went.

import type { RecordId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import type { TicketEnd } from '../player/commands.ts'
import { accept, type DecideContext, type Decision, type OutgoingEnvelope } from '../runtime/actor.ts'
import { calledOff, made } from './calledOff.ts'
import type { QueueCommand, QueueEvent } from './commands.ts'
import { ticketOver } from './news.ts'
import { mayWait } from './parties.ts'
import { parsePool } from './pool.ts'
import { matchOf } from './proposing.ts'
import type { Queue } from './state.ts'
import { sweep } from './sweeping.ts'
import type { JoiningTicket, Ticket } from './ticket.ts'
import { nextTick, ticking, withTicket } from './ticking.ts'

type QueueDecision = Decision<QueueEvent>

export function decide(queue: Queue, command: QueueCommand, ctx: DecideContext): QueueDecision {
  switch (command.kind) {
    case 'join':
      return decideJoin(queue, command.ticket, ctx)
    case 'leave':
      return decideLeave(queue, command.ticket)
    case 'match_news':
      if (!queue.proposals.has(command.match)) return NOTHING
      return command.state === 'cancelled' ? calledOff(queue, command.match, command.atFault, ctx) : made(command.match)
    case 'refused':
      // Whatever it was, another match of the same players would be refused as well.
      return calledOff(queue, command.match, null, ctx)
    case 'tick':
      return sweep(queue, ctx)
    case 'returned':
      return NOTHING
  }
}

const NOTHING: QueueDecision = Object.freeze(accept<QueueEvent>('none', []))

function decideJoin(queue: Queue, joining: JoiningTicket, ctx: DecideContext): QueueDecision {
  const why = whyNot(queue, joining, ctx.nowMs)
  if (why !== null) return accept('none', [], { outbox: [ticketOver(joining, why)] })
  const ticket: Ticket = { ...joining, joinedMs: ctx.nowMs, expiresMs: ctx.nowMs + RULES.ticketMs }
  const events: QueueEvent[] = [{ kind: 'joined', ticket }]
  const outbox: OutgoingEnvelope[] = []
  const match = matchOf(queue, ticket, ctx)
  if (match !== null) {
    events.push(match.proposed)
    outbox.push(match.create)
  }
  const tick = match === null ? withTicket(queue, ticket, ctx.nowMs) : null
  if (tick === null) return accept('none', events, { outbox })
  return accept('none', [...events, tick.event], { outbox, timers: tick.timers })
}

/** Null where the ticket may wait here. */
function whyNot(queue: Queue, { user, party }: JoiningTicket, nowMs: number): TicketEnd | null {
  if (parsePool(queue.id) === null || queue.tickets.size >= RULES.maxTicketsPerPool) return 'refused'
  if (queue.byUser.has(user)) return 'engaged'
  const match = queue.proposed.get(user)
  const proposal = match === undefined ? undefined : queue.proposals.get(match)
  if (proposal !== undefined && proposal.atMs + RULES.proposalMs > nowMs) return 'engaged'
  if (party === null) return null
  const members = queue.parties.get(party.id) ?? []
  if (party.members !== undefined) return mayWait(user, party, members) ? null : 'party'
  const isOne = members.every((member) => member.party?.size === party.size)
  return isOne && members.length < party.size ? null : 'party'
}

// Of a ticket that a match was proposed to, its player's actor gives the seat up, and the match says so.
function decideLeave(queue: Queue, ticket: RecordId): QueueDecision {
  if (!queue.tickets.has(ticket)) return NOTHING
  const events: QueueEvent[] = [{ kind: 'over', ticket, why: 'left' }]
  if (queue.tickets.size > 1) return accept('none', events)
  const { event, timers } = ticking(queue, nextTick([], queue, 0))
  return accept('none', event === null ? events : [...events, event], { timers })
}
