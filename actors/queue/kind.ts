// The queue as a kind of actor: one for each pool of tickets that can meet. All that reaches it are envelopes and its timer.

import type { RecordId, UserId } from '../../shared/ids.ts'
import { type ActorKind, type Incoming, RETURN_ENVELOPE } from '../runtime/actor.ts'
import type { Listing } from '../runtime/listing.ts'
import type { Json } from '../runtime/record.ts'
import type { QueueCommand, QueueEvent } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import { parsePool } from './pool.ts'
import { evolve, newQueue, type Queue } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'
import { decodeJoining } from './ticket.ts'
import { TICK_TIMER } from './ticking.ts'
import { type PoolView, type QueueQuery, type QueueView, view } from './views.ts'

export const queueKind: ActorKind<Queue, QueueCommand, QueueEvent, QueueQuery, QueueView> = {
  kind: 'queue',
  initial: newQueue,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText: (command) => JSON.stringify([command.kind]),
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
  listing,
}

/** What a list of pools shows; a pool that nobody has ever entered is none. */
function listing(queue: Queue): Listing | null {
  const pool = parsePool(queue.id)
  if (pool === null || (queue.tickets.size === 0 && queue.waits.length === 0)) return null
  const { game, mode, format, region } = pool
  const shown = view(queue, { kind: 'pool' }) as PoolView // what this query answers
  return {
    status: queue.tickets.size > 0 ? 'waiting' : 'idle',
    sortMs: 0,
    tags: [`game:${game}`, `mode:${mode}`, `format:${format}`, `region:${region}`],
    fields: { pool: queue.id, ...shown } as unknown as Json, // numbers, texts and nulls
  }
}

// The casts below name what players and matches write (actors/player/decide.ts, actors/match/news.ts).
function incoming({ via, name, body, from }: Incoming): QueueCommand {
  if (via === 'timer') {
    if (name === TICK_TIMER) return { kind: 'tick' }
    throw new Error(`a queue has no timer ${name}`)
  }
  switch (name) {
    case 'join':
      return { kind: 'join', ticket: decodeJoining(body) }
    case 'leave':
      return { kind: 'leave', ticket: body as RecordId }
    case 'match_news':
      return newsOf(body)
    case RETURN_ENVELOPE:
      return from.startsWith(MATCH_PREFIX)
        ? { kind: 'refused', match: from.slice(MATCH_PREFIX.length) }
        : { kind: 'returned' }
    default:
      throw new Error(`a queue takes no envelope ${name}`)
  }
}

const MATCH_PREFIX = 'match/'

function newsOf(body: Json): QueueCommand {
  const { match, state, at_fault } = body as {
    readonly match: string
    readonly state: Extract<QueueCommand, { kind: 'match_news' }>['state']
    readonly at_fault: readonly string[]
  }
  return { kind: 'match_news', match, state, atFault: at_fault as readonly UserId[] }
}
