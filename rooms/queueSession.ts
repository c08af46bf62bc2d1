// One connection's view of the queue: follows its player's records, and those of the match that the player is offered, and
// tells what they come to. Everything told was read after its record was durable (A4).

import type { MatchView } from '../actors/match/views.ts'
import { findAsset, formatAmount } from '../shared/assets.ts'
import type { UserId } from '../shared/ids.ts'
import { actorKey } from '../shared/partition.ts'
import type { MatchOffer, QueueSessionNews } from '../shared/queueMessages.ts'
import type { ActorFeed } from './actorFeed.ts'
import type { QueueService } from './queueService.ts'

export interface SessionParts {
  readonly user: UserId
  readonly feed: Pick<ActorFeed, 'subscribe'>
  readonly queues: QueueService
  readonly send: (type: 'session' | 'match_found' | 'ready_check' | 'match', body: object) => void
  readonly failed: (error: unknown) => void
}

/** Pause before something that could not be read is read again. */
const AGAIN_MS = 500

export class QueueSession {
  private readonly parts: SessionParts
  private readonly endPlayer: () => void
  private endMatch: (() => void) | null = null
  private match: string | null = null
  /** One that is live or over: its own room tells of it. */
  private done: string | null = null
  /** What was told of the match last, so that each stage is announced once. */
  private stage: MatchView['status'] | null = null
  private told = ''
  private busy = false
  private again = false
  private closed = false
  private timer: NodeJS.Timeout | null = null

  constructor(parts: SessionParts) {
    this.parts = parts
    const changed = (): void => this.changed()
    this.endPlayer = parts.feed.subscribe(actorKey('player', parts.user), { committed: changed, stale: changed })
    this.changed()
  }

  close(): void {
    this.closed = true
    this.endPlayer()
    this.endMatch?.()
    if (this.timer !== null) clearTimeout(this.timer)
  }

  /** However many records come at once, it is read once more after them. */
  private changed(): void {
    if (this.closed) return
    if (this.busy) {
      this.again = true
      return
    }
    this.busy = true
    this.look()
      .catch((error: unknown) => {
        this.parts.failed(error)
        return true
      })
      .then((isDone) => {
        this.busy = false
        if (!isDone) this.later()
        if (!this.again) return
        this.again = false
        this.changed()
      })
  }

  private later(): void {
    if (this.closed || this.timer !== null) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.changed()
    }, AGAIN_MS)
  }

  /** Answers whether everything could be read. */
  private async look(): Promise<boolean> {
    const session = await this.parts.queues.session(this.parts.user)
    if (this.closed) return true
    if (session.kind === 'refused') return false
    this.tell(session.value)
    this.follow(session.value.match_id)
    return this.match === null || this.lookAtMatch(this.match)
  }

  private tell(session: QueueSessionNews): void {
    const text = JSON.stringify(session)
    if (text === this.told) return
    this.told = text
    this.parts.send('session', session)
  }

  private follow(match: string | null): void {
    // A match that the player is out of is told of once more, so that its end is heard.
    if (match === null || match === this.match || match === this.done) return
    this.endMatch?.()
    this.match = match
    this.stage = null
    const changed = (): void => this.changed()
    this.endMatch = this.parts.feed.subscribe(actorKey('match', match), { committed: changed, stale: changed })
  }

  private async lookAtMatch(match: string): Promise<boolean> {
    const read = await this.parts.queues.match(match)
    if (this.closed || this.match !== match) return true
    if (read.kind === 'refused') return false
    const { status } = read.value
    const offer = offerOf(read.value, this.parts.user)
    if (offer === null) return status !== 'absent'
    const isNew = this.stage !== status
    this.stage = status
    if (isNew && status === 'funding') this.parts.send('match_found', offer)
    else if (isNew && status === 'ready') this.parts.send('ready_check', offer)
    else this.parts.send('match', offer)
    if (status === 'funding' || status === 'ready') return true
    this.endMatch?.()
    this.endMatch = null
    this.match = null
    this.done = match
    return true
  }
}

/** Null where the match is not made yet, or the user has no seat in it. */
function offerOf({ id, spec, status, seats, wait }: MatchView, user: UserId): MatchOffer | null {
  const own = seats.find((seat) => seat.user === user)
  if (spec === null || own === undefined || status === 'absent') return null
  const asset = findAsset(spec.asset)
  return {
    ...{ match_id: id, game: spec.game, mode: spec.mode, map: spec.map, currency: spec.asset, status },
    stake: asset === null || spec.stakeMinor === 0n ? '0' : formatAmount(spec.stakeMinor, asset),
    until: wait === null ? null : new Date(wait.dueMs).toISOString(),
    seat: own.seat,
    seats: seats.map(({ seat, team, user: theirs, ready, arrived }) => {
      return { seat, team, user_id: theirs, accepted: ready, arrived }
    }),
  }
}
