// One node's connection to the store: slow, failing for a time, failing after it has written, or after it has written
// only some rows. What it acknowledged it keeps, unless a power cut takes back what was not synced, which a projection
// must survive because the journal has everything (S1).

import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { EMPTY_CHECKPOINT } from '../../actors/runtime/ledgerState.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import type { Faults } from './faults.ts'
import { actorRow, keyRow, MemoryStore } from './memoryStore.ts'
import type { Prng } from './prng.ts'
import type { SimLoop } from './simScheduler.ts'

/** What all connections share. */
export class StoreDisk {
  readonly rows = new MemoryStore()
  private synced = new MemoryStore()
  /** A window in which nothing gets through. */
  down = false

  sync(): void {
    this.synced = this.rows.copy()
  }

  /** Everything is gone; the journal has it all. */
  erase(): void {
    this.rows.takeOver(new MemoryStore())
    this.synced = new MemoryStore()
  }

  /** A power cut: back to the last state that was synced. */
  rollBack(): void {
    this.rows.takeOver(this.synced)
  }
}

export interface StoreWatch {
  /** Called with every write before it is applied, wholly or partly. */
  writing(write: ProjectionWrite): void
  /** Called with the snapshots read for actors that are to become resident. */
  loading(partition: PartitionId, snapshots: readonly ActorSnapshot[]): void
}

export class FaultyStore implements ProjectionStore {
  private readonly loop: SimLoop
  private readonly disk: StoreDisk
  private readonly node: string
  private readonly prng: Prng
  private readonly faults: () => Faults
  private readonly report: Report
  private readonly watch: StoreWatch

  constructor(
    loop: SimLoop,
    disk: StoreDisk,
    node: string,
    prng: Prng,
    faults: () => Faults,
    report: Report,
    watch: StoreWatch,
  ) {
    this.loop = loop
    this.disk = disk
    this.node = node
    this.prng = prng
    this.faults = faults
    this.report = report
    this.watch = watch
  }

  async partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.answer('partitionSnapshot', () => this.disk.rows.partitions.get(partition) ?? null)
  }

  async actorSnapshots(partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    return this.answer('actorSnapshots', () => {
      const found = actors.flatMap((actor) => this.disk.rows.actors.get(actorRow(partition, actor)) ?? [])
      this.watch.loading(partition, found)
      return found
    })
  }

  async recentKeys(
    partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return this.answer('recentKeys', () => {
      const found = new Map<string, KeyOutcome[]>()
      for (const row of this.disk.rows.keys.values()) {
        if (row.partition !== partition || row.atMs < sinceMs || !actors.includes(row.actor)) continue
        found.set(row.actor, [...(found.get(row.actor) ?? []), outcomeOf(row)])
      }
      return found
    })
  }

  async findKey(partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    return this.answer('findKey', () => {
      this.report.count('keyLookedUp')
      const row = this.disk.rows.keys.get(keyRow(partition, actor, key))
      return row === undefined ? null : outcomeOf(row)
    })
  }

  async checkpoint(partition: PartitionId): Promise<Checkpoint> {
    return this.answer('checkpoint', () => this.disk.rows.checkpoints.get(partition) ?? EMPTY_CHECKPOINT)
  }

  async apply(write: ProjectionWrite): Promise<void> {
    const given = structuredClone(write)
    await this.loop.wait(this.node, 'store apply', this.delay())
    const fails = this.fails(4)
    if (fails && (this.disk.down || this.prng.chance(0.4))) throw new Error('simulated: store did not take it')
    this.watch.writing(given)
    const some = this.faults().storePartial ? this.prng.below(40) : Number.POSITIVE_INFINITY
    const whole = this.disk.rows.apply(given, fails ? some : Number.POSITIVE_INFINITY)
    if (fails && !whole) this.report.count('storeWroteHalf')
    await this.loop.wait(this.node, 'store applied', this.delay())
    if (fails) throw new Error('simulated: store took it and did not say so')
    if (write.actors.length > 0) this.report.count('snapshotRound')
    if (this.prng.chance(0.3)) this.disk.sync()
  }

  private async answer<T>(label: string, read: () => T): Promise<T> {
    await this.loop.wait(this.node, `store ${label}`, this.delay())
    if (this.fails()) throw new Error(`simulated: store cannot answer ${label}`)
    // Read at one moment, heard at a later one.
    const rows = structuredClone(read())
    await this.loop.wait(this.node, `store ${label} heard`, this.delay())
    return rows
  }

  private fails(times = 1): boolean {
    const fails = this.disk.down || this.prng.chance(this.faults().storeFails * times)
    if (fails) this.report.count('storeFailed')
    return fails
  }

  private delay(): number {
    return this.prng.between(0, this.faults().storeMs)
  }
}

function outcomeOf(row: KeyOutcome): KeyOutcome {
  const { key, hash, seq, atMs, refused, reply } = row
  return { key, hash, seq, atMs, refused, reply }
}
