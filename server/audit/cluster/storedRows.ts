// The store's copy of the log, record by record and batch by batch (J3, S1): what is in its checkpoint has to be there,
// exactly, and nothing else. Compared by chunks of rows; `suspect` then says where a row is to be looked for.

import type { PartitionId } from '../../../shared/ids.ts'
import type { Audit, AuditWatcher } from '../audit.ts'
import type { PartitionLog } from '../partitionLog.ts'
import type { HeaderLine, RecordLine } from '../recordLine.ts'
import { storeDiffers } from '../violation.ts'
import { rowsOf } from './ledgerRows.ts'
import { chunkRange, type Row, RowHasher, type StoredDigests } from './rowDigests.ts'

export type RowCollection = 'records' | 'batches'

export interface StoredLog {
  /** Seq of a partition's checkpoint; 0 where it has none. */
  through(partition: PartitionId): number
  /** Of rows whose seq is in the checkpoint. */
  readonly digests: Readonly<Record<RowCollection, StoredDigests>>
  /** The newest record that anything was seen of, in the checkpoint or not. */
  readonly newest: ReadonlyMap<PartitionId, number>
}

/** Some row of this chunk differs. */
export interface Suspect {
  readonly collection: RowCollection
  readonly partition: PartitionId
  readonly from: number
  readonly through: number
  /** Of the batch that the chunk begins in, or of an earlier one. */
  readonly position: number
}

interface Run {
  readonly hasher: RowHasher
  /** Where the chunk in hand begins. */
  position: number
}

export class StoredRows implements AuditWatcher {
  suspect: Suspect | null = null
  /** Lines of history. */
  legs = 0
  private readonly store: StoredLog
  private readonly runs = { records: new Map<PartitionId, Run>(), batches: new Map<PartitionId, Run>() }
  /** Of the batch being read. */
  private records: RecordLine[] = []

  constructor(store: StoredLog) {
    this.store = store
  }

  before(): void {}

  after(_audit: Audit, _log: PartitionLog, record: RecordLine): void {
    this.records.push(record)
  }

  batch(_audit: Audit, { partition, position, head: hash }: PartitionLog, header: HeaderLine, bytes: Uint8Array): void {
    const { records } = this
    this.records = []
    const through = this.store.through(partition)
    if (header.first > through) return
    const rows = rowsOf({ header, records, position, hash, bytes })
    for (const row of rows.records) if (row.seq <= through) this.take('records', partition, row, position)
    this.take('batches', partition, rows.batch, position)
    this.legs += rows.legs
  }

  end(audit: Audit): void {
    for (const [partition, newest] of this.store.newest) {
      const last = audit.logs[partition]?.seq ?? 0
      if (newest <= last) continue
      const trouble = `store is ahead of the journal: it has records through ${newest}, the journal ends at ${last}`
      storeDiffers('S1', trouble, `${partition}:${last}`)
    }
    for (const { partition } of audit.logs) {
      this.endOf('records', partition)
      this.endOf('batches', partition)
    }
  }

  private take(collection: RowCollection, partition: PartitionId, row: Row, position: number): void {
    const run = this.run(collection, partition)
    for (const digest of run.hasher.before(row)) {
      this.compare(collection, partition, run, digest)
      run.position = position
    }
    run.hasher.take(row)
  }

  private endOf(collection: RowCollection, partition: PartitionId): void {
    const run = this.run(collection, partition)
    const chunks = Math.max(this.store.digests[collection].chunks(partition), run.hasher.chunk + 1)
    for (; run.hasher.chunk < chunks; run.hasher.chunk++) {
      this.compare(collection, partition, run, run.hasher.finish())
    }
  }

  private compare(collection: RowCollection, partition: PartitionId, run: Run, digest: string): void {
    if (digest === this.store.digests[collection].digest(partition, run.hasher.chunk)) return
    const [from, last] = chunkRange(run.hasher.chunk)
    const through = Math.min(last, this.store.through(partition))
    this.suspect = { collection, partition, from, through, position: run.position }
    storeDiffers('S1', `${collection} ${from} to ${through} of the store are not the journal's`, `${partition}:${from}`)
  }

  private run(collection: RowCollection, partition: PartitionId): Run {
    const known = this.runs[collection].get(partition)
    if (known !== undefined) return known
    const run = { hasher: new RowHasher(), position: 0 }
    this.runs[collection].set(partition, run)
    return run
  }
}
