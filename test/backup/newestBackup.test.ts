// The age of the newest backup, from the manifests that are there: whole ones only, by the moment of their journals, and as
// they come and go.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupBody, backupText } from '../../server/backup/backupForm.ts'
import { NewestBackup, watchBackups } from '../../server/backup/newestBackup.ts'
import { BACKUP_FILE, UNFINISHED_FILE } from '../../server/folderMarks.ts'
import { Metrics } from '../../server/metrics.ts'
import { temporaryFolder } from '../support/server.ts'

const BODY: BackupBody = {
  ...{ program: 'leetgaming 0', dataSetId: 'd', begunAt: '2026-01-01T00:00:00.000Z', records: 1, lastCommit: 1 },
  ...{ journalAt: '2026-01-01T00:00:00.000Z', finishedAt: '2026-01-09T00:00:00.000Z', store: null, notIncluded: [] },
  files: Array.from({ length: 500 }, (_, number) => ({ name: `blobs/b${number}`, bytes: 1, sha256: 'a'.repeat(64) })),
  partitions: [{ partition: 0, seq: 1, position: 1, at: null, head: 'a'.repeat(64) }],
}

describe('the newest backup', () => {
  let folder: string
  beforeEach(() => {
    folder = temporaryFolder()
  })

  function made(name: string, journalAt: string): string {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, BACKUP_FILE), backupText({ ...BODY, journalAt }))
    return path
  }

  const newestOf = (newest: NewestBackup): string => new Date(newest.newestAtMs()).toISOString()
  const NEVER = new Date(0).toISOString()
  const [FIRST, SECOND] = ['2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z']

  it('is the one whose journal goes furthest, while it is there', () => {
    const newest = new NewestBackup(folder)
    expect(newestOf(newest)).to.equal(NEVER)
    const younger = made('a', SECOND)
    made('b', FIRST)
    expect(newestOf(newest)).to.equal(SECOND)
    rmSync(younger, { recursive: true })
    expect(newestOf(newest)).to.equal(FIRST)
    made('b', SECOND)
    expect(newestOf(newest), 'made anew in the same place').to.equal(SECOND)
  })

  it('is none that is not whole, and nothing else that lies there', () => {
    writeFileSync(join(made('a', FIRST), UNFINISHED_FILE), '{}')
    mkdirSync(join(folder, 'empty'))
    writeFileSync(join(folder, 'file'), 'x')
    writeFileSync(join(made('b', FIRST), BACKUP_FILE), '{"journalAt": "2027-01-01T00:00:00.000Z"}')
    writeFileSync(join(made('c', FIRST), BACKUP_FILE), '')
    expect(newestOf(new NewestBackup(folder))).to.equal(NEVER)
    expect(newestOf(new NewestBackup(join(folder, 'nowhere')))).to.equal(NEVER)
  })

  it('is a figure where a folder is named, and none without', async () => {
    made('a', FIRST)
    const [with_, without] = [new Metrics(), new Metrics()]
    watchBackups(with_, folder)
    watchBackups(without, null)
    expect(await with_.render()).to.include(`leet_backup_newest_seconds ${Date.parse(FIRST) / 1000}\n`)
    expect(await without.render()).not.to.include('leet_backup')
  })
})
