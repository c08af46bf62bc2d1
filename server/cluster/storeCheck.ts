// Before a process joins: the store has to have been made from this journal, and must not be ahead of it. What the store
// has was durable once; a journal without it has lost commits, and would give their seqs out again.

import { hashBatch } from '../../actors/runtime/codec.ts'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { DataSetError, messageOf } from '../dataSetError.ts'
import type { MongoStore } from '../mongo/mongoStore.ts'
import type { JetStreamJournal } from '../nats/jetstreamJournal.ts'

const REPLICA_WITHIN_MS = 5_000
const REPLICA_POLL_MS = 50

const REMEDY =
  'Bring back the journal that belongs to this store, or name another DATA_SET; a store that was lost is rebuilt from ' +
  'the journal by itself'

/** Rejects with DataSetError. Answers whether nothing was ever written. */
export async function checkStoreAgainstJournal(
  journal: JetStreamJournal,
  store: MongoStore,
  partitions: number,
): Promise<{ readonly isNew: boolean }> {
  try {
    const written = await Promise.all(
      [...Array(partitions).keys()].map((partition) => checkPartition(journal, store, partition)),
    )
    return { isNew: !written.includes(true) }
  } catch (error) {
    if (error instanceof DataSetError) throw error
    throw new DataSetError('NATS_URL, MONGO_URL', messageOf(error), 'Check that both answer, and start again')
  }
}

// Any replica may be asked, and may be a moment behind its leader.
async function batchAt(
  journal: JetStreamJournal,
  partition: PartitionId,
  position: number,
): Promise<StoredBatch | null> {
  const untilMs = performance.now() + REPLICA_WITHIN_MS
  for (;;) {
    const [batch] = await journal.read(partition, position - 1, 1)
    if (batch !== undefined) return batch
    if (performance.now() > untilMs) return null
    await new Promise((resolve) => setTimeout(resolve, REPLICA_POLL_MS))
  }
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
    const batch = await batchAt(journal, partition, position)
    if (batch === null || batch.position !== position || hashBatch(batch.bytes) !== hash) {
      const trouble = `the store was made from another journal: partition ${partition} has another batch at ${position}`
      throw new DataSetError('NATS_URL, MONGO_URL', trouble, REMEDY)
    }
  }
  return head > 0
}
