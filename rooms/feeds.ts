// The feeds of one process as the one that the runtime and the relay know (A4, C3): what any of them wants is wanted, and
// each is told only what it wants. One that throws is reported; the others, and the commit that tells them, go on.

import type { CommitFeed } from '../actors/runtime/ports.ts'
import type { Envelope, LogRecord } from '../actors/runtime/record.ts'
import type { PartitionId } from '../shared/ids.ts'

/** A feed for what listens in this process. `committed` tells what this process's own partitions have committed. */
export interface LocalFeed extends CommitFeed {
  /** Told when something here begins to want an actor by its name, and when the last that did ends. */
  onInterest: (actor: string, wanted: boolean) => void
  /** Another process has committed this record. */
  heard(partition: PartitionId, record: LogRecord): void
  /** What was heard of these actors may not be all there is: they are to be read again. */
  refresh(isStale: (actor: string) => boolean): void
}

/** What a listener threw is somebody's bug, never the trouble of whoever told it. */
export type ListenerFailed = (actor: string, error: unknown) => void

export class Feeds implements LocalFeed {
  onInterest: (actor: string, wanted: boolean) => void = () => {}
  private readonly feeds: readonly LocalFeed[]
  private readonly failed: ListenerFailed
  /** How many of the feeds want an actor by its name. */
  private readonly wantedBy = new Map<string, number>()

  constructor(feeds: readonly LocalFeed[], failed: ListenerFailed) {
    this.feeds = feeds
    this.failed = failed
    for (const feed of feeds) feed.onInterest = (actor, wanted) => this.count(actor, wanted)
  }

  wants(actor: string): boolean {
    return this.feeds.some((feed) => feed.wants(actor))
  }

  committed(partition: PartitionId, record: LogRecord): void {
    this.tell(record.actor, (feed) => feed.committed(partition, record))
  }

  heard(partition: PartitionId, record: LogRecord): void {
    this.tell(record.actor, (feed) => feed.heard(partition, record))
  }

  delivered(envelope: Envelope): void {
    this.tell(envelope.from, (feed) => feed.delivered(envelope))
  }

  refresh(isStale: (actor: string) => boolean): void {
    for (const feed of this.feeds) this.guarded('', () => feed.refresh(isStale))
  }

  private tell(actor: string, say: (feed: LocalFeed) => void): void {
    for (const feed of this.feeds) if (feed.wants(actor)) this.guarded(actor, () => say(feed))
  }

  private guarded(actor: string, say: () => void): void {
    try {
      say()
    } catch (error) {
      this.failed(actor, error)
    }
  }

  private count(actor: string, wanted: boolean): void {
    const before = this.wantedBy.get(actor) ?? 0
    const after = before + (wanted ? 1 : -1)
    if (after > 0) this.wantedBy.set(actor, after)
    else this.wantedBy.delete(actor)
    if (before > 0 !== after > 0) this.onInterest(actor, wanted)
  }
}
