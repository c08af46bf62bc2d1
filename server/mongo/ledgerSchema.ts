// The database of one data set: made where it is missing, with its validators and indexes, and recognised by its `meta`
// document. Several processes may do this at once.

import { type Db, type IndexDescription, MongoServerError } from 'mongodb'
import type { DataSet } from '../journal/journalFile.ts'
import { type LedgerCollections, ledgerCollections, type MetaDocument } from './documents.ts'
import { LISTING_INDEXES } from './listDocuments.ts'
import type { MongoConnection } from './mongoConnection.ts'
import { unusable } from './mongoRefusal.ts'
import { VALIDATORS } from './validators.ts'

export const LEDGER_FORMAT = 1

const LEDGER_ID = 'ledger'

const NAMESPACE_EXISTS = 48
const DUPLICATE_KEY = 11_000
/** NotImplemented, and CommandNotSupported. */
const NOT_KNOWN_THERE: ReadonlySet<unknown> = new Set([238, 115])

// `_id` is unique in each; what else is looked for is looked for in the records.
const RECORD_INDEXES: readonly IndexDescription[] = [
  // M6: a key however old; its newest outcome first.
  {
    name: 'keys_of_actor',
    key: { actor: 1, key: 1, _id: -1 },
    partialFilterExpression: { key: { $exists: true } },
  },
  // History of an account, newest first.
  { name: 'legs_of_account', key: { accounts: 1, _id: -1 } },
]

/** Rejects with DataSetError where the database is another data set's. `notice` is told once what the server lacks. */
export async function openLedger(
  { db, server }: MongoConnection,
  dataSet: DataSet,
  notice: (text: string) => void,
): Promise<LedgerCollections> {
  const collections = ledgerCollections(db)
  checkMeta(await collections.meta.findOne({ _id: LEDGER_ID }), db, dataSet)
  let validated = true
  for (const [name, schema] of Object.entries(VALIDATORS)) {
    validated = (await createCollection(db, name, { $jsonSchema: schema })) && validated
  }
  // There an index is written with every record, which takes half its speed, and read by no query.
  const indexed = server.kind !== 'ferretdb'
  if (indexed) {
    await collections.records.createIndexes([...RECORD_INDEXES])
    await collections.listings.createIndexes([...LISTING_INDEXES])
    await collections.unsettled.createIndex({ state: 1, _id: 1 }, { name: 'pending' })
  }
  if (!validated || !indexed) {
    notice(`FerretDB serves the ledger: without validators, and every search but by id reads its whole collection`)
  }
  await putMeta(collections, db, dataSet)
  return collections
}

/** Answers false where it was made without its validator. */
async function createCollection(db: Db, name: string, validator: object): Promise<boolean> {
  for (const options of [{ validator }, {}]) {
    try {
      await db.createCollection(name, options)
      return options.validator !== undefined
    } catch (error) {
      const code = error instanceof MongoServerError ? error.code : null
      if (code === NAMESPACE_EXISTS) return options.validator !== undefined
      if (options.validator === undefined || !NOT_KNOWN_THERE.has(code)) throw error
    }
  }
  return false
}

async function putMeta({ meta }: LedgerCollections, db: Db, { id, partitions }: DataSet): Promise<void> {
  try {
    await meta.insertOne({ _id: LEDGER_ID, format: LEDGER_FORMAT, dataSet: id, partitions })
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === DUPLICATE_KEY)) throw error
  }
  checkMeta(await meta.findOne({ _id: LEDGER_ID }), db, { id, partitions })
}

function checkMeta(found: MetaDocument | null, { databaseName }: Db, dataSet: DataSet): void {
  if (found === null) return
  const here = `the database ${databaseName} of MONGO_URL`
  if (found.format !== LEDGER_FORMAT) {
    throw unusable(
      `${here} is of format ${found.format}, this program reads ${LEDGER_FORMAT}`,
      'Use the program that wrote it, or set DATA_SET to a new name',
    )
  }
  if (found.dataSet !== dataSet.id) {
    throw unusable(
      `${here} was made from another journal (${found.dataSet}) than this one (${dataSet.id})`,
      'Point NATS_URL at the journal that belongs to it, or set DATA_SET to another name',
    )
  }
  if (found.partitions !== dataSet.partitions) {
    throw unusable(
      `${here} was made with ${found.partitions} partitions, asked to open with ${dataSet.partitions}`,
      `Set PARTITIONS=${found.partitions}: their number is fixed when a data set is made`,
    )
  }
}
