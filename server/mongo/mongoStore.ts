// The ledger store on MongoDB: what the cluster's projector writes, and what recovery and history read. Any number of
// processes hold one each; a write made twice, late or by an owner that is none any more changes nothing (S1).

import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { LineChoice } from '../../actors/wallet/service.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { DataSet } from '../journal/journalFile.ts'
import { answerQuestion } from '../ledger/answerer.ts'
import type { LedgerReads } from '../ledger/ports.ts'
import type { Answer, Question } from '../ledger/questions.ts'
import {
  FIRST_LINE,
  type HistoryQuery,
  type HistoryResult,
  type HistoryRow,
  type PendingPage,
  type PendingQuery,
} from '../store/storeProtocol.ts'
import { BulkWrites } from './bulkWrites.ts'
import { clearPartition } from './clearedPartition.ts'
import type { LedgerCollections } from './documents.ts'
import { LedgerHistory } from './ledgerHistory.ts'
import { LedgerReads as RecoveryReads } from './ledgerReads.ts'
import { MongoLedgerRows } from './ledgerRows.ts'
import { openLedger } from './ledgerSchema.ts'
import { LedgerWrites } from './ledgerWrites.ts'
import type { MongoConnection } from './mongoConnection.ts'
import { PartitionDocuments } from './partitionDocuments.ts'

export class MongoStore implements ProjectionStore {
  private readonly writes: LedgerWrites
  private readonly reads: RecoveryReads
  private readonly pages: LedgerHistory
  private readonly partitionCount: number
  private readonly connection: MongoConnection
  private readonly collections: LedgerCollections

  private constructor(connection: MongoConnection, collections: LedgerCollections, partitions: number) {
    this.partitionCount = partitions
    const bulk = new BulkWrites(connection.server)
    const snapshots = new PartitionDocuments(collections, bulk)
    this.connection = connection
    this.collections = collections
    this.writes = new LedgerWrites(collections, bulk, snapshots)
    this.reads = new RecoveryReads(collections, bulk, snapshots)
    this.pages = new LedgerHistory(collections, bulk)
  }

  /**
   * Opens the data set of this connection's database, making it where it is missing. Rejects with DataSetError where it
   * is another's. `notice` is told once what the server lacks. Closing the store closes the connection.
   */
  static async open(
    connection: MongoConnection,
    dataSet: DataSet,
    notice: (text: string) => void = () => {},
  ): Promise<MongoStore> {
    try {
      return new MongoStore(connection, await openLedger(connection, dataSet, notice), dataSet.partitions)
    } catch (error) {
      throw connection.refusal(error)
    }
  }

  /** One at a time; a write that failed is to be made again before the next. */
  apply(write: ProjectionWrite): Promise<void> {
    return this.writes.apply(write)
  }

  /** S1: takes out everything of a partition, to be made again from the journal. It must not serve anywhere meanwhile. */
  async clearPartition(partition: PartitionId, isIn: (actor: string) => boolean): Promise<void> {
    this.writes.forget(partition)
    await clearPartition(this.collections, partition, isIn)
  }

  /** What was noted of a partition and is in no round yet counts no more: others may have written it since. */
  forget(partition: PartitionId): void {
    this.writes.forget(partition)
  }

  checkpoint(partition: PartitionId): Promise<Checkpoint> {
    return this.reads.checkpoint(partition)
  }

  partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.reads.partitionSnapshot(partition)
  }

  actorSnapshots(_partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    return this.reads.actorSnapshots(actors)
  }

  recentKeys(
    _partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return this.reads.recentKeys(actors, sinceMs)
  }

  findKey(partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    return this.reads.findKey(partition, actor, key)
  }

  history(query: HistoryQuery): Promise<HistoryResult> {
    return this.pages.page(query)
  }

  pending(query: PendingQuery): Promise<PendingPage> {
    return this.pages.pending(query)
  }

  transaction(
    partition: PartitionId,
    seq: number,
    account: string,
    line: LineChoice = FIRST_LINE,
  ): Promise<HistoryRow | null> {
    return this.pages.transaction(partition, seq, account, line)
  }

  /** What staff ask of the ledger, read and answered on this thread. */
  ask(question: Question): Promise<Answer> {
    return answerQuestion(this.ledgerRows(), question)
  }

  /** For one question: of the moment of its first read. */
  ledgerRows(): LedgerReads {
    return new MongoLedgerRows(this.collections, this.partitionCount, this.reads)
  }

  /** The exact bytes of the batch that begins with this record (J3); null where none does. */
  batch(partition: PartitionId, firstSeq: number): Promise<Uint8Array | null> {
    return this.reads.batch(partition, firstSeq)
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}
