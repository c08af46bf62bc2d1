// Identity of a cluster (S2): the same MongoDB database as the ledger's, over a connection of its own, so that a slow page
// of history does not hold up who signs in.

import type { ClusterBacking } from '../config.ts'
import type { Identity } from '../identity/port.ts'
import type { Log } from '../log.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import { openMongoIdentity } from '../mongo/mongoIdentity.ts'
import { systemClock } from '../system.ts'

export interface ClusterIdentity {
  readonly identity: Identity
  /** Closes the connection; the identity has been closed before. */
  close(): Promise<void>
}

/** Rejects with DataSetError where MongoDB cannot be used. */
export async function openClusterIdentity(backing: ClusterBacking, log: Log): Promise<ClusterIdentity> {
  const connection = await connectMongo(backing.mongoUrl, backing.dataSet)
  try {
    const failed = (error: unknown): void => log.error({ err: error }, 'identity clean-up failed')
    const identity = await openMongoIdentity(connection.db, systemClock, failed)
    return { identity, close: () => connection.close() }
  } catch (error) {
    await connection.close()
    throw error
  }
}
