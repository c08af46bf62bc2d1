// Envelopes between partitions that all live in one process.

import type { PartitionId } from '../../shared/ids.ts'
import type { EnvelopeTransport, Taken } from './ports.ts'
import type { Envelope } from './record.ts'
import type { Runtime } from './runtime.ts'

/** Carries envelopes between the partitions of one process. */
export class LocalTransport implements EnvelopeTransport {
  private runtime: Runtime | null = null

  attach(runtime: Runtime): void {
    this.runtime = runtime
  }

  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void {
    this.runtime?.deliver(source, destination, envelopes)
  }

  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    this.runtime?.acknowledge(source, destination, through, taken)
  }

  probe(source: PartitionId, destination: PartitionId): void {
    this.runtime?.probe(source, destination)
  }
}
