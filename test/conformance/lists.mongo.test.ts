// Lists over many actors, from MongoDB (FerretDB where no mongod is): the suite, over the wire.

import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { homeOf, LIST_PARTITIONS, type ListsUnderTest, listsSuite } from './lists.suite.ts'

describeWithServices(['mongo'], 'lists over MongoDB', () => {
  const mongo = mongoForTests()

  async function open(): Promise<ListsUnderTest> {
    const dataSet = { id: 'suite', partitions: LIST_PARTITIONS }
    const store = await MongoStore.open(await mongo.connect(mongo.newDatabase()), dataSet)
    const under: ListsUnderTest = {
      ...{ store, reads: () => store.ledgerRows(), close: () => store.close() },
      async emptied() {
        for (let partition = 0; partition < LIST_PARTITIONS; partition++)
          await store.clearPartition(partition, (actor) => homeOf(actor) === partition)
        return under
      },
    }
    return under
  }

  listsSuite('MongoDB', { open, runs: 3, steps: 60 })
})
