// Matches that a queue proposes: on arrival of a ticket, and when it looks again. A proposal is the envelope that makes the
// match; its time for stakes and acceptance is the players' time to say yes.

import type { RecordId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { RULES } from '../../shared/rules.ts'
import { encodeSpec } from '../match/spec.ts'
import { accept, type DecideContext, type Decision, type OutgoingEnvelope } from '../runtime/actor.ts'
import { matchWithBots } from './bots.ts'
import type { QueueEvent } from './commands.ts'
import { type Found, findMatch } from './matching.ts'
import { ticketOver } from './news.ts'
import { type Pool, parsePool } from './pool.ts'
import { specOf } from './proposedSpec.ts'
import type { Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { nextTick, ticking } from './ticking.ts'
import { byRank, type Unit, Units, unitOf } from './units.ts'

/** J1: a record has room for so many proposals of ten; the rest come with the next look. */
const MOST_PROPOSALS = 40

/** J1: likewise for tickets that end at once. */
const MOST_ENDINGS = 400

export interface Proposed {
  readonly proposed: Extract<QueueEvent, { kind: 'proposed' }>
  readonly create: OutgoingEnvelope
}

/** With the newcomer in it, who is not in the state yet; null where it waits. */
export function matchOf(queue: Queue, ticket: Ticket, ctx: DecideContext): Proposed | null {
  const pool = parsePool(queue.id)
  const unit = newcomer(queue, ticket)
  if (pool === null || unit === null) return null
  const found = findMatch(unit, queue.units, pool.teamSize, ctx.nowMs)
  return found === null ? null : propose(queue, pool, found, ctx)
}

/** Null while its party is not complete. */
function newcomer(queue: Queue, ticket: Ticket): Unit | null {
  const { party } = ticket
  if (party === null) return unitOf(ticket.id, [ticket])
  const members = [...(queue.parties.get(party.id) ?? []), ticket].sort((a, b) => (a.id < b.id ? -1 : 1))
  return members.length === party.size ? unitOf(party.id, members) : null
}

/** Ends what has run out, matches those whose windows have widened, gives bots the seats that nobody wants. */
export function sweep(queue: Queue, ctx: DecideContext): Decision<QueueEvent> {
  const ended = endings(queue, ctx.nowMs)
  const over = ended.slice(0, MOST_ENDINGS)
  const events: QueueEvent[] = over.map(({ ticket, why }) => ({ kind: 'over', ticket: ticket.id, why }))
  const outbox = over.map(({ ticket, why }) => ticketOver(ticket, why))
  const proposals = proposalsOf(queue, new Set(ended.map(({ ticket }) => ticket.id)), ctx)
  for (const { proposed, create } of proposals) {
    events.push(proposed)
    outbox.push(create)
  }
  const done = new Set([
    ...over.map(({ ticket }) => ticket.id),
    ...proposals.flatMap(({ proposed }) => proposed.tickets),
  ])
  const left = [...queue.tickets.values()].filter(({ id }) => !done.has(id))
  const isAll = proposals.length < MOST_PROPOSALS && over.length === ended.length
  const due = isAll ? nextTick(left, queue, ctx.nowMs) : ctx.nowMs
  // The timer that came is gone: one that is due again has to be set, whatever it was before.
  const { event, timers } = ticking({ tickMs: null }, due)
  if (event !== null) events.push(event)
  else if (queue.tickMs !== null) events.push({ kind: 'timed', dueMs: null })
  return accept('none', events, { outbox, timers })
}

interface Ending {
  readonly ticket: Ticket
  readonly why: 'expired' | 'party'
}

function endings(queue: Queue, nowMs: number): readonly Ending[] {
  const endings: Ending[] = []
  for (const ticket of queue.tickets.values()) {
    const { party, expiresMs, joinedMs } = ticket
    if (expiresMs <= nowMs) endings.push({ ticket, why: 'expired' })
    else if (party !== null && joinedMs + RULES.partyMs <= nowMs && !isComplete(queue, ticket))
      endings.push({ ticket, why: 'party' })
  }
  return endings
}

function isComplete(queue: Queue, { party }: Ticket): boolean {
  return party === null || (queue.parties.get(party.id)?.length ?? 0) === party.size
}

/** Those served first look first. `gone`: tickets that have just ended. */
function proposalsOf(queue: Queue, gone: ReadonlySet<RecordId>, ctx: DecideContext): readonly Proposed[] {
  const pool = parsePool(queue.id)
  if (pool === null) return []
  const units = new Units()
  for (const unit of queue.units.all) if (!unit.tickets.some(({ id }) => gone.has(id))) units.add(unit)
  const proposals: Proposed[] = []
  const taken = new Set<Unit>()
  for (const anchor of [...units.all].sort(byRank)) {
    if (taken.has(anchor)) continue
    if (proposals.length === MOST_PROPOSALS) break
    const found = findMatch(anchor, units, pool.teamSize, ctx.nowMs) ?? matchWithBots(anchor, units, pool, ctx.nowMs)
    if (found === null) continue
    for (const unit of found.units) {
      units.remove(unit)
      taken.add(unit)
    }
    proposals.push(propose(queue, pool, found, ctx))
  }
  return proposals
}

function propose(queue: Queue, pool: Pool, found: Found, ctx: DecideContext): Proposed {
  const match = `m_${ctx.newId()}`
  const tickets = found.units.flatMap((unit) => unit.tickets.map(({ id }) => id))
  const spec = specOf(queue.id, pool, found, match)
  return {
    proposed: { kind: 'proposed', match, tickets },
    create: { to: actorKey('match', match), name: 'create', money: null, body: encodeSpec(spec) },
  }
}
