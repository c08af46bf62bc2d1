// restored.json in a data folder: from which backup it was made, as of which moment, and when; of one that was restored more
// than once, each. Whoever wonders in a year why a checkpoint does not hold finds it here, and in the log of every start.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../dataSetError.ts'
import { syncFile } from '../journal/journalFile.ts'
import { HASH_TEXT } from '../proof/hashText.ts'

export const RESTORED_FILE = 'restored.json'

const TIME = z.iso.datetime()
const RESTORED = z.strictObject({
  restoredAt: TIME,
  /** The folder it was, and the digest in its manifest. */
  from: z.string(),
  backup: HASH_TEXT,
  journalAt: TIME,
  /** Null: all that the backup has. */
  asOf: TIME.nullable(),
})
const FILE = z.strictObject({ restores: z.array(RESTORED) })

export type Restored = z.infer<typeof RESTORED>

export interface RestoreLog {
  warn(detail: object, text: string): void
}

/** Adds it to what the folder says already. Throws where that cannot be read. */
export function addRestored(folder: string, restored: Restored): void {
  const file = join(folder, RESTORED_FILE)
  const restores = [...restoresOf(file), restored]
  writeFileSync(file, `${JSON.stringify({ restores }, null, 1)}\n`, { mode: 0o600 })
  syncFile(file)
}

/** At each start. A mark that cannot be read is told as well, and stops nobody. */
export function tellRestored(folder: string, log: RestoreLog): void {
  const file = join(folder, RESTORED_FILE)
  try {
    const newest = restoresOf(file).at(-1)
    if (newest !== undefined) log.warn({ ...newest }, 'this data set was restored from a backup')
  } catch (error) {
    log.warn({ file, why: messageOf(error) }, 'this data set was restored from a backup; its mark cannot be read')
  }
}

function restoresOf(file: string): readonly Restored[] {
  return existsSync(file) ? FILE.parse(JSON.parse(readFileSync(file, 'utf8'))).restores : []
}
