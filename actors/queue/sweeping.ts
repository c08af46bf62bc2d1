// What a queue does when it looks again: it ends what has run out, matches those whose windows have widened, and gives bots
// the seats that nobody wants. A look at a large crowd is made in steps, each of a bounded effort (A5), from those who are
// served first to those who are served last; what is decided is the same however many there are.

import { RULES } from '../../shared/rules.ts'
import { accept, type DecideContext, type Decision } from '../runtime/actor.ts'
import { matchWithBots } from './bots.ts'
import type { QueueEvent } from './commands.ts'
import { type Crowd, crowdOf, findMatch } from './matching.ts'
import { ticketOver } from './news.ts'
import { parsePool } from './pool.ts'
import { type Proposed, propose } from './proposing.ts'
import type { Looking, Queue } from './state.ts'
import type { Ticket } from './ticket.ts'
import { nextLook, timedAgain } from './ticking.ts'
import type { Unit } from './units.ts'

/** J1: a record has room for so many proposals of ten, or for so many tickets that end at once. */
const MOST_PROPOSALS = 40
const MOST_ENDINGS = 30
/** Of one step, as searches count it (`Effort`): a few milliseconds. */
const MOST_EFFORT = 5_000
/** What else the process does has its turn in between. */
const STEP_PAUSE_MS = 10
/** To take one out of a crowd so many times as large is as much effort as to look at one. */
const REMOVAL_SHARE = 64

interface Ending {
  readonly ticket: Ticket
  readonly why: 'expired' | 'party'
}

export function sweep(queue: Queue, ctx: DecideContext): Decision<QueueEvent> {
  const ended = endings(queue, ctx.nowMs)
  const events: QueueEvent[] = ended.map(({ ticket, why }) => ({ kind: 'over', ticket: ticket.id, why }))
  const outbox = ended.map(({ ticket, why }) => ticketOver(ticket, why))
  const soonMs = ctx.nowMs + STEP_PAUSE_MS
  if (ended.length === MOST_ENDINGS) {
    const { event, timers } = timedAgain(queue, soonMs, queue.looking)
    return accept('none', event === null ? events : [...events, event], { outbox, timers })
  }
  const { proposals, last } = look(queue, ended, ctx)
  for (const { proposed, create } of proposals) {
    events.push(proposed)
    outbox.push(create)
  }
  const sinceMs = queue.looking?.sinceMs ?? ctx.nowMs
  const done = new Set(proposals.flatMap(({ proposed }) => proposed.tickets))
  for (const { ticket } of ended) done.add(ticket.id)
  const { event, timers } =
    last === null
      ? timedAgain(queue, nextLook(queue, done, { sinceMs, nowMs: ctx.nowMs }), null)
      : timedAgain(queue, soonMs, { sinceMs, rankMs: last.rankMs, id: last.id })
  if (event !== null) events.push(event)
  return accept('none', events, { outbox, timers })
}

/** As many as one record takes. */
function endings(queue: Queue, nowMs: number): readonly Ending[] {
  const ended: Ending[] = []
  for (const ticket of queue.tickets.values()) {
    if (ended.length === MOST_ENDINGS) break
    const { id, party, expiresMs, joinedMs } = ticket
    if (expiresMs <= nowMs) ended.push({ ticket, why: 'expired' })
    else if (party !== null && joinedMs + RULES.partyMs <= nowMs && !queue.unitOf.has(id))
      ended.push({ ticket, why: 'party' })
  }
  return ended
}

interface Step {
  readonly proposals: readonly Proposed[]
  /** The last one that was looked at; null where there was nobody after it. */
  readonly last: Unit | null
}

/** Those served first look first. */
function look(queue: Queue, ended: readonly Ending[], ctx: DecideContext): Step {
  const pool = parsePool(queue.id)
  if (pool === null) return { proposals: [], last: null }
  const gone = new Set(ended.flatMap(({ ticket }) => queue.unitOf.get(ticket.id) ?? []))
  const crowd: Crowd = crowdOf(queue.units, gone)
  const { ranked } = queue.units
  const proposals: Proposed[] = []
  for (let place = placeOf(queue, queue.looking); place < ranked.length; place++) {
    const anchor = ranked[place]
    if (anchor === undefined || gone.has(anchor)) continue
    crowd.effort.spent++
    const found = findMatch(anchor, crowd, pool.teamSize, ctx.nowMs) ?? matchWithBots(anchor, crowd, pool, ctx.nowMs)
    if (found !== null) {
      for (const unit of found.units) gone.add(unit)
      crowd.effort.spent += found.units.length * Math.ceil(ranked.length / REMOVAL_SHARE)
      proposals.push(propose(queue, pool, found, ctx))
    }
    const isEnough = proposals.length === MOST_PROPOSALS || crowd.effort.spent >= MOST_EFFORT
    if (isEnough && place + 1 < ranked.length) return { proposals, last: anchor }
  }
  return { proposals, last: null }
}

/** Of the first one after those who were looked at. */
function placeOf({ units }: Queue, looking: Looking | null): number {
  if (looking === null) return 0
  const place = units.rankOf(looking)
  return units.ranked[place]?.id === looking.id ? place + 1 : place
}
