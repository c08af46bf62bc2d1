// Lists over many actors, from a SQLite file: the suite, and what only a file can get wrong.

import { join } from 'node:path'
import { SqliteLedgerRows } from '../../server/store/ledgerRows.ts'
import { SqliteStore } from '../../server/store/sqliteStore.ts'
import { openStoreForReading } from '../../server/store/storeFile.ts'
import { temporaryFolder } from '../support/server.ts'
import { LIST_PARTITIONS, type ListsUnderTest, listsSuite } from './lists.suite.ts'

const dataSet = { id: 'suite', partitions: LIST_PARTITIONS }

async function open(): Promise<ListsUnderTest> {
  const file = join(temporaryFolder(), 'store.db')
  const store = new SqliteStore(file, dataSet)
  const db = openStoreForReading(file, dataSet)
  const close = async (): Promise<void> => {
    db.close()
    store.close()
  }
  return {
    ...{ store, close, reads: () => new SqliteLedgerRows(db, LIST_PARTITIONS) },
    async emptied() {
      await close()
      return open()
    },
  }
}

listsSuite('SQLite', { open, runs: 15, steps: 100 })
