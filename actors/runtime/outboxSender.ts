// Sends a partition's envelopes to their destinations (M4): in order, only once durable (A4), at most a window ahead of
// the acknowledgement. What the destination has is always its own word: after recovery, or silence, it is asked (probe)
// and sent what lies above its answer.

import type { PartitionId } from '../../shared/ids.ts'
import type { LedgerState } from './ledgerState.ts'
import type { Limits } from './limits.ts'
import type { CommitFeed, EnvelopeTransport, Scheduler, Taken } from './ports.ts'
import type { BatchHeader, Envelope } from './record.ts'

interface Lane {
  readonly destination: PartitionId
  /** `asking`: waiting for the destination's word. `sending`: everything through this number is under way. */
  state: { readonly kind: 'asking' } | { readonly kind: 'sending'; through: number }
  acknowledged: number
  /** True when an acknowledgement has moved the lane since the last look. */
  moved: boolean
}

export interface SenderHost {
  readonly transport: EnvelopeTransport
  readonly scheduler: Scheduler
  readonly limits: Limits
  readonly ledger: LedgerState
  readonly feed: CommitFeed | null
  durableSeq(): number
}

export class OutboxSender {
  private readonly partition: PartitionId
  private readonly host: SenderHost
  private readonly lanes = new Map<PartitionId, Lane>()
  private readonly deliveredSinceHeader = new Map<PartitionId, number>()
  private deliveredCount = 0
  private cancelWatch: (() => void) | null = null
  private closed = false

  constructor(partition: PartitionId, host: SenderHost) {
    this.partition = partition
    this.host = host
  }

  /** After recovery: ask every destination that may have something undelivered. */
  resume(): void {
    for (const [destination, queue] of this.host.ledger.outbox) {
      if (queue.length > 0) this.ask(this.lane(destination, queue))
    }
    this.watch()
  }

  close(): void {
    this.closed = true
    this.cancelWatch?.()
  }

  /** Sends what has become durable. */
  pump(destinations: Iterable<PartitionId>): void {
    for (const destination of destinations) {
      const queue = this.host.ledger.outbox.get(destination)
      if (queue !== undefined && queue.length > 0) this.send(this.lane(destination, queue), queue)
    }
    this.watch()
  }

  acknowledged(destination: PartitionId, through: number, taken: Taken): void {
    const queue = this.host.ledger.outbox.get(destination)
    if (this.closed || queue === undefined) return
    const lane = this.lane(destination, queue)
    const dropped = this.host.ledger.trim(destination, through)
    if (dropped.length > 0) {
      this.deliveredSinceHeader.set(destination, through)
      this.deliveredCount += dropped.length
      lane.moved = true
      this.publish(dropped, taken)
    }
    lane.acknowledged = Math.max(lane.acknowledged, through)
    if (lane.state.kind === 'asking') lane.state = { kind: 'sending', through: lane.acknowledged }
    if (lane.state.through < lane.acknowledged) lane.state.through = lane.acknowledged
    this.send(lane, queue)
  }

  /** For a batch header: what has been delivered since the last one that said so, when it is enough or `all`. */
  takeDelivered(all: boolean): BatchHeader['delivered'] {
    if (this.deliveredCount === 0 || (!all && this.deliveredCount < this.host.limits.deliveredEvery)) return NONE
    const rows = [...this.deliveredSinceHeader].sort((a, b) => a[0] - b[0])
    this.deliveredSinceHeader.clear()
    this.deliveredCount = 0
    return rows
  }

  private lane(destination: PartitionId, queue: readonly Envelope[]): Lane {
    let lane = this.lanes.get(destination)
    if (lane === undefined) {
      // Nothing was ever under way from here: all before the first in hand is delivered.
      const through = (queue[0]?.number ?? 1) - 1
      lane = { destination, state: { kind: 'sending', through }, acknowledged: through, moved: false }
      this.lanes.set(destination, lane)
    }
    return lane
  }

  private ask(lane: Lane): void {
    lane.state = { kind: 'asking' }
    this.host.transport.probe(this.partition, lane.destination)
  }

  private send(lane: Lane, queue: readonly Envelope[]): void {
    const first = queue[0]
    if (lane.state.kind === 'asking' || first === undefined) return
    const limit = lane.acknowledged + this.host.limits.envelopeWindow
    const durable = this.host.durableSeq()
    const start = Math.max(0, lane.state.through + 1 - first.number)
    let end = start
    for (; end < queue.length; end++) {
      const envelope = queue[end]
      if (envelope === undefined || envelope.number > limit || envelope.seq > durable) break
    }
    if (end === start) return
    lane.state.through = first.number + end - 1
    this.host.transport.deliver(this.partition, lane.destination, queue.slice(start, end))
  }

  private publish(dropped: readonly Envelope[], taken: Taken): void {
    const feed = this.host.feed
    if (feed === null) return
    for (const envelope of dropped) {
      if (envelope.number < taken.from || taken.refused.includes(envelope.number)) continue
      if (feed.wants(envelope.from)) feed.delivered(envelope)
    }
  }

  /** While anything is unacknowledged, looks now and then whether it moves; a silent destination is asked. */
  private watch(): void {
    if (this.cancelWatch !== null || this.closed || this.host.ledger.outboxSize === 0) return
    this.cancelWatch = this.host.scheduler.after(this.host.limits.probeAfterMs, () => {
      this.cancelWatch = null
      for (const lane of this.lanes.values()) {
        const waiting = (this.host.ledger.outbox.get(lane.destination)?.length ?? 0) > 0
        if (waiting && !lane.moved) this.ask(lane)
        lane.moved = false
      }
      this.watch()
    })
  }
}

const NONE: BatchHeader['delivered'] = Object.freeze([])
