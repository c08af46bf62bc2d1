// A player's state: the fold of its events (A3). What they are engaged in, how they are rated, and what they may not do yet.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { Penalty, PlayerEvent, TicketEnd } from './commands.ts'

export interface Rating {
  readonly rating: number
  readonly deviation: number
  readonly volatility: number
  /** How many results are in it. */
  readonly matches: number
}

/** One at a time, so that nobody is awaited in two places. */
export type Engagement =
  | { readonly kind: 'ticket'; readonly ticket: RecordId; readonly pool: string; readonly sinceMs: number }
  | { readonly kind: 'match'; readonly match: string; readonly source: string | null; readonly sinceMs: number }

export interface PlayerPenalty extends Penalty {
  /** What the newest fault was, and what was before it. It alone can be taken back. */
  readonly of?: { readonly match: string; readonly before: Penalty | null }
}

/** A5: what the oldest of more of them says late is taken at its word. */
const MOST_PASSED = 8

export interface Player {
  readonly id: UserId
  tier: Tier
  engagement: Engagement | null
  /** The last ticket that ended without a match, for whoever still asks about it. */
  lastTicket: { readonly ticket: RecordId; readonly pool: string; readonly why: TicketEnd } | null
  /** Faults of late; null where there are none. */
  penalty: PlayerPenalty | null
  readonly ratings: Map<string, Rating>
  /** The newest matches that were called off before they were heard of, oldest first. */
  passed: readonly string[]
}

export function newPlayer(id: string): Player {
  return {
    id: id as UserId, // whoever asks has checked it
    tier: 'free',
    engagement: null,
    lastTicket: null,
    penalty: null,
    ratings: new Map(),
    passed: [],
  }
}

export function evolve(player: Player, event: PlayerEvent, atMs: number): void {
  switch (event.kind) {
    case 'enqueued':
    case 'requeued':
      player.engagement = { kind: 'ticket', ticket: event.ticket, pool: event.pool, sinceMs: atMs }
      player.lastTicket = null
      return
    case 'unqueued':
      if (player.engagement?.kind !== 'ticket') return
      player.lastTicket = { ticket: event.ticket, pool: player.engagement.pool, why: event.why }
      player.engagement = null
      return
    case 'engaged':
      player.engagement = { kind: 'match', match: event.match, source: event.source, sinceMs: atMs }
      player.lastTicket = null
      return
    case 'passed':
      player.passed = [...player.passed, event.match].slice(-MOST_PASSED)
      return
    case 'freed':
      player.engagement = null
      return
    case 'penalised':
      player.penalty = penalised(event, atMs)
      return
    case 'lifted':
      player.penalty = player.penalty?.of?.before ?? null
      return
    case 'pardoned':
      player.penalty = null
      return
    case 'rated': {
      const { ratingKey, rating, deviation, volatility } = event
      const matches = (player.ratings.get(ratingKey)?.matches ?? 0) + 1
      player.ratings.set(ratingKey, { rating, deviation, volatility, matches })
      return
    }
    case 'tier_set':
      player.tier = event.tier
      return
    default:
      event satisfies never
  }
}

function penalised(event: Extract<PlayerEvent, { kind: 'penalised' }>, atMs: number): PlayerPenalty {
  const { match, count, untilMs, before } = event
  return before === undefined ? { count, untilMs, atMs } : { count, untilMs, atMs, of: { match, before } }
}

export type PlayerQuery = { readonly kind: 'state' }

export interface PlayerView {
  readonly tier: Tier
  readonly engagement: Engagement | null
  readonly lastTicket: Player['lastTicket']
  readonly penalty: Player['penalty']
  readonly ratings: readonly (Rating & { readonly key: string })[]
}

export function view({ tier, engagement, lastTicket, penalty, ratings }: Player, _query: PlayerQuery): PlayerView {
  const rows = [...ratings].map(([key, rating]) => ({ key, ...rating })).sort((a, b) => (a.key < b.key ? -1 : 1))
  return { tier, engagement, lastTicket, penalty, ratings: rows }
}
