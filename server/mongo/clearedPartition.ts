// Takes a partition out of the store, so that the projector makes it again from its first record (S1). Cut off anywhere,
// what is left is right to recover from: the checkpoint and the round go first, and without a round recovery reads the
// whole journal (J4), whatever snapshots of actors are still there. `unsettled` stays: what it says of this partition's
// records was written by their receivers' partitions, which are not made again.

import type { Collection } from 'mongodb'
import type { PartitionId } from '../../shared/ids.ts'
import { type LedgerCollections, partitionKey, recordKey } from './documents.ts'
import { closingsOf } from './ledgerRows.ts'

/** Ids in one command. */
const CHUNK = 500

interface Identified {
  readonly _id: string
}

/** `isIn` says which actors are the partition's. It must not be served, nor projected, anywhere meanwhile. */
export async function clearPartition(
  collections: LedgerCollections,
  partition: PartitionId,
  isIn: (actor: string) => boolean,
): Promise<void> {
  const { checkpoints, partitions, partitionParts, actors, keys, records, batches, closings, listings } = collections
  const all = { $gte: recordKey(partition, 0), $lt: recordKey(partition + 1, 0) }
  await checkpoints.deleteOne({ _id: partitionKey(partition) })
  await partitions.deleteOne({ _id: partitionKey(partition) })
  await partitionParts.deleteMany({ _id: all })
  // By what they are called, not by what the records say: those may be what is damaged.
  await deleteThose(actors, isIn)
  await deleteThose(listings, isIn)
  await deleteThose(keys, (id) => isIn(id.slice(0, id.lastIndexOf('|'))))
  await records.deleteMany({ _id: all })
  await batches.deleteMany({ _id: all })
  await closings.deleteMany({ _id: closingsOf(partition) })
}

async function deleteThose<Row extends Identified>(
  collection: Collection<Row>,
  are: (id: string) => boolean,
): Promise<void> {
  const cursor = collection.find({}, { projection: { _id: 1 } })
  let found: string[] = []
  const flush = async (): Promise<void> => {
    // Ids are strings in every collection of the ledger.
    if (found.length > 0) await collection.deleteMany({ _id: { $in: found } } as never)
    found = []
  }
  for await (const row of cursor) {
    if (!are(String(row._id))) continue
    found.push(String(row._id))
    if (found.length >= CHUNK) await flush()
  }
  await flush()
}
