// Questions about the ledger, answered from MongoDB (FerretDB where no mongod is): the suite, over the wire.

import { MongoStore } from '../../server/mongo/mongoStore.ts'
import { mongoForTests } from '../support/mongo.ts'
import { describeWithServices } from '../support/services.ts'
import { LEDGER_PARTITIONS, type LedgerBench, ledgerSuite } from './ledger.suite.ts'
import { ledgerWalletsSuite } from './ledgerWallets.suite.ts'

describeWithServices(['mongo'], 'questions over MongoDB', () => {
  const mongo = mongoForTests()

  const bench: LedgerBench = {
    async open() {
      const dataSet = { id: 'suite', partitions: LEDGER_PARTITIONS }
      const store = await MongoStore.open(await mongo.connect(mongo.newDatabase()), dataSet)
      return { store, reads: () => store.ledgerRows(), close: () => store.close() }
    },
    runs: 2,
    steps: 60,
  }

  ledgerSuite('MongoDB', bench)
  ledgerWalletsSuite('MongoDB', bench)
})
