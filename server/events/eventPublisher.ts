// Brings the public events of the partitions that serve here into their stream: from the batches as they become durable,
// or, after a restart or where too much waits, from the journal, on from a cursor that moves when the stream has
// acknowledged. So each event comes at least once, in order for each match, and a stream that is away holds up nothing
// but itself.

import type { Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { Followed } from '../cluster/followed.ts'
import { messageOf } from '../dataSetError.ts'
import { mentionsMatches, newsOf } from './matchNews.ts'
import type { PublicEvent } from './publicEvent.ts'

/** Where events go, and where is kept how far they have gone. Each rejects where it cannot be done now. */
export interface EventSink {
  /** Resolves once it is durable there. */
  publish(event: PublicEvent): Promise<void>
  /** 0 where nothing of the partition was told yet. */
  cursor(partition: PartitionId): Promise<Position>
  advance(partition: PartitionId, position: Position): Promise<void>
}

export interface PublisherParts {
  readonly sink: EventSink
  readonly journal: {
    read(partition: PartitionId, after: Position, maxBytes: number): Promise<readonly StoredBatch[]>
  }
  readonly alarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
  readonly retryMs?: number
}

const RETRY_MS = 1_000
/** A replica of the journal may be a moment behind. */
const REPLICA_MS = 50
const SHARE_BYTES = 256 * 1024
/** Of one partition in memory; what is beyond is read from the journal (A5). */
const MAX_IN_HAND = 1024 * 1024
/** Batches without news after which the cursor is kept all the same. */
const KEEP_EVERY = 256

interface Lane {
  readonly partition: PartitionId
  /** Durable up to here, as far as it was told. */
  through: Position
  /** Null until its cursor is known. */
  followed: Followed | null
  working: boolean
  unkept: number
}

export class EventPublisher {
  private readonly parts: PublisherParts
  private readonly lanes = new Map<PartitionId, Lane>()
  private troubled = false

  constructor(parts: PublisherParts) {
    this.parts = parts
  }

  /** The partition serves here from now on; its last durable batch is at this position. */
  take(partition: PartitionId, through: Position): void {
    const lane: Lane = { partition, through, followed: null, working: false, unkept: 0 }
    this.lanes.set(partition, lane)
    void this.work(lane)
  }

  /** A batch has become durable after the one at `after`. Costs no more than a look where it has no news. */
  committed(partition: PartitionId, after: Position, position: Position, bytes: Uint8Array): void {
    const lane = this.lanes.get(partition)
    if (lane === undefined) return
    lane.through = Math.max(lane.through, position)
    const { followed } = lane
    if (followed === null) return
    followed.through = lane.through
    if (!lane.working && followed.cursor === after && !mentionsMatches(bytes)) {
      followed.moved([{ partition, position, bytes }])
      lane.unkept += 1
      return
    }
    if (followed.bytesInHand + bytes.byteLength <= MAX_IN_HAND) followed.add({ partition, after, position, bytes })
    if (!lane.working) void this.work(lane)
  }

  /** The next owner goes on from the cursor. */
  release(partition: PartitionId): void {
    this.lanes.delete(partition)
  }

  close(): void {
    this.lanes.clear()
  }

  private isHere(lane: Lane): boolean {
    return this.lanes.get(lane.partition) === lane
  }

  private async work(lane: Lane): Promise<void> {
    lane.working = true
    while (this.isHere(lane)) {
      try {
        lane.followed ??= new Followed(lane.partition, await this.parts.sink.cursor(lane.partition), lane.through)
        lane.followed.through = Math.max(lane.followed.through, lane.through)
        if (!lane.followed.isBehind) break
        await this.step(lane, lane.followed)
        this.recovered()
      } catch (error) {
        // Whoever has the partition now goes on.
        if (!this.isHere(lane)) break
        // Nothing is skipped: the same is tried again.
        this.failed(lane.partition, error)
        await pause(this.parts.retryMs ?? RETRY_MS)
      }
    }
    lane.working = false
  }

  private async step(lane: Lane, followed: Followed): Promise<void> {
    const { sink, journal } = this.parts
    const ready = followed.ready(SHARE_BYTES)
    const batches = ready.length > 0 ? ready : await journal.read(lane.partition, followed.cursor, SHARE_BYTES)
    if (batches.length === 0) return pause(REPLICA_MS)
    let told = 0
    for (const batch of batches) {
      // One after the other: what follows in a match is never there before.
      for (const event of newsOf(batch)) {
        if (!this.isHere(lane)) return
        await sink.publish(event)
        told += 1
      }
      followed.moved([batch])
      lane.unkept += 1
    }
    if (told === 0 && lane.unkept < KEEP_EVERY) return
    await sink.advance(lane.partition, followed.cursor)
    lane.unkept = 0
  }

  private failed(partition: PartitionId, error: unknown): void {
    if (this.troubled) return
    this.troubled = true
    this.parts.alarm('events.publish_failed', { partition, error: messageOf(error) })
  }

  private recovered(): void {
    if (!this.troubled) return
    this.troubled = false
    this.parts.alarm('events.publish_recovered', {})
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
