// Where a proof reads the ledger: the journal of a data folder, or of the services that many processes share, whether
// servers run or not. Nothing of the store is needed: what the journal says is what was appended.

import { join } from 'node:path'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import type { Audit } from '../audit/audit.ts'
import { openJournalFeed } from '../audit/cluster/journalFeed.ts'
import { readOn } from '../audit/cluster/readOn.ts'
import { type BatchTaker, readCommits } from '../audit/commits.ts'
import type { Target } from '../audit/target.ts'
import type { Violation } from '../audit/violation.ts'
import { DataSetError } from '../dataSetError.ts'
import { CommitLog } from '../journal/commitLog.ts'
import { openJournalForReading } from '../journal/journalFile.ts'
import { tryLockDataFolder } from '../journal/lock.ts'
import type { Outcome } from './outcome.ts'

export interface LedgerSource {
  readonly dataSetId: string
  readonly partitions: number
  /** Whether what is read was durable at one moment in all partitions, so that they fit each other (M4). */
  readonly isOneCommit: boolean
  /**
   * Feeds every batch, in order within a partition, as far as the taker wants and as the journal went when this began.
   * Answers damage that the taker cannot name itself. Rejects with ReadingError where a service stops answering.
   */
  feed(taker: BatchTaker): Promise<Violation | null>
  /** Feeds an audit that had every batch what is missing until its partitions fit each other (M4). */
  readOn(audit: Audit): Promise<void>
  /** Every batch in the order of the journal, as far as that goes when this begins. Rejects as `batchesOf` does. */
  batches(): AsyncGenerator<StoredBatch, void, undefined>
  /** The batches of one partition from its first. Rejects with DataSetError where they are damaged, or ReadingError. */
  batchesOf(partition: number): AsyncGenerator<StoredBatch, void, undefined>
  close(): Promise<void>
}

/** Refused where a journal is there and damaged. Rejects with DataSetError where there is nothing to read. */
export async function openSource(target: Target): Promise<Outcome<LedgerSource>> {
  if (target.kind === 'folder') return openFolder(target.folder)
  return { kind: 'done', value: await openServices(target.services) }
}

const CHUNK_BYTES = 8 * 1024 * 1024
/** Of what is read for somebody who may be slow. */
const PIECE_BYTES = 1024 * 1024

function openFolder(folder: string): Outcome<LedgerSource> {
  const file = join(folder, 'journal.db')
  // Held for the moment in which the log of the file is checked for damage, which nobody may write meanwhile; beside a
  // server that check is left out: it made its own when it started.
  const lock = tryLockDataFolder(folder)
  try {
    return { kind: 'done', value: folderSource(file, openJournalForReading(file, lock !== null)) }
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error
    return { kind: 'refused', why: error.message }
  } finally {
    lock?.release()
  }
}

function folderSource(file: string, { db, dataSet }: ReturnType<typeof openJournalForReading>): LedgerSource {
  const log = new CommitLog(db, file, dataSet.partitions)
  return {
    dataSetId: dataSet.id,
    partitions: dataSet.partitions,
    isOneCommit: true,
    feed: async (taker) => readCommits(log, db, taker, log.heads().lastId),
    // One file, read through one commit: its partitions fit each other.
    readOn: async () => undefined,
    async *batches() {
      const through = log.heads().lastId
      for (let id = 0; id < through; ) {
        for (const { id: position, batches } of log.read(id, PIECE_BYTES)) {
          if (position > through) return
          for (const { partition, bytes } of batches) yield { partition, position, bytes }
          id = position
        }
      }
    },
    async *batchesOf(wanted) {
      for (let id = 0; ; ) {
        const commits = log.read(id, CHUNK_BYTES)
        if (commits.length === 0) return
        for (const { id: position, batches } of commits) {
          for (const { partition, bytes } of batches) if (partition === wanted) yield { partition, position, bytes }
          id = position
        }
      }
    },
    close: async () => db.close(),
  }
}

async function openServices(services: Parameters<typeof openJournalFeed>[0]): Promise<LedgerSource> {
  const feed = await openJournalFeed(services)
  return {
    dataSetId: feed.facts.dataSetId,
    partitions: feed.facts.partitions,
    isOneCommit: false,
    async feed(taker) {
      for await (const { partition, position, bytes } of feed.batches()) {
        if (taker.take(partition, position, bytes) !== null || taker.isFull === true) return null
      }
      return null
    },
    readOn: (audit) => readOn(feed, audit),
    batches: () => feed.batches(),
    batchesOf: (partition) => feed.from(partition, 0),
    close: () => feed.close(),
  }
}
