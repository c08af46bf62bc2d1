// Identity and audit log as the operator's tool opens them: those of a data folder, whether its server runs or not (both
// files take writers of several processes), or, where MONGO_URL is set and no folder is named, those in MongoDB.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openMongoBooks } from '../cluster/clusterIdentity.ts'
import { type Environment, variablesOf } from '../config.ts'
import { DataSetError } from '../dataSetError.ts'
import { refuseMarked } from '../folderMarks.ts'
import type { Identity } from '../identity/port.ts'
import { SqliteIdentity } from '../identity/sqliteIdentity.ts'
import { systemClock } from '../system.ts'
import { AUDIT_FILE } from './auditFile.ts'
import type { AuditFact, AuditLog } from './auditLog.ts'
import { SqliteAuditLog } from './sqliteAuditLog.ts'

export interface ToolBooks {
  readonly identity: Identity
  readonly auditLog: AuditLog
}

/** What the tool does, for the audit log: nobody's call, from the machine itself. */
export function toolFact(route: string, known: Pick<AuditFact, 'outcome'> & Partial<AuditFact>): AuditFact {
  const nobody = { actor: null, roles: [], address: 'cli', requestId: null }
  const call = { route, method: 'CLI', path: null, status: null, code: null, count: 1 }
  return { ...nobody, ...call, target: null, before: null, after: null, attempt: null, ...known }
}

/** Answers the exit code of what was not done. */
export function say(why: string): number {
  console.error(why)
  return 1
}

/** Rejects with ConfigError or DataSetError where they cannot be used. */
export async function withBooks(
  env: Environment,
  folder: string | undefined,
  work: (books: ToolBooks) => Promise<number>,
): Promise<number> {
  const { MONGO_URL: mongoUrl, DATA_SET: dataSet } = variablesOf(env)
  if (folder === undefined && mongoUrl !== undefined) {
    const shared = await openMongoBooks(mongoUrl, dataSet, () => {})
    return closing(shared, () => shared.close(), work)
  }
  return closing(openFolder(resolve(folder ?? env.DATA_DIR ?? './data')), () => {}, work)
}

/** Throws DataSetError. */
function openFolder(folder: string): ToolBooks {
  // A folder named by mistake is not to become a data set.
  if (!existsSync(join(folder, 'journal.db'))) {
    const remedy = 'Name a data folder with --data DIR or DATA_DIR; a new one is made by the first start of the server'
    throw new DataSetError(folder, 'no data set is here (journal.db)', remedy)
  }
  refuseMarked(folder)
  const identity = new SqliteIdentity(join(folder, 'identity.db'), systemClock)
  return { identity, auditLog: new SqliteAuditLog(join(folder, AUDIT_FILE), systemClock) }
}

async function closing(
  books: ToolBooks,
  close: () => unknown,
  work: (books: ToolBooks) => Promise<number>,
): Promise<number> {
  try {
    return await work(books)
  } finally {
    await books.auditLog.close()
    await books.identity.close()
    await close()
  }
}
