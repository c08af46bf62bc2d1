// The store's copy of the log and what it says about the present (S1): the bytes of every batch (J3), and the balances as
// of the checkpoint.

import { isNft } from '../../shared/assets.ts'
import type { Audit, AuditWatcher } from './audit.ts'
import type { PartitionLog } from './partitionLog.ts'
import type { HeaderLine } from './recordLine.ts'
import type { BalanceRow, CheckpointRow, StoreImage } from './storeImage.ts'
import { storeDiffers } from './violation.ts'

export type StoredRows = Pick<StoreImage, 'checkpoints' | 'batch' | 'batchCount' | 'balances'>

export class StoreRows implements AuditWatcher {
  private readonly store: StoredRows
  private readonly checkpoints: ReadonlyMap<number, CheckpointRow>
  private readonly matched = new Map<number, number>()

  constructor(store: StoredRows) {
    this.store = store
    this.checkpoints = store.checkpoints()
  }

  before(): void {}

  after(): void {}

  batch(_audit: Audit, log: PartitionLog, header: HeaderLine, bytes: Uint8Array): void {
    const checkpoint = this.checkpoints.get(log.partition)
    this.compareBatch(log, header, bytes, checkpoint?.seq ?? 0)
    if (log.seq === checkpoint?.seq) this.compareBalances(log, `${log.partition}:${log.seq}`)
  }

  end(audit: Audit): void {
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
}

function compareBalance(row: BalanceRow, expected: Map<string, bigint>, at: string): void {
  if (row.minor === null) return // stays expected
  const name = `${row.account} ${row.asset}`
  // The auditor forgets an NFT where it has gone.
  const minor = expected.get(name) ?? (isNft(row.asset) ? 0n : undefined)
  if (minor !== row.minor)
    storeDiffers('S1', `the store has ${row.minor} in ${name}, the journal ${minor ?? 'nothing'}`, at)
  expected.delete(name)
}
