// The store on one connection of this thread: what the projector's worker writes to and reads its bases from. The main
// thread asks through `SqliteStoreReader` instead, so that no disk access blocks it.

import type { DatabaseSync } from 'node:sqlite'
import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import type { ActorSnapshot, Checkpoint, KeyOutcome, PartitionSnapshot } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { DataSet } from '../journal/journalFile.ts'
import { openStoreFile } from './storeFile.ts'
import { StoreReads } from './storeReads.ts'
import { StoreWriter } from './storeWriter.ts'

export class SqliteStore implements ProjectionStore {
  private readonly db: DatabaseSync
  private readonly writer: StoreWriter
  private readonly reads: StoreReads

  /** Throws DataSetError where the file cannot be used. */
  constructor(file: string, dataSet: DataSet) {
    this.db = openStoreFile(file, dataSet)
    this.writer = new StoreWriter(this.db)
    this.reads = new StoreReads(this.db)
  }

  async apply(write: ProjectionWrite): Promise<void> {
    this.writer.apply(write)
  }

  async checkpoint(partition: PartitionId): Promise<Checkpoint> {
    return this.writer.checkpoint(partition)
  }

  async partitionSnapshot(partition: PartitionId): Promise<PartitionSnapshot | null> {
    return this.reads.partitionSnapshot(partition)
  }

  async actorSnapshots(_partition: PartitionId, actors: readonly string[]): Promise<readonly ActorSnapshot[]> {
    return this.reads.actorSnapshots(actors)
  }

  async recentKeys(
    _partition: PartitionId,
    actors: readonly string[],
    sinceMs: number,
  ): Promise<ReadonlyMap<string, readonly KeyOutcome[]>> {
    return this.reads.recentKeys(actors, sinceMs)
  }

  async findKey(_partition: PartitionId, actor: string, key: string): Promise<KeyOutcome | null> {
    return this.reads.findKey(actor, key)
  }

  close(): void {
    this.db.close()
  }
}
