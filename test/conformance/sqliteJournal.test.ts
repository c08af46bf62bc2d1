// The journal on SQLite: the suite of the port, and what only a file, a folder and a thread can get wrong.

import { spawn } from 'node:child_process'
import { cpSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import type { StoredBatch } from '../../actors/runtime/ports.ts'
import { DataSetError } from '../../server/dataSetError.ts'
import { decodeHeads, encodeFrame, encodeHeads, frameChecksum } from '../../server/journal/frame.ts'
import { openJournalForReading } from '../../server/journal/journalFile.ts'
import { lockDataFolder } from '../../server/journal/lock.ts'
import { openSqliteJournal, type SqliteJournal } from '../../server/journal/sqliteJournal.ts'
import { temporaryFolder } from '../support/server.ts'
import { type JournalBench, journalSuite, SUITE_PARTITIONS } from './journal.suite.ts'

const text = (batch: string): Uint8Array => Buffer.from(batch, 'utf8')

journalSuite('SQLite', () => {
  let home = temporaryFolder()
  const bench: JournalBench = {
    open: () => openSqliteJournal({ file: join(home, 'journal.db'), partitions: SUITE_PARTITIONS }),
    async crash(journal) {
      // What is on the disk this moment, as a killed process leaves it: the log not moved into the main file.
      const left = temporaryFolder()
      cpSync(home, left, { recursive: true })
      await (journal as SqliteJournal).close() // the bench opened it
      home = left
    },
    close: (journal) => (journal as SqliteJournal).close(), // the bench opened it
    disk: {
      fill: (journal) => (journal as SqliteJournal).setMaxBytes(1), // the bench opened it
      free: (journal) => (journal as SqliteJournal).setMaxBytes(0), // the bench opened it
    },
  }
  return bench
})

describe('journal file', () => {
  let file: string
  let alarms: string[]

  const open = (partitions = SUITE_PARTITIONS): Promise<SqliteJournal> =>
    openSqliteJournal({ file, partitions, onAlarm: (event) => alarms.push(event) })

  async function refusal(partitions?: number): Promise<DataSetError> {
    try {
      await (await open(partitions)).close()
    } catch (error) {
      if (error instanceof DataSetError) return error
      throw error
    }
    throw new Error('it was opened')
  }

  /** Writes commits of 20 KB and takes a copy of the files as a killed process leaves them: with the log full. */
  async function written(commits: number, killed: boolean): Promise<void> {
    const journal = await open()
    let position = 0
    for (let index = 0; index < commits; index++) {
      const outcome = await journal.append(1, position, text(`${index} ${'x'.repeat(20_000)}`))
      if (outcome.kind === 'committed') position = outcome.position
    }
    const copy = join(temporaryFolder(), 'journal.db')
    if (killed) for (const suffix of ['', '-wal']) cpSync(file + suffix, copy + suffix)
    await journal.close()
    if (killed) file = copy
  }

  async function count(): Promise<number> {
    const journal = await open()
    const batches: StoredBatch[] = []
    for await (const group of journal.replay(new Map([[1, 0]]))) batches.push(...group)
    await journal.close()
    return batches.length
  }

  function overwrite(path: string, at: number, bytes: number): void {
    const content = readFileSync(path)
    content.fill(0xa5, at, at + bytes)
    writeFileSync(path, content)
  }

  beforeEach(() => {
    file = join(temporaryFolder(), 'journal.db')
    alarms = []
  })

  it('puts the appends of one moment into one commit', async () => {
    const journal = await open()
    const appends = [...Array(SUITE_PARTITIONS).keys()].map((partition) => journal.append(partition, 0, text('batch')))
    const positions = new Set(
      (await Promise.all(appends)).map((outcome) => outcome.kind === 'committed' && outcome.position),
    )
    expect([...positions]).to.deep.equal([1])
    await journal.close()
  })

  it('answers nobody who appends after the stop as if it were durable', async () => {
    const journal = await open()
    await journal.close()
    expect(await journal.append(1, 0, text('late'))).to.deep.equal({ kind: 'uncertain' })
  })

  it('alarms when it cannot write, and when it can again', async () => {
    const journal = await open()
    journal.setMaxBytes(1)
    await journal.append(1, 0, text('x'.repeat(400_000)))
    journal.setMaxBytes(0)
    await journal.append(1, 0, text('x'.repeat(400_000)))
    expect(alarms).to.deep.equal(['journal.write_failed', 'journal.write_recovered'])
    await journal.close()
  })

  it('tells up to where it is durable, in order', async () => {
    const told: number[] = []
    const journal = await openSqliteJournal({
      file,
      partitions: SUITE_PARTITIONS,
      onCommitted: (position) => told.push(position),
    })
    const first = await journal.append(1, 0, text('a'))
    await journal.append(1, first.kind === 'committed' ? first.position : 0, text('b'))
    expect([told, journal.committedThrough, journal.head(1), journal.head(2)]).to.deep.equal([[1, 2], 2, 2, 0])
    await journal.close()
  })

  it('finds out when somebody else has written to its file, and goes on behind that', async () => {
    const journal = await open()
    await journal.append(1, 0, text('a'))
    const frame = encodeFrame([{ partition: 1, bytes: text('b, of another writer') }])
    const heads = encodeHeads(
      2,
      Float64Array.from({ length: SUITE_PARTITIONS }, (_, partition) => (partition === 1 ? 2 : 0)),
    )
    const other = new DatabaseSync(file)
    other.prepare('INSERT INTO commits VALUES (2, ?, ?, ?)').run(heads, frameChecksum(heads, frame), frame)
    other.close()
    const both = [journal.append(1, 1, text('b')), journal.append(2, 0, text('c'))]
    expect((await Promise.all(both)).map(({ kind }) => kind)).to.deep.equal(['uncertain', 'uncertain'])
    const again = [journal.append(1, 1, text('b')), journal.append(2, 0, text('c'))]
    expect(await Promise.all(again)).to.deep.equal([{ kind: 'fenced' }, { kind: 'committed', position: 3 }])
    expect(alarms).to.deep.equal(['journal.write_failed', 'journal.write_recovered'])
    await journal.close()
  })

  it('keeps its id and its partitions, and refuses another number of them', async () => {
    const journal = await open()
    const { dataSet } = journal
    await journal.close()
    const again = await open()
    expect(again.dataSet).to.deep.equal(dataSet)
    await again.close()
    const { message, file: named } = await refusal(SUITE_PARTITIONS * 2)
    expect(message).to.match(/made with 16 partitions, asked to open with 32\. Start with 16 partitions/)
    expect(named).to.equal(file)
  })

  it('can be read by another connection while it is written', async () => {
    await written(3, false)
    const { db, dataSet } = openJournalForReading(file, true)
    expect(dataSet.partitions).to.equal(SUITE_PARTITIONS)
    db.close()
  })

  describe('is refused by name and with a remedy', () => {
    const cases: readonly (readonly [string, boolean, () => void])[] = [
      ['is no database', false, () => writeFileSync(file, 'not a database at all '.repeat(1000))],
      ['is empty', false, () => truncateSync(file, 0)],
      ['is cut off in the middle', false, () => truncateSync(file, 300_000)],
      ['has bytes changed in a commit', false, () => overwrite(file, 500_000, 64)],
      ['has a page of nonsense', false, () => overwrite(file, 16_384 * 20, 16_384)],
      ['has its log damaged before acknowledged commits', true, () => overwrite(`${file}-wal`, 100_000, 64)],
      ["has its log's header damaged", true, () => overwrite(`${file}-wal`, 8, 8)],
    ]
    for (const [trouble, killed, spoil] of cases) {
      it(`when it ${trouble}`, async () => {
        await written(60, killed)
        spoil()
        const { message, file: named, remedy } = await refusal()
        expect(named).to.equal(file)
        expect(remedy).to.match(/^Restore this file and its -wal from a backup/)
        expect(message.split('\n')).to.have.length(1)
        expect(message).to.include(file)
      })
    }
  })

  it('is taken as it is when a power cut tore the end of its log', async () => {
    await written(60, true)
    const wal = `${file}-wal`
    expect(existsSync(wal)).to.equal(true)
    truncateSync(wal, readFileSync(wal).length - 5_000)
    expect(await count()).to.equal(59)
  })

  it('is taken as it is when a power cut kept the last page of a commit and not the one before', async () => {
    await written(60, true)
    overwrite(`${file}-wal`, readFileSync(`${file}-wal`).length - 20_000, 64)
    expect(await count()).to.equal(59)
  })

  it('is whole after a kill, and after damage is undone', async () => {
    await written(60, true)
    expect(await count()).to.equal(60)
  })

  for (const [damage, sql] of [
    ['a commit that has changed', 'UPDATE commits SET bytes = zeroblob(length(bytes)) WHERE id = 30'],
    ['a commit that is missing', 'DELETE FROM commits WHERE id = 30'],
  ] as const) {
    it(`notices ${damage} when it comes to it`, async () => {
      await written(60, false)
      const journal = await openSqliteJournal({ file, partitions: SUITE_PARTITIONS, checkBytes: 0 })
      const db = new DatabaseSync(file)
      db.exec(sql)
      db.close()
      const seen: number[] = []
      const failure = await (async () => {
        for await (const group of journal.replay(new Map([[1, 0]]))) seen.push(...group.map(({ position }) => position))
      })().then(
        () => null,
        (error: unknown) => error,
      )
      expect(failure).to.be.instanceOf(DataSetError).that.includes({ file })
      expect(seen.every((position) => position < 30)).to.equal(true)
      await journal.close()
    })
  }

  it('writes heads that read back', () => {
    const heads = Float64Array.from([0, 1, 5_000_000_000, 5_000_000_001, 4_999_999_800])
    expect([...decodeHeads(5_000_000_001, encodeHeads(5_000_000_001, heads), 5)]).to.deep.equal([...heads])
  })
})

describe('data folder', () => {
  it('is locked for one holder, and free again when that lets go', () => {
    const folder = temporaryFolder()
    const lock = lockDataFolder(folder)
    expect(() => lockDataFolder(folder))
      .to.throw(new RegExp(`in use by another server, pid ${process.pid}`))
      .that.includes({ name: 'DataSetError', file: folder })
    lock.release()
    lockDataFolder(folder).release()
  })

  it('is refused to a second process, and free again when the first is killed', async () => {
    const folder = temporaryFolder()
    const lockModule = new URL('../../server/journal/lock.ts', import.meta.url).href
    const script = `
      const { lockDataFolder } = await import(${JSON.stringify(lockModule)})
      lockDataFolder(${JSON.stringify(folder)})
      console.log('locked')
      setInterval(() => {}, 1000)`
    const holder = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '-e',
      script,
    ])
    try {
      await new Promise((resolve) => holder.stdout.once('data', resolve))
      expect(() => lockDataFolder(folder)).to.throw(
        new RegExp(`${folder}: in use by another server, pid ${holder.pid}`),
      )
    } finally {
      const ended = new Promise((resolve) => holder.once('exit', resolve))
      holder.kill('SIGKILL')
      await ended
    }
    lockDataFolder(folder).release()
  })
})
