// What a data folder consists of, and in which order it is copied while a server writes to it.
//
// 1. The store, and the book of jobs with its signed checkpoints: what they say is taken from the journal, so a journal
//    that is copied after them has all of it (S1).
// 2. The journal.
// 3. What knows more than the journal and is asked by it: blobs, statements, the sandbox provider, people. A payout that the
//    journal repeats is one that the provider knows already (M7), and whoever has a wallet has an account.
// 4. The audit log: it knows of everything that staff did to any of the others.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { JOB_FILE } from '../jobs/jobFile.ts'
import { STATEMENTS_FILE } from '../reconciliation/statements/sqliteStatements.ts'
import { SANDBOX_FILE } from '../sandbox/sqliteSandbox.ts'
import { AUDIT_FILE } from '../staff/auditFile.ts'

export const JOURNAL_FILE = 'journal.db'
export const STORE_FILE = 'store.db'
export const IDENTITY_FILE = 'identity.db'
export const SECRET_FILE = 'token.secret'
export const BLOBS_FOLDER = 'blobs'

export const BEFORE_JOURNAL = [JOB_FILE] as const
export const AFTER_JOURNAL = [STATEMENTS_FILE, SANDBOX_FILE, IDENTITY_FILE, AUDIT_FILE] as const

/** Made from the whole ledger, so that none of it fits one that is cut off: documents of jobs attest records that go. */
const OF_ALL_RECORDS: ReadonlySet<string> = new Set([JOURNAL_FILE, STORE_FILE, JOB_FILE])
/** Of matches that are live (R1). Epochs count on from the cut, so that chunks of before and after would have one name. */
const LIVE_CHUNKS = `${BLOBS_FOLDER}/matches/`

/** Whether a file can be put beside a ledger that is cut off at a moment. */
export function staysBesideCut(name: string): boolean {
  return !OF_ALL_RECORDS.has(name) && !name.startsWith(LIVE_CHUNKS)
}

/** Of a process, gone with it, or of SQLite, beside a file that is copied. */
const PASSING = /^(?:lock\.(?:db|pid)|server\.json|.*-(?:wal|shm|journal))$/

/** What is in the folder and no backup takes. */
export function notCopied(folder: string, taken: ReadonlySet<string>): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !taken.has(name) && !PASSING.test(name))
    .sort()
}

/** Names below the folder of the blobs in it; none where it is not there. One that is being written has no name yet. */
export function blobsIn(folder: string): readonly string[] {
  const names: string[] = []
  const gather = (below: string): void => {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue
      const name = `${below}/${entry.name}`
      if (entry.isDirectory()) gather(name)
      else names.push(name)
    }
  }
  if (readdirSync(folder).includes(BLOBS_FOLDER)) gather(BLOBS_FOLDER)
  return names.sort()
}
