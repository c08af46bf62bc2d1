// What the queue room asks, by the same desks that HTTP has.

import type { MatchView } from '../../actors/match/views.ts'
import type { TicketWishes } from '../../actors/queue/ticket.ts'
import type { QueueJoin, QueueService, Told } from '../../rooms/queueService.ts'
import type { UserId } from '../../shared/ids.ts'
import type { QueueSessionNews } from '../../shared/queueMessages.ts'
import type { ActorAsks } from './actorAsks.ts'
import type { QueueDesk, QueueSession, SessionOutcome } from './queueDesk.ts'
import type { SeatOutcome, Seats } from './seatDesk.ts'

export class QueueRoomDesk implements QueueService {
  private readonly desk: QueueDesk
  private readonly seats: Seats
  private readonly asks: ActorAsks

  constructor(desk: QueueDesk, seats: Seats, asks: ActorAsks) {
    this.desk = desk
    this.seats = seats
    this.asks = asks
  }

  async join(user: UserId, wish: QueueJoin, requestId: string): Promise<Told<QueueSessionNews>> {
    const { game, mode, region, format = '1v1', currency = 'USD', entry_fee_cents: fee, key } = wish
    const order = {
      pool: { game, mode, region, format, asset: currency },
      stakeMinor: fee === undefined ? null : BigInt(fee),
      wishes: {
        role: wish.role ?? '',
        maps: [...new Set(wish.maps ?? [])].sort(),
        party: wish.squad === undefined ? null : partyOf(wish.squad),
        fillBots: wish.fill_bots ?? false,
      },
    } as const
    return told(await this.desk.join(user, order, key, requestId))
  }

  async leave(user: UserId, requestId: string): Promise<Told<QueueSessionNews>> {
    const left = await this.desk.leave(user, null, requestId)
    return left.kind === 'refused' ? left : this.session(user)
  }

  async session(user: UserId): Promise<Told<QueueSessionNews>> {
    const outcome = await this.desk.session(user, null)
    const isNone = outcome.kind === 'refused' && outcome.code === 'queue.no_ticket'
    return isNone ? { kind: 'ok', value: NONE } : told(outcome)
  }

  async accept(user: UserId, match: string, requestId: string): Promise<Told<'sent' | 'taken' | 'given_up'>> {
    return seat(await this.seats.accept(user, match, requestId))
  }

  async giveUp(user: UserId, match: string, requestId: string): Promise<Told<'sent' | 'taken' | 'given_up'>> {
    return seat(await this.seats.giveUp(user, match, requestId))
  }

  async match(match: string): Promise<Told<MatchView>> {
    const read = await this.asks.view<MatchView>('match', match, { kind: 'state' })
    return read.kind === 'refused' ? read : { kind: 'ok', value: read.view }
  }
}

const NONE: QueueSessionNews = Object.freeze({
  ...{ status: 'none', session_id: null, pool_id: null, match_id: null, queue_position: null },
  estimated_wait_seconds: null,
})

function partyOf({ id, members = [] }: NonNullable<QueueJoin['squad']>): TicketWishes['party'] {
  return { id, size: 1 + members.length, members }
}

function told(outcome: SessionOutcome): Told<QueueSessionNews> {
  return outcome.kind === 'refused' ? outcome : { kind: 'ok', value: newsOf(outcome.session) }
}

function newsOf({ id, status, pool, match, position, estimateMs }: QueueSession): QueueSessionNews {
  return {
    ...{ status, session_id: id, pool_id: pool, match_id: match, queue_position: position },
    estimated_wait_seconds: estimateMs === null ? null : Math.ceil(estimateMs / 1000),
  }
}

function seat(outcome: SeatOutcome): Told<'sent' | 'taken' | 'given_up'> {
  return outcome.kind === 'refused' ? outcome : { kind: 'ok', value: outcome.kind }
}
