// The sandbox provider's book on SQLite: the suite of the port, and a restart.

import { join } from 'node:path'
import { expect } from 'chai'
import { openSandboxBook, SANDBOX_FILE, SqliteSandbox } from '../../server/sandbox/sqliteSandbox.ts'
import { ManualTime } from '../support/manualTime.ts'
import { temporaryFolder } from '../support/server.ts'
import { sandboxOrder, sandboxSuite } from './sandbox.suite.ts'

const folder = temporaryFolder()

sandboxSuite('SQLite', async (clock, name) => {
  const file = join(folder, name, SANDBOX_FILE)
  const provider = new SqliteSandbox(file, clock)
  const book = openSandboxBook(file)
  if (book === null) throw new Error('there is no book')
  return { provider, other: new SqliteSandbox(file, clock), book }
})

describe('sandbox provider file', () => {
  it('is not there before the first start, and is the same after a restart', async () => {
    const file = join(temporaryFolder(), SANDBOX_FILE)
    expect(openSandboxBook(file)).to.equal(null)
    const first = new SqliteSandbox(file, new ManualTime(1_000))
    await first.carryOut(sandboxOrder('r'))
    await first.close()
    const second = new SqliteSandbox(file, new ManualTime(2_000))
    expect(await second.carryOut(sandboxOrder('r'))).to.equal('already')
    await second.close()
    const book = openSandboxBook(file)
    expect(await book?.beganMs()).to.equal(1_000)
    await book?.close()
  })
})
