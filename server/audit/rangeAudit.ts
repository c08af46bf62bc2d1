// A check of one partition through a range of its records: its hash chain from the very first batch, and, within the range,
// every record by itself and every balance against the one before it. Cheaper than the audit of everything, and less: what
// goes on between partitions, sums over all of them, and the store are not looked at.

import { accountSpec, growsByDebit, isOwned } from '../../shared/accounts.ts'
import { DataSetError } from '../dataSetError.ts'
import type { LedgerSource } from '../proof/source.ts'
import { checkBalanced } from './accounts.ts'
import { Names } from './names.ts'
import { PartitionLog } from './partitionLog.ts'
import type { EntryLine, RecordLine } from './recordLine.ts'
import { checkShape } from './shapes.ts'
import { broken, Finding, type Violation } from './violation.ts'

export interface SeqRange {
  /** From 1. */
  readonly fromSeq: number
  /** Null: to the end of the partition. */
  readonly toSeq: number | null
}

export interface RangeReport {
  readonly partition: number
  /** Records of the range that were checked. */
  readonly records: number
  /** The last record that was read, which ends a batch; 0 where the partition has none. */
  readonly seq: number
  /** SHA-256 of the batch that ends there. */
  readonly head: string
  readonly violation: Violation | null
}

export const RANGE_LEAVES_OUT = [
  'envelopes between partitions (M4)',
  'sums over all partitions (M2)',
  'keys, timers and balances as of before the range (M3, M6, A7)',
  'the store (S1)',
] as const

/** Rejects with ReadingError where the source stops answering. */
export async function auditRange(source: LedgerSource, partition: number, range: SeqRange): Promise<RangeReport> {
  const audit = new RangeAudit(partition, source.partitions, range)
  try {
    for await (const { position, bytes } of source.batchesOf(partition)) {
      if (!audit.take(position, bytes)) break
    }
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error
    audit.damaged(error.message)
  }
  return audit.report()
}

export class RangeAudit {
  private readonly log: PartitionLog
  private readonly partitions: number
  private readonly fromSeq: number
  private readonly toSeq: number
  private readonly balances = new Map<string, bigint>()
  private records = 0
  private violation: Violation | null = null

  constructor(partition: number, partitions: number, { fromSeq, toSeq }: SeqRange) {
    this.log = new PartitionLog(partition, new Names())
    this.partitions = partitions
    this.fromSeq = fromSeq
    this.toSeq = toSeq ?? Number.MAX_SAFE_INTEGER
  }

  /** Takes the partition's next batch; false once no more are wanted. */
  take(position: number, bytes: Uint8Array): boolean {
    const { log } = this
    let seq = log.seq + 1
    try {
      const batch = log.open(position, bytes)
      const { first, count, epoch } = batch.header
      if (first + count <= this.fromSeq) {
        // Before the range: a link of the chain and no more.
        log.seq = first + count - 1
        log.epoch = epoch
      } else {
        for (let index = 0; index < count; index++) {
          seq = log.seq + 1
          this.check(log.next(batch, index))
        }
      }
      log.close(position, bytes)
    } catch (error) {
      if (!(error instanceof Finding)) throw error
      this.violation = error.toViolation(`${log.partition}:${seq}`)
      return false
    }
    return log.seq < this.toSeq
  }

  /** What follows cannot be read, of whichever partition it is. */
  damaged(message: string): void {
    const at = `${this.log.partition}:${this.log.seq + 1}`
    this.violation ??= { invariant: 'J3', at, message, part: 'journal' }
  }

  report(): RangeReport {
    const { log, records, violation } = this
    return { partition: log.partition, records, seq: log.seq, head: log.head, violation }
  }

  private check(record: RecordLine): void {
    if (record.seq < this.fromSeq || record.seq > this.toSeq) return
    this.records++
    checkShape(record, this.log.partition, this.partitions)
    checkBalanced(record.entries)
    for (const entry of record.entries) this.follow(entry)
  }

  // M3, M5: from the first entry of an account in the range on; of a partition from its beginning, from zero on.
  private follow({ account, asset, debit, amountMinor, afterMinor }: EntryLine): void {
    const spec = accountSpec(account)
    if (spec === null) broken('M3', `no account ${account} in the chart`)
    const name = `${account} ${asset}`
    const change = debit === growsByDebit(spec) ? amountMinor : -amountMinor
    const before = this.balances.get(name) ?? (this.fromSeq === 1 ? 0n : afterMinor - change)
    const after = before + change
    if (after !== afterMinor) broken('M3', `${name} is ${after} after this entry, the record says ${afterMinor}`)
    if (isOwned(spec) && after < 0n) broken('M5', `${name} falls to ${after}`)
    this.balances.set(name, after)
  }
}
