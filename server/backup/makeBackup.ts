// A backup of a data folder, its server running or not: every file as of a moment of its own, in an order in which they fit
// each other (dataFiles.ts), and a manifest last. The folder that is backed up is only read.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { DataSetError, isOfFiles, messageOf } from '../dataSetError.ts'
import { BACKUP_FILE } from '../folderMarks.ts'
import { openJournalForReading, syncFile } from '../journal/journalFile.ts'
import { tryLockDataFolder } from '../journal/lock.ts'
import type { Outcome } from '../proof/outcome.ts'
import { AUDIT_FILE } from '../staff/auditFile.ts'
import { checkAuditFile } from '../staff/verifyAuditLog.ts'
import { openStoreForReading } from '../store/storeFile.ts'
import { NAME, VERSION } from '../version.ts'
import { type Backup, type BackupFile, backupText, readBackup, type StoreEnd } from './backupForm.ts'
import {
  AFTER_JOURNAL,
  BEFORE_JOURNAL,
  BLOBS_FOLDER,
  blobsIn,
  JOURNAL_FILE,
  notCopied,
  SECRET_FILE,
  STORE_FILE,
} from './dataFiles.ts'
import { copyFile, digestOf, syncFolders } from './hashedFile.ts'
import { copyJournal, type JournalSource, type StoreCheckpoint } from './journalCopy.ts'
import { NewFolder } from './newFolder.ts'
import { RESTORED_FILE } from './restoredMark.ts'
import { copySqlite, copySqliteFile, settle } from './sqliteCopy.ts'

export interface BackupOrder {
  readonly data: string
  readonly out: string
  readonly withSecret: boolean
  /** Left out, the first start on what is restored makes it. */
  readonly withStore: boolean
  readonly nowMs: () => number
}

/** Refused where something that is copied is damaged; nothing is left then. Rejects with DataSetError where it cannot be tried. */
export async function makeBackup(order: BackupOrder): Promise<Outcome<Backup>> {
  const journal = openJournal(order.data)
  try {
    const folder = NewFolder.begin(order.out, 'backup')
    try {
      const backup = await new BackupWork(order, journal).run()
      folder.finish()
      return { kind: 'done', value: backup }
    } catch (error) {
      folder.undo()
      if (error instanceof DataSetError) return { kind: 'refused', why: error.message }
      if (!isOfFiles(error)) throw error
      throw new DataSetError(order.out, messageOf(error), 'Name a place with room that this user can write to')
    }
  } finally {
    journal.db.close()
  }
}

/** The log of the file is checked for damage where no server writes it; a server made that check at its start. */
function openJournal(folder: string): JournalSource {
  const file = join(folder, JOURNAL_FILE)
  const lock = tryLockDataFolder(folder)
  try {
    return { file, ...openJournalForReading(file, lock !== null) }
  } finally {
    lock?.release()
  }
}

class BackupWork {
  private readonly order: BackupOrder
  private readonly journal: JournalSource
  private readonly files: BackupFile[] = []

  constructor(order: BackupOrder, journal: JournalSource) {
    this.order = order
    this.journal = journal
  }

  async run(): Promise<Backup> {
    const begunAt = this.now()
    const store = this.order.withStore ? await this.copyStore() : null
    for (const name of BEFORE_JOURNAL) await this.copyDatabase(name)
    const journalAt = this.now()
    const copied = copyJournal(this.journal, this.placeOf(JOURNAL_FILE), store ?? [])
    settle(this.placeOf(JOURNAL_FILE), false)
    this.note(JOURNAL_FILE)
    this.copyBlobs()
    this.copyPlain(RESTORED_FILE)
    if (this.order.withSecret) this.copyPlain(SECRET_FILE)
    for (const name of AFTER_JOURNAL) await this.copyDatabase(name)
    this.checkAuditChain()
    const { id: dataSetId } = this.journal.dataSet
    const { lastCommit, partitions } = copied
    return this.write({
      ...{ program: `${NAME} ${VERSION}`, dataSetId, begunAt, journalAt, finishedAt: this.now() },
      ...{ records: partitions.reduce((sum, { seq }) => sum + seq, 0), lastCommit, partitions: [...partitions] },
      store: store?.map(({ partition, seq, position }): StoreEnd => ({ partition, seq, position })) ?? null,
      files: this.files,
      notIncluded: [...notCopied(this.order.data, new Set([BLOBS_FOLDER, ...this.files.map(({ name }) => name)]))],
    })
  }

  /** Null where there is none. */
  private async copyStore(): Promise<readonly StoreCheckpoint[] | null> {
    const file = join(this.order.data, STORE_FILE)
    if (!existsSync(file)) return null
    const db = openStoreForReading(file, this.journal.dataSet)
    try {
      db.exec('BEGIN')
      const checkpoints = checkpointsOf(db)
      await copySqlite(db, this.placeOf(STORE_FILE))
      db.exec('ROLLBACK')
      this.note(STORE_FILE)
      return checkpoints
    } finally {
      db.close()
    }
  }

  private async copyDatabase(name: string): Promise<void> {
    if (await copySqliteFile(join(this.order.data, name), this.placeOf(name))) this.note(name)
  }

  private copyBlobs(): void {
    for (const name of blobsIn(this.order.data)) {
      const from = join(this.order.data, name)
      try {
        this.files.push({ name, ...copyFile(from, this.placeOf(name)) })
      } catch (error) {
        // Removed meanwhile: nobody needs it any more.
        if (!isGone(error, from)) throw error
      }
    }
    syncFolders(this.order.out, this.files)
  }

  private copyPlain(name: string): void {
    const from = join(this.order.data, name)
    if (existsSync(from)) this.files.push({ name, ...copyFile(from, this.placeOf(name)) })
  }

  private checkAuditChain(): void {
    const broken = checkAuditFile(this.order.out)?.broken ?? null
    if (broken === null) return
    const remedy = 'Keep it as it is, and find out who changed it; a backup of before has what was there'
    throw new DataSetError(join(this.order.data, AUDIT_FILE), `broken at entry ${broken.seq}: ${broken.why}`, remedy)
  }

  /** Read back from where it was written. */
  private note(name: string): void {
    this.files.push({ name, ...digestOf(this.placeOf(name)) })
  }

  private write(body: Parameters<typeof backupText>[0]): Backup {
    const text = backupText(body)
    const backup = readBackup(text)
    if (backup === null) throw new Error('a manifest that cannot be read back')
    writeFileSync(this.placeOf(BACKUP_FILE), text, { flag: 'wx', mode: 0o600 })
    syncFile(this.placeOf(BACKUP_FILE))
    return backup
  }

  private placeOf(name: string): string {
    return join(this.order.out, name)
  }

  private now(): string {
    return new Date(this.order.nowMs()).toISOString()
  }
}

function checkpointsOf(db: DatabaseSync): readonly StoreCheckpoint[] {
  const rows = db.prepare('SELECT partition, seq, position, hash FROM checkpoints ORDER BY partition').all()
  return rows.map(({ partition, seq, position, hash }) => ({
    ...{ partition: Number(partition), seq: Number(seq), position: Number(position) },
    hash: String(hash),
  }))
}

function isGone(error: unknown, path: string): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' && !existsSync(path)
}
