// The jobs of this server: which there are, what each reads, and where their book is. Where the ledger is in a folder, one
// process has it; on services every process of the data set looks after the same days.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../audit/target.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { createObserver, type Metrics } from '../metrics.ts'
import { reconciliationJob } from '../reconciliation/reconciliationJob.ts'
import { systemClock, systemScheduler } from '../system.ts'
import { JOB_FILE } from './jobFile.ts'
import { createJobs, type Jobs } from './jobParts.ts'
import type { Job, JobBook } from './port.ts'
import { SqliteJobBook } from './sqliteJobBook.ts'
import { verificationJob } from './verification.ts'

/** The book on this process's own disk. Throws DataSetError. */
export function openJobBook(config: Config, isNew: boolean, log: Log): JobBook {
  const file = join(config.dataDir, JOB_FILE)
  if (!isNew && !existsSync(file)) log.warn({ file }, 'there is no book of jobs yet, or it is gone: a new one is made')
  return new SqliteJobBook(file)
}

export function openJobs(config: Config, book: JobBook, metrics: Metrics, log: Log): Jobs {
  const { backing, jobsAfterMidnightMs: afterMidnightMs } = config
  const jobs = allJobs(config)
  const alone = backing.kind === 'embedded'
  const { alarm } = createObserver(metrics, log)
  return createJobs({ book, jobs, clock: systemClock, scheduler: systemScheduler, afterMidnightMs, alone, alarm })
}

/** One line for each. */
function allJobs(config: Config): readonly Job[] {
  const target = ledgerOf(config)
  return [verificationJob(target), reconciliationJob(target, config.production)]
}

/** Where a job's thread reads the ledger. */
export function ledgerOf({ backing, dataDir: folder, partitions }: Config): Target {
  return backing.kind === 'embedded'
    ? { kind: 'folder', folder }
    : { kind: 'services', services: { ...backing, partitions } }
}
