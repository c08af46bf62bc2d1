// Identity, audit log and jobs of a cluster (S2): the same MongoDB database as the ledger's, over a connection of their own, so
// that a slow page of history does not hold up who signs in.

import type { ClusterBacking } from '../config.ts'
import type { Identity } from '../identity/port.ts'
import type { JobBook } from '../jobs/port.ts'
import type { Log } from '../log.ts'
import { openMongoAuditLog } from '../mongo/mongoAuditLog.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import { openMongoIdentity } from '../mongo/mongoIdentity.ts'
import { openMongoJobBook } from '../mongo/mongoJobBook.ts'
import { openMongoStatements } from '../mongo/mongoStatements.ts'
import type { StatementBook } from '../reconciliation/statements/book.ts'
import type { AuditLog } from '../staff/auditLog.ts'
import { systemClock } from '../system.ts'

export interface ClusterIdentity {
  readonly identity: Identity
  readonly auditLog: AuditLog
  readonly jobBook: JobBook
  readonly statements: StatementBook
  /** Closes the connection; the four have been closed before. */
  close(): Promise<void>
}

/** Rejects with DataSetError where MongoDB cannot be used. */
export function openClusterIdentity(backing: ClusterBacking, log: Log): Promise<ClusterIdentity> {
  const failed = (error: unknown): void => log.error({ err: error }, 'identity clean-up failed')
  return openMongoBooks(backing.mongoUrl, backing.dataSet, failed)
}

/** The same for a tool. */
export async function openMongoBooks(
  mongoUrl: string,
  dataSet: string,
  failed: (error: unknown) => void,
): Promise<ClusterIdentity> {
  const connection = await connectMongo(mongoUrl, dataSet)
  try {
    const identity = await openMongoIdentity(connection.db, systemClock, failed)
    const auditLog = await openMongoAuditLog(connection.db, systemClock)
    const jobBook = await openMongoJobBook(connection.db)
    const statements = await openMongoStatements(connection.db)
    return { identity, auditLog, jobBook, statements, close: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  }
}
