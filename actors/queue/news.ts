// What a queue tells players: envelopes without money, which may come back and change nothing then (M4).

import { actorKey } from '../../shared/partition.ts'
import type { TicketEnd } from '../player/commands.ts'
import type { OutgoingEnvelope } from '../runtime/actor.ts'
import type { JoiningTicket } from './ticket.ts'

export function ticketOver({ id, user }: Pick<JoiningTicket, 'id' | 'user'>, why: TicketEnd): OutgoingEnvelope {
  return { to: actorKey('player', user), name: 'ticket_over', money: null, body: [id, why] }
}

export function requeued(
  { id, user }: Pick<JoiningTicket, 'id' | 'user'>,
  pool: string,
  match: string,
): OutgoingEnvelope {
  return { to: actorKey('player', user), name: 'requeued', money: null, body: [id, pool, match] }
}
