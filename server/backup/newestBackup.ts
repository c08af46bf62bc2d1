// How old the newest backup is, for who watches: read from the manifests below BACKUP_DIR, where each backup is a folder
// of its own. The data folder has no mark of it, which a backup only reads; and what was deleted counts no more.

import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Gauge } from 'prom-client'
import { BACKUP_FILE, UNFINISHED_FILE } from '../folderMarks.ts'
import type { Metrics } from '../metrics.ts'

/** The fields that are asked for stand in the first few hundred bytes; a manifest may have megabytes of names. */
const HEAD_BYTES = 2_048
const FORMAT = /^\{\s*"format":\s*"leetgaming backup \d+"/
const JOURNAL_AT = /"journalAt":\s*"([^"]{1,40})"/

/** Folder by folder; a manifest is read again where its file is another one. */
export class NewestBackup {
  private readonly folder: string
  private readonly known = new Map<string, { readonly mark: string; readonly atMs: number }>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** The moment up to which the newest whole backup has everything; 0 where there is none, or none can be seen. */
  newestAtMs(): number {
    let newest = 0
    for (const name of this.folders()) newest = Math.max(newest, this.madeAtMs(name))
    return newest
  }

  private folders(): readonly string[] {
    try {
      return readdirSync(this.folder)
    } catch {
      return []
    }
  }

  private madeAtMs(name: string): number {
    const file = join(this.folder, name, BACKUP_FILE)
    try {
      if (existsSync(join(this.folder, name, UNFINISHED_FILE))) return 0
      const { mtimeMs, size, ino } = statSync(file)
      const mark = `${mtimeMs} ${size} ${ino}`
      const before = this.known.get(name)
      if (before?.mark === mark) return before.atMs
      const atMs = journalAtMs(headOf(file))
      this.known.set(name, { mark, atMs })
      return atMs
    } catch {
      // No backup, or one that is being deleted.
      this.known.delete(name)
      return 0
    }
  }
}

function headOf(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(HEAD_BYTES)
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, HEAD_BYTES, 0))
  } finally {
    closeSync(handle)
  }
}

function journalAtMs(head: string): number {
  const atMs = FORMAT.test(head) ? Date.parse(JOURNAL_AT.exec(head)?.[1] ?? '') : Number.NaN
  return Number.isNaN(atMs) ? 0 : atMs
}

/** `folder`: null where none is named, and nothing is told. Read at each scrape. */
export function watchBackups(metrics: Metrics, folder: string | null): void {
  if (folder === null) return
  const newest = new NewestBackup(folder)
  metrics.register(
    new Gauge({
      name: 'leet_backup_newest_seconds',
      help: 'Up to when the newest backup has everything, in seconds since 1970; 0 for none',
      registers: [],
      collect() {
        this.set(newest.newestAtMs() / 1000)
      },
    }),
  )
}
