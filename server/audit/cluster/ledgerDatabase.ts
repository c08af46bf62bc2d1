// The ledger store on MongoDB, opened for reading alone: nothing is made where it is missing. A collection is read from
// end to end in the order of its ids, since FerretDB finds everything but one id by reading them all.

import { MongoError } from 'mongodb'
import type { PartitionId } from '../../../shared/ids.ts'
import { DataSetError } from '../../dataSetError.ts'
import { ledgerCollections, partitionKey, recordKey } from '../../mongo/documents.ts'
import { LEDGER_FORMAT } from '../../mongo/ledgerSchema.ts'
import { connectMongo, type MongoConnection } from '../../mongo/mongoConnection.ts'
import { LEDGER_END, storeDiffers } from '../violation.ts'
import type { AuditedServices } from './auditedServices.ts'
import { type CollectionName, type DocumentOf, META, SHAPES } from './ledgerShapes.ts'
import { ReadingError } from './readingError.ts'

/** FerretDB sorts a whole collection before it answers. */
const SOCKET_TIMEOUT_MS = 10 * 60_000
const BATCH = 1_000

/** Seqs of one partition, both ends included. */
export interface SeqRange {
  readonly partition: PartitionId
  readonly from: number
  readonly through: number
}

export class LedgerDatabase {
  private readonly connection: MongoConnection

  private constructor(connection: MongoConnection) {
    this.connection = connection
  }

  /** Rejects with DataSetError where MongoDB cannot be used. */
  static async connect({ mongoUrl, dataSet }: AuditedServices): Promise<LedgerDatabase> {
    return new LedgerDatabase(await connectMongo(mongoUrl, dataSet, { socketMs: SOCKET_TIMEOUT_MS }))
  }

  /** Whether a store is here. Rejects with DataSetError where it was made from another journal. */
  async isMadeFrom(dataSetId: string, partitions: number): Promise<boolean> {
    const { meta, checkpoints } = ledgerCollections(this.connection.db)
    const found = await this.orReadingError(() => meta.findOne({}))
    const here = `the database ${this.connection.db.databaseName} of MONGO_URL`
    const remedy = 'Point MONGO_URL at the store that belongs to this journal'
    if (found === null) {
      if ((await this.orReadingError(() => checkpoints.findOne({}))) === null) return false
      throw new DataSetError(here, 'does not say which journal it was made from (collection meta)', remedy)
    }
    const { data, success } = META.safeParse(found)
    if (!success || data.format !== LEDGER_FORMAT) {
      throw new DataSetError(here, `not of format ${LEDGER_FORMAT}`, 'Use the program that wrote it')
    }
    if (data.dataSet !== dataSetId || data.partitions !== partitions) {
      const made = `was made from another journal (${data.dataSet}, ${data.partitions} partitions)`
      throw new DataSetError(here, `${made} than this one (${dataSetId}, ${partitions} partitions)`, remedy)
    }
    return true
  }

  /** Every document, in the order of ids. A document of another shape is a finding; rejects with ReadingError. */
  async *all<Name extends CollectionName>(name: Name): AsyncGenerator<DocumentOf<Name>, void, undefined> {
    yield* this.read(name, {})
  }

  /** Documents of `records` or `batches` by the seqs in their ids. */
  async *range<Name extends 'records' | 'batches'>(
    name: Name,
    { partition, from, through }: SeqRange,
  ): AsyncGenerator<DocumentOf<Name>, void, undefined> {
    yield* this.read(name, { _id: { $gte: recordKey(partition, from), $lte: recordKey(partition, through) } })
  }

  /** A partition's snapshot as it is now. */
  async partition(partition: PartitionId): Promise<DocumentOf<'partitions'> | null> {
    for await (const found of this.read('partitions', { _id: partitionKey(partition) })) return found
    return null
  }

  /** The text of a document of `partition_parts`, or null. */
  async part(id: string): Promise<string | null> {
    const { partitionParts } = ledgerCollections(this.connection.db)
    const found = await this.orReadingError(() => partitionParts.findOne({ _id: id }))
    return typeof found?.text === 'string' ? found.text : null
  }

  close(): Promise<void> {
    return this.connection.close()
  }

  private async *read<Name extends CollectionName>(
    name: Name,
    filter: object,
  ): AsyncGenerator<DocumentOf<Name>, void, undefined> {
    const shape = SHAPES[name]
    const cursor = this.connection.db.collection(name).find(filter, { sort: { _id: 1 }, batchSize: BATCH })
    try {
      while (await this.orReadingError(() => cursor.hasNext())) {
        for (const found of cursor.readBufferedDocuments()) {
          const { data, error } = shape.safeParse(found)
          if (error !== undefined) {
            const [issue] = error.issues
            const why = `${issue?.path.join('.')}: ${issue?.message}`
            storeDiffers(
              'S1',
              `document ${JSON.stringify(found._id)} of ${name} has another shape (${why})`,
              LEDGER_END,
            )
          }
          // What this shape's parser gives.
          yield data as DocumentOf<Name>
        }
      }
    } finally {
      await cursor.close()
    }
  }

  private async orReadingError<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof MongoError) throw new ReadingError(this.connection.refusal(error).message)
      throw error
    }
  }
}
