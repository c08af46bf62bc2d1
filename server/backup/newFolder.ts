// A folder that a backup or a restore makes: its own or an empty one, marked as long as it is not whole. Made in place and
// not renamed when it is done, since a data folder is often where a disk is mounted, and that cannot be renamed.

import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DataSetError, messageOf } from '../dataSetError.ts'
import { type Making, markFinished, markUnfinished, refuseUnfinished, UNFINISHED_FILE } from '../folderMarks.ts'
import { syncFile } from '../journal/journalFile.ts'

const REMEDY = 'Name a folder that is not there yet, or empty'
/** Of the file system itself, at the root of a disk. */
const NOT_OURS: ReadonlySet<string> = new Set(['lost+found'])

export class NewFolder {
  readonly path: string
  private readonly wasThere: boolean

  private constructor(path: string, wasThere: boolean) {
    this.path = path
    this.wasThere = wasThere
  }

  /** Throws DataSetError where the folder is not free. */
  static begin(path: string, making: Making): NewFolder {
    const wasThere = expectFree(path)
    try {
      if (!wasThere) mkdirSync(path, { mode: 0o700 })
      markUnfinished(path, making)
      if (!wasThere) syncFile(dirname(path))
    } catch (error) {
      // Somebody else's mark stays.
      if (!isTaken(error)) new NewFolder(path, wasThere).undo()
      throw new DataSetError(path, messageOf(error), REMEDY)
    }
    // Somebody may have begun in it at the same moment.
    if (entriesOf(path).some((name) => name !== UNFINISHED_FILE)) {
      rmSync(join(path, UNFINISHED_FILE), { force: true })
      throw new DataSetError(path, 'is not empty', REMEDY)
    }
    return new NewFolder(path, wasThere)
  }

  /** Every file in it is whole and synced. */
  finish(): void {
    markFinished(this.path)
  }

  /** As it was before, where that is possible. The mark goes last: whoever is interrupted in this leaves it. */
  undo(): void {
    if (!existsSync(this.path)) return
    for (const name of entriesOf(this.path))
      if (name !== UNFINISHED_FILE) rmSync(join(this.path, name), { recursive: true, force: true })
    rmSync(join(this.path, UNFINISHED_FILE), { force: true })
    if (!this.wasThere) rmSync(this.path, { recursive: true, force: true })
  }
}

/** Answers whether it is there. Throws DataSetError where something is in it. */
export function expectFree(path: string): boolean {
  if (!existsSync(path)) {
    if (!existsSync(dirname(path))) throw new DataSetError(dirname(path), 'no such folder', REMEDY)
    return false
  }
  if (!statSync(path).isDirectory()) throw new DataSetError(path, 'is no folder', REMEDY)
  refuseUnfinished(path)
  if (entriesOf(path).length > 0) throw new DataSetError(path, 'is not empty', REMEDY)
  return true
}

function entriesOf(path: string): readonly string[] {
  return readdirSync(path).filter((name) => !NOT_OURS.has(name))
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
