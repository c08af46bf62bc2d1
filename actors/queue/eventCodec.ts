// Events of a queue as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { RecordId } from '../../shared/ids.ts'
import type { TicketEnd } from '../player/commands.ts'
import type { Json } from '../runtime/record.ts'
import type { QueueEvent } from './commands.ts'
import { decodeLooking, encodeLooking, type StoredLooking } from './stateCodec.ts'
import { decodeTicket, encodeTicket } from './ticket.ts'

export function encodeEvent(event: QueueEvent): Json {
  switch (event.kind) {
    case 'joined':
      return ['joined', encodeTicket(event.ticket)]
    case 'over':
      return ['over', event.ticket, event.why]
    case 'proposed':
      return ['proposed', event.match, event.tickets]
    case 'made':
      return ['made', event.match]
    case 'called_off':
      return ['called_off', event.match, event.requeued]
    case 'timed':
      return event.looking === undefined ? ['timed', event.dueMs] : ['timed', event.dueMs, encodeLooking(event.looking)]
  }
}

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): QueueEvent {
  const [kind, a, b] = json as readonly [string, ...unknown[]]
  switch (kind) {
    case 'joined':
      return { kind, ticket: decodeTicket(a as Json) }
    case 'over':
      return { kind, ticket: a as RecordId, why: b as TicketEnd }
    case 'proposed':
      return { kind, match: a as string, tickets: b as readonly RecordId[] }
    case 'made':
      return { kind, match: a as string }
    case 'called_off':
      return { kind, match: a as string, requeued: b as readonly (readonly [RecordId, number])[] }
    case 'timed': {
      const timed = { kind, dueMs: a as number | null } as const
      return b === undefined ? timed : { ...timed, looking: decodeLooking(b as StoredLooking) }
    }
    default:
      throw new Error(`unknown queue event ${kind}`)
  }
}
