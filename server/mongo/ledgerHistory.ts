// History from the documents: an account's records newest first, up to its partition's checkpoint (S1), filtered here.
// Bounded as the embedded store's: a filter that would walk further than WALK_LIMIT legs stops there.

import { fateNumber } from '../../actors/projection/ports.ts'
import { decodeRecord } from '../../actors/runtime/codec.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import {
  type HistoryQuery,
  type HistoryResult,
  type HistoryRow,
  isAskedFor,
  type PendingPage,
  type PendingQuery,
} from '../store/storeProtocol.ts'
import type { BulkWrites } from './bulkWrites.ts'
import { type LedgerCollections, legName, partitionKey, placeOf, type RecordDocument, recordKey } from './documents.ts'
import { type Leg, legsOn, Settlement } from './settlement.ts'

const WALK_LIMIT = 50_000
/** Records decoded between two turns of the loop (A5). */
const STEP = 500
/** Rows looked at for one page of what is pending. */
const PENDING_WALK_LIMIT = 5_000

/** An account's records in the checkpoint. */
interface Range {
  readonly $gte: string
  readonly $lte: string
}

export class LedgerHistory {
  private readonly collections: LedgerCollections
  private readonly bulk: BulkWrites

  constructor(collections: LedgerCollections, bulk: BulkWrites) {
    this.collections = collections
    this.bulk = bulk
  }

  async page(query: HistoryQuery): Promise<HistoryResult> {
    const { partition, offset, limit } = query
    const settlement = new Settlement(this.collections, this.bulk, partition)
    const range = await this.range(partition)
    const newestFirst = query.sortBy === 'created_at' && query.sortOrder === 'desc'
    // Where every line counts, the index counts them, and no more need be read than is shown.
    const counted = this.bulk.indexed && isUnfiltered(query)
    const enough = counted && newestFirst ? Math.min(offset + limit, WALK_LIMIT) : WALK_LIMIT
    const matching: Leg[] = []
    for await (const legs of this.walk(query, range, enough)) {
      for (const leg of await filtered(legs, query, settlement)) matching.push(leg)
    }
    const ordered = newestFirst ? matching : sorted(matching, query)
    const rows = await this.rows(query, ordered.slice(offset, offset + limit), settlement)
    return { rows, totalCount: counted ? await this.count(query.account, range) : matching.length }
  }

  async transaction(
    partition: PartitionId,
    seq: number,
    account: string,
    asset: string | null,
  ): Promise<HistoryRow | null> {
    const found = await this.collections.records.findOne({ _id: recordKey(partition, seq) })
    if (found === null) return null
    const record = decodeRecord(found.line, partition)
    const leg = legsOn(record, account).findLast((one) => (asset ?? one.asset) === one.asset)
    if (leg === undefined) return null
    const [status] = await new Settlement(this.collections, this.bulk, partition).statuses([leg])
    return rowOf(partition, account, record, leg, status)
  }

  /** As PendingReads of the embedded store. */
  async pending({ operation, after, limit }: PendingQuery): Promise<PendingPage> {
    const _id = { $gt: after === null ? '' : recordKey(after.partition, after.seq) }
    const found = await this.collections.unsettled
      .find({ state: fateNumber('pending'), _id }, { sort: { _id: 1 }, limit: PENDING_WALK_LIMIT })
      .toArray()
    const rows: PendingPage['rows'][number][] = []
    let next: PendingPage['next'] = null
    for (let from = 0; from < found.length; from += STEP) {
      const ids = found.slice(from, from + STEP).map((row) => row._id)
      const lines = new Map(
        (await this.bulk.find(this.collections.records, ids, ['line'])).map((row) => [row._id, row]),
      )
      for (const [index, id] of ids.entries()) {
        const { partition, seq } = placeOf(id)
        const row = lines.get(id)
        const record = row === undefined ? null : decodeRecord(row.line, partition)
        if (record?.operation === operation) rows.push({ partition, seq, record })
        const isLast = from + index + 1 === found.length && found.length < PENDING_WALK_LIMIT
        next = isLast ? null : { partition, seq }
        if (rows.length === limit) return { rows, next }
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { rows, next }
  }

  private async range(partition: PartitionId): Promise<Range> {
    const found = await this.collections.checkpoints.findOne({ _id: partitionKey(partition) })
    return { $gte: recordKey(partition, 0), $lte: recordKey(partition, Number(found?.v.s ?? 0)) }
  }

  /** Legs on the account, newest first, some at a time, down to `fromMs`. */
  private async *walk(query: HistoryQuery, range: Range, limit: number): AsyncGenerator<readonly Leg[]> {
    const { account, partition, fromMs } = query
    const cursor = this.collections.records.find<Pick<RecordDocument, 'line'>>(
      { accounts: account, _id: range },
      { sort: { _id: -1 }, limit, batchSize: STEP, projection: { line: 1 } },
    )
    try {
      let walked = 0
      while (walked < limit && (await cursor.hasNext())) {
        const records = cursor.readBufferedDocuments(STEP).map(({ line }) => decodeRecord(line, partition))
        const legs = records.flatMap((record) => legsOn(record, account).map((leg) => ({ record, leg })))
        // A7: time never goes back in a partition, so the first older one ends the walk.
        const older = fromMs === null ? -1 : legs.findIndex(({ record }) => record.atMs < fromMs)
        const within = (older === -1 ? legs : legs.slice(0, older)).slice(0, limit - walked)
        walked += within.length
        yield within.filter(({ record }) => suits(record, query)).map(({ leg }) => leg)
        if (older !== -1) return
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      await cursor.close()
    }
  }

  // A record with several legs on the account is found under a name for each.
  private async count(account: string, range: Range): Promise<number> {
    let total = 0
    for (let leg = 1; ; leg++) {
      const legs = await this.collections.records.countDocuments({ accounts: legName(account, leg), _id: range })
      if (legs === 0) return total
      total += legs
    }
  }

  private async rows(query: HistoryQuery, legs: readonly Leg[], settlement: Settlement): Promise<HistoryRow[]> {
    const { partition, account } = query
    const ids = new Set(legs.map(({ seq }) => recordKey(partition, seq)))
    const found = await this.bulk.find(this.collections.records, [...ids], ['line'])
    const records = new Map(found.map(({ _id, line }) => [_id, decodeRecord(line, partition)]))
    const statuses = await settlement.statuses(legs)
    return legs.map((leg, index) => {
      const record = records.get(recordKey(partition, leg.seq))
      if (record === undefined) throw new Error(`record ${partition}:${leg.seq} is not in the store`)
      return rowOf(partition, account, record, leg, statuses[index])
    })
  }
}

function isUnfiltered({ assets, side, operation, status, fromMs, toMs }: HistoryQuery): boolean {
  return [assets, side, operation, status, fromMs, toMs].every((value) => value === null)
}

function suits({ atMs, operation }: LogRecord, query: HistoryQuery): boolean {
  return (query.toMs === null || atMs <= query.toMs) && (query.operation === null || operation === query.operation)
}

async function filtered(legs: readonly Leg[], query: HistoryQuery, settlement: Settlement): Promise<readonly Leg[]> {
  const { side, status } = query
  const left = legs.filter((leg) => isAskedFor(leg.asset, query) && (side === null || leg.side === side))
  if (status === null) return left
  const statuses = await settlement.statuses(left)
  return left.filter((_, index) => statuses[index] === status)
}

function sorted(legs: readonly Leg[], { sortBy, sortOrder }: HistoryQuery): readonly Leg[] {
  const sign = sortOrder === 'asc' ? 1 : -1
  const byTime = (a: Leg, b: Leg): number => a.seq - b.seq || a.leg - b.leg
  const byAmount = (a: Leg, b: Leg): number =>
    a.amountMinor < b.amountMinor ? -1 : a.amountMinor > b.amountMinor ? 1 : byTime(a, b)
  return legs.toSorted((a, b) => sign * (sortBy === 'amount' ? byAmount(a, b) : byTime(a, b)))
}

function rowOf(
  partition: PartitionId,
  account: string,
  record: LogRecord,
  { leg, seq, asset, side, amountMinor }: Leg,
  status: HistoryRow['status'] = 'pending',
): HistoryRow {
  const entry = record.entries[leg]
  if (entry === undefined) throw new Error(`record ${partition}:${seq} has no entry ${leg}`)
  const { atMs, operation } = record
  const { balanceAfterMinor } = entry
  return { partition, seq, atMs, operation, side, account, asset, amountMinor, balanceAfterMinor, status, record }
}
