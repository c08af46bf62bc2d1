// `operator -- audit verify`, and the audit log's part of `npm run verify`: what is printed, and the exit code.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AUDIT_FILE, ENTRIES_AFTER, openAuditFile, storedEntry } from './auditFile.ts'
import type { AuditHead, AuditLog } from './auditLog.ts'
import { ChainCheck, type ChainReport, checkChain } from './chainCheck.ts'

/** Answers the exit code. */
export async function verifyAuditLog(log: Pick<AuditLog, 'read'>, noted: AuditHead | null): Promise<number> {
  const report = await checkChain(log, noted)
  if (report.broken === null) console.log(chainText(report))
  else console.error(chainText(report))
  return report.broken === null ? 0 : 1
}

/** Undefined where the text is no head. */
export function readHead(text: string): AuditHead | undefined {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? []
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash }
}

/** Of a data folder whose server is stopped; null where it has none. Throws DataSetError where it cannot be read. */
export function checkAuditFile(folder: string): ChainReport | null {
  const file = join(folder, AUDIT_FILE)
  if (!existsSync(file)) return null
  const database = openAuditFile(file, true)
  try {
    const check = new ChainCheck()
    const select = database.prepare(ENTRIES_AFTER)
    for (let after = 0; ; ) {
      const entries = select.all(after).map(storedEntry)
      for (const entry of entries) if (!check.take(entry)) return check.finish()
      const last = entries.at(-1)
      if (last === undefined) return check.finish()
      after = last.seq
    }
  } finally {
    database.close()
  }
}

export function chainText({ entries, head, broken }: ChainReport): string {
  if (broken !== null) return `BROKEN audit log at entry ${broken.seq}: ${broken.why}`
  return `audit log    ${entries} entries, chain is sound${head === null ? '' : `; head ${head.seq}:${head.hash}`}`
}
