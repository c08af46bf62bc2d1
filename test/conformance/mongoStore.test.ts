// The store on MongoDB (FerretDB where no mongod is): the suite of the port over the wire, and what only many writers and
// a server that goes away can get wrong.

import { expect } from 'chai'
import type { ProjectionStore, ProjectionWrite } from '../../actors/projection/ports.ts'
import { Projector } from '../../actors/projection/projector.ts'
import type { PartitionSnapshot, StoredBatch } from '../../actors/runtime/ports.ts'
import { BulkWrites } from '../../server/mongo/bulkWrites.ts'
import { ledgerCollections } from '../../server/mongo/documents.ts'
import { LedgerHistory } from '../../server/mongo/ledgerHistory.ts'
import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { PartitionDocuments } from '../../server/mongo/partitionDocuments.ts'
import { PartitionLog } from '../support/batches.ts'
import { account, deposit, KINDS, receive, send } from '../support/counterKind.ts'
import { failingAt, mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { type StoreUnderTest, SUITE_PARTITIONS, storeSuite } from './store.suite.ts'

const dataSet = { id: 'suite', partitions: SUITE_PARTITIONS }

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'did not fail',
    (error: unknown) => String(error),
  )

/** Batches of sends from one partition to another and their receipts, many actors each, as the journal holds them. */
function traffic(batches: number, actors: number): StoredBatch[] {
  const [home, away] = [new PartitionLog(1, SUITE_PARTITIONS), new PartitionLog(2, SUITE_PARTITIONS)]
  const stored: StoredBatch[] = []
  for (let batch = 0; batch < batches; batch++) {
    for (let index = 0; index < actors; index++) {
      deposit(home, `ann${index}`, 10n)
      receive(away, send(home, `ann${index}`, `bob${index}`, 3n))
    }
    stored.push(home.cutAt(2 * batch + 1), away.cutAt(2 * batch + 2))
  }
  return stored
}

/** What a projector makes of these batches, one by one, with a round somewhere in between and one at the end. */
async function project(store: ProjectionStore, batches: readonly StoredBatch[]): Promise<readonly ProjectionWrite[]> {
  const writes: ProjectionWrite[] = []
  const recorded: ProjectionStore = Object.assign(Object.create(store), {
    async apply(write: ProjectionWrite) {
      writes.push(write)
      await store.apply(write)
    },
  })
  const projector = new Projector({ kinds: KINDS, store: recorded, snapshotEvery: 8 })
  await projector.resume([1, 2])
  for (const batch of batches) await projector.take([batch])
  await projector.round()
  return writes
}

describeWithServices(['mongo'], 'store over MongoDB', () => {
  const mongo = mongoForTests()
  const opened: MongoStore[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  async function open(database: string, failing = { write: 0 }): Promise<MongoStore> {
    const connection = await mongo.connect(database, { selectionMs: 500 })
    const store = await MongoStore.open(failingAt(connection, failing), dataSet)
    opened.push(store)
    return store
  }

  /** Every document of the ledger. */
  async function documents(database: string): Promise<unknown> {
    const { db, close } = await mongo.connect(database)
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort()
    const rows = await Promise.all(names.map((name) => db.collection(name).find().sort({ _id: 1 }).toArray()))
    await close()
    return names.map((name, index) => [name, rows[index]])
  }

  async function underTest(database: string): Promise<StoreUnderTest> {
    const store = await MongoStore.open(await mongo.connect(database), dataSet)
    return {
      store,
      history: (query) => store.history(query),
      transaction: (partition, seq, name) => store.transaction(partition, seq, name),
      pending: (query) => store.pending(query),
      close: () => store.close(),
    }
  }

  storeSuite('MongoDB', () => {
    const database = mongo.newDatabase()
    return { open: () => underTest(database) }
  })

  it('gives the exact bytes of every batch back (S1, J3)', async () => {
    const store = await open(mongo.newDatabase())
    const batches = traffic(3, 4)
    await project(store, batches)
    for (const { partition, bytes } of batches) {
      const firstSeq = Number(/"first":(\d+)/.exec(Buffer.from(bytes).toString('utf8'))?.[1])
      expect(Buffer.from((await store.batch(partition, firstSeq)) ?? [])).to.deep.equal(Buffer.from(bytes))
    }
    expect(await store.batch(1, 2)).to.equal(null)
  })

  it('comes to the same documents whichever of two owners writes first, and keeps the newer (S1)', async () => {
    const batches = traffic(4, 3)
    const [alone, shared] = [mongo.newDatabase(), mongo.newDatabase()]
    const writes = await project(await open(alone), batches)
    const expected = await documents(alone)
    const [stale, owner] = [await open(shared), await open(shared)]
    // The stale one is always some writes behind, and finishes last.
    for (const [index, write] of writes.entries()) {
      await owner.apply(write)
      const late = writes[index - 3]
      if (late !== undefined) await stale.apply(late)
    }
    expect(await documents(shared)).to.deep.equal(expected)
    for (const write of writes.slice(-3)) await stale.apply(write)
    expect(await documents(shared)).to.deep.equal(expected)
  })

  it('takes the writes of two owners at the same time (S1)', async function () {
    const { server, close } = await mongo.connect(mongo.newDatabase())
    await close()
    // FerretDB 1 reads a document and writes it in two steps: of two `$max` at once one can be lost.
    if (server.kind === 'ferretdb') this.skip()
    const batches = traffic(4, 3)
    const [alone, shared] = [mongo.newDatabase(), mongo.newDatabase()]
    const writes = await project(await open(alone), batches)
    const both = [await open(shared), await open(shared)].map(async (store) => {
      for (const write of writes) await store.apply(write)
    })
    await Promise.all(both)
    expect(await documents(shared)).to.deep.equal(await documents(alone))
  })

  it('completes a write cut in half, wherever it was cut, by the same write again', async () => {
    const batches = traffic(2, 5)
    const alone = mongo.newDatabase()
    const writes = await project(await open(alone), batches)
    const expected = await documents(alone)
    const failing = { write: 0 }
    let cuts = 0
    for (let cut = 1; ; cut++) {
      const database = mongo.newDatabase()
      failing.write = cut
      const store = await open(database, failing)
      const before = cuts
      for (const write of writes) {
        const said = await failure(store.apply(write))
        if (said === 'did not fail') continue
        cuts++
        // A checkpoint never says more than is there.
        for (const { partition, checkpoint } of write.checkpoints) {
          expect((await store.checkpoint(partition)).seq).to.be.below(checkpoint.seq)
        }
        await store.apply(write)
      }
      expect(await documents(database), `cut ${cut}`).to.deep.equal(expected)
      if (cuts === before) break
    }
    expect(cuts).to.be.above(10)
  })

  it('writes more actors again than FerretDB updates in one command', async () => {
    const database = mongo.newDatabase()
    const store = await open(database)
    const writes = await project(store, traffic(1, 120))
    const before = await documents(database)
    for (const write of writes) await store.apply(write)
    expect(await documents(database)).to.deep.equal(before)
  })

  it('counts each leg of a record that has several on one account', async () => {
    const database = mongo.newDatabase()
    const store = await open(database)
    const log = new PartitionLog(1, SUITE_PARTITIONS)
    deposit(log, 'ann', 10n)
    log.add({
      actor: 'counter/ann',
      cause: { kind: 'timer', name: 't', dueMs: 1 },
      operation: 'adjustment',
      events: [['added', '-3']],
      postings: [1n, 2n].flatMap((amountMinor) => [
        { account: account('ann'), asset: 'USD', side: 'debit' as const, amountMinor },
        { account: '1002', asset: 'USD', side: 'credit' as const, amountMinor },
      ]),
    })
    await project(store, [log.cutAt(1)])
    // Counted by the index, which FerretDB would only make slower.
    const { db, close } = await mongo.connect(database)
    const pages = new LedgerHistory(ledgerCollections(db), new BulkWrites({ kind: 'mongodb', version: '7.0' }))
    const query = { partition: 1, account: account('ann'), assets: null, side: null, operation: null, status: null }
    const page = { fromMs: null, toMs: null, sortBy: 'created_at', sortOrder: 'desc', limit: 2, offset: 0 } as const
    for (const found of [await store.history({ ...query, ...page }), await pages.page({ ...query, ...page })]) {
      expect(found.totalCount).to.equal(3)
      expect(found.rows.map(({ seq, balanceAfterMinor }) => [seq, balanceAfterMinor])).to.deep.equal([
        [2, 7n],
        [2, 9n],
      ])
    }
    await close()
  })

  it('keeps a snapshot too large for one document in parts, and none of the one before', async () => {
    const { db, server, close } = await mongo.connect(mongo.newDatabase())
    const collections = ledgerCollections(db)
    const documents = new PartitionDocuments(collections, new BulkWrites(server), 50)
    const snapshot = (seq: number, name: string): PartitionSnapshot => ({
      ...{ seq, position: seq, hash: 'f'.repeat(64), epoch: 1, atMs: seq, balances: [], watermarks: [], numbered: [] },
      ...{ outbox: [], timers: [['counter/ann', name, 1, null]] },
    })
    for (const [seq, name] of [
      [1, 'small'],
      [2, '\u{1f3ae}'.repeat(60)],
      [3, '\u{1f3ae}'.repeat(30)],
    ] as const) {
      await documents.put(1, snapshot(seq, name))
      expect(await documents.get(1)).to.deep.equal(snapshot(seq, name))
    }
    const ids = (await collections.partitionParts.find().toArray()).map(({ _id }) => _id.slice(0, 20))
    expect(new Set(ids)).to.deep.equal(new Set(['0001:000000000000003']))
    // An older one, late.
    await documents.put(1, snapshot(2, 'late'))
    expect(await documents.get(1)).to.deep.equal(snapshot(3, '\u{1f3ae}'.repeat(30)))
    await close()
  })

  it('rejects while MongoDB is away, and goes on where it was when it is back', async () => {
    const [alone, database] = [mongo.newDatabase(), mongo.newDatabase()]
    const writes = await project(await open(alone), traffic(2, 3))
    const expected = await documents(alone)
    const store = await open(database)
    const [first, ...others] = writes
    if (first === undefined) throw new Error('nothing was written')
    await store.apply(first)
    await mongo.service.kill()
    const [next] = others
    expect(await failure(store.apply(next ?? first))).not.to.equal('did not fail')
    // J4: nothing but an answer says that there is nothing.
    expect(await failure(store.partitionSnapshot(1))).not.to.equal('did not fail')
    expect(await failure(store.actorSnapshots(1, ['counter/ann0']))).not.to.equal('did not fail')
    expect(await failure(store.recentKeys(1, ['counter/ann0'], 0))).not.to.equal('did not fail')
    await mongo.service.start()
    for (const write of others) await store.apply(write)
    expect(await documents(database)).to.deep.equal(expected)
  })
})
