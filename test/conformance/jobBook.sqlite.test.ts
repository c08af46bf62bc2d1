// The book of jobs on SQLite: the suite of the port, and a file of a newer release.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { JOB_FILE } from '../../server/jobs/jobFile.ts'
import { SqliteJobBook } from '../../server/jobs/sqliteJobBook.ts'
import { temporaryFolder } from '../support/server.ts'
import { jobBookSuite } from './jobBook.suite.ts'

const folder = temporaryFolder()

jobBookSuite('SQLite', async (name) => new SqliteJobBook(join(folder, name, JOB_FILE)))

describe('file of jobs', () => {
  it('of a newer release is refused, by name', async () => {
    const file = join(temporaryFolder(), JOB_FILE)
    await new SqliteJobBook(file).close()
    const database = new DatabaseSync(file)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(() => new SqliteJobBook(file))
      .to.throw(/format 99/)
      .that.includes({ name: 'DataSetError' })
  })
})
