// backup.json: what a backup holds and how far it goes, with the digest of every file and of itself. It is written last, so
// a folder without one is no backup.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { HASH_TEXT } from '../proof/hashText.ts'

const FORMAT = 'leetgaming backup 1'
const COUNT = z.int().nonnegative()
const TIME = z.iso.datetime()
/** Below the folder, whoever wrote the manifest: no step up, nothing hidden, none of the marks. */
const NAME = z.string().regex(/^(?!(?:backup|unfinished)\.json$)[A-Za-z0-9_-][^/\\\0]*(?:\/[A-Za-z0-9_-][^/\\\0]*)*$/)

const FILE = z.strictObject({ name: NAME, bytes: COUNT, sha256: HASH_TEXT })
const STORE_PARTITION = z.strictObject({ partition: COUNT, seq: COUNT, position: COUNT })
const PARTITION = z.strictObject({
  partition: COUNT,
  seq: COUNT,
  position: COUNT,
  at: TIME.nullable(),
  head: HASH_TEXT,
})

const BODY = z.strictObject({
  format: z.literal(FORMAT),
  program: z.string().max(100),
  dataSetId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  begunAt: TIME,
  /** The moment whose durable records the journal holds. */
  journalAt: TIME,
  finishedAt: TIME,
  records: COUNT,
  /** The journal's last commit. */
  lastCommit: COUNT,
  partitions: z.array(PARTITION).min(1).max(9999),
  /** How far the store follows; null where there is none, and the first start makes it. */
  store: z.array(STORE_PARTITION).nullable(),
  files: z.array(FILE),
  /** What was in the data folder and is not here. */
  notIncluded: z.array(z.string()),
})
const MANIFEST = BODY.extend({ sha256: HASH_TEXT })

export type BackupBody = Omit<z.infer<typeof BODY>, 'format'>
export type Backup = z.infer<typeof MANIFEST>
export type BackupFile = z.infer<typeof FILE>
export type PartitionEnd = z.infer<typeof PARTITION>
export type StoreEnd = z.infer<typeof STORE_PARTITION>

export function backupText(body: BackupBody): string {
  return textOf({ format: FORMAT, ...body })
}

/** Null where the text is not, to the byte, one that `backupText` made. */
export function readBackup(text: string): Backup | null {
  try {
    const backup = MANIFEST.parse(JSON.parse(text))
    const { sha256: _, ...body } = backup
    return textOf(body) === text ? backup : null
  } catch {
    return null
  }
}

// The fields in the order of the shape, whatever the order they come in.
function textOf(given: z.infer<typeof BODY>): string {
  const body = BODY.parse(given)
  const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  return `${JSON.stringify({ ...body, sha256 }, null, 1)}\n`
}
