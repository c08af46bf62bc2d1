// The programs, beside a server that money moves on: what they export meanwhile is a ledger, and becomes a data set on
// which a server starts with the balances it had.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { type RunResult, runProgram, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'

describe('export: beside a running server', () => {
  const own = temporaryFolder()
  let server: TestServer
  let guests: readonly Guest[]
  before(async () => {
    // Stopped by the first test; where that fails, with this process.
    server = await startTestServer({ RATE_LIMITS: 'off' })
    guests = await Promise.all(Array.from({ length: 4 }, () => newGuest(server.url)))
  })

  const post = async (guest: Guest | undefined, what: 'deposit' | 'transfers', more: object): Promise<void> => {
    const body = { currency: 'USD', idempotency_key: newKey(), ...more }
    const reply = await call(server.url, `POST /wallet/${what}`, { token: guest?.token ?? '', body })
    expect(reply.status, reply.text).to.be.within(200, 299)
  }
  const transfers = async (): Promise<void> => {
    for (const [from, guest] of guests.entries())
      await post(guest, 'transfers', { to: guests[(from + 1) % guests.length]?.walletId, amount: '0.10' })
  }
  const run = async (program: string, ...args: readonly string[]): Promise<RunResult> => {
    const result = await runProgram(`server/${program}.ts`, ...args)
    expect(result.code, result.output).to.equal(0)
    return result
  }
  const imported = async (from: string): Promise<string> => {
    const folder = `${from}.data`
    await run('import', '--from', from, '--data', folder)
    await run('verify', '--data', folder)
    return folder
  }
  const headsOf = (folder: string): unknown =>
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).partitions

  it('exports what was durable while money moved, and a server goes on from the last export', async function () {
    this.timeout(240_000)
    for (const guest of guests) await post(guest, 'deposit', { amount: '20.00' })
    const thenMs = Date.now()
    let isOver = false
    const traffic = (async () => {
      while (!isOver) await transfers()
    })()
    const [during, then] = [join(own, 'during'), join(own, 'then')]
    await run('export', '--data', server.dataDir, '--out', during)
    await run('export', '--data', server.dataDir, '--out', then, '--as-of', new Date(thenMs).toISOString())
    isOver = true
    await traffic
    expect(await server.stop()).to.equal(0)
    const last = join(own, 'last')
    await run('export', '--data', server.dataDir, '--out', last, '--gzip')
    for (const from of [during, then]) await imported(from)
    const again = join(own, 'again')
    const folder = await imported(last)
    await run('export', '--data', folder, '--out', again)
    expect(headsOf(again)).to.deep.equal(headsOf(last))
    await expectSameBalances(folder)
  })

  it('refuses a place that is taken, and moments that are not over or before everything', async () => {
    for (const [args, code, why] of [
      [['--out', own], 2, /is there already/],
      [['--out', join(own, 'x'), '--as-of', '2999-01-01T00:00:00Z'], 1, /Refused: that moment is not over/],
      [['--out', join(own, 'x'), '--as-of', '1999-01-01T00:00:00Z'], 1, /Refused: no record is that old/],
      [['--out', join(own, 'x'), '--as-of', 'yesterday'], 2, /--as-of takes a time such as/],
    ] as const) {
      const result = await runProgram('server/export.ts', '--data', server.dataDir, ...args)
      expect(result.output).to.match(why)
      expect(result.code, result.output).to.equal(code)
      expect(existsSync(join(own, 'x'))).to.equal(false)
    }
  })

  /** The people are not in an export: the wallets are asked for by staff's own reading, the audit. */
  async function expectSameBalances(folder: string): Promise<void> {
    const balancesOf = async (path: string): Promise<unknown> => {
      const { output } = await run('verify', '--data', path, '--json')
      return JSON.parse(output).assets ?? JSON.parse(output).summary?.assets
    }
    const before = await balancesOf(server.dataDir)
    const other = await startTestServer({ DATA_DIR: folder })
    expect(await other.stop()).to.equal(0)
    expect(existsSync(join(folder, 'store.db')), 'the store was made').to.equal(true)
    const after = await balancesOf(folder)
    expect(before, 'there are sums').to.be.an('array').with.length.greaterThan(0)
    expect(after).to.deep.equal(before)
  }
})
