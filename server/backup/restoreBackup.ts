// A backup becomes a data folder again: first every file of it is held against the manifest, before anything is written;
// then they are copied, or, as of a moment, the journal is cut there and what was made from all of it is left out.

import { join } from 'node:path'
import { DataSetError, isOfFiles, messageOf } from '../dataSetError.ts'
import type { Cut } from '../export/cut.ts'
import type { Outcome } from '../proof/outcome.ts'
import type { Backup } from './backupForm.ts'
import { checkedBackup, mismatch } from './checkedBackup.ts'
import { cutAt, type OpenCopy, openCopy, writeCut } from './cutJournal.ts'
import { staysBesideCut } from './dataFiles.ts'
import { copyFile, syncFolders } from './hashedFile.ts'
import { expectFree, NewFolder } from './newFolder.ts'
import { addRestored } from './restoredMark.ts'

export interface RestoreOrder {
  readonly from: string
  readonly data: string
  /** Null: everything. */
  readonly asOfMs: number | null
  readonly nowMs: number
}

export interface RestoreResult {
  readonly backup: Backup
  readonly records: number
  /** Records by the moment that go all the same. */
  readonly leftOut: number
}

/** Refused where the backup is damaged, or the moment not in it; nothing is written then. Rejects with DataSetError. */
export async function restoreBackup(order: RestoreOrder): Promise<Outcome<RestoreResult>> {
  // Not found out after an hour of reading.
  expectFree(order.data)
  const checked = checkedBackup(order.from)
  if (checked.kind === 'refused') return checked
  const { asOfMs } = order
  const backup = checked.value
  if (asOfMs === null) return written(order, backup, null)
  if (asOfMs > Date.parse(backup.journalAt))
    return { kind: 'refused', why: `that moment is not in it: it goes to ${backup.journalAt}` }
  const copy = openCopy(order.from)
  try {
    const cut = await cutAt(copy, asOfMs)
    if (cut.newestMs === null) return { kind: 'refused', why: 'no record is that old' }
    return written(order, backup, { copy, cut })
  } finally {
    copy.close()
  }
}

interface CutCopy {
  readonly copy: OpenCopy
  readonly cut: Cut
}

function written(order: RestoreOrder, backup: Backup, cut: CutCopy | null): Outcome<RestoreResult> {
  const folder = NewFolder.begin(order.data, 'restore')
  try {
    const files = backup.files.filter(({ name }) => cut === null || staysBesideCut(name))
    for (const stated of files) {
      const difference = mismatch(stated, copyFile(join(order.from, stated.name), join(order.data, stated.name)))
      if (difference !== null) throw new DataSetError(order.from, difference, 'Check its disk, and try again')
    }
    const records = cut === null ? backup.records : writeCut(cut.copy, cut.cut, order.data)
    addRestored(order.data, {
      restoredAt: new Date(order.nowMs).toISOString(),
      ...{ from: order.from, backup: backup.sha256, journalAt: backup.journalAt },
      asOf: order.asOfMs === null ? null : new Date(order.asOfMs).toISOString(),
    })
    syncFolders(order.data, files)
    folder.finish()
    return { kind: 'done', value: { backup, records, leftOut: cut?.cut.leftOut ?? 0 } }
  } catch (error) {
    folder.undo()
    if (!isOfFiles(error)) throw error
    throw new DataSetError(order.data, messageOf(error), 'Name a place with room that this user can write to')
  }
}
