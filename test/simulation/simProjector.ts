// Drives one node's real projector as its worker would: reads the journal behind the last position, hands over what is
// there, writes again what a failing store has not taken, asks for a round now and then, and tells the runtime. The
// worker itself may die and start afresh while the node lives on.

import type { ProjectionStore } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { Journal, Position, Progress, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import type { Prng } from './prng.ts'
import { SIM_KINDS } from './simKinds.ts'
import type { SimLoop } from './simScheduler.ts'

export interface ProjectorSettings {
  readonly snapshotEvery: number
  readonly restingActors: number
  /** Pause between two looks at an idle journal. */
  readonly idleMs: number
  /** Chance of a round each time the journal is idle. */
  readonly idleRound: number
  /** Chance per look that the worker dies and a new one takes its place. */
  readonly dies: number
}

/** `unhurried`: each look of its counts against the run's steps, where much time passes. */
export function drawProjectorSettings(prng: Prng, unhurried = false): ProjectorSettings {
  return {
    snapshotEvery: prng.pick([3, 20, 20, 200]),
    restingActors: prng.pick([1, 5, 1_000]),
    idleMs: prng.pick(unhurried ? [100, 400] : [2, 10, 100]),
    idleRound: prng.pick([0.02, 0.3]),
    dies: prng.pick([0, 0.01]),
  }
}

interface Parts {
  readonly loop: SimLoop
  readonly node: string
  readonly journal: Journal
  readonly store: ProjectionStore
  readonly prng: Prng
  readonly report: Report
  readonly settings: ProjectorSettings
  calm(): boolean
  progress(progress: Progress): void
}

export class SimProjector {
  private readonly parts: Parts
  private readonly followed = new Set<PartitionId>()
  private generation = 0

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Follows these partitions too. Each change of the set starts a new worker. */
  start(partitions: readonly PartitionId[]): void {
    const before = this.followed.size
    for (const partition of partitions) this.followed.add(partition)
    if (this.followed.size > before) this.spawn()
  }

  /** Follows a partition no longer. */
  leave(partition: PartitionId): void {
    if (this.followed.delete(partition)) this.spawn()
  }

  private spawn(): void {
    this.generation++
    if (this.followed.size === 0) return
    this.work(this.generation).catch((error: unknown) => this.parts.report.fail('S1', `projector: ${String(error)}`))
  }

  private async work(generation: number): Promise<void> {
    const { settings, report, prng } = this.parts
    const projector = this.make()
    const followed = [...this.followed].sort((a, b) => a - b)
    const positions = new Map(await this.insist(() => projector.resume(followed)))
    while (generation === this.generation) {
      if (!this.parts.calm() && prng.chance(settings.dies)) {
        report.count('projectorDied')
        return this.spawn()
      }
      const batches = await this.insist(() => this.look(positions))
      if (batches.length > 0) this.tell(await this.take(projector, batches))
      else if (projector.roundDue && (this.parts.calm() || prng.chance(settings.idleRound))) {
        this.tell(await this.insist(() => projector.round()))
      }
      for (const batch of batches) positions.set(batch.partition, batch.position)
      await this.pause(batches.length > 0 ? 0 : settings.idleMs)
    }
  }

  private make(): Projector {
    const { store, settings, report } = this.parts
    const { snapshotEvery, restingActors } = settings
    const onHalt = (partition: PartitionId, reason: string): void => report.fail('S1', `${partition} halted: ${reason}`)
    return new Projector({ kinds: SIM_KINDS, store, snapshotEvery, restingActors, onHalt })
  }

  /** The next group of batches of every partition. */
  private async look(positions: ReadonlyMap<PartitionId, Position>): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = []
    for await (const group of this.parts.journal.replay(positions)) {
      found.push(...group.filter((batch) => batch.position > (positions.get(batch.partition) ?? 0)))
      if (found.length > 20) break
    }
    return found
  }

  // S1: the same call again, or a flush first, as a caller may.
  private async take(projector: Projector, batches: readonly StoredBatch[]): Promise<readonly Progress[]> {
    return this.insist(async () => {
      const flushed = this.parts.prng.chance(0.2) ? await projector.flush() : []
      return [...flushed, ...(await projector.take(batches))]
    })
  }

  private tell(news: readonly Progress[]): void {
    for (const progress of news) this.parts.progress(progress)
  }

  /** Tries until the journal and the store answer. */
  private async insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (!String(error).includes('simulated:')) throw error
        await this.pause(20)
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return this.parts.loop.wait(this.parts.node, 'projector', ms)
  }
}
