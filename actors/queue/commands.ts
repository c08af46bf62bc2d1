// What reaches a queue: envelopes of players and of the matches it proposed, and its own timer. Nobody asks it anything but
// what it looks like: players join by their own actors, which let them into one queue at a time.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { TicketEnd } from '../player/commands.ts'
import type { Looking } from './state.ts'
import type { JoiningTicket, Ticket } from './ticket.ts'

export type QueueCommand =
  | { readonly kind: 'join'; readonly ticket: JoiningTicket }
  | { readonly kind: 'leave'; readonly ticket: RecordId }
  | {
      readonly kind: 'match_news'
      readonly match: string
      readonly state: 'ready' | 'live' | 'finished' | 'settled' | 'cancelled'
      readonly atFault: readonly UserId[]
    }
  /** Windows have widened, tickets have run out, or bots are due. */
  | { readonly kind: 'tick' }
  /** A match that would not be made. */
  | { readonly kind: 'refused'; readonly match: string }
  /** Another envelope of ours that came back: it carried no money. */
  | { readonly kind: 'returned' }

export type QueueEvent =
  | { readonly kind: 'joined'; readonly ticket: Ticket }
  | { readonly kind: 'over'; readonly ticket: RecordId; readonly why: TicketEnd }
  /** A match of these tickets; the seats that none of them has are bots'. */
  | { readonly kind: 'proposed'; readonly match: string; readonly tickets: readonly RecordId[] }
  /** It goes on without the queue. */
  | { readonly kind: 'made'; readonly match: string }
  /** Called off: those named wait again until these times, the others are out. */
  | {
      readonly kind: 'called_off'
      readonly match: string
      readonly requeued: readonly (readonly [RecordId, number])[]
    }
  /** When the timer comes next; null for never. `looking`: where the look that is under way goes on then. */
  | { readonly kind: 'timed'; readonly dueMs: number | null; readonly looking?: Looking }
