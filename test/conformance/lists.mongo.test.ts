// Lists over many actors, from MongoDB (FerretDB where no mongod is): the suite, over the wire, what only a store without
// transactions can get wrong, and the auditor's reading of it.

import { expect } from 'chai'
import fc from 'fast-check'
import { Projector } from '../../actors/projection/projector.ts'
import { Audit } from '../../server/audit/audit.ts'
import type { AuditedServices } from '../../server/audit/cluster/auditedServices.ts'
import { LedgerDatabase } from '../../server/audit/cluster/ledgerDatabase.ts'
import { LedgerImage } from '../../server/audit/cluster/ledgerImage.ts'
import { StoreListings } from '../../server/audit/storeListings.ts'
import type { Violation } from '../../server/audit/violation.ts'
import { ledgerCollections } from '../../server/mongo/documents.ts'
import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { LISTED_KINDS } from '../support/listedKind.ts'
import { failingAt, mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import {
  EVERYTHING,
  homeOf,
  LIST_PARTITIONS,
  type ListsUnderTest,
  type Log,
  listsSuite,
  logOf,
  steps,
} from './lists.suite.ts'

const dataSet = { id: 'suite', partitions: LIST_PARTITIONS }
const PARTITIONS = [...Array(LIST_PARTITIONS).keys()]

function sample(): Log {
  const [script = []] = fc.sample(steps(30), { seed: 5, numRuns: 1 })
  return logOf(script)
}

async function take(store: MongoStore, log: Log): Promise<void> {
  const projector = new Projector({ kinds: LISTED_KINDS, store, snapshotEvery: 8 })
  await projector.resume(PARTITIONS)
  await projector.take(log.batches)
}

describeWithServices(['mongo'], 'lists over MongoDB', () => {
  const mongo = mongoForTests()

  async function open(): Promise<ListsUnderTest> {
    const store = await MongoStore.open(await mongo.connect(mongo.newDatabase()), dataSet)
    const under: ListsUnderTest = {
      ...{ store, reads: () => store.ledgerRows(), close: () => store.close() },
      async emptied() {
        for (const partition of PARTITIONS)
          await store.clearPartition(partition, (actor) => homeOf(actor) === partition)
        return under
      },
    }
    return under
  }

  listsSuite('MongoDB', { open, runs: 3, steps: 60 })

  it('are whole once the next owner has gone on, wherever a write broke off', async () => {
    const log = sample()
    for (let write = 1; write <= 12; write++) {
      const database = mongo.newDatabase()
      const broken = await MongoStore.open(failingAt(await mongo.connect(database), { write }), dataSet)
      await take(broken, log).catch(() => {})
      await broken.close()
      const next = await MongoStore.open(await mongo.connect(database), dataSet)
      await take(next, log)
      const { rows } = await next.ledgerRows().list(EVERYTHING)
      expect(rows.map(({ actor }) => actor)).to.deep.equal(log.listed(EVERYTHING))
      await next.close()
    }
  })

  describe('and the auditor', () => {
    let database = ''
    const log = sample()
    const [listed = ''] = log.listed(EVERYTHING)
    beforeEach(async () => {
      database = mongo.newDatabase()
      const store = await MongoStore.open(await mongo.connect(database), dataSet)
      await take(store, log)
      await store.close()
    })

    async function violation(): Promise<Violation | null> {
      // Of the services it asks for these two.
      const ledger = await LedgerDatabase.connect({ mongoUrl: mongo.service.url, dataSet: database } as AuditedServices)
      const image = await LedgerImage.read(ledger, LIST_PARTITIONS)
      await ledger.close()
      const audit = new Audit({ partitions: LIST_PARTITIONS, watchers: [new StoreListings(LISTED_KINDS, image)] })
      for (const { partition, position, bytes } of log.batches) audit.take(partition, position, bytes)
      return audit.finish().violation
    }

    it('find nothing where nothing is wrong', async () => {
      expect(await violation()).to.equal(null)
    })

    for (const [what, change, says] of [
      ['another status', { $set: { 'v.status': 'gone' } }, /lists .* as \["gone"/],
      ['fields that are no JSON', { $set: { 'v.fields': '{' } }, /unreadable/],
      ['a listing taken out', { $set: { 'v.kind': '' } }, /as null/],
      ['one of it less', null, /no listing covers/],
    ] as const) {
      it(`find ${what}`, async () => {
        const connection = await mongo.connect(database)
        const { listings } = ledgerCollections(connection.db)
        if (change === null) await listings.deleteOne({ _id: listed })
        else await listings.updateOne({ _id: listed }, change)
        await connection.close()
        const found = await violation()
        expect(found).to.include({ invariant: 'S1', part: 'store' }, found?.message)
        expect(found?.message).to.match(says)
      })
    }
  })
})
