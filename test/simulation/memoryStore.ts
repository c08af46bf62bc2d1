// The rows of a ProjectionStore in memory, guarded as S1 says: absolute values, the higher seq wins, the checkpoint only
// grows. Rows are never changed in place, so that copies of the whole can share them.

import {
  fateNumber,
  type ProjectedBalance,
  type ProjectedBatch,
  type ProjectedEntry,
  type ProjectedKey,
  type ProjectionWrite,
} from '../../actors/projection/ports.ts'
import type { ActorSnapshot, Checkpoint, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

/** One row to write. A write is a list of these, in the order an adapter without transactions would use. */
type Row = () => void

export class MemoryStore {
  readonly batches = new Map<string, ProjectedBatch>()
  readonly entries = new Map<string, ProjectedEntry>()
  readonly balances = new Map<string, ProjectedBalance>()
  /** By partition, actor and key. */
  readonly keys = new Map<string, ProjectedKey>()
  readonly fates = new Map<string, number>()
  readonly watermarks = new Map<string, number>()
  readonly actors = new Map<string, ActorSnapshot>()
  readonly partitions = new Map<PartitionId, PartitionSnapshot>()
  readonly checkpoints = new Map<PartitionId, Checkpoint>()

  /** Applies all rows, or the first `limit` of them. Answers whether that was all. */
  apply(write: ProjectionWrite, limit = Number.POSITIVE_INFINITY): boolean {
    const rows = [...this.ledgerRows(write), ...this.snapshotRows(write)]
    for (const row of rows.slice(0, limit)) row()
    return limit >= rows.length
  }

  private ledgerRows(write: ProjectionWrite): readonly Row[] {
    return [
      ...write.batches.map((row) => () => this.batches.set(`${row.partition} ${row.firstSeq}`, row)),
      ...write.entries.map((row) => () => this.entries.set(`${row.partition} ${row.seq} ${row.leg}`, row)),
      ...write.balances.map((row) => () => putNewer(this.balances, balanceRowKey(row), row)),
      ...write.keys.map((row) => () => putNewer(this.keys, keyRow(row.partition, row.actor, row.key), row)),
      ...write.fates.map(({ partition, seq, fate, bySeq }) => () => {
        const key = `${partition} ${seq}`
        this.fates.set(key, Math.max(fateNumber(fate, bySeq), this.fates.get(key) ?? 0))
      }),
      ...write.watermarks.map(([destination, source, number]) => () => {
        const key = `${destination} ${source}`
        this.watermarks.set(key, Math.max(number, this.watermarks.get(key) ?? 0))
      }),
    ]
  }

  // Actors before the partition's snapshot, which vouches for them; the checkpoint last.
  private snapshotRows(write: ProjectionWrite): readonly Row[] {
    return [
      ...write.actors.map(
        (row) => () => putNewer(this.actors, actorRow(row.partition, row.snapshot.actor), row.snapshot),
      ),
      ...write.partitions.map((row) => () => putNewer(this.partitions, row.partition, row.snapshot)),
      ...write.checkpoints.map((row) => () => putNewer(this.checkpoints, row.partition, row.checkpoint)),
    ]
  }

  copy(): MemoryStore {
    const copy = new MemoryStore()
    copy.takeOver(this)
    return copy
  }

  /** Becomes what the other is. Rows are never changed in place, so they can be shared. */
  takeOver(other: MemoryStore): void {
    replaceAll(this.batches, other.batches)
    replaceAll(this.entries, other.entries)
    replaceAll(this.balances, other.balances)
    replaceAll(this.keys, other.keys)
    replaceAll(this.watermarks, other.watermarks)
    replaceAll(this.actors, other.actors)
    replaceAll(this.partitions, other.partitions)
    replaceAll(this.checkpoints, other.checkpoints)
    replaceAll(this.fates, other.fates)
  }
}

export function actorRow(partition: PartitionId, actor: string): string {
  return `${partition} ${actor}`
}

export function keyRow(partition: PartitionId, actor: string, key: string): string {
  return `${partition} ${actor} ${key}`
}

// System accounts exist once per partition (M3), owned ones once.
function balanceRowKey(row: ProjectedBalance): string {
  return `${row.partition} ${row.account} ${row.asset}`
}

function putNewer<Key, Row extends { readonly seq: number }>(rows: Map<Key, Row>, key: Key, row: Row): void {
  const there = rows.get(key)
  if (there === undefined || there.seq < row.seq) rows.set(key, row)
}

function replaceAll<Key, Row>(rows: Map<Key, Row>, others: ReadonlyMap<Key, Row>): void {
  rows.clear()
  for (const [key, row] of others) rows.set(key, row)
}
