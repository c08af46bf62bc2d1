// The store's copy of the log and what it says about the present (S1): the bytes of every batch (J3), the checkpoint, the
// balances and watermarks as of the checkpoint.

import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { HeaderLine } from './recordLine.ts'
import type { BalanceRow, CheckpointRow, StoreImage } from './storeImage.ts'
import { storeDiffers } from './violation.ts'

export type StoredRows = Pick<StoreImage, 'checkpoints' | 'batch' | 'batchCount' | 'balances' | 'watermarks'>

export class StoreRows implements AuditWatcher {
  private readonly store: StoredRows
  private readonly checkpoints: ReadonlyMap<number, CheckpointRow>
  private readonly reached = new Set<number>()
  private readonly matched = new Map<number, number>()

  constructor(store: StoredRows) {
    this.store = store
    this.checkpoints = store.checkpoints()
  }

  before(): void {}

  after(): void {}

  batch(audit: Audit, log: PartitionLog, header: HeaderLine, bytes: Uint8Array): void {
    const { partition } = log
    const checkpoint = this.checkpoints.get(partition)
    this.compareBatch(log, header, bytes, checkpoint?.seq ?? 0)
    if (checkpoint === undefined || log.seq < checkpoint.seq || this.reached.has(partition)) return
    this.reached.add(partition)
    const at = `${partition}:${checkpoint.seq}`
    if (log.seq > checkpoint.seq) storeDiffers('S1', 'checkpoint in the midst of a batch', at)
    if (checkpoint.hash !== log.head)
      storeDiffers('J3', `checkpoint holds hash ${checkpoint.hash}, the journal's is ${log.head}`, at)
    if (checkpoint.position !== log.position) {
      storeDiffers('S1', `checkpoint is at position ${checkpoint.position}, the journal's batch at ${log.position}`, at)
    }
    this.compareBalances(log, at)
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
    for (const { partition, seq } of audit.logs) {
      const { count, lastSeq } = this.store.batchCount(partition)
      if (lastSeq > seq)
        storeDiffers('S1', `store is ahead of the journal: it has batches through ${lastSeq}`, `${partition}:${seq}`)
      const matched = this.matched.get(partition) ?? 0
      if (count !== matched)
        storeDiffers('S1', `store has ${count} batches, of which the journal has ${matched}`, `${partition}:${seq}`)
    }
  }

  // J3: the store keeps the exact bytes.
  private compareBatch(log: PartitionLog, header: HeaderLine, bytes: Uint8Array, checkpointSeq: number): void {
    const at = `${log.partition}:${header.first}`
    const row = this.store.batch(log.partition, header.first)
    if (row === null) {
      if (log.seq <= checkpointSeq) storeDiffers('S1', 'batch is missing in the store, below its checkpoint', at)
      return
    }
    this.matched.set(log.partition, (this.matched.get(log.partition) ?? 0) + 1)
    if (Buffer.compare(row.bytes, bytes) !== 0)
      storeDiffers('J3', "the store's bytes of this batch are not the journal's", at)
    const same = row.lastSeq === log.seq && row.position === log.position && row.hash === log.head
    if (!same)
      storeDiffers('S1', `the store has this batch as ${row.lastSeq} at ${row.position} with hash ${row.hash}`, at)
  }

  private compareBalances(log: PartitionLog, at: string): void {
    const expected = new Map<string, bigint>()
    for (const { account, asset, minor } of log.accounts.all()) expected.set(`${account} ${asset}`, minor)
    for (const row of this.store.balances(log.partition)) compareBalance(row, expected, at)
    const [missing] = expected.keys()
    if (missing !== undefined) storeDiffers('S1', `the store has no balance of ${missing}`, at)
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

function compareBalance(row: BalanceRow, expected: Map<string, bigint>, at: string): void {
  if (row.minor === null) return // stays expected
  const name = `${row.account} ${row.asset}`
  const minor = expected.get(name)
  if (minor !== row.minor)
    storeDiffers('S1', `the store has ${row.minor} in ${name}, the journal ${minor ?? 'nothing'}`, at)
  expected.delete(name)
}
