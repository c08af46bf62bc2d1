// The audit log on SQLite: the suite of the port, and what only a file can have happen to it.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { AUDIT_FILE } from '../../server/staff/auditFile.ts'
import { SqliteAuditLog } from '../../server/staff/sqliteAuditLog.ts'
import { checkAuditFile } from '../../server/staff/verifyAuditLog.ts'
import { ManualTime } from '../support/manualTime.ts'
import { temporaryFolder } from '../support/server.ts'
import { auditFact, auditLogSuite } from './auditLog.suite.ts'

const folder = temporaryFolder()

auditLogSuite('SQLite', async (clock, name) => new SqliteAuditLog(join(folder, name, AUDIT_FILE), clock))

/** A folder with a log of 50 entries, closed. */
async function written(): Promise<string> {
  const home = temporaryFolder()
  const log = new SqliteAuditLog(join(home, AUDIT_FILE), new ManualTime(Date.UTC(2026, 0, 1)))
  for (let entry = 1; entry <= 50; entry++) await log.append(auditFact({ requestId: `request-${entry}-` }))
  await log.close()
  return home
}

function change(home: string, sql: string): void {
  const database = new DatabaseSync(join(home, AUDIT_FILE))
  database.exec(`DROP TRIGGER entries_stay; DROP TRIGGER entries_stay_as_they_are; ${sql}`)
  database.close()
}

describe('audit log file', () => {
  it('takes no change and no deletion', async () => {
    const database = new DatabaseSync(join(await written(), AUDIT_FILE))
    expect(() => database.exec("UPDATE entries SET text = '' WHERE seq = 7")).to.throw(/only grows/)
    expect(() => database.exec('DELETE FROM entries WHERE seq = 50')).to.throw(/only grows/)
    database.close()
  })

  it('is found sound, read alone', async () => {
    expect(checkAuditFile(await written())).to.deep.include({ entries: 50, broken: null })
    expect(checkAuditFile(temporaryFolder())).to.equal(null)
  })

  it('with a changed byte is named by the entry it is in', async () => {
    const home = await written()
    const bytes = readFileSync(join(home, AUDIT_FILE))
    const at = bytes.indexOf('request-31-')
    expect(at).to.be.above(0)
    bytes.write('S', at + 2)
    writeFileSync(join(home, AUDIT_FILE), bytes)
    expect(checkAuditFile(home)?.broken).to.deep.equal({ seq: 31, why: 'its text is not what its hash was made from' })
  })

  for (const [what, sql, seq, why] of [
    ['an entry is gone', 'DELETE FROM entries WHERE seq = 20', 20, /missing/],
    ['the first is gone', 'DELETE FROM entries WHERE seq = 1', 1, /missing/],
    ['another text', "UPDATE entries SET text = replace(text, 'done', 'failed') WHERE seq = 9", 9, /hash/],
    ['another hash', "UPDATE entries SET hash = replace(hash, 'a', 'b') WHERE seq = 9", 9, /hash/],
    ['filed under another outcome', "UPDATE entries SET outcome = 'refused' WHERE seq = 12", 12, /searched/],
    ['filed under another actor', 'UPDATE entries SET actor = NULL WHERE seq = 12', 12, /searched/],
    ['filed under another time', 'UPDATE entries SET at_ms = at_ms + 1 WHERE seq = 12', 12, /searched/],
    [
      'two have changed places',
      'UPDATE entries SET seq = -1 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 5; UPDATE entries SET seq = 5 WHERE seq = -1',
      4,
      /that of entry 5/,
    ],
  ] as const) {
    it(`is broken where ${what}`, async () => {
      const home = await written()
      change(home, sql)
      const broken = checkAuditFile(home)?.broken
      expect(broken?.seq).to.equal(seq)
      expect(broken?.why).to.match(why)
    })
  }

  it('of a newer release is refused, by name', async () => {
    const home = await written()
    change(home, 'PRAGMA user_version = 99')
    expect(() => new SqliteAuditLog(join(home, AUDIT_FILE), new ManualTime(0)))
      .to.throw(/format 99/)
      .that.includes({ name: 'DataSetError' })
  })
})
