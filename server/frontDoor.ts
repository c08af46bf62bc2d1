// The two wires of the process: HTTP and the rooms, over one transport, with identity behind both. It translates and
// lets through; what happens to money is the money side's business.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RoomIdentity } from '../rooms/roomIdentity.ts'
import { provideWalletHost } from '../rooms/walletRoom.ts'
import { walletOf } from '../shared/ids.ts'
import { watchBackups } from './backup/newestBackup.ts'
import type { Config } from './config.ts'
import { createHttp } from './http/createHttp.ts'
import { createTransport, type SocketLimits } from './http/transport.ts'
import { ErasedUsers } from './identity/erasedUsers.ts'
import type { Identity } from './identity/port.ts'
import { SecondFactors } from './identity/secondFactor.ts'
import { loadTokenSecret } from './identity/secret.ts'
import { SqliteIdentity } from './identity/sqliteIdentity.ts'
import { TokenService } from './identity/tokens.ts'
import { openJobBook, openJobs } from './jobs/openJobs.ts'
import type { JobBook } from './jobs/port.ts'
import type { Log } from './log.ts'
import { createObserver, type Metrics } from './metrics.ts'
import type { MoneySide } from './moneySide.ts'
import { openPlaySide } from './play/playSide.ts'
import { watchReconciliation } from './reconciliation/figures.ts'
import type { StatementBook } from './reconciliation/statements/book.ts'
import { SqliteStatements, STATEMENTS_FILE } from './reconciliation/statements/sqliteStatements.ts'
import { openSharedRooms, type SharedRooms } from './redis/sharedRooms.ts'
import { closeRooms, listen } from './roomServer.ts'
import { AUDIT_FILE } from './staff/auditFile.ts'
import type { AuditLog } from './staff/auditLog.ts'
import { SqliteAuditLog } from './staff/sqliteAuditLog.ts'
import { nextRequestId, systemClock, systemScheduler } from './system.ts'

export interface FrontDoor {
  readonly host: string
  readonly port: number
  readonly url: string
  newGuest(): Promise<{ readonly token: string; readonly walletId: string }>
  /** Begins to look for daily jobs that are due. */
  startJobs(): void
  /** Answers "not ready" from now on, and ends jobs; connections go on. */
  refuseNew(): void
  close(): Promise<void>
}

/** Who the people are, what staff did and handed in, and what jobs came to: none is a projection (S2). */
export interface PeopleBooks {
  readonly identity: Identity
  readonly auditLog: AuditLog
  readonly jobBook: JobBook
  readonly statements: StatementBook
}

/**
 * `books`: where processes share them, closed with the door; without them, files of this process.
 * Rejects with ConfigError, DataSetError or ListenError where the start is refused.
 */
export async function openFrontDoor(
  config: Config,
  money: MoneySide,
  metrics: Metrics,
  log: Log,
  limits: SocketLimits,
  books: PeopleBooks = openBooks(config, money, log),
): Promise<FrontDoor> {
  let shared: SharedRooms | null = null
  try {
    if (config.backing.kind === 'cluster') shared = await openSharedRooms(config.backing, log)
    return await open({ config, money, metrics, log, limits, books, shared })
  } catch (error) {
    shared?.close()
    await closeBooks(books)
    throw error
  }
}

interface DoorParts {
  readonly config: Config
  readonly money: MoneySide
  readonly metrics: Metrics
  readonly log: Log
  readonly limits: SocketLimits
  readonly books: PeopleBooks
  /** Null where there are no other processes. */
  readonly shared: SharedRooms | null
}

async function open(parts: DoorParts): Promise<FrontDoor> {
  const { config, money, metrics, log, limits, books, shared } = parts
  const { identity, auditLog } = books
  const { alarm } = createObserver(metrics, log)
  const secret = loadTokenSecret(config.tokenSecret)
  const failed = (error: unknown): void => log.error({ err: error }, 'erased users could not be looked for')
  const erased = new ErasedUsers({ identity, clock: systemClock, scheduler: systemScheduler, failed })
  await erased.start()
  const tokens = new TokenService(secret, systemClock, erased)
  const jobs = openJobs(config, books.jobBook, metrics, log)
  watchReconciliation(metrics, jobs.desk)
  watchBackups(metrics, config.backupDir)
  const rooms = roomIdentity(tokens, erased, log)
  const play = openPlaySide({ config, money, metrics, log, identity: rooms, people: identity })
  let admitting = true
  const http = createHttp({
    config,
    identity,
    tokens,
    factors: new SecondFactors(secret, systemClock),
    erased,
    metrics,
    log,
    wallets: money.wallets,
    staffDesk: money.staff,
    ledger: money.ledger,
    nfts: money.nfts,
    jobs: jobs.desk,
    proofs: jobs.proofs,
    exports: jobs.exports,
    statements: books.statements,
    more: play.routes,
    texts: play.matches.evidence,
    watchRoomOf: (match) => play.matches.watchRoomOf(match),
    endedRoomOf: (match, user) => play.matches.endedRoomOf(match, user),
    cluster: () => money.cluster(),
    auditLog,
    alarm,
    ready: () => {
      // Redis is not among them: without it a process serves all the same.
      const checks = { ...money.checks(), admission: admitting ? 'ok' : 'draining' }
      return { ready: Object.values(checks).every((check) => check === 'ok'), checks }
    },
    counters: shared?.counters ?? null,
  })
  hostWallets(config, money, identity, rooms)
  const transport = await createTransport(config.transport, http.service, log, limits, () => {
    metrics.slowSocketClosed()
    log.warn('a client was let go of: it does not read what it is sent')
  })
  const server = await listen(config, transport, shared?.colyseus ?? null)
  play.start()
  metrics.watch('leet_sockets', () => transport.sockets)
  metrics.watch('leet_http_in_flight', () => transport.httpInFlight)
  if (shared !== null) metrics.watch('leet_redis_ready', () => (shared.isReady ? 1 : 0))
  return {
    ...addressOf(config.host, transport.port),
    async newGuest() {
      const { user } = await identity.createGuest(null)
      const walletId = walletOf(user.id)
      await money.wallets.open(user.id, walletId)
      return { token: (await tokens.issue(user)).token, walletId }
    },
    startJobs: () => jobs.start(),
    refuseNew() {
      admitting = false
      void jobs.stop()
    },
    async close() {
      await closeRooms(server, transport)
      await play.close()
      await jobs.stop()
      shared?.close()
      http.close()
      erased.close()
      await closeBooks(books)
    },
  }
}

/** Throws DataSetError. */
function openBooks(config: Config, money: MoneySide, log: Log): PeopleBooks {
  // First: nothing is left open where it cannot be used.
  const auditLog = openAuditLog(config, money, log)
  try {
    const identity = openIdentity(config, money, log)
    try {
      const jobBook = openJobBook(config, money.isNew, log)
      try {
        return { identity, auditLog, jobBook, statements: new SqliteStatements(join(config.dataDir, STATEMENTS_FILE)) }
      } catch (error) {
        void jobBook.close()
        throw error
      }
    } catch (error) {
      void identity.close()
      throw error
    }
  } catch (error) {
    void auditLog.close()
    throw error
  }
}

async function closeBooks({ identity, auditLog, jobBook, statements }: PeopleBooks): Promise<void> {
  await statements.close()
  await jobBook.close()
  await auditLog.close()
  await identity.close()
}

function openAuditLog(config: Config, money: MoneySide, log: Log): AuditLog {
  const file = join(config.dataDir, AUDIT_FILE)
  if (!money.isNew && !existsSync(file))
    log.warn({ file }, 'there is no audit log yet, or it is gone: a new one is made')
  return new SqliteAuditLog(file, systemClock)
}

function openIdentity(config: Config, money: MoneySide, log: Log): Identity {
  const file = join(config.dataDir, 'identity.db')
  if (!money.isNew && !existsSync(file)) {
    const remedy = 'stop, and bring back identity.db; without it nobody who had an account can sign in to it'
    log.error({ file, remedy }, 'the ledger has records, but identity.db is gone: a new one is made')
  }
  return new SqliteIdentity(file, systemClock)
}

function hostWallets(config: Config, money: MoneySide, identity: Identity, rooms: RoomIdentity): void {
  provideWalletHost({
    ...rooms,
    wallets: money.wallets,
    feed: money.feed,
    rateLimits: config.rateLimits,
    destinationOf: (user, address) => identity.destinationOf(user, address),
    newRequestId: nextRequestId,
  })
}

function roomIdentity(tokens: TokenService, erased: ErasedUsers, log: Log): RoomIdentity {
  return {
    async identify(token) {
      const checked = await tokens.verify(token)
      if (checked.kind === 'valid') return checked.caller
      return checked.kind === 'expired' ? 'token_expired' : 'unauthenticated'
    },
    isErased: (user) => erased.has(user),
    failed: (error) => log.error({ err: error }, 'room handler failed'),
  }
}

function addressOf(host: string, port: number): Pick<FrontDoor, 'host' | 'port' | 'url'> {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return { host, port, url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}` }
}
