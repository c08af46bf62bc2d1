// Matches that a queue proposes, here on the arrival of a ticket. A proposal is the envelope that makes the match; its time
// for stakes and acceptance is the players' time to say yes.

import { actorKey } from '../../shared/partition.ts'
import { encodeSpec } from '../match/spec.ts'
import type { DecideContext, OutgoingEnvelope } from '../runtime/actor.ts'
import type { QueueEvent } from './commands.ts'
import { crowdOf, type Found, findMatch } from './matching.ts'
import { partyUnit } from './parties.ts'
import { type Pool, parsePool } from './pool.ts'
import { specOf } from './proposedSpec.ts'
import type { Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, unitOf } from './units.ts'

export interface Proposed {
  readonly proposed: Extract<QueueEvent, { kind: 'proposed' }>
  readonly create: OutgoingEnvelope
}

/** With the newcomer in it, who is not in the state yet; null where it waits. */
export function matchOf(queue: Queue, ticket: Ticket, ctx: DecideContext): Proposed | null {
  const pool = parsePool(queue.id)
  const unit = newcomer(queue, ticket)
  if (pool === null || unit === null) return null
  const found = findMatch(unit, crowdOf(queue.units), pool.teamSize, ctx.nowMs)
  return found === null ? null : propose(queue, pool, found, ctx)
}

/** Null while its party is not complete. */
function newcomer(queue: Queue, ticket: Ticket): Unit | null {
  const { party } = ticket
  if (party === null) return unitOf(ticket.id, [ticket])
  const members = [...(queue.parties.get(party.id) ?? []), ticket].sort((a, b) => (a.id < b.id ? -1 : 1))
  const unit = partyUnit(party.id, members)
  return unit?.tickets.includes(ticket) === true ? unit : null
}

export function propose(queue: Queue, pool: Pool, found: Found, ctx: DecideContext): Proposed {
  const match = `m_${ctx.newId()}`
  const tickets = found.units.flatMap((unit) => unit.tickets.map(({ id }) => id))
  const spec = specOf(queue.id, pool, found, match)
  return {
    proposed: { kind: 'proposed', match, tickets },
    create: { to: actorKey('match', match), name: 'create', money: null, body: encodeSpec(spec) },
  }
}
