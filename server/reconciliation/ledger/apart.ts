// One check of the store, apart from the others: what it finds ends it alone. The journal is read on, and so are the other
// parts of the store, so that a report says of each what it is worth.

import type { Audit, AuditWatcher } from '../../audit/audit.ts'
import type { PartitionLog } from '../../audit/partitionLog.ts'
import type { HeaderLine, RecordLine } from '../../audit/recordLine.ts'
import { Finding, LEDGER_END, type Violation } from '../../audit/violation.ts'
import { messageOf } from '../../dataSetError.ts'

export class Apart implements AuditWatcher {
  finding: Violation | null = null
  private watcher: AuditWatcher | null = null

  /** `make` reads the store, which may be damaged. */
  constructor(make: () => AuditWatcher) {
    this.guard(LEDGER_END, () => {
      this.watcher = make()
    })
  }

  before(audit: Audit, log: PartitionLog, record: RecordLine): void {
    this.guard(placeOf(log), (watcher) => watcher?.before(audit, log, record))
  }

  after(audit: Audit, log: PartitionLog, record: RecordLine): void {
    this.guard(placeOf(log), (watcher) => watcher?.after(audit, log, record))
  }

  batch(audit: Audit, log: PartitionLog, header: HeaderLine, bytes: Uint8Array): void {
    this.guard(placeOf(log), (watcher) => watcher?.batch(audit, log, header, bytes))
  }

  end(audit: Audit): void {
    this.guard(LEDGER_END, (watcher) => watcher?.end(audit))
  }

  private guard(at: string, work: (watcher: AuditWatcher | null) => void): void {
    if (this.finding !== null) return
    try {
      work(this.watcher)
    } catch (error) {
      // What the journal says against itself ends the audit.
      if (error instanceof Finding && error.part === 'journal') throw error
      this.finding =
        error instanceof Finding
          ? error.toViolation(at)
          : { invariant: 'S1', at, message: `the store cannot be read (${messageOf(error)})`, part: 'store' }
    }
  }
}

function placeOf({ partition, seq }: PartitionLog): string {
  return `${partition}:${seq}`
}
