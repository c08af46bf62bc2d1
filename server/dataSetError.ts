// What stands between this program and its data: a file that is torn, locked, of another format or of another data set.
// One line that names the file and what to do about it; server/main.ts prints it and refuses to start.

/** As Node and SQLite say it. Nothing is broken then, and no backup has to be brought back. */
const FULL_DISK = /ENOSPC|disk is full/
const MAKE_ROOM = 'Make room on its disk, or set DATA_DIR to a folder on another'

export class DataSetError extends Error {
  readonly file: string
  readonly remedy: string
  constructor(file: string, trouble: string, usualRemedy: string) {
    const remedy = FULL_DISK.test(trouble) ? MAKE_ROOM : usualRemedy
    super(`${file}: ${trouble}. ${remedy}.`)
    this.name = 'DataSetError'
    this.file = file
    this.remedy = remedy
  }
}

/** A DataSetError as it crosses from a worker thread, which keeps no classes. */
export interface DataSetTrouble {
  readonly file: string
  readonly trouble: string
  readonly remedy: string
}

export function troubleOf(error: unknown, file: string, remedy: string): DataSetTrouble {
  if (!(error instanceof DataSetError)) return { file, trouble: messageOf(error), remedy }
  const trouble = error.message.slice(error.file.length + 2, -(error.remedy.length + 3))
  return { file: error.file, trouble, remedy: error.remedy }
}

export function dataSetError({ file, trouble, remedy }: DataSetTrouble): DataSetError {
  return new DataSetError(file, trouble, remedy)
}

/** Whether it is a disk, its rights or its room that is at fault, and not a program: an error of the system or of SQLite. */
export function isOfFiles(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || ('code' in error && error.code === 'ERR_SQLITE_ERROR'))
}

/** Where room is all that is missing. */
export function isFullDisk(error: unknown): boolean {
  return FULL_DISK.test(messageOf(error))
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
