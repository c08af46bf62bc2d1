// A wallet's history for its owner: lines of its available account from the store, as the transactions both wires show.
// Waits up to a second for the position its caller knows of, or for the wallet's own newest record (S1).

import type { Operation } from '../actors/runtime/record.ts'
import type { HistoryFilter, HistoryPage, WalletTransaction } from '../actors/wallet/service.ts'
import { ALL_NFTS, ASSETS, findAsset } from '../shared/assets.ts'
import { type ErrorCode, ServiceError } from '../shared/errors.ts'
import { type PartitionId, parseRecordId, type RecordId, recordId, type WalletId } from '../shared/ids.ts'
import { actorKey, partitionOf } from '../shared/partition.ts'
import type { OpenRecords, OpenRecordsReader } from './staffDesk.ts'
import type { HistoryQuery, HistoryResult, HistoryRow, PendingPage, PendingQuery } from './store/storeProtocol.ts'
import type { WalletHistory } from './walletDesk.ts'
import { transactionOf } from './walletTransaction.ts'

const WAIT_MS = 1_000

/** The store, as far as history needs it. */
export interface HistoryReader {
  history(query: HistoryQuery): Promise<HistoryResult>
  transaction(partition: PartitionId, seq: number, account: string, asset: string | null): Promise<HistoryRow | null>
  pending(query: PendingQuery): Promise<PendingPage>
}

/** How far the store is. */
export interface Freshness {
  /**
   * Waits until the store has the wallet's own newest record, and the asked one where it exists, for `limitMs` at most.
   * Answers a moment, in ms since the Unix epoch, of which the store has everything of the wallet; null where it is behind.
   */
  catchUp(walletId: WalletId, partition: PartitionId, askedSeq: number, limitMs: number): Promise<number | null>
}

export interface HistoryParts {
  readonly reader: HistoryReader
  readonly freshness: Freshness
  readonly partitions: number
  readonly failed: (error: unknown) => void
}

export class StoreHistory implements WalletHistory, OpenRecordsReader {
  private readonly parts: HistoryParts

  constructor(parts: HistoryParts) {
    this.parts = parts
  }

  async page(walletId: WalletId, filter: HistoryFilter): Promise<HistoryPage | ErrorCode> {
    const partition = this.partitionOf(walletId)
    // S1: a position nobody can have been told is not waited for.
    const whole = await this.parts.freshness.catchUp(walletId, partition, seqOf(filter.position, partition), WAIT_MS)
    const assets = assetsOf(filter)
    if (assets !== null && assets.length === 0) return { transactions: [], totalCount: 0, asOfMs: asOf(whole, []) }
    try {
      const { rows, totalCount } = await this.parts.reader.history({
        partition,
        account: `2001:${walletId}`,
        assets,
        side: filter.entryType,
        operation: filter.type,
        status: filter.status,
        fromMs: filter.fromMs,
        toMs: filter.toMs,
        sortBy: filter.sortBy,
        sortOrder: filter.sortOrder,
        limit: filter.limit,
        offset: filter.offset,
      })
      return { transactions: rows.map(transactionOf), totalCount, asOfMs: asOf(whole, rows) }
    } catch (error) {
      return this.refusalOf(error)
    }
  }

  async transaction(
    walletId: WalletId,
    record: RecordId,
    asset: string | null,
  ): Promise<WalletTransaction | ErrorCode> {
    const place = parseRecordId(record)
    const partition = this.partitionOf(walletId)
    if (place === null || place.partition !== partition) return 'not_found'
    await this.parts.freshness.catchUp(walletId, partition, 0, WAIT_MS)
    try {
      const row = await this.parts.reader.transaction(partition, place.seq, `2001:${walletId}`, asset)
      return row === null ? 'not_found' : transactionOf(row)
    } catch (error) {
      return this.refusalOf(error)
    }
  }

  async open(operation: Operation, after: RecordId | null, limit: number): Promise<OpenRecords | ErrorCode> {
    try {
      const place = after === null ? null : parseRecordId(after)
      const { rows, next } = await this.parts.reader.pending({ operation, after: place, limit })
      return {
        rows: rows.map(({ partition, seq, record }) => ({
          id: recordId(partition, seq),
          walletId: record.actor.slice('wallet/'.length) as WalletId, // only wallets have such operations
        })),
        next: next === null ? null : recordId(next.partition, next.seq),
      }
    } catch (error) {
      return this.refusalOf(error)
    }
  }

  private refusalOf(error: unknown): ErrorCode {
    // Too many at once is no fault of the store's.
    if (error instanceof ServiceError) return error.code
    this.parts.failed(error)
    return 'unavailable'
  }

  private partitionOf(walletId: WalletId): PartitionId {
    return partitionOf(actorKey('wallet', walletId), this.parts.partitions)
  }
}

/** A store that is behind has everything up to its newest line at least. */
function asOf(wholeMs: number | null, rows: readonly HistoryRow[]): number {
  return wholeMs ?? rows.reduce((newest, { atMs }) => Math.max(newest, atMs), 0)
}

/** The seq of a position "<partition>:<seq>" of this partition, else 0. */
function seqOf(position: string | null, partition: PartitionId): number {
  const place = position === null ? null : parseRecordId(position.replace(':', '-'))
  return place?.partition === partition ? place.seq : 0
}

function assetsOf(filter: HistoryFilter): readonly string[] | null {
  if (filter.currency === null && filter.assetType === null) return null
  if (filter.currency === null && filter.assetType === 'nft') return [ALL_NFTS]
  const all = filter.currency === null ? Object.keys(ASSETS) : [filter.currency]
  return all.filter((code) => filter.assetType === null || findAsset(code)?.type === filter.assetType)
}
