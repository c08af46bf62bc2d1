// What of the journal survives every crash: per partition, the batches that landed. Shared by all nodes, and the only
// place where a write becomes durable, so the checker listens here.

import type { AppendOutcome, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Prng } from './prng.ts'

export interface DiskWatch {
  /** A batch has become durable. */
  landed(batch: StoredBatch, writer: string): void
  /** A writer's append has come to a batch that is there already, with the same bytes. */
  found(batch: StoredBatch, writer: string): void
}

export class Disk {
  private readonly logs: StoredBatch[][]
  private readonly prng: Prng
  private readonly watch: DiskWatch
  private lastPosition = 0

  constructor(partitions: number, prng: Prng, watch: DiskWatch) {
    this.logs = Array.from({ length: partitions }, () => [])
    this.prng = prng
    this.watch = watch
  }

  head(partition: PartitionId): Position {
    return this.log(partition).at(-1)?.position ?? 0
  }

  /** Batches after `position`, as they are durable at this moment. */
  after(partition: PartitionId, position: Position): readonly StoredBatch[] {
    return this.log(partition).filter((batch) => batch.position > position)
  }

  /** J2: lands only where `expected` is the head; the same bytes again answer with their first position. */
  write(partition: PartitionId, expected: Position, bytes: Uint8Array, writer: string): AppendOutcome {
    const log = this.log(partition)
    const next = log.findIndex((batch) => batch.position > expected)
    const before = next === -1 ? log.at(-1) : log[next - 1]
    if ((before?.position ?? 0) !== expected) return { kind: 'fenced' }
    const there = next === -1 ? undefined : log[next]
    if (there !== undefined) {
      if (Buffer.compare(there.bytes, bytes) !== 0) return { kind: 'fenced' }
      this.watch.found(there, writer)
      return { kind: 'committed', position: there.position }
    }
    // Positions grow within a partition and mean nothing else.
    this.lastPosition += this.prng.between(1, 3)
    const batch: StoredBatch = { partition, position: this.lastPosition, bytes: Uint8Array.from(bytes) }
    log.push(batch)
    this.watch.landed(batch, writer)
    return { kind: 'committed', position: batch.position }
  }

  private log(partition: PartitionId): StoredBatch[] {
    const log = this.logs[partition]
    if (log === undefined) throw new Error(`no partition ${partition}`)
    return log
  }
}
