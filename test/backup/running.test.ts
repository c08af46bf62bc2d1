// The programs, beside a server on which money moves: a backup made meanwhile is restored whole, with the heads that its
// manifest says, and as of a moment, with the balances that the original had then; servers start on both, and go on.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Backup, readBackup } from '../../server/backup/backupForm.ts'
import { contentOf } from '../export/bench.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import {
  PROJECT_ROOT,
  type RunResult,
  runProgram,
  runProgramWith,
  startTestServer,
  type TestServer,
  temporaryFolder,
} from '../support/server.ts'
import { newPerson, newStaff, PASSWORD, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describe('backup: beside a running server', () => {
  const own = temporaryFolder()
  const [killed, out] = [join(own, 'killed'), join(own, 'backup')]
  let server: TestServer
  let guests: readonly Guest[]
  let auditor: Person
  let late: Person
  let thenMs = 0
  let balancesThen: readonly string[]
  let balancesLast: readonly string[]
  let backup: Backup

  const post = async (url: string, guest: Guest | undefined, what: 'deposit' | 'transfers', more: object) => {
    const body = { currency: 'USD', idempotency_key: newKey(), ...more }
    const reply = await call(url, `POST /wallet/${what}`, { token: guest?.token ?? '', body })
    expect(reply.status, reply.text).to.be.within(200, 299)
  }
  const transfers = (url: string): Promise<unknown> =>
    Promise.all(
      guests.map((guest, from) =>
        post(url, guest, 'transfers', { to: guests[(from * 3 + 1) % guests.length]?.walletId, amount: '0.10' }),
      ),
    )
  const balances = (url: string): Promise<readonly string[]> =>
    Promise.all(
      guests.map(async ({ token }) => {
        const { body, text } = await call(url, 'GET /wallet/balance', { token })
        return String(body?.balances?.USD ?? text)
      }),
    )
  /** Nothing is under way any more. */
  const settled = (url: string): Promise<readonly string[]> =>
    until('all that was sent has arrived', async () => {
      const now = await balances(url)
      const cents = now.reduce((sum, text) => sum + Math.round(Number(text) * 100), 0)
      return cents === guests.length * 2_000 ? now : null
    })
  const run = async (program: string, ...args: readonly string[]): Promise<RunResult> => {
    const result = await runProgram(`server/${program}.ts`, ...args)
    expect(result.code, result.output).to.equal(0)
    return result
  }

  before(async function () {
    this.timeout(120_000)
    server = await startTestServer({ PARTITIONS: '8' })
    guests = await Promise.all(Array.from({ length: 6 }, () => newGuest(server.url)))
    auditor = await newStaff(server, 'auditor')
    for (const guest of guests) await post(server.url, guest, 'deposit', { amount: '20.00' })
    for (let round = 0; round < 5; round++) await transfers(server.url)
    balancesThen = await settled(server.url)
    thenMs = Date.now()
    await until('that moment is over', () => Date.now() > thenMs)
    late = await newPerson(server.url)
    let isOver = false
    const traffic = (async () => {
      while (!isOver) await transfers(server.url)
    })()
    const env = { NODE_OPTIONS: `--import ${join(PROJECT_ROOT, 'test/support/killAt.ts')}`, KILL_AT: '20' }
    const dead = await runProgramWith(env, 'server/backup.ts', '--data', server.dataDir, '--out', killed)
    expect(dead.code, dead.output).to.equal(128)
    await run('backup', '--data', server.dataDir, '--out', out, '--with-secret')
    isOver = true
    await traffic
    balancesLast = await settled(server.url)
    const read = readBackup(readFileSync(join(out, 'backup.json'), 'utf8'))
    if (read === null) throw new Error('no manifest')
    backup = read
  })

  it('knows at the moment of the cut what the ledger says of it, and the server goes on', async () => {
    for (const [index, { walletId }] of guests.entries()) {
      const at = new Date(thenMs).toISOString()
      const path = `/admin/ledger/balance?wallet_id=${walletId}&asset=USD&as_of=${at}`
      const { body, text } = await call(server.url, `GET ${path}`, { token: auditor.token })
      expect(body?.balance, text).to.equal(balancesThen[index])
    }
    expect(await server.stop(), server.output).to.equal(0)
    await run('verify', '--data', server.dataDir)
  })

  it('was not made by the one that was killed: that folder is nobody’s', async () => {
    const { code, output } = await runProgram('server/restore.ts', '--from', killed, '--data', join(own, 'x'))
    expect([code, existsSync(join(own, 'x'))]).to.deep.equal([2, false])
    expect(output).to.match(/is not whole: the backup that process \d+ began at/)
  })

  it('restored whole has the heads of its manifest, and a server goes on with it', async function () {
    this.timeout(120_000)
    const data = join(own, 'whole')
    await run('restore', '--from', out, '--data', data)
    await run('verify', '--data', data)
    const { figures } = await contentOf(data)
    const heads = (rows: readonly { seq: number; head: string }[]) => rows.map(({ seq, head }) => `${seq} ${head}`)
    expect(heads(figures.partitions)).to.deep.equal(heads(backup.partitions))
    const other = await startTestServer({ DATA_DIR: data, PARTITIONS: '8' })
    expect(other.output).to.match(/"asOf":null.*this data set was restored from a backup/)
    // What was on its way arrives again (M4).
    await settled(other.url)
    await transfers(other.url)
    expect((await settled(other.url)).length).to.equal(guests.length)
    expect(await other.stop(), other.output).to.equal(0)
    await run('verify', '--data', data)
    const last = await startTestServer({ DATA_DIR: server.dataDir, PARTITIONS: '8' })
    expect(await balances(last.url), 'the original is as it was').to.deep.equal(balancesLast)
    expect(await last.stop(), last.output).to.equal(0)
  })

  it('restored as of a moment has the balances of then, and who came later can sign in', async function () {
    this.timeout(120_000)
    const data = join(own, 'then')
    const asOf = new Date(thenMs).toISOString()
    await run('restore', '--from', out, '--data', data, '--as-of', asOf)
    await run('verify', '--data', data)
    const other = await startTestServer({ DATA_DIR: data, PARTITIONS: '8' })
    expect(other.output).to.include(`"asOf":"${asOf}"`)
    expect(await balances(other.url)).to.deep.equal(balancesThen)
    const login = await call(other.url, 'POST /auth/login', { body: { email: late.email, password: PASSWORD } })
    expect(login.status, login.text).to.equal(200)
    const wallet = await call(other.url, 'GET /wallet/balance', { token: login.body.token })
    expect(wallet.status, wallet.text).to.equal(200)
    await transfers(other.url)
    await settled(other.url)
    expect(await other.stop(), other.output).to.equal(0)
    await run('verify', '--data', data)
    const { output } = await run('operator', 'audit', 'verify', '--data', data)
    expect(output).to.match(/chain is sound/)
  })
})
