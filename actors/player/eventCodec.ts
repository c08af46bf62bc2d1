// Events of a player as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { Json } from '../runtime/record.ts'
import type { PlayerEvent, TicketEnd } from './commands.ts'
import { decodePenalty, encodePenalty, type StoredPenalty } from './penalties.ts'

export function encodeEvent(event: PlayerEvent): Json {
  switch (event.kind) {
    case 'enqueued':
    case 'requeued':
      return [event.kind, event.ticket, event.pool]
    case 'unqueued':
      return ['unqueued', event.ticket, event.why]
    case 'engaged':
      return ['engaged', event.match, event.source]
    case 'passed':
    case 'freed':
    case 'lifted':
      return [event.kind, event.match]
    case 'penalised': {
      const { match, count, untilMs, before } = event
      const said = ['penalised', match, count, untilMs]
      return before === undefined ? said : [...said, encodePenalty(before)]
    }
    case 'pardoned':
      return ['pardoned', event.by]
    case 'rated':
      return ['rated', event.match, event.ratingKey, event.rating, event.deviation, event.volatility]
    case 'tier_set':
      return ['tier_set', event.tier, event.by]
  }
}

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): PlayerEvent {
  const [kind, a, b, c, d, e] = json as readonly [string, ...unknown[]]
  switch (kind) {
    case 'enqueued':
    case 'requeued':
      return { kind, ticket: a as RecordId, pool: b as string }
    case 'unqueued':
      return { kind, ticket: a as RecordId, why: b as TicketEnd }
    case 'engaged':
      return { kind, match: a as string, source: b as string | null }
    case 'passed':
    case 'freed':
    case 'lifted':
      return { kind, match: a as string }
    case 'penalised': {
      const fault = { kind, match: a as string, count: b as number, untilMs: c as number } as const
      return d === undefined ? fault : { ...fault, before: decodePenalty(d as StoredPenalty | null) }
    }
    case 'pardoned':
      return { kind, by: a as UserId }
    case 'rated': {
      const [rating, deviation, volatility] = [c, d, e] as readonly [number, number, number]
      return { kind, match: a as string, ratingKey: b as string, rating, deviation, volatility }
    }
    case 'tier_set':
      return { kind, tier: a as Tier, by: b as UserId }
    default:
      throw new Error(`unknown player event ${kind}`)
  }
}
