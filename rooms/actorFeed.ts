// Records of actors of any kind, as they become durable (A4), for whatever in this process waits for them: a room or a
// desk that follows one actor wherever it lives, and the host of a kind, that lives where its actors do (C3).

import type { LogRecord } from '../actors/runtime/record.ts'
import type { PartitionId } from '../shared/ids.ts'
import type { ListenerFailed, LocalFeed } from './feeds.ts'

export interface RecordListener {
  /** In order, each once. Called on the way of every commit: what takes long is for later. */
  committed(partition: PartitionId, record: LogRecord): void
  /** Records may have been missed: the actor is to be read again. */
  stale(): void
}

interface Subscription {
  readonly listeners: Set<RecordListener>
  newestSeq: number
}

export class ActorFeed implements LocalFeed {
  onInterest: (actor: string, wanted: boolean) => void = () => {}
  private readonly subscriptions = new Map<string, Subscription>()
  /** By `<kind>/`. */
  private readonly kinds = new Map<string, Set<Pick<RecordListener, 'committed'>>>()
  private readonly failed: ListenerFailed

  constructor(failed: ListenerFailed) {
    this.failed = failed
  }

  /**
   * From now on the listener hears of every record of the actor. One that reads the actor after this misses nothing
   * between. Answers a function that ends it.
   */
  subscribe(actor: string, listener: RecordListener): () => void {
    let subscription = this.subscriptions.get(actor)
    if (subscription === undefined) {
      subscription = { listeners: new Set(), newestSeq: 0 }
      this.subscriptions.set(actor, subscription)
      this.onInterest(actor, true)
    }
    const joined = subscription
    // Its own, so that one object may listen twice and end once.
    const own: RecordListener = {
      committed: (partition, record) => listener.committed(partition, record),
      stale: () => listener.stale(),
    }
    joined.listeners.add(own)
    return () => {
      joined.listeners.delete(own)
      if (joined.listeners.size > 0 || this.subscriptions.get(actor) !== joined) return
      this.subscriptions.delete(actor)
      this.onInterest(actor, false)
    }
  }

  /** The listener hears of every record of the kind that this process's own partitions commit, and of no other. */
  watchKind(kind: string, listener: Pick<RecordListener, 'committed'>): () => void {
    const prefix = `${kind}/`
    const own: Pick<RecordListener, 'committed'> = { committed: (...told) => listener.committed(...told) }
    const listeners = this.kinds.get(prefix) ?? new Set()
    this.kinds.set(prefix, listeners.add(own))
    return () => {
      listeners.delete(own)
      if (listeners.size === 0 && this.kinds.get(prefix) === listeners) this.kinds.delete(prefix)
    }
  }

  get listening(): number {
    return this.subscriptions.size
  }

  // Asked for every record of the process.
  wants(actor: string): boolean {
    if (this.subscriptions.has(actor)) return true
    for (const prefix of this.kinds.keys()) if (actor.startsWith(prefix)) return true
    return false
  }

  committed(partition: PartitionId, record: LogRecord): void {
    for (const [prefix, listeners] of this.kinds)
      if (record.actor.startsWith(prefix)) this.tell(listeners, partition, record)
    this.heard(partition, record)
  }

  heard(partition: PartitionId, record: LogRecord): void {
    const subscription = this.subscriptions.get(record.actor)
    // One that comes late, from an owner before, is in what the change of owners has had read.
    if (subscription === undefined || record.seq <= subscription.newestSeq) return
    subscription.newestSeq = record.seq
    this.tell(subscription.listeners, partition, record)
  }

  delivered(): void {
    // What became of an envelope is its sender's to record.
  }

  refresh(isStale: (actor: string) => boolean): void {
    for (const [actor, { listeners }] of this.subscriptions) {
      if (isStale(actor)) for (const listener of listeners) this.guarded(actor, () => listener.stale())
    }
  }

  close(): void {
    this.subscriptions.clear()
    this.kinds.clear()
  }

  private tell(
    listeners: ReadonlySet<Pick<RecordListener, 'committed'>>,
    partition: PartitionId,
    record: LogRecord,
  ): void {
    for (const listener of listeners) this.guarded(record.actor, () => listener.committed(partition, record))
  }

  private guarded(actor: string, say: () => void): void {
    try {
      say()
    } catch (error) {
      this.failed(actor, error)
    }
  }
}
