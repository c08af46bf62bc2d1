// Queues as both wires need them: orders become commands of the caller's own player, and where a session stands is read of
// player, queue and match, whichever has it now.

import type { MatchView } from '../../actors/match/views.ts'
import type { PlayerCommand } from '../../actors/player/commands.ts'
import type { PlayerView } from '../../actors/player/state.ts'
import { type Pool, parsePool, poolId } from '../../actors/queue/pool.ts'
import type { TicketWishes } from '../../actors/queue/ticket.ts'
import type { TicketView } from '../../actors/queue/views.ts'
import { isRecordId, isUserId, type RecordId, type UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { type ActorAsks, type Refused, refused } from './actorAsks.ts'

export interface QueueOrder {
  readonly pool: Omit<Pool, 'teamSize' | 'isExternal' | 'stakeMinor'>
  /** Null: what the player's tier pays. */
  readonly stakeMinor: bigint | null
  readonly wishes: TicketWishes
}

export type SessionStatus = 'queued' | 'searching' | 'matched' | 'ready' | 'cancelled' | 'expired'

export interface QueueSession {
  /** `<user>.<ticket>`. */
  readonly id: string
  readonly status: SessionStatus
  readonly pool: string | null
  readonly match: string | null
  readonly position: number | null
  readonly estimateMs: number | null
  readonly joinedMs: number | null
  readonly expiresMs: number | null
}

export type SessionOutcome = { readonly kind: 'session'; readonly session: QueueSession } | Refused

export class QueueDesk {
  private readonly asks: ActorAsks

  constructor(asks: ActorAsks) {
    this.asks = asks
  }

  /** M6: `key` is the caller's. */
  async join(user: UserId, order: QueueOrder, key: string, requestId: string): Promise<SessionOutcome> {
    const stakeMinor = order.stakeMinor ?? (await this.feeOf(user))
    if (typeof stakeMinor !== 'bigint') return stakeMinor
    const pool = poolId({ ...order.pool, stakeMinor })
    if (parsePool(pool) === null) return refused('queue.unknown_pool')
    const command: PlayerCommand = { kind: 'enqueue', pool, wishes: order.wishes }
    const answer = await this.asks.ask('player', user, command, key, requestId)
    if (answer.kind === 'refused') return refused(answer.code)
    const { ticket } = answer.reply as { readonly ticket: RecordId } // of the player's `enqueue`
    const session = await this.session(user, ticket)
    // Where it cannot be read just now, it is queued all the same.
    return session.kind === 'session' ? session : { kind: 'session', session: queued(user, ticket, pool) }
  }

  /** Null: whatever ticket there is. */
  async leave(user: UserId, ticket: RecordId | null, requestId: string): Promise<{ readonly kind: 'left' } | Refused> {
    const command: PlayerCommand = { kind: 'leave', ticket }
    const answer = await this.asks.ask('player', user, command, '', requestId)
    return answer.kind === 'refused' ? refused(answer.code) : { kind: 'left' }
  }

  /** Null: whatever the player is in. `queue.no_ticket` where that is nothing. */
  async session(user: UserId, ticket: RecordId | null): Promise<SessionOutcome> {
    const read = await this.asks.view<PlayerView>('player', user, { kind: 'state' })
    if (read.kind === 'refused') return read
    const { engagement, lastTicket } = read.view
    if (engagement?.kind === 'ticket' && (ticket === null || engagement.ticket === ticket))
      return this.waiting(user, engagement.ticket, engagement.pool)
    if (engagement?.kind === 'match' && engagement.source?.startsWith('queue/'))
      return this.matched(user, ticket, engagement.match, engagement.source)
    if (lastTicket === null || (ticket !== null && lastTicket.ticket !== ticket)) return refused('queue.no_ticket')
    const status = lastTicket.why === 'expired' ? 'expired' : 'cancelled'
    return { kind: 'session', session: { ...queued(user, lastTicket.ticket, lastTicket.pool), status } }
  }

  player(user: UserId): Promise<{ readonly kind: 'view'; readonly view: PlayerView } | Refused> {
    return this.asks.view<PlayerView>('player', user, { kind: 'state' })
  }

  private async feeOf(user: UserId): Promise<bigint | Refused> {
    const read = await this.player(user)
    return read.kind === 'refused' ? read : RULES.entryFeeCents[read.view.tier]
  }

  private async waiting(user: UserId, ticket: RecordId, pool: string): Promise<SessionOutcome> {
    const read = await this.asks.view<TicketView>('queue', pool, { kind: 'ticket', ticket })
    if (read.kind === 'refused') return read
    const { state, match, position, estimateMs, joinedMs, expiresMs } = read.view
    const status = state === 'waiting' ? 'searching' : state === 'proposed' ? 'matched' : 'queued'
    const found = { match, position, estimateMs, joinedMs, expiresMs }
    return { kind: 'session', session: { ...queued(user, ticket, pool), status, ...found } }
  }

  private async matched(user: UserId, ticket: RecordId | null, match: string, source: string): Promise<SessionOutcome> {
    const read = await this.asks.view<MatchView>('match', match, { kind: 'state' })
    if (read.kind === 'refused') return read
    const status = read.view.status === 'funding' ? 'matched' : 'ready'
    const session = { ...queued(user, ticket ?? '', source.slice('queue/'.length)), status, match } as const
    return { kind: 'session', session }
  }
}

function queued(user: UserId, ticket: string, pool: string): QueueSession {
  const nothing = { match: null, position: null, estimateMs: null, joinedMs: null, expiresMs: null }
  return { id: `${user}.${ticket}`, status: 'queued', pool, ...nothing }
}

/** Null where the text names no session. */
export function parseSession(text: string): { readonly user: UserId; readonly ticket: RecordId } | null {
  const dot = text.indexOf('.')
  const [user, ticket] = [text.slice(0, dot), text.slice(dot + 1)]
  return dot > 0 && isUserId(user) && isRecordId(ticket) ? { user, ticket } : null
}
