// A player's state as snapshots keep it. Canonical: equal states give equal text, so every field is written, in this order.

import type { RecordId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { Json } from '../runtime/record.ts'
import type { TicketEnd } from './commands.ts'
import { decodePenalty, encodePenalty, type StoredPenalty } from './penalties.ts'
import { type Engagement, newPlayer, type Player, type PlayerPenalty } from './state.ts'

interface StoredPlayer {
  readonly id: string
  readonly tier: Tier
  /** ['ticket', ticket, pool, since] or ['match', match, source, since]. */
  readonly engagement: readonly [string, string, string | null, number] | null
  /** [ticket, pool, why]. */
  readonly lastTicket: readonly [string, string, TicketEnd] | null
  /** With the match it is for, and what was before it, where that is known. */
  readonly penalty: StoredPenalty | readonly [...StoredPenalty, string, StoredPenalty | null] | null
  /** [key, rating, deviation, volatility, matches], by key. */
  readonly ratings: readonly (readonly [string, number, number, number, number])[]
  /** Not written where there are none. */
  readonly passed?: readonly string[]
}

export function encodeState({ id, tier, engagement, lastTicket, penalty, ratings, passed }: Player): Json {
  const rows = [...ratings].map(
    ([key, { rating, deviation, volatility, matches }]) => [key, rating, deviation, volatility, matches] as const,
  )
  const stored: StoredPlayer = {
    ...{ id, tier },
    engagement: engagement === null ? null : encodeEngagement(engagement),
    lastTicket: lastTicket === null ? null : [lastTicket.ticket, lastTicket.pool, lastTicket.why],
    penalty: penalty === null ? null : encodeOwn(penalty),
    ratings: rows.sort(([a], [b]) => (a < b ? -1 : 1)),
    ...(passed.length === 0 ? {} : { passed }),
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

export function decodeState(json: Json): Player {
  const stored = json as unknown as StoredPlayer // written by encodeState
  const { tier, engagement, lastTicket, penalty, ratings, passed = [] } = stored
  return {
    ...newPlayer(stored.id),
    tier,
    engagement: engagement === null ? null : decodeEngagement(engagement),
    lastTicket:
      lastTicket === null ? null : { ticket: lastTicket[0] as RecordId, pool: lastTicket[1], why: lastTicket[2] },
    penalty: penalty === null ? null : decodeOwn(penalty),
    ratings: new Map(
      ratings.map(([key, rating, deviation, volatility, matches]) => [key, { rating, deviation, volatility, matches }]),
    ),
    passed,
  }
}

function encodeOwn({ count, untilMs, atMs, of }: PlayerPenalty): NonNullable<StoredPlayer['penalty']> {
  return of === undefined ? [count, untilMs, atMs] : [count, untilMs, atMs, of.match, encodePenalty(of.before)]
}

function decodeOwn([count, untilMs, atMs, match, before]: NonNullable<StoredPlayer['penalty']>): PlayerPenalty {
  const penalty = { count, untilMs, atMs }
  return match === undefined ? penalty : { ...penalty, of: { match, before: decodePenalty(before ?? null) } }
}

type StoredEngagement = NonNullable<StoredPlayer['engagement']>

function encodeEngagement(engagement: Engagement): StoredEngagement {
  const { kind, sinceMs } = engagement
  return kind === 'ticket'
    ? [kind, engagement.ticket, engagement.pool, sinceMs]
    : [kind, engagement.match, engagement.source, sinceMs]
}

function decodeEngagement([kind, id, other, sinceMs]: StoredEngagement): Engagement {
  return kind === 'ticket'
    ? { kind, ticket: id as RecordId, pool: other ?? '', sinceMs } // a ticket always has its pool
    : { kind: 'match', match: id, source: other, sinceMs }
}
