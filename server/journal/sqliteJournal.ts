// Opens the SQLite journal: starts the writer's thread and waits until it has the file, checked and locked to its format.

import { Worker } from 'node:worker_threads'
import type { Position } from '../../actors/runtime/ports.ts'
import { dataSetError } from '../dataSetError.ts'
import { SqliteJournal } from './groupCommit.ts'
import type { FromWriter, WriterOptions } from './protocol.ts'

export { SqliteJournal }

export interface SqliteJournalOptions {
  readonly file: string
  /** J1: must be what the data set was made with. */
  readonly partitions: number
  /** Least time between the beginnings of two commits, so that one fsync serves more appends; an idle journal does not wait. */
  readonly minCommitIntervalMs?: number
  /** The file may not grow beyond this; then appends are `uncertain`, as on a full disk. 0: no limit. */
  readonly maxBytes?: number
  /** How much of the journal's end is checked when it is opened. */
  readonly checkBytes?: number
  /** Trouble with the disk, and its end. Never throws. */
  readonly onAlarm?: (event: string, detail: Readonly<Record<string, unknown>>) => void
  /** Everything up to this position is durable. */
  readonly onCommitted?: (position: Position) => void
}

/** Opens the journal, making it where it is missing. Rejects with DataSetError where it cannot be used. */
export function openSqliteJournal(options: SqliteJournalOptions): Promise<SqliteJournal> {
  const { file, partitions, maxBytes = 0, checkBytes = 256 * 1024 * 1024 } = options
  const workerData: WriterOptions = { file, partitions, maxBytes, checkBytes }
  const worker = new Worker(new URL('./writerWorker.ts', import.meta.url), { workerData })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (first: FromWriter) => {
      worker.off('error', reject)
      if (first.kind === 'opened') return resolve(new SqliteJournal(options, worker, first))
      const failure =
        first.kind === 'refused' ? dataSetError(first.trouble) : new Error(`journal writer: ${first.kind}`)
      worker.terminate().then(() => reject(failure), reject)
    })
  })
}
