// What the tests of backups stand on: a data folder with something in every file that a server keeps, made without one, and
// backups and restores without command lines.

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Backup } from '../../server/backup/backupForm.ts'
import { type BackupOrder, makeBackup } from '../../server/backup/makeBackup.ts'
import { type RestoreResult, restoreBackup } from '../../server/backup/restoreBackup.ts'
import { FileBlobs } from '../../server/blobs/fileBlobs.ts'
import { SqliteIdentity } from '../../server/identity/sqliteIdentity.ts'
import { JOB_FILE } from '../../server/jobs/jobFile.ts'
import { SqliteJobBook } from '../../server/jobs/sqliteJobBook.ts'
import type { Outcome } from '../../server/proof/outcome.ts'
import { SqliteStatements, STATEMENTS_FILE } from '../../server/reconciliation/statements/sqliteStatements.ts'
import { SANDBOX_FILE, SqliteSandbox } from '../../server/sandbox/sqliteSandbox.ts'
import { AUDIT_FILE } from '../../server/staff/auditFile.ts'
import { SqliteAuditLog } from '../../server/staff/sqliteAuditLog.ts'
import { toolFact } from '../../server/staff/toolBooks.ts'
import { writeJournal, writeStore } from '../support/dataFolder.ts'
import type { SealedBatch } from '../support/logBuilder.ts'
import { ManualTime } from '../support/manualTime.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { temporaryFolder } from '../support/server.ts'

export const NOW_MS = 1_790_000_000_000

export interface FullFolder {
  readonly path: string
  readonly batches: readonly SealedBatch[]
}

/** The store follows as far as `projected` of the batches. */
export async function fullFolder(
  batches: readonly SealedBatch[] = sampleLog().log.seal(),
  { partitions = 2, projected = batches.length } = {},
): Promise<FullFolder> {
  const path = temporaryFolder()
  const clock = new ManualTime(NOW_MS - 1_000)
  const dataSet = writeJournal(path, batches, partitions)
  await writeStore(path, dataSet, batches.slice(0, projected), { finalRound: true })
  const identity = new SqliteIdentity(join(path, 'identity.db'), clock)
  await identity.createGuest('Ann')
  await identity.close()
  const auditLog = new SqliteAuditLog(join(path, AUDIT_FILE), clock)
  for (let entry = 0; entry < 3; entry++) await auditLog.append(toolFact('admin', { outcome: 'done' }))
  await auditLog.close()
  await new SqliteJobBook(join(path, JOB_FILE)).close()
  await new SqliteStatements(join(path, STATEMENTS_FILE)).close()
  await new SqliteSandbox(join(path, SANDBOX_FILE), clock).close()
  const blobs = new FileBlobs(join(path, 'blobs'))
  await blobs.put('recordings/m_1', randomBytes(3000))
  await blobs.put('matches/m_2/3/7', randomBytes(10))
  writeFileSync(join(path, 'token.secret'), 'a secret that nobody copies by accident')
  writeFileSync(join(path, 'ledger.key'), 'a private key that somebody left here')
  writeFileSync(join(path, 'server.json'), '{}')
  return { path, batches }
}

export function backedUp(data: string, more: Partial<BackupOrder> = {}): Promise<Outcome<Backup>> {
  const order = {
    data,
    out: join(temporaryFolder(), 'backup'),
    withSecret: false,
    withStore: true,
    nowMs: () => NOW_MS,
  }
  return makeBackup({ ...order, ...more })
}

/** Into a new folder, which is answered as well. */
export async function restored(
  from: string,
  asOfMs: number | null = null,
): Promise<{ readonly data: string; readonly outcome: Outcome<RestoreResult> }> {
  const data = join(temporaryFolder(), 'data')
  return { data, outcome: await restoreBackup({ from, data, asOfMs, nowMs: NOW_MS }) }
}

/** Paths of all files below a folder. */
export function filesBelow(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below))
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`
      return statSync(join(folder, path)).isDirectory() ? filesBelow(folder, path) : [path]
    })
    .sort()
}

export function changeByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  const index = Math.min(bytes.length - 1, Math.max(0, Math.floor(bytes.length * at)))
  bytes[index] = (bytes[index] ?? 0) ^ 0x01
  writeFileSync(file, bytes)
}

/** All rows of all tables of a SQLite file, as text. */
export function rowsOf(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
    const rows = tables.map(({ name }) => [name, db.prepare(`SELECT * FROM "${String(name)}"`).all()])
    return JSON.stringify(rows)
  } finally {
    db.close()
  }
}
