// Opens MongoDB as this program needs it: acknowledged writes survive the loss of a server, reads see only such writes,
// and every wait ends. A server it cannot use is refused in one line that says what to change in MONGO_URL.

import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { type Address, notAnAddress, parseAddress, refusal, unusable } from './mongoRefusal.ts'

export const MONGO_LEAST_VERSION = '7.0'

const SELECTION_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 2_000
/** A server that stands still is given up after this; longer than the slowest honest answer. */
const SOCKET_TIMEOUT_MS = 20_000
/** For a majority to have a write; below the socket's, so that the server is the one to say it. */
const WRITE_CONCERN_TIMEOUT_MS = 10_000
const QUEUE_TIMEOUT_MS = 5_000
const MAX_SOCKETS = 16

export interface MongoServer {
  /** FerretDB speaks MongoDB's protocol over another database, with less behind it. */
  readonly kind: 'mongodb' | 'ferretdb'
  readonly version: string
}

export interface MongoConnection {
  readonly db: Db
  readonly server: MongoServer
  /** What kept the data set from being opened, in a line for whoever starts this program. */
  refusal(error: unknown): Error
  close(): Promise<void>
}

export interface MongoTimeouts {
  readonly selectionMs?: number
  readonly socketMs?: number
}

/** `database` holds one data set. Rejects with DataSetError where the server cannot be used. */
export async function connectMongo(
  url: string,
  database: string,
  timeouts: MongoTimeouts = {},
): Promise<MongoConnection> {
  const address = parseAddress(url)
  const client = clientOf(url, address, timeouts)
  try {
    await client.connect()
    const db = client.db(database)
    const server = serverOf(await db.command({ buildInfo: 1 }), address)
    // Asks for rights, which connecting does not.
    await db.listCollections({}, { nameOnly: true }).toArray()
    return { db, server, refusal: (error) => refusal(error, address, database), close: () => client.close() }
  } catch (error) {
    await client.close()
    throw refusal(error, address, database)
  }
}

function clientOf(url: string, address: Address, timeouts: MongoTimeouts): MongoClient {
  try {
    return new MongoClient(url, clientOptions(timeouts))
  } catch (error) {
    throw notAnAddress(error, address)
  }
}

// What is given here goes before what the URL says.
function clientOptions({ selectionMs, socketMs }: MongoTimeouts): MongoClientOptions {
  return {
    appName: 'leetgaming-realtime',
    serverSelectionTimeoutMS: selectionMs ?? SELECTION_TIMEOUT_MS,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    socketTimeoutMS: socketMs ?? SOCKET_TIMEOUT_MS,
    waitQueueTimeoutMS: QUEUE_TIMEOUT_MS,
    maxPoolSize: MAX_SOCKETS,
    // Every write can be made twice, and a read of a server that has just lost its place would be stale.
    retryWrites: true,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: WRITE_CONCERN_TIMEOUT_MS },
  }
}

function serverOf(build: Readonly<Record<string, unknown>>, address: Address): MongoServer {
  const version = String(build.version)
  // FerretDB 1 says the first, FerretDB 2 the second; the version beside it is that of the protocol it speaks.
  if (build.ferretdbVersion !== undefined || build.ferretdb !== undefined) return { kind: 'ferretdb', version }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor = 0, leastMinor = 0] = MONGO_LEAST_VERSION.split('.').map(Number)
  if (!(major > leastMajor || (major === leastMajor && minor >= leastMinor))) {
    throw unusable(
      `${address.hosts} is MongoDB ${version}, needed ${MONGO_LEAST_VERSION} or newer`,
      `Upgrade it, or point MONGO_URL at MongoDB ${MONGO_LEAST_VERSION} or newer`,
    )
  }
  return { kind: 'mongodb', version }
}
