// What can be asked of the store's reading threads, and how a question and its answer look on the way.

import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { LogRecord } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { DataSetTrouble } from '../dataSetError.ts'
import type { DataSet } from '../journal/journalFile.ts'
import type { HistoryPage, HistoryQuery, TransactionStatus } from './history.ts'

export interface RecordOutcome {
  readonly record: LogRecord
  /** Of each entry, in their order. */
  readonly statuses: readonly TransactionStatus[]
}

/** Each answers from one moment of the store. */
export interface StoreQuestions {
  checkpoint(partition: PartitionId): Checkpoint
  partitionSnapshot(partition: PartitionId): PartitionSnapshot | null
  actorSnapshots(actors: readonly string[]): readonly ActorSnapshot[]
  recentKeys(actors: readonly string[], sinceMs: number): ReadonlyMap<string, readonly KeyOutcome[]>
  findKey(actor: string, key: string): KeyOutcome | null
  history(query: HistoryQuery): HistoryPage
  record(partition: PartitionId, seq: number): RecordOutcome | null
}

export type Question = {
  readonly [Method in keyof StoreQuestions]: {
    readonly method: Method
    readonly args: Parameters<StoreQuestions[Method]>
  }
}[keyof StoreQuestions]

export interface ReaderOptions {
  readonly file: string
  readonly dataSet: DataSet
}

export type ToReader =
  | { readonly kind: 'ask'; readonly request: number; readonly question: Question }
  | { readonly kind: 'close' }

export type FromReader =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly trouble: DataSetTrouble }
  | { readonly kind: 'answer'; readonly request: number; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly request: number; readonly message: string }
