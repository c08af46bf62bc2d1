// Where a reconciliation reads: a data folder, or the services of a cluster, servers running or not. Used by the job's
// thread and by `npm run reconcile`; it makes and changes nothing.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../audit/target.ts'
import { openMongoAuditLogForReading } from '../mongo/mongoAuditLog.ts'
import { connectMongo } from '../mongo/mongoConnection.ts'
import { openMongoSandboxBook } from '../mongo/mongoSandbox.ts'
import { readMongoStatements } from '../mongo/mongoStatements.ts'
import type { SandboxBook } from '../sandbox/port.ts'
import { openSandboxBook, SANDBOX_FILE } from '../sandbox/sqliteSandbox.ts'
import { checkChain } from '../staff/chainCheck.ts'
import { checkAuditFile } from '../staff/verifyAuditLog.ts'
import { systemClock } from '../system.ts'
import { readFolder } from './ledger/readFolder.ts'
import { readServices } from './ledger/readServices.ts'
import type { Sources } from './reconcile.ts'
import type { StatementBook } from './statements/book.ts'
import { fileStatement } from './statements/fileStatement.ts'
import type { Statement } from './statements/port.ts'
import { SANDBOX_ACCOUNTS, sandboxStatement } from './statements/sandboxStatement.ts'
import { SqliteStatements, STATEMENTS_FILE } from './statements/sqliteStatements.ts'

export interface SourceOptions {
  readonly production: boolean
  /** Asked before the others. */
  readonly given?: { readonly account: string; readonly statement: Statement }
}

/** Rejects with DataSetError where it cannot be opened. */
export async function withSources<T>(
  target: Target,
  options: SourceOptions,
  work: (sources: Sources) => Promise<T>,
): Promise<T> {
  return target.kind === 'folder'
    ? withFolder(target.folder, options, work)
    : withServices(target.services, options, work)
}

interface Books {
  readonly sandbox: SandboxBook | null
  readonly handedIn: StatementBook | null
}

async function withFolder<T>(
  folder: string,
  options: SourceOptions,
  work: (sources: Sources) => Promise<T>,
): Promise<T> {
  const file = join(folder, STATEMENTS_FILE)
  const books = {
    sandbox: options.production ? null : openSandboxBook(join(folder, SANDBOX_FILE)),
    handedIn: existsSync(file) ? new SqliteStatements(file, true) : null,
  }
  try {
    return await work({
      ledger: () => readFolder(folder, nowMs),
      auditLog: async () => checkAuditFile(folder),
      nowMs,
      ...statementsOf(books, options),
    })
  } finally {
    await books.sandbox?.close()
    await books.handedIn?.close()
  }
}

async function withServices<T>(
  services: Parameters<typeof readServices>[0],
  options: SourceOptions,
  work: (sources: Sources) => Promise<T>,
): Promise<T> {
  const connection = await connectMongo(services.mongoUrl, services.dataSet)
  try {
    const { db } = connection
    const auditLog = openMongoAuditLogForReading(db)
    const books = {
      sandbox: options.production ? null : await openMongoSandboxBook(db),
      handedIn: readMongoStatements(db),
    }
    return await work({
      ledger: () => readServices(services, nowMs),
      auditLog: () => checkChain(auditLog),
      nowMs,
      ...statementsOf(books, options),
    })
  } finally {
    await connection.close()
  }
}

function statementsOf(
  { sandbox, handedIn }: Books,
  { production, given }: SourceOptions,
): Pick<Sources, 'statements' | 'stated'> {
  return {
    async statements() {
      return [
        ...(given === undefined ? [] : [given.statement]),
        ...(sandbox === null ? [] : [sandboxStatement(sandbox, production)]),
        ...(handedIn === null ? [] : [fileStatement((account) => handedIn.of(account))]),
      ]
    },
    async stated() {
      return [
        ...(given === undefined ? [] : [given.account]),
        ...(sandbox === null ? [] : SANDBOX_ACCOUNTS),
        ...((await handedIn?.accounts()) ?? []),
      ]
    },
  }
}

function nowMs(): number {
  return systemClock.nowMs()
}
