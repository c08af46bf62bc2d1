// What became of money sent (M9): delivered when the receiver's partition has taken the envelope, failed when it was
// sent back, still pending when it was neither or lies parked.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { carrierOf } from '../../actors/projection/carried.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { TransactionStatus } from './history.ts'
import { pack, packedNumber, packedPartition, RETURNED } from './schema.ts'

export class Settlements {
  private readonly unsettled: StatementSync
  private readonly takenOf: StatementSync
  /** By source: by destination, the last envelope taken. Of one query. */
  private readonly taken = new Map<PartitionId, ReadonlyMap<PartitionId, number>>()

  constructor(db: DatabaseSync) {
    this.unsettled = db.prepare('SELECT state FROM unsettled WHERE record = ?')
    this.takenOf = db.prepare('SELECT destination, number FROM watermarks WHERE source = ?')
  }

  /** At the beginning of a query. */
  refresh(): void {
    this.taken.clear()
  }

  /** `sentTo`: packed destination and number of the envelope that took the money, null where none did. */
  status(partition: PartitionId, seq: number, sentTo: number | null): TransactionStatus {
    if (sentTo === null) return 'confirmed'
    const unsettled = this.unsettled.get(pack(partition, seq))
    if (unsettled !== undefined) return unsettled.state === RETURNED ? 'failed' : 'pending'
    const through = this.takenFrom(partition).get(packedPartition(sentTo)) ?? 0
    return through >= packedNumber(sentTo) ? 'confirmed' : 'pending'
  }

  statusOfLeg(record: LogRecord, leg: number, partition: PartitionId): TransactionStatus {
    const carrier = carrierOf(record, leg)
    return this.status(partition, record.seq, carrier === null ? null : pack(carrier.destination, carrier.number))
  }

  private takenFrom(source: PartitionId): ReadonlyMap<PartitionId, number> {
    const known = this.taken.get(source)
    if (known !== undefined) return known
    const taken = new Map(this.takenOf.all(source).map((row) => [Number(row.destination), Number(row.number)] as const))
    this.taken.set(source, taken)
    return taken
  }
}
