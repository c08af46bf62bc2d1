// Which partitions serve in this process, for what has to live beside their actors (C3): the host of live matches learns
// when it begins to be responsible for a partition, what of it was under way, and when it is responsible no more.

import type { Lease } from '../actors/runtime/ports.ts'
import type { Runtime } from '../actors/runtime/runtime.ts'
import type { PartitionId } from '../shared/ids.ts'

export interface ActorTimer {
  /** `<kind>/<id>` */
  readonly actor: string
  readonly name: string
  readonly dueMs: number
}

export interface Owned {
  has(partition: PartitionId): boolean
  /** C1: whether this process may still act for the partition from memory alone. */
  leaseHeld(partition: PartitionId): boolean
  /** Calls back for each partition that begins to serve here, and at once for each that serves already. */
  onServing(listener: (partition: PartitionId) => void): void
  /** Calls back for each partition that serves here no more, for whatever reason. */
  onLost(listener: (partition: PartitionId) => void): void
  /** Calls back for each partition that is about to be let go of in good order, which waits for the listener a while. */
  onLeaving(listener: (partition: PartitionId) => Promise<void>): void
  /** J3: that of the partition's owner here, which no other owner ever has; null where it does not serve here. */
  epoch(partition: PartitionId): number | null
  /**
   * The partition's journaled timers (A7); none where it does not serve here. They are those in memory, a batch ahead of
   * the disk perhaps: an actor that one names is read before anything is done about it (A4).
   */
  timers(partition: PartitionId): Iterable<ActorTimer>
}

/** How long a partition that is let go of waits for what lives beside it, ms. */
const LEAVING_WITHIN_MS = 2_000

type Listener = (partition: PartitionId) => void

export class OwnedPartitions implements Owned {
  private readonly runtime: Pick<Runtime, 'partition'>
  private readonly lease: Lease
  private readonly failed: (error: unknown) => void
  private readonly here = new Set<PartitionId>()
  private readonly servingListeners: Listener[] = []
  private readonly lostListeners: Listener[] = []
  private readonly leavingListeners: ((partition: PartitionId) => Promise<void>)[] = []

  /** `failed`: what a listener threw. */
  constructor(runtime: Pick<Runtime, 'partition'>, lease: Lease, failed: (error: unknown) => void) {
    this.runtime = runtime
    this.lease = lease
    this.failed = failed
  }

  // Both are asked: between the loss in the runtime and its news here the partition is nobody's.
  has(partition: PartitionId): boolean {
    return this.here.has(partition) && this.runtime.partition(partition) !== undefined
  }

  leaseHeld(partition: PartitionId): boolean {
    return this.has(partition) && this.lease.held()
  }

  onServing(listener: Listener): void {
    this.servingListeners.push(listener)
    for (const partition of [...this.here]) this.tell(listener, partition)
  }

  onLost(listener: Listener): void {
    this.lostListeners.push(listener)
  }

  onLeaving(listener: (partition: PartitionId) => Promise<void>): void {
    this.leavingListeners.push(listener)
  }

  epoch(partition: PartitionId): number | null {
    return (this.has(partition) ? this.runtime.partition(partition)?.stats.epoch : undefined) ?? null
  }

  timers(partition: PartitionId): Iterable<ActorTimer> {
    return (this.has(partition) ? this.runtime.partition(partition)?.pendingTimers : undefined) ?? []
  }

  /** The partition serves here from now on. */
  serving(partition: PartitionId): void {
    if (this.here.has(partition)) return
    this.here.add(partition)
    for (const listener of this.servingListeners) this.tell(listener, partition)
  }

  /** The partition is about to be let go of. Never rejects; resolves once whatever lives beside it has left, or is late. */
  async leaving(partition: PartitionId): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, LEAVING_WITHIN_MS).unref())
    const left = this.leavingListeners.map((listener) => listener(partition).catch(this.failed))
    await Promise.race([Promise.all(left), late])
  }

  /** The partition serves here no more. */
  lost(partition: PartitionId): void {
    if (!this.here.delete(partition)) return
    for (const listener of this.lostListeners) this.tell(listener, partition)
  }

  private tell(listener: Listener, partition: PartitionId): void {
    try {
      listener(partition)
    } catch (error) {
      this.failed(error)
    }
  }
}
