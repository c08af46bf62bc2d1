// What a player answers to each command. Pure (A2). Their actor stands between them and the queues: it lets them into one
// at a time, and sends the ticket with what the server knows of them, whatever they say of themselves.

import type { ErrorCode } from '../../shared/errors.ts'
import type { RecordId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import { partyFault, partyOf } from '../queue/parties.ts'
import { parsePool, ratingKeyOf } from '../queue/pool.ts'
import { encodeJoining, type TicketWishes } from '../queue/ticket.ts'
import {
  accept,
  type DecideContext,
  type Decision,
  type OutgoingEnvelope,
  refuseInput,
  reject,
} from '../runtime/actor.ts'
import type { Json } from '../runtime/record.ts'
import type { PlayerCommand, PlayerEvent } from './commands.ts'
import { penaltyAfter } from './penalties.ts'
import { NEW_RATING, rerated } from './ratings.ts'
import type { Player } from './state.ts'

type PlayerDecision = Decision<PlayerEvent>
type CommandOf<Kind extends PlayerCommand['kind']> = Extract<PlayerCommand, { kind: Kind }>

export function decide(player: Player, command: PlayerCommand, ctx: DecideContext): PlayerDecision {
  switch (command.kind) {
    case 'enqueue':
      return decideEnqueue(player, command, ctx)
    case 'leave':
      return decideLeave(player, command.ticket)
    case 'set_tier':
      return accept('none', command.tier === player.tier ? [] : [{ ...command, kind: 'tier_set' }])
    case 'pardon':
      return accept('none', player.penalty === null ? [] : [{ kind: 'pardoned', by: command.by }])
    case 'engaged':
      return decideEngaged(player, command)
    case 'match_over':
      return decideMatchOver(player, command, ctx)
    case 'reinstated':
      return player.penalty?.of?.match === command.match
        ? accept('none', [{ kind: 'lifted', match: command.match }])
        : NOTHING
    case 'rated': {
      const { match, ratingKey, results } = command
      const before = player.ratings.get(ratingKey) ?? NEW_RATING
      return accept('none', [{ kind: 'rated', match, ratingKey, ...rerated(before, results) }])
    }
    case 'ticket_over':
      if (!holds(player, command.ticket)) return NOTHING
      return accept('none', [{ kind: 'unqueued', ticket: command.ticket, why: command.why }])
    case 'requeued':
      return decideRequeued(player, command)
    case 'returned':
      return decideReturned(player, command)
  }
}

const NOTHING: PlayerDecision = Object.freeze(accept<PlayerEvent>('none', []))

function decideEnqueue(player: Player, { pool, wishes }: CommandOf<'enqueue'>, ctx: DecideContext): PlayerDecision {
  const parsed = parsePool(pool)
  if (parsed === null) return refuseInput('queue.unknown_pool')
  const fault = partyFault(player.id, wishes.party, parsed.teamSize)
  if (fault !== null) return refuseInput(fault)
  if (player.engagement?.kind === 'ticket') return reject('queue.already_waiting')
  if (player.engagement?.kind === 'match') return reject('queue.in_match')
  if (player.penalty !== null && player.penalty.untilMs > ctx.nowMs) return reject('queue.penalised')
  return accept('none', [{ kind: 'enqueued', ticket: ctx.recordId, pool }], {
    outbox: [joining(player, ctx.recordId, pool, ratingKeyOf(parsed), wishes)],
    reply: { ticket: ctx.recordId, pool },
  })
}

function joining(
  { id, tier, ratings }: Player,
  ticket: RecordId,
  pool: string,
  ratingKey: string,
  wishes: TicketWishes,
): OutgoingEnvelope {
  const { rating, deviation } = ratings.get(ratingKey) ?? NEW_RATING
  const known = { id: ticket, user: id, rating, deviation, tier }
  return toQueue(pool, 'join', encodeJoining({ ...known, ...wishes, party: partyOf(wishes.party) }))
}

// Also where the queue has just proposed it: then the match finds out that it was left (see `engaged`).
function decideLeave(player: Player, ticket: RecordId | null): PlayerDecision {
  const { engagement } = player
  if (engagement?.kind !== 'ticket' || (ticket !== null && engagement.ticket !== ticket))
    return reject('queue.no_ticket')
  return accept('none', [{ kind: 'unqueued', ticket: engagement.ticket, why: 'left' }], {
    outbox: [toQueue(engagement.pool, 'leave', engagement.ticket)],
  })
}

function decideEngaged(player: Player, { match, source, ticket }: CommandOf<'engaged'>): PlayerDecision {
  const { engagement, passed } = player
  if (passed.includes(match)) return NOTHING
  const engaged: PlayerEvent = { kind: 'engaged', match, source }
  if (source?.startsWith(QUEUE_PREFIX)) {
    const isOfPool = engagement?.kind === 'ticket' && actorKey('queue', engagement.pool) === source
    const isTheirs = isOfPool && (ticket === null || engagement.ticket === ticket)
    // Of a ticket that they had left by then: the seat is given up for them, and nobody is blamed.
    return isTheirs ? accept('none', [engaged]) : accept('none', [], { outbox: [givingUp(match, player)] })
  }
  // With friends in a lobby, or in a tournament. No queue finds them another match meanwhile.
  switch (engagement?.kind) {
    case undefined:
      return accept('none', [engaged])
    case 'ticket':
      return accept('none', [engaged], { outbox: [toQueue(engagement.pool, 'leave', engagement.ticket)] })
    case 'match':
      return NOTHING
  }
}

function decideMatchOver(player: Player, command: CommandOf<'match_over'>, ctx: DecideContext): PlayerDecision {
  const { match, fault } = command
  if (!isIn(player, match)) return NOTHING
  const freed: PlayerEvent = { kind: 'freed', match }
  if (!fault) return accept('none', [freed])
  const { penalty } = player
  const before = penalty === null ? null : { count: penalty.count, untilMs: penalty.untilMs, atMs: penalty.atMs }
  return accept('none', [freed, { kind: 'penalised', match, ...penaltyAfter(before, ctx.nowMs), before }])
}

function decideRequeued(player: Player, { ticket, pool, match }: CommandOf<'requeued'>): PlayerDecision {
  // They would have the match, had they heard of it.
  if (holds(player, ticket)) return accept('none', [{ kind: 'passed', match }])
  const { engagement, lastTicket } = player
  const hasLeft = lastTicket?.ticket === ticket
  if (isIn(player, match) || (engagement === null && !hasLeft))
    return accept('none', [{ kind: 'requeued', ticket, pool }])
  // They are elsewhere by now, or do not want to any more.
  return accept('none', [], { outbox: [toQueue(pool, 'leave', ticket)] })
}

// They said yes to the match, by their wallet or to itself, while their leaving was under way: the seat is theirs. Its
// `match_over` comes after this, on the same way.
function decideReturned(player: Player, { from, code }: CommandOf<'returned'>): PlayerDecision {
  if (code !== SEAT_IS_TAKEN || !from.startsWith(MATCH_PREFIX)) return NOTHING
  return decideEngaged(player, { kind: 'engaged', match: from.slice(MATCH_PREFIX.length), source: null, ticket: null })
}

const SEAT_IS_TAKEN: ErrorCode = 'match.not_funding'

function isIn({ engagement }: Player, match: string): boolean {
  return engagement?.kind === 'match' && engagement.match === match
}

function holds({ engagement }: Player, ticket: RecordId): boolean {
  return engagement?.kind === 'ticket' && engagement.ticket === ticket
}

const QUEUE_PREFIX = 'queue/'
const MATCH_PREFIX = 'match/'

function toQueue(pool: string, name: string, body: Json): OutgoingEnvelope {
  return { to: actorKey('queue', pool), name, money: null, body }
}

function givingUp(match: string, { id }: Player): OutgoingEnvelope {
  return { to: actorKey('match', match), name: 'decline', money: null, body: { user: id } }
}
