// The store on SQLite: the suite of the port, read through the reading thread as the server reads it, and what only a
// file can get wrong.

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { SqliteStoreReader } from '../../server/store/storeReader.ts'
import { PartitionLog } from '../support/batches.ts'
import { deposit, KINDS } from '../support/counterKind.ts'
import { temporaryFolder } from '../support/server.ts'
import { type StoreUnderTest, SUITE_PARTITIONS, storeSuite } from './store.suite.ts'

const dataSet = { id: 'suite', partitions: SUITE_PARTITIONS }

/** Writes on this thread, reads on the reader's. */
async function open(file: string): Promise<StoreUnderTest> {
  const written = new SqliteStore(file, dataSet)
  const reader = new SqliteStoreReader({ storeFile: file, dataSet }, () => {})
  const store: ProjectionStore = {
    apply: (write) => written.apply(write),
    checkpoint: (partition) => written.checkpoint(partition),
    partitionSnapshot: (partition) => reader.partitionSnapshot(partition),
    actorSnapshots: (partition, actors) => reader.actorSnapshots(partition, actors),
    recentKeys: (partition, actors, sinceMs) => reader.recentKeys(partition, actors, sinceMs),
    findKey: (partition, actor, key) => reader.findKey(partition, actor, key),
  }
  return {
    store,
    history: (query) => reader.history(query),
    transaction: (partition, seq, account) => reader.transaction(partition, seq, account),
    pending: (query) => reader.pending(query),
    async close() {
      await reader.close()
      written.close()
    },
  }
}

storeSuite('SQLite', () => {
  const file = join(temporaryFolder(), 'store.db')
  return { open: () => open(file) }
})

describe('store file', () => {
  let file: string
  beforeEach(() => {
    file = join(temporaryFolder(), 'store.db')
    new SqliteStore(file, dataSet).close()
  })

  for (const [trouble, spoil, says] of [
    ['is no database', () => writeFileSync(file, 'not a database at all '.repeat(1000)), /not readable as a store/],
    [
      'is of another format',
      () => {
        const db = new DatabaseSync(file)
        db.exec("UPDATE facts SET value = 99 WHERE name = 'format'")
        db.close()
      },
      /of format 99/,
    ],
  ] as const) {
    it(`is refused when it ${trouble}, and made again once deleted`, () => {
      spoil()
      expect(() => new SqliteStore(file, dataSet))
        .to.throw(says)
        .that.includes({ name: 'DataSetError', file })
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      new SqliteStore(file, dataSet).close()
      expect(existsSync(file)).to.equal(true)
    })
  }

  it('is refused beside the journal of another data set', () => {
    expect(() => new SqliteStore(file, { ...dataSet, id: 'another' }))
      .to.throw(/made from another journal/)
      .that.includes({ name: 'DataSetError', file })
  })

  it('keeps the last balance of every account, system accounts of each partition apart', async () => {
    const writes: ProjectionWrite[] = []
    const store = new SqliteStore(file, dataSet)
    const recorded: ProjectionStore = Object.assign(Object.create(store), {
      apply: (write: ProjectionWrite) => {
        writes.push(write)
        return store.apply(write)
      },
    })
    const projector = new Projector({ kinds: KINDS, store: recorded })
    await projector.resume([1, 2])
    const [one, two] = [new PartitionLog(1, SUITE_PARTITIONS), new PartitionLog(2, SUITE_PARTITIONS)]
    for (let position = 1; position <= 3; position++) {
      deposit(one, 'ann', 10n)
      deposit(two, 'bob', 5n)
      await projector.take([one.cutAt(position), two.cutAt(position)])
    }
    for (const write of writes.toReversed()) await store.apply(write)
    store.close()
    const db = new DatabaseSync(file)
    const rows = db.prepare('SELECT name, minor, seq FROM balances JOIN accounts ON id = account ORDER BY id').all()
    db.close()
    expect(rows.map((row) => Object.values(row)).sort()).to.deep.equal([
      ['1002', 15, 3],
      ['1002', 30, 3],
      ['2001:ann', 30, 3],
      ['2001:bob', 15, 3],
    ])
  })

  it('answers nobody after its reader has ended', async () => {
    const reader = new SqliteStoreReader({ storeFile: file, dataSet }, () => {})
    expect(await reader.partitionSnapshot(1)).to.equal(null)
    await reader.close()
    const refused = await reader.partitionSnapshot(1).then(
      () => false,
      () => true,
    )
    expect(refused).to.equal(true)
  })

  it('rejects what a missing file cannot answer, rather than say "not found" (J4)', async () => {
    const lost: string[] = []
    const reader = new SqliteStoreReader({ storeFile: join(temporaryFolder(), 'store.db'), dataSet }, (why) =>
      lost.push(why),
    )
    const refused = await reader.partitionSnapshot(1).then(
      () => false,
      () => true,
    )
    expect([refused, lost.length]).to.deep.equal([true, 1])
  })
})
