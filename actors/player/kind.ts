// The player as a kind of actor: one for each user, between them and whatever would have them play.

import type { RecordId } from '../../shared/ids.ts'
import { type ActorKind, type Incoming, RETURN_ENVELOPE } from '../runtime/actor.ts'
import type { PlayerCommand, PlayerEvent, TicketEnd } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import { evolve, newPlayer, type Player, type PlayerQuery, type PlayerView, view } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'

export const playerKind: ActorKind<Player, PlayerCommand, PlayerEvent, PlayerQuery, PlayerView> = {
  kind: 'player',
  initial: newPlayer,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText,
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
}

function commandText(command: PlayerCommand): string {
  switch (command.kind) {
    case 'enqueue':
      return JSON.stringify(['enqueue', command.pool, command.wishes])
    case 'leave':
      return JSON.stringify(['leave', command.ticket])
    case 'set_tier':
      return JSON.stringify(['set_tier', command.tier])
    default:
      return JSON.stringify([command.kind])
  }
}

// The casts below name what matches and queues write (actors/match/news.ts, actors/queue/news.ts).
function incoming({ via, name, body, from }: Incoming): PlayerCommand {
  if (via !== 'envelope') throw new Error(`a player has no timer ${name}`)
  switch (name) {
    case 'engaged': {
      const {
        match,
        source,
        ticket = null,
      } = body as {
        readonly match: string
        readonly source: string | null
        readonly ticket?: RecordId
      }
      return { kind: 'engaged', match, source, ticket }
    }
    case 'match_over': {
      const { match, fault } = body as { readonly match: string; readonly fault: boolean }
      return { kind: 'match_over', match, fault }
    }
    case 'reinstated': {
      const { match } = body as { readonly match: string }
      return { kind: 'reinstated', match }
    }
    case 'rated': {
      const { match, rating_key, results } = body as {
        readonly match: string
        readonly rating_key: string
        readonly results: readonly (readonly [number, number, number])[]
      }
      return { kind: 'rated', match, ratingKey: rating_key, results }
    }
    case 'ticket_over': {
      const [ticket, why] = body as readonly [string, string]
      return { kind: 'ticket_over', ticket: ticket as RecordId, why: why as TicketEnd }
    }
    case 'requeued': {
      const [ticket, pool, match] = body as readonly [string, string, string]
      return { kind: 'requeued', ticket: ticket as RecordId, pool, match }
    }
    case RETURN_ENVELOPE: {
      const { code } = body as { readonly code: string } // of the runtime's returnOf
      return { kind: 'returned', from, code }
    }
    default:
      throw new Error(`a player takes no envelope ${name}`)
  }
}
