// A backup of a data folder, and a data folder of the backup: the same batches at the same positions, the same rows in every
// file, nothing that was not asked for; and what is refused: places that are taken, files that do not fit each other.

import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { KINDS } from '../../actors/kinds.ts'
import { auditDataSet } from '../../server/audit/dataset.ts'
import { tellRestored } from '../../server/backup/restoredMark.ts'
import { UNFINISHED_FILE } from '../../server/folderMarks.ts'
import { lockDataFolder } from '../../server/journal/lock.ts'
import { withBooks } from '../../server/staff/toolBooks.ts'
import { contentOf } from '../export/bench.ts'
import { doneOf, whyOf } from '../proof/bench.ts'
import { tamper } from '../support/dataFolder.ts'
import { sampleLog } from '../support/sampleLog.ts'
import { temporaryFolder } from '../support/server.ts'
import { backedUp, changeByte, filesBelow, fullFolder, NOW_MS, restored, rowsOf } from './bench.ts'

const DATABASES = [
  'audit-log.db',
  'identity.db',
  'jobs.db',
  'journal.db',
  'sandbox-provider.db',
  'statements.db',
  'store.db',
]
const BLOBS = ['blobs/matches/m_2/3/7', 'blobs/recordings/m_1']

/** Of a batch of another partition, so that 0 has none there. */
const NOT_OF_0 =
  sampleLog()
    .log.seal()
    .find(({ partition }) => partition === 1)?.position ?? 0

async function backupOf(data: string, more = {}): Promise<string> {
  const out = join(temporaryFolder(), 'backup')
  doneOf(await backedUp(data, { out, ...more }))
  return out
}

describe('backup and restore', () => {
  it('gives every file back as it was, and says what it left out', async () => {
    const { path, batches } = await fullFolder()
    const out = join(temporaryFolder(), 'backup')
    const backup = doneOf(await backedUp(path, { out }))
    expect(filesBelow(out)).to.deep.equal([...DATABASES, ...BLOBS, 'backup.json'].sort())
    for (const name of filesBelow(out)) expect(statSync(join(out, name)).mode & 0o077, `others of ${name}`).to.equal(0)
    expect(backup.notIncluded).to.deep.equal(['ledger.key', 'token.secret'])
    expect(backup.lastCommit).to.equal(batches.length)
    const { data, outcome } = await restored(out)
    expect(doneOf(outcome).records).to.equal(backup.records)
    expect(filesBelow(data)).to.deep.equal([...DATABASES, ...BLOBS, 'restored.json'].sort())
    for (const name of DATABASES) expect(rowsOf(join(data, name)), name).to.equal(rowsOf(join(path, name)))
    for (const name of BLOBS)
      expect(readFileSync(join(data, name)).equals(readFileSync(join(path, name)))).to.equal(true)
    expect(await contentOf(data)).to.deep.equal(await contentOf(path))
    expect(auditDataSet(data, KINDS).violation).to.equal(null)
  })

  it('states where each partition and the store end', async () => {
    const { path } = await fullFolder(undefined, { projected: 5 })
    const backup = doneOf(await backedUp(path))
    const { figures } = await contentOf(path)
    expect(backup.partitions.map(({ partition, seq, head }) => ({ partition, seq, head }))).to.deep.equal(
      figures.partitions.map(({ partition, seq, head }) => ({ partition, seq, head })),
    )
    for (const { partition, seq, position } of backup.store ?? []) {
      expect(seq).to.be.at.most(backup.partitions[partition]?.seq ?? 0)
      expect(position).to.be.at.most(backup.partitions[partition]?.position ?? 0)
    }
    expect(backup.store).to.have.length(2)
  })

  it('takes the secret where that was asked for, and leaves the store out where that was', async () => {
    const { path } = await fullFolder()
    const out = await backupOf(path, { withSecret: true, withStore: false })
    expect(filesBelow(out)).to.include('token.secret').and.not.include('store.db')
    const { data } = await restored(out)
    expect(readFileSync(join(data, 'token.secret'), 'utf8')).to.equal(readFileSync(join(path, 'token.secret'), 'utf8'))
    expect(existsSync(join(data, 'store.db'))).to.equal(false)
  })

  it('backs up a journal alone, and an empty one', async () => {
    for (const batches of [sampleLog().log.seal(), []]) {
      const { path } = await fullFolder(batches)
      for (const name of DATABASES.filter((one) => one !== 'journal.db')) rmSync(join(path, name))
      const out = await backupOf(path)
      const { data } = await restored(out)
      expect(filesBelow(data)).to.deep.equal([...BLOBS, 'journal.db', 'restored.json'].sort())
      expect(rowsOf(join(data, 'journal.db'))).to.equal(rowsOf(join(path, 'journal.db')))
    }
  })

  it('tells each restore at every start', async () => {
    const { path } = await fullFolder()
    const once = await restored(await backupOf(path))
    const twice = await restored(await backupOf(once.data))
    const { restores } = JSON.parse(readFileSync(join(twice.data, 'restored.json'), 'utf8'))
    expect(restores).to.have.length(2)
    const told: unknown[] = []
    const log = { warn: (detail: object, text: string) => told.push([detail, text]) }
    tellRestored(path, log)
    expect(told).to.deep.equal([])
    tellRestored(twice.data, log)
    expect(told).to.deep.equal([[restores[1], 'this data set was restored from a backup']])
    writeFileSync(join(twice.data, 'restored.json'), '{')
    tellRestored(twice.data, log)
    expect(JSON.stringify(told[1])).to.include('its mark cannot be read')
  })
})

describe('backup: what is refused', () => {
  it('a place that is taken, in words that say by what', async () => {
    const { path } = await fullFolder()
    const out = await backupOf(path)
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const begun = temporaryFolder()
    writeFileSync(join(begun, UNFINISHED_FILE), '{"making":"restore","begunAt":"2026-01-01T00:00:00.000Z","pid":17}')
    for (const [place, why] of [
      [out, /is not empty/],
      [file, /is no folder/],
      [join(file, 'x', 'y'), /no such folder/],
      [begun, /is not whole: the restore that process 17 began at 2026-01-01.* is at work in it, or was interrupted/],
    ] as const) {
      expect(await backedUp(path, { out: place }).then(String, String)).to.match(why)
      const order = restoredInto(out, place)
      expect(await order.then(String, String)).to.match(why)
    }
    expect(readFileSync(file, 'utf8')).to.equal('')
    expect(filesBelow(begun)).to.deep.equal([UNFINISHED_FILE])
  })

  it('a backup, or what is not whole, as a data folder; nothing is written into it', async () => {
    const { path } = await fullFolder()
    const out = await backupOf(path)
    const half = temporaryFolder()
    cpSync(path, half, { recursive: true })
    writeFileSync(join(half, UNFINISHED_FILE), '')
    for (const [folder, why] of [
      [out, /is a backup, not a data folder .*npm run restore -- --from/],
      [half, /is not whole: something is at work in it, or was interrupted/],
    ] as const) {
      const before = filesBelow(folder)
      expect(() => lockDataFolder(folder)).to.throw(why)
      expect(await withBooks({}, folder, async () => 0).then(String, String)).to.match(why)
      expect(await backedUp(folder).then(String, String)).to.match(why)
      expect(filesBelow(folder)).to.deep.equal(before)
    }
    expect(await restoredInto(half, join(temporaryFolder(), 'x')).then(String, String)).to.match(/is not whole/)
    expect(await restoredInto(path, join(temporaryFolder(), 'x')).then(String, String)).to.match(/no backup is here/)
  })

  const damages: readonly (readonly [what: string, why: RegExp, damage: (folder: string) => void])[] = [
    [
      'a store that is ahead of its journal',
      /the store is ahead of the journal, in partition \d/,
      (folder) => tamper(folder, 'store.db', 'UPDATE checkpoints SET position = 1000'),
    ],
    [
      'a store made from other batches',
      /the store was made from another batch, in partition \d/,
      (folder) => tamper(folder, 'store.db', `UPDATE checkpoints SET hash = '${'0'.repeat(64)}'`),
    ],
    [
      'a store of a position where the partition has no batch',
      /the store was made from another journal, in partition 0/,
      (folder) => tamper(folder, 'store.db', `UPDATE checkpoints SET position = ${NOT_OF_0} WHERE partition = 0`),
    ],
    [
      'a journal that misses a commit',
      /commit 5 is missing/,
      (folder) => tamper(folder, 'journal.db', 'DELETE FROM commits WHERE id = 5'),
    ],
    [
      'a journal of which a commit was changed',
      /commit 4 is not what was written/,
      (folder) => tamper(folder, 'journal.db', 'UPDATE commits SET checksum = 1 WHERE id = 4'),
    ],
    ['people in a file that is none', /identity\.db.*not a database/, (folder) => replaceByText(folder, 'identity.db')],
    [
      'an audit log that was changed',
      /audit-log\.db: broken at entry 2/,
      (folder) => {
        const db = new DatabaseSync(join(folder, 'audit-log.db'))
        db.exec("DROP TRIGGER entries_stay_as_they_are; UPDATE entries SET text = '{}' WHERE seq = 2")
        db.close()
      },
    ],
  ]
  for (const [what, why, damage] of damages)
    it(`${what}: named, and nothing is left`, async () => {
      const { path } = await fullFolder()
      damage(path)
      const out = join(temporaryFolder(), 'backup')
      expect(whyOf(await backedUp(path, { out }))).to.match(why)
      expect(existsSync(out), 'left over').to.equal(false)
      const empty = temporaryFolder()
      await backedUp(path, { out: empty })
      expect(filesBelow(empty), 'left over').to.deep.equal([])
    })
})

describe('restore: what is refused', () => {
  let out: string
  before(async () => {
    const { path } = await fullFolder()
    out = await backupOf(path, { withSecret: true })
  })

  const copied = (): string => {
    const folder = temporaryFolder()
    cpSync(out, folder, { recursive: true })
    return folder
  }
  const refused = async (from: string, asOfMs: number | null = null): Promise<string> => {
    const { data, outcome } = await restored(from, asOfMs)
    expect(existsSync(data), 'something was written').to.equal(false)
    return whyOf(outcome)
  }

  it('one changed byte in any file, named', async () => {
    for (const name of filesBelow(out))
      for (const at of [0, 0.3, 0.77, 1]) {
        const damaged = copied()
        changeByte(join(damaged, name), at)
        for (const asOfMs of [null, NOW_MS]) {
          const why = await refused(damaged, asOfMs)
          expect(why, `${name} at ${at}`).to.include(name)
        }
      }
  })

  it('a file that is gone, shorter, or longer; another one beside them does no harm', async () => {
    for (const name of filesBelow(out).filter((one) => one !== 'backup.json')) {
      const gone = copied()
      rmSync(join(gone, name))
      expect(await refused(gone)).to.include(`${name} cannot be read`)
      const longer = copied()
      appendFileSync(join(longer, name), 'x')
      expect(await refused(longer)).to.match(new RegExp(`${name} has \\d+ bytes, backup.json says \\d+`))
    }
    const more = copied()
    mkdirSync(join(more, 'other'))
    writeFileSync(join(more, 'other', 'file'), '')
    doneOf((await restored(more)).outcome)
  })

  it('every changed byte of the manifest', async () => {
    const text = readFileSync(join(out, 'backup.json'))
    const damaged = copied()
    for (let at = 0; at < text.length; at += 13) {
      const bytes = Buffer.from(text)
      bytes[at] = (bytes[at] ?? 0) ^ 0x01
      writeFileSync(join(damaged, 'backup.json'), bytes)
      expect(await refused(damaged), `byte ${at}`).to.match(/^backup\.json is not as it was written/)
    }
  })

  it('a moment that is not in it, or before everything', async () => {
    expect(await refused(out, NOW_MS + 1)).to.match(/that moment is not in it: it goes to 20/)
    expect(await refused(out, 1_000)).to.equal('no record is that old')
  })
})

async function restoredInto(from: string, data: string): Promise<unknown> {
  const { restoreBackup } = await import('../../server/backup/restoreBackup.ts')
  return restoreBackup({ from, data, asOfMs: null, nowMs: NOW_MS })
}

function replaceByText(folder: string, name: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(join(folder, name + suffix), { force: true })
  writeFileSync(join(folder, name), 'not a database, but long enough '.repeat(1_000))
}
