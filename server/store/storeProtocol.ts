// What the store's threads say to the main thread, and what they are asked.

import type { ActorSnapshot, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { LogRecord, Operation } from '../../actors/runtime/record.ts'
import { ALL_NFTS, isNft } from '../../shared/assets.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { DataSet } from '../journal/journalFile.ts'
import type { ProjectorReport } from './projectorLink.ts'

export interface ProjectorOptions {
  readonly journalFile: string
  readonly storeFile: string
  readonly dataSet: DataSet
  readonly snapshotEvery: number
}

export type ToProjector =
  /** Everything up to this position of the journal is durable. */
  { readonly kind: 'through'; readonly position: number } | { readonly kind: 'close' }

export type FromProjector = ProjectorReport

export interface ReaderOptions {
  readonly storeFile: string
  readonly dataSet: DataSet
}

/** One line of an account's history, with its whole record. */
export interface HistoryRow {
  readonly partition: PartitionId
  readonly seq: number
  readonly atMs: number
  readonly operation: Operation
  readonly side: 'debit' | 'credit'
  readonly account: string
  readonly asset: string
  readonly amountMinor: bigint
  readonly balanceAfterMinor: bigint
  readonly status: 'pending' | 'confirmed' | 'failed' | 'cancelled'
  readonly record: LogRecord
}

export interface HistoryQuery {
  readonly partition: PartitionId
  readonly account: string
  /** Null takes every asset of the account; ALL_NFTS among them stands for every NFT. */
  readonly assets: readonly string[] | null
  readonly side: 'debit' | 'credit' | null
  readonly operation: Operation | null
  readonly status: HistoryRow['status'] | null
  readonly fromMs: number | null
  readonly toMs: number | null
  readonly sortBy: 'created_at' | 'amount'
  readonly sortOrder: 'asc' | 'desc'
  readonly limit: number
  readonly offset: number
}

export function isAskedFor(asset: string, { assets }: Pick<HistoryQuery, 'assets'>): boolean {
  return assets === null || assets.includes(asset) || (isNft(asset) && assets.includes(ALL_NFTS))
}

/** Records of an operation that have not come to their end: those whose lines are pending by what was told of them. */
export interface PendingQuery {
  readonly operation: Operation
  /** The last one that was seen; null for the first page. */
  readonly after: { readonly partition: PartitionId; readonly seq: number } | null
  readonly limit: number
}

export interface PendingPage {
  /** By partition and seq. */
  readonly rows: readonly { readonly partition: PartitionId; readonly seq: number; readonly record: LogRecord }[]
  /** The last one that was looked at, to go on after; null at the end. A page may be short, or empty, before it. */
  readonly next: PendingQuery['after']
}

export interface HistoryResult {
  readonly rows: readonly HistoryRow[]
  readonly totalCount: number
}

/** The reader's questions and their answers, by name. */
export interface StoreQuestions {
  partitionSnapshot: { ask: { partition: PartitionId }; answer: PartitionSnapshot | null }
  actorSnapshots: { ask: { actors: readonly string[] }; answer: readonly ActorSnapshot[] }
  recentKeys: {
    ask: { actors: readonly string[]; sinceMs: number }
    answer: ReadonlyMap<string, readonly KeyOutcome[]>
  }
  findKey: { ask: { actor: string; key: string }; answer: KeyOutcome | null }
  history: { ask: HistoryQuery; answer: HistoryResult }
  pending: { ask: PendingQuery; answer: PendingPage }
  transaction: {
    /** `asset`: null takes the record's first line on the account. */
    ask: { partition: PartitionId; seq: number; account: string; asset: string | null }
    answer: HistoryRow | null
  }
}

export type QuestionName = keyof StoreQuestions

export interface ToReader {
  readonly id: number
  readonly name: QuestionName | 'close'
  readonly ask: unknown
}

export type FromReader =
  | { readonly id: number; readonly kind: 'answer'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'failed'; readonly error: string }
