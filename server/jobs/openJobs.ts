// The jobs of this server, and the proofs and exports that staff wait for: which there are, what each reads, and where the
// book of jobs is. Where the ledger is in a folder, one process has it; on services every process of the data set looks
// after the same days.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../audit/target.ts'
import type { Config } from '../config.ts'
import { type ExportDesk, ThreadExportDesk } from '../export/exportDesk.ts'
import type { Log } from '../log.ts'
import { createObserver, type Metrics } from '../metrics.ts'
import { readOwnKey } from '../operator/operatorKeys.ts'
import { reconciliationJob } from '../reconciliation/reconciliationJob.ts'
import { systemClock, systemScheduler } from '../system.ts'
import { checkpointJob } from './checkpoint.ts'
import { JOB_FILE } from './jobFile.ts'
import { createJobs, type Jobs } from './jobParts.ts'
import type { Job, JobBook } from './port.ts'
import { type ProofDesk, ThreadProofDesk } from './proofDesk.ts'
import { SqliteJobBook } from './sqliteJobBook.ts'
import { verificationJob } from './verification.ts'

/** The book on this process's own disk. Throws DataSetError. */
export function openJobBook(config: Config, isNew: boolean, log: Log): JobBook {
  const file = join(config.dataDir, JOB_FILE)
  if (!isNew && !existsSync(file)) log.warn({ file }, 'there is no book of jobs yet, or it is gone: a new one is made')
  return new SqliteJobBook(file)
}

export interface OpenedJobs extends Jobs {
  readonly proofs: ProofDesk
  readonly exports: ExportDesk
}

/** Throws DataSetError where the key of checkpoints is not to be used. */
export function openJobs(config: Config, book: JobBook, metrics: Metrics, log: Log): OpenedJobs {
  const { backing, jobsAfterMidnightMs: afterMidnightMs, checkpointKeyFile } = config
  // A file that cannot be read is refused now, not after midnight.
  if (checkpointKeyFile !== null) readOwnKey(checkpointKeyFile)
  const jobs = allJobs(config)
  tellUnavailable(jobs, config.production, log)
  const alone = backing.kind === 'embedded'
  const { alarm } = createObserver(metrics, log)
  const clocks = { clock: systemClock, scheduler: systemScheduler }
  const made = createJobs({ book, jobs, ...clocks, afterMidnightMs, alone, alarm })
  const failed = (error: unknown): void => log.error({ err: error }, 'a proof was not made')
  const proofs = new ThreadProofDesk(ledgerOf(config), systemScheduler, failed)
  const exports = new ThreadExportDesk(ledgerOf(config), (error) => {
    log.error({ err: error }, 'an export was not finished')
  })
  metrics.watchJobs(() => made.desk.status())
  return {
    ...made,
    proofs,
    exports,
    stop() {
      proofs.stop()
      exports.stop()
      return made.stop()
    },
  }
}

/** One line for each. */
function allJobs(config: Config): readonly Job[] {
  const target = ledgerOf(config)
  return [
    checkpointJob(target, config.checkpointKeyFile),
    verificationJob(target, config.partitions),
    reconciliationJob(target, config.production),
  ]
}

/** Where a job's thread reads the ledger. */
export function ledgerOf({ backing, dataDir: folder, partitions }: Config): Target {
  if (backing.kind === 'embedded') return { kind: 'folder', folder }
  const { natsUrls, mongoUrl, dataSet, journalStreams, journalReplicas } = backing
  return { kind: 'services', services: { natsUrls, mongoUrl, dataSet, journalStreams, journalReplicas, partitions } }
}

function tellUnavailable(jobs: readonly Job[], production: boolean, log: Log): void {
  for (const { kind, unavailable } of jobs) {
    if (unavailable !== null) log[production ? 'warn' : 'info']({ job: kind }, unavailable)
  }
}
