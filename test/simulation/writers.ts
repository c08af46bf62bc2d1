// J3: one writer for each epoch of a partition, and each epoch record names the node that wrote it. Two owners that claim
// a partition in the same moment must not both be told that it is theirs.

import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'

export class Writers {
  private readonly report: Report
  /** Who wrote each epoch of a partition. */
  private readonly byEpoch = new Map<string, string>()
  private readonly byPosition = new Map<string, string>()
  private readonly byOwner = new Map<string, string>()

  constructor(report: Report) {
    this.report = report
  }

  landed({ partition, position }: StoredBatch, epoch: number, records: readonly LogRecord[], writer: string): void {
    this.byPosition.set(`${partition} ${position}`, writer)
    this.expectOnly(this.byEpoch, `epoch ${epoch} of partition ${partition}`, writer)
    for (const record of records) if (record.cause.kind === 'epoch') this.claimed(partition, record, writer)
  }

  /** The same bytes from somebody else would make two of them believe that they have written. */
  found({ partition, position }: StoredBatch, writer: string): void {
    const first = this.byPosition.get(`${partition} ${position}`)
    this.report.expect(
      first === writer,
      'J3',
      () => `${writer} is told it wrote batch ${position} of ${partition}, ${first} did`,
    )
  }

  private claimed(partition: PartitionId, { seq, reply }: LogRecord, writer: string): void {
    if (typeof reply !== 'string') return this.report.fail('J3', `${partition}:${seq} claims it for nobody`)
    this.expectOnly(this.byOwner, `the name ${reply}`, writer)
  }

  private expectOnly(known: Map<string, string>, what: string, writer: string): void {
    const first = known.get(what) ?? writer
    known.set(what, first)
    this.report.expect(first === writer, 'J3', () => `${what} is ${first}'s, and ${writer} writes in it`)
  }
}
