// Before a process joins: the store has to have been made from this journal, and must not be ahead of it. What the store
// has was durable once; a journal without it has lost commits, and would give their seqs out again.

import { hashBatch } from '../../actors/runtime/codec.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { DataSetError } from '../dataSetError.ts'
import type { MongoStore } from '../mongo/mongoStore.ts'
import type { JetStreamJournal } from '../nats/jetstreamJournal.ts'

const REMEDY =
  'Bring back the journal that belongs to this store, or name another DATA_SET; a store that was lost is rebuilt from ' +
  'the journal by itself'

/** Rejects with DataSetError. Answers whether nothing was ever written. */
export async function checkStoreAgainstJournal(
  journal: JetStreamJournal,
  store: MongoStore,
  partitions: number,
): Promise<{ readonly isNew: boolean }> {
  const written = await Promise.all(
    [...Array(partitions).keys()].map((partition) => checkPartition(journal, store, partition)),
  )
  return { isNew: !written.includes(true) }
}

/** Answers whether the journal has anything of it. */
async function checkPartition(journal: JetStreamJournal, store: MongoStore, partition: PartitionId): Promise<boolean> {
  // The checkpoint first: the journal only grows meanwhile.
  const { position, hash } = await store.checkpoint(partition)
  const head = await journal.head(partition)
  if (position > head) {
    const trouble = `the store has partition ${partition} up to position ${position}, the journal ends at ${head}`
    throw new DataSetError('NATS_URL, MONGO_URL', trouble, REMEDY)
  }
  if (position > 0) {
    const [batch] = await journal.read(partition, position - 1, 1)
    if (batch === undefined || batch.position !== position || hashBatch(batch.bytes) !== hash) {
      const trouble = `the store was made from another journal: partition ${partition} has another batch at ${position}`
      throw new DataSetError('NATS_URL, MONGO_URL', trouble, REMEDY)
    }
  }
  return head > 0
}
