// M9: what became of money sent. The receiver's partition says how far it has taken what the sender's sent, in its
// checkpoint, and what of that came back, in `unsettled`, which is written before the checkpoint moves and therefore read
// after it.

import { carrierOf } from '../../actors/projection/carried.ts'
import { mayHaveFate, reversedByOfNumber, statusOfNumber } from '../../actors/projection/ports.ts'
import type { Envelope, LogRecord, Operation } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { HistoryRow } from '../store/storeProtocol.ts'
import type { BulkWrites } from './bulkWrites.ts'
import { type LedgerCollections, partitionKey, placeOf, recordKey } from './documents.ts'

/** One leg of a record, as a line of its account's history. */
export interface Leg {
  readonly seq: number
  /** Place among the record's entries. */
  readonly leg: number
  readonly asset: string
  readonly side: 'debit' | 'credit'
  readonly amountMinor: bigint
  readonly operation: Operation
  readonly sentTo: Pick<Envelope, 'destination' | 'number'> | null
}

/** The legs of a record on this account, the last first. */
export function legsOn(record: LogRecord, account: string): readonly Leg[] {
  const legs: Leg[] = []
  for (const [leg, entry] of record.entries.entries()) {
    if (entry.account !== account) continue
    const { asset, side, amountMinor } = entry
    const carrier = carrierOf(record, leg)
    const sentTo = carrier === null ? null : { destination: carrier.destination, number: carrier.number }
    legs.push({ seq: record.seq, leg, asset, side, amountMinor, operation: record.operation, sentTo })
  }
  return legs.reverse()
}

/** Statuses of one partition's legs, all as of one reading of the receivers' checkpoints. */
export class Settlement {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites
  private readonly partition: PartitionId
  /** By destination: the last number taken from this partition. */
  private readonly taken = new Map<PartitionId, number>()

  constructor(collections: LedgerCollections, bulk: BulkWrites, partition: PartitionId) {
    this.collections = collections
    this.bulk = bulk
    this.partition = partition
  }

  async statuses(legs: readonly Leg[]): Promise<readonly HistoryRow['status'][]> {
    const open = legs.filter(({ operation, sentTo }) => mayHaveFate(operation, sentTo))
    if (open.length === 0) return legs.map(() => 'confirmed')
    await this.readTaken(open)
    const states = await this.statesOf(open)
    return legs.map(({ seq, operation, sentTo }) => {
      if (!mayHaveFate(operation, sentTo)) return 'confirmed'
      const fate = statusOfNumber(states.get(seq) ?? 0)
      if (fate !== null) return fate
      if (sentTo === null) return 'confirmed'
      return (this.taken.get(sentTo.destination) ?? 0) >= sentTo.number ? 'confirmed' : 'pending'
    })
  }

  /** Of each leg's record, seq of the one that reversed it; null where none did. */
  async reversals(legs: readonly Leg[]): Promise<readonly (number | null)[]> {
    const states = await this.statesOf(legs)
    return legs.map(({ seq }) => reversedByOfNumber(states.get(seq) ?? 0))
  }

  /** By seq. */
  private async statesOf(legs: readonly Leg[]): Promise<ReadonlyMap<number, number>> {
    const ids = new Set(legs.map(({ seq }) => recordKey(this.partition, seq)))
    const found = await this.bulk.find(this.collections.unsettled, [...ids])
    return new Map(found.map(({ _id, state }) => [placeOf(_id).seq, state]))
  }

  private async readTaken(sent: readonly Leg[]): Promise<void> {
    const destinations = new Set<PartitionId>()
    for (const { sentTo } of sent) if (sentTo !== null) destinations.add(sentTo.destination)
    const missing = [...destinations].filter((destination) => !this.taken.has(destination))
    if (missing.length === 0) return
    const found = await this.bulk.find(this.collections.checkpoints, missing.map(partitionKey))
    for (const destination of missing) this.taken.set(destination, 0)
    for (const { _id, v } of found) {
      const watermark = v.watermarks.find(({ source }) => source === this.partition)
      this.taken.set(Number(_id), Number(watermark?.number ?? 0))
    }
  }
}
