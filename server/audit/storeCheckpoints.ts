// Where the store says it stands (S1): each partition's checkpoint is the end of a batch of the journal, with that
// batch's hash and position, and what it has taken from every other partition by then is what the journal says (M4).

import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import { storeDiffers } from './violation.ts'

export interface StoredCheckpoint {
  readonly seq: number
  readonly position: number
  readonly hash: string
}

export interface StoredCheckpoints {
  checkpoints(): ReadonlyMap<number, StoredCheckpoint>
  /** [source, number] of every watermark of a destination. */
  watermarks(destination: number): ReadonlyMap<number, number>
}

export class StoreCheckpoints implements AuditWatcher {
  private readonly store: StoredCheckpoints
  private readonly checkpoints: ReadonlyMap<number, StoredCheckpoint>
  private readonly reached = new Set<number>()

  constructor(store: StoredCheckpoints) {
    this.store = store
    this.checkpoints = store.checkpoints()
  }

  before(): void {}

  after(): void {}

  batch(audit: Audit, log: PartitionLog): void {
    const { partition } = log
    const checkpoint = this.checkpoints.get(partition)
    if (checkpoint === undefined || log.seq < checkpoint.seq || this.reached.has(partition)) return
    this.reached.add(partition)
    const at = `${partition}:${checkpoint.seq}`
    if (log.seq > checkpoint.seq) storeDiffers('S1', 'checkpoint in the midst of a batch', at)
    if (checkpoint.hash !== log.head)
      storeDiffers('J3', `checkpoint holds hash ${checkpoint.hash}, the journal's is ${log.head}`, at)
    if (checkpoint.position !== log.position) {
      storeDiffers('S1', `checkpoint is at position ${checkpoint.position}, the journal's batch at ${log.position}`, at)
    }
    this.compareWatermarks(audit, log, at)
  }

  end(audit: Audit): void {
    for (const [partition, { seq }] of this.checkpoints) {
      const last = audit.logs[partition]?.seq ?? 0
      if (seq > last)
        storeDiffers(
          'S1',
          `store is ahead of the journal: its checkpoint is ${seq}, the journal ends at ${last}`,
          `${partition}:${last}`,
        )
    }
  }

  private compareWatermarks(audit: Audit, log: PartitionLog, at: string): void {
    const stored = this.store.watermarks(log.partition)
    const sources = new Set([...stored.keys(), ...audit.logs.map((source) => source.partition)])
    for (const source of sources) {
      const has = stored.get(source) ?? 0
      const taken = source < audit.partitions ? audit.lane(source, log.partition).taken : 0
      if (has !== taken)
        storeDiffers('M4', `the store has ${has} as taken from partition ${source}, the journal ${taken}`, at)
    }
  }
}
