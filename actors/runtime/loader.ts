// Brings actors of one partition into memory (A6): everything asked for in the same moment is read from the store
// together. Only a successful "not found" makes a new actor (J4); a store error fails the load.

import type { PartitionId } from '../../shared/ids.ts'
import type { AnyKind } from './actor.ts'
import type { Limits } from './limits.ts'
import type { Clock, RecoveryStore, Scheduler } from './ports.ts'
import { Slot } from './slot.ts'

type Loaded = (slot: Slot | null) => void

export interface LoaderHost {
  readonly store: RecoveryStore
  readonly scheduler: Scheduler
  readonly clock: Clock
  readonly limits: Limits
  readonly kinds: ReadonlyMap<string, AnyKind>
  readonly slots: Map<string, Slot>
  failed(error: unknown): void
  /** Newest seq this owner knows of. */
  lastSeq(): number
  /** The store has a record this owner never made: the partition has another owner. */
  superseded(): void
}

export class Loader {
  private readonly partition: PartitionId
  private readonly host: LoaderHost
  private readonly waiting = new Map<string, Loaded[]>()
  private batch: string[] = []
  private closed = false

  constructor(partition: PartitionId, host: LoaderHost) {
    this.partition = partition
    this.host = host
  }

  get idle(): boolean {
    return this.waiting.size === 0
  }

  waitingFor(actor: string): number {
    return this.waiting.get(actor)?.length ?? 0
  }

  /** Calls back in the order of the calls, with null when the store could not answer. */
  load(actor: string, loaded: Loaded): void {
    if (this.closed) return loaded(null)
    const others = this.waiting.get(actor)
    if (others !== undefined) {
      others.push(loaded)
      return
    }
    this.waiting.set(actor, [loaded])
    this.batch.push(actor)
    if (this.batch.length === 1) this.host.scheduler.soon(() => void this.flush())
  }

  /** As `load`, but at once where the actor is resident. */
  loadOr(actor: string, loaded: Loaded): void {
    const slot = this.host.slots.get(actor)
    if (slot !== undefined) loaded(slot)
    else this.load(actor, loaded)
  }

  close(): void {
    this.closed = true
    const all = [...this.waiting.values()]
    this.waiting.clear()
    for (const callbacks of all) for (const loaded of callbacks) loaded(null)
  }

  private async flush(): Promise<void> {
    const actors = this.batch
    this.batch = []
    let slots: readonly Slot[] | null = null
    try {
      slots = await loadSlots(this.partition, actors, this.host)
    } catch (error) {
      if (!this.closed) this.host.failed(error)
    }
    if (this.closed) return
    if (slots?.some((slot) => slot.lastSeq > this.host.lastSeq())) return this.host.superseded()
    if (slots !== null) for (const slot of slots) this.host.slots.set(slot.actor, slot)
    for (const actor of actors) this.release(actor)
  }

  private release(actor: string): void {
    const callbacks = this.waiting.get(actor) ?? []
    this.waiting.delete(actor)
    const slot = this.host.slots.get(actor) ?? null
    for (const loaded of callbacks) loaded(slot)
  }
}

/** Reads snapshots and recent keys of these actors and makes their slots. Rejects when the store cannot answer. */
export async function loadSlots(
  partition: PartitionId,
  actors: readonly string[],
  host: Pick<LoaderHost, 'store' | 'clock' | 'limits' | 'kinds'>,
): Promise<readonly Slot[]> {
  const sinceMs = host.clock.nowMs() - host.limits.idempotencyWindowMs
  const [snapshots, keys] = await Promise.all([
    host.store.actorSnapshots(partition, actors),
    host.store.recentKeys(partition, actors, sinceMs),
  ])
  const byActor = new Map(snapshots.map((snapshot) => [snapshot.actor, snapshot]))
  return actors.map((actor) => {
    const kind = host.kinds.get(actor.slice(0, actor.indexOf('/')))
    if (kind === undefined) throw new Error(`no kind for actor ${actor}`)
    const slot = new Slot(actor, kind, byActor.get(actor))
    slot.lastUsedMs = host.clock.nowMs()
    for (const outcome of keys.get(actor) ?? [])
      slot.keys.add(outcome, Number.MAX_SAFE_INTEGER, host.limits.idempotencyWindowMs)
    return slot
  })
}
