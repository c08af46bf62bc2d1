// The journal as the runtime of a cluster's process sees it: every batch that becomes durable is shown to the projector.

import type { AppendOutcome, Journal, Position, StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

export type OnCommitted = (partition: PartitionId, after: Position, position: Position, bytes: Uint8Array) => void

export class TeeJournal implements Journal {
  private readonly journal: Journal
  private readonly onCommitted: OnCommitted

  constructor(journal: Journal, onCommitted: OnCommitted) {
    this.journal = journal
    this.onCommitted = onCommitted
  }

  async append(partition: PartitionId, expected: Position, bytes: Uint8Array): Promise<AppendOutcome> {
    const outcome = await this.journal.append(partition, expected, bytes)
    if (outcome.kind === 'committed') this.onCommitted(partition, expected, outcome.position, bytes)
    return outcome
  }

  replay(from: ReadonlyMap<PartitionId, Position>): AsyncIterable<readonly StoredBatch[]> {
    return this.journal.replay(from)
  }
}
