// Marks in a folder that holds a data set's files and is none: a backup, or something that is still being made or was
// interrupted. Whoever opens a data folder asks for them first, before anything is written into it.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DataSetError } from './dataSetError.ts'
import { syncFile } from './journal/journalFile.ts'

/** The manifest of a backup, written when everything else is there. */
export const BACKUP_FILE = 'backup.json'
/** There from the first moment to the last in which a folder is not whole. */
export const UNFINISHED_FILE = 'unfinished.json'

export type Making = 'backup' | 'restore' | 'import'

const UNFINISHED = z.object({ making: z.string(), begunAt: z.string(), pid: z.number() })

/** Into a folder that is there; on the disk when this returns. Throws where one is there already. */
export function markUnfinished(folder: string, making: Making): void {
  const file = join(folder, UNFINISHED_FILE)
  const mark = { making, begunAt: new Date().toISOString(), pid: process.pid } satisfies z.infer<typeof UNFINISHED>
  writeFileSync(file, `${JSON.stringify(mark)}\n`, { flag: 'wx', mode: 0o600 })
  syncFile(file)
  syncFile(folder)
}

/** What was made is whole, and on the disk. */
export function markFinished(folder: string): void {
  syncFile(folder)
  rmSync(join(folder, UNFINISHED_FILE))
  syncFile(folder)
}

/** Throws DataSetError where the folder is not whole. */
export function refuseUnfinished(folder: string): void {
  const file = join(folder, UNFINISHED_FILE)
  if (!existsSync(file)) return
  throw new DataSetError(
    folder,
    `is not whole: ${describe(file)} is at work in it, or was interrupted (${UNFINISHED_FILE})`,
    'Where nothing is at work there remove the folder, and make it again',
  )
}

/** Throws DataSetError where the folder is not to be opened as a data folder. */
export function refuseMarked(folder: string): void {
  refuseUnfinished(folder)
  if (!existsSync(join(folder, BACKUP_FILE))) return
  throw new DataSetError(
    folder,
    `is a backup, not a data folder (${BACKUP_FILE})`,
    `Make a data folder of it: npm run restore -- --from ${folder} --data DIR`,
  )
}

function describe(file: string): string {
  try {
    const { making, begunAt, pid } = UNFINISHED.parse(JSON.parse(readFileSync(file, 'utf8')))
    return `the ${making} that process ${pid} began at ${begunAt}`
  } catch {
    // Cut off by a crash, or gone by now.
    return 'something'
  }
}
