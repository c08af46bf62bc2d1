// Questions about the ledger, answered from MongoDB (FerretDB where no mongod is): the suite, over the wire.

import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { LEDGER_PARTITIONS, ledgerSuite } from './ledger.suite.ts'

describeWithServices(['mongo'], 'questions over MongoDB', () => {
  const mongo = mongoForTests()

  ledgerSuite('MongoDB', {
    async open() {
      const dataSet = { id: 'suite', partitions: LEDGER_PARTITIONS }
      const store = await MongoStore.open(await mongo.connect(mongo.newDatabase()), dataSet)
      return { store, reads: () => store.ledgerRows(), close: () => store.close() }
    },
    runs: 2,
    steps: 60,
  })
})
