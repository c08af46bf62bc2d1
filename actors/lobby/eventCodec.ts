// Events of a lobby as the log keeps them: arrays led by a tag. A changed meaning gets a new tag, an addition stands at the
// end, and what was written once is read for ever.

import type { UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import type { CloseReason, LeaveReason, LobbyEvent, ReopenReason } from './commands.ts'
import { decodeSetup, encodeSetup } from './setup.ts'

export function encodeEvent(event: LobbyEvent): Json {
  switch (event.kind) {
    case 'created':
      return ['created', encodeSetup(event.setup), event.owner, event.code]
    case 'joined':
      return ['joined', event.user, event.seat, event.rating, event.deviation]
    case 'moved':
      return ['moved', event.user, event.seat]
    case 'readied':
      return ['readied', event.user, event.ready]
    case 'left':
      return ['left', event.user, event.why]
    case 'owned':
    case 'invited':
      return [event.kind, event.user]
    case 'checked':
      return ['checked', event.dueMs, event.bots]
    case 'reopened':
      return ['reopened', event.why]
    case 'starting':
      return ['starting', event.match, event.bots]
    case 'started':
    case 'completed':
      return [event.kind, event.match]
    case 'closed':
      return ['closed', event.why, event.by]
  }
}

// The casts below name what encodeEvent wrote: events are read back only from a log whose hash chain holds (J3).
export function decodeEvent(json: Json): LobbyEvent {
  const [kind, first, second, third, fourth] = json as readonly Json[]
  switch (kind) {
    case 'created':
      return {
        ...{ kind, setup: decodeSetup(first ?? null), owner: second as UserId },
        code: third as string | null,
      }
    case 'joined': {
      const [user, seat] = [first as UserId, second as number]
      return { kind, user, seat, rating: third as number, deviation: fourth as number }
    }
    case 'moved':
      return { kind, user: first as UserId, seat: second as number }
    case 'readied':
      return { kind, user: first as UserId, ready: second as boolean }
    case 'left':
      return { kind, user: first as UserId, why: second as LeaveReason }
    case 'owned':
    case 'invited':
      return { kind, user: first as UserId }
    case 'checked':
      return { kind, dueMs: first as number, bots: second as boolean }
    case 'reopened':
      return { kind, why: first as ReopenReason }
    case 'starting':
      return { kind, match: first as string, bots: second as boolean }
    case 'started':
    case 'completed':
      return { kind, match: first as string }
    case 'closed':
      return { kind, why: first as CloseReason, by: second as UserId | null }
    default:
      throw new Error(`unknown lobby event ${String(kind)}`)
  }
}
