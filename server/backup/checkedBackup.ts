// A backup as whoever restores it has to see it first: finished, with a manifest that is what was written, and every file
// of it there to the byte. Reads only.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { BACKUP_FILE, refuseUnfinished } from '../folderMarks.ts'
import type { Outcome } from '../proof/outcome.ts'
import { type Backup, type BackupFile, readBackup } from './backupForm.ts'
import { digestOf, type FileDigest } from './hashedFile.ts'

/** Refused with the first file that differs. Throws DataSetError where there is no backup, or one that is not whole. */
export function checkedBackup(folder: string): Outcome<Backup> {
  refuseUnfinished(folder)
  const file = join(folder, BACKUP_FILE)
  if (!existsSync(file))
    throw new DataSetError(folder, `no backup is here (${BACKUP_FILE})`, 'Name the folder that a backup made')
  const backup = readBackup(readFileSync(file, 'utf8'))
  if (backup === null) return { kind: 'refused', why: `${BACKUP_FILE} is not as it was written, or of another format` }
  for (const stated of backup.files) {
    const difference = differenceOf(folder, stated)
    if (difference !== null) return { kind: 'refused', why: difference }
  }
  return { kind: 'done', value: backup }
}

/** Null where it is what the manifest says. */
export function mismatch({ name, bytes, sha256 }: BackupFile, found: FileDigest): string | null {
  if (found.bytes !== bytes) return `${name} has ${found.bytes} bytes, ${BACKUP_FILE} says ${bytes}`
  if (found.sha256 === sha256) return null
  return `${name} has the SHA-256 ${found.sha256}, ${BACKUP_FILE} says ${sha256}`
}

function differenceOf(folder: string, stated: BackupFile): string | null {
  try {
    return mismatch(stated, digestOf(join(folder, stated.name)))
  } catch (error) {
    return `${stated.name} cannot be read (${messageOf(error)})`
  }
}
