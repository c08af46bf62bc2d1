// A player's own seat in a match that is offered: taken by the wallet's own stake (M9), or by a word where nothing is
// staked; or given up. Queues and lobbies both end here.

import type { MatchCommand } from '../../actors/match/commands.ts'
import type { MatchView } from '../../actors/match/views.ts'
import { type StakeCommand, stakeKey } from '../../actors/wallet/stakes.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { type UserId, walletOf } from '../../shared/ids.ts'
import { type ActorAsks, type Refused, refused } from './actorAsks.ts'

/** `sent`: the stake is on its way, and may still come back; `taken`: the seat is theirs. */
export type SeatOutcome = { readonly kind: 'sent' | 'taken' | 'given_up' } | Refused

export interface Seats {
  accept(user: UserId, match: string, requestId: string): Promise<SeatOutcome>
  /** Leaves as well, once the match is on: the stake stays then. */
  giveUp(user: UserId, match: string, requestId: string): Promise<SeatOutcome>
}

export class SeatDesk implements Seats {
  private readonly asks: ActorAsks

  constructor(asks: ActorAsks) {
    this.asks = asks
  }

  async accept(user: UserId, match: string, requestId: string): Promise<SeatOutcome> {
    const read = await this.matchOf(user, match)
    if (read.kind === 'refused') return read
    const { spec, seats, status } = read.view
    const seat = seats.find((each) => each.user === user)
    if (spec === null || seat === undefined) return refused('match.not_seated')
    if (seat.ready) return { kind: 'taken' }
    if (spec.stakeMinor === 0n) return this.toMatch(match, { kind: 'accept', user }, 'taken', requestId)
    // Not sent where it would only come back. Whether it still would, the match decides.
    if (status !== 'funding') return refused('match.not_funding')
    const { asset, stakeMinor } = spec
    const command: StakeCommand = { kind: 'stake', match, seat: seat.seat, asset, amountMinor: stakeMinor }
    const key = stakeKey(match, seat.seat)
    const answer = await this.asks.ask('wallet', walletOf(user), command, key, requestId)
    return answer.kind === 'refused' ? refused(answer.code) : { kind: 'sent' }
  }

  async giveUp(user: UserId, match: string, requestId: string): Promise<SeatOutcome> {
    const read = await this.matchOf(user, match)
    if (read.kind === 'refused') return read
    const kind = read.view.status === 'funding' ? 'decline' : 'leave'
    const outcome = await this.toMatch(match, { kind, user }, 'given_up', requestId)
    // It has begun meanwhile.
    if (kind === 'decline' && isLate(outcome))
      return this.toMatch(match, { kind: 'leave', user }, 'given_up', requestId)
    return outcome
  }

  private async matchOf(
    user: UserId,
    match: string,
  ): Promise<{ readonly kind: 'view'; readonly view: MatchView } | Refused> {
    const read = await this.asks.view<MatchView>('match', match, { kind: 'state' })
    if (read.kind === 'refused') return read
    if (read.view.status === 'absent') return refused('not_found')
    return read.view.seats.some((seat) => seat.user === user) ? read : refused('match.not_seated')
  }

  private async toMatch(
    match: string,
    command: MatchCommand,
    kind: 'taken' | 'given_up',
    requestId: string,
  ): Promise<SeatOutcome> {
    const answer = await this.asks.ask('match', match, command, '', requestId)
    return answer.kind === 'refused' ? refused(answer.code) : { kind }
  }
}

function isLate(outcome: SeatOutcome): boolean {
  const late: ErrorCode = 'match.not_funding'
  return outcome.kind === 'refused' && outcome.code === late
}
