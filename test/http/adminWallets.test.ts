// Staff finds wallets and open holds over a server on embedded storage; and every way to ask for nonsense, or too much.
// No route makes a hold yet: the server starts over a journal that has some.

import { join } from 'node:path'
import { expect } from 'chai'
import { openSqliteJournal } from '../../server/journal/sqliteJournal.ts'
import { call, newKey, type Reply } from '../support/http.ts'
import { LogBuilder } from '../support/logBuilder.ts'
import { startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newPerson, newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const HOUR_MS = 60 * 60 * 1000

describe('wallets and holds for staff over HTTP', () => {
  let server: TestServer
  let token: string
  let operator: Person
  let ann: Person
  const log = new LogBuilder(PARTITIONS)
  const [one, two] = [log.walletIn(0, 'one-'), log.walletIn(1, 'two-')]
  const dueMs = Date.now() + HOUR_MS

  const ask = (path: string): Promise<Reply> => call(server.url, `GET /admin/${path}`, { token })
  const walletOf = ({ userId }: Person): string => `w_${userId.slice(2)}`

  async function journalWithHolds(): Promise<string> {
    for (const wallet of [one, two]) {
      log.command(wallet, 'open', { ev: [['opened', `u_${wallet.slice(2)}`]] })
      log.deposit(wallet, 10_000n)
    }
    log.hold(one, 500n, 'seat-1', dueMs)
    log.hold(one, 700n, 'seat-2', dueMs + HOUR_MS)
    log.hold(two, 250n, 'seat-1', dueMs + 1)
    log.hold(two, 100n, 'ended', dueMs)
    log.release(two, 100n, 'ended')
    const folder = temporaryFolder()
    const journal = await openSqliteJournal({ file: join(folder, 'journal.db'), partitions: PARTITIONS })
    for (const { partition, bytes } of log.seal()) await journal.append(partition, journal.head(partition), bytes)
    await journal.close()
    return folder
  }

  before(async () => {
    server = await startTestServer({ PARTITIONS: String(PARTITIONS), DATA_DIR: await journalWithHolds() })
    token = (await newStaff(server, 'auditor')).token
    operator = await newStaff(server, 'operator')
    ann = await newPerson(server.url)
    const body = { currency: 'USD', amount: '50', idempotency_key: newKey() }
    const reply = await call(server.url, 'POST /wallet/deposit', { token: ann.token, body })
    if (reply.status >= 300) throw new Error(reply.text)
  })
  after(() => server.stop())

  it('lists open holds, the next to run out first', async () => {
    const { status, body } = await ask('holds')
    expect(status).to.equal(200)
    const hold = (wallet: string, name: string, left: string, due: number) => {
      const expires_at = new Date(due).toISOString()
      return { wallet_id: wallet, user_id: `u_${wallet.slice(2)}`, name, asset: 'USD', left, expires_at }
    }
    expect(body.holds).to.deep.equal([
      hold(one, 'seat-1', '5.00', dueMs),
      hold(two, 'seat-1', '2.50', dueMs + 1),
      hold(one, 'seat-2', '7.00', dueMs + HOUR_MS),
    ])
    expect(body).to.deep.include({ next_cursor: null, unreadable: [] })
  })

  it('pages holds, and takes those of a wallet, of an asset, and before a moment', async () => {
    const names = async (query: string): Promise<readonly string[]> =>
      (await ask(`holds?${query}`)).body.holds.map((hold: Record<string, string>) => `${hold.wallet_id} ${hold.name}`)
    const first = await ask('holds?limit=2')
    expect(first.body.holds).to.have.length(2)
    expect(await names(`limit=2&cursor=${first.body.next_cursor}`)).to.deep.equal([`${one} seat-2`])
    expect(await names(`wallet_id=${two}`)).to.deep.equal([`${two} seat-1`])
    expect(await names('asset=USDC')).to.deep.equal([])
    expect(await names(`expires_before=${new Date(dueMs + 1).toISOString()}`)).to.deep.equal([`${one} seat-1`])
  })

  it('finds one wallet by its id, its owner and the owner’s address, as it is now', async () => {
    for (const query of [`wallet_id=${walletOf(ann)}`, `user_id=${ann.userId}`, `email=${ann.email}`]) {
      const { status, body } = await ask(`wallets?${query}`)
      expect([query, status]).to.deep.equal([query, 200])
      expect(body).to.deep.include({ next_cursor: null, unreadable: [] })
      expect(body.wallets[0]).to.deep.include({
        wallet_id: walletOf(ann),
        user_id: ann.userId,
        display_name: 'Ann',
        status: 'open',
        kyc_level: 0,
        balances: { USD: '50.00' },
        held: { USD: '0.00' },
        pending: { USD: '0.00' },
      })
    }
    expect((await ask('wallets?wallet_id=w_nobody')).body.wallets).to.deep.equal([])
    expect((await ask('wallets?email=nobody@example.com')).body.wallets).to.deep.equal([])
    expect((await ask(`wallets?user_id=${ann.userId}&status=frozen`)).body.wallets).to.deep.equal([])
  })

  it('finds wallets by how a name begins, a page at a time', async () => {
    const { body } = await ask('wallets?display_name=An')
    expect(body.wallets.map(({ display_name }: Record<string, string>) => display_name)).to.deep.equal([
      'Ann',
      'Ann',
      'Ann',
    ])
    const first = await ask('wallets?display_name=An&limit=2')
    const second = await ask(`wallets?display_name=An&limit=2&cursor=${first.body.next_cursor}`)
    const ids = [...first.body.wallets, ...second.body.wallets].map((wallet) => wallet.wallet_id)
    expect(ids).to.deep.equal(body.wallets.map((wallet: Record<string, string>) => wallet.wallet_id))
    expect((await ask('wallets?display_name=%25')).body.wallets).to.deep.equal([])
  })

  it('finds wallets by what they have and are, as of the last snapshots', async () => {
    const found = async (query: string): Promise<readonly string[]> =>
      (await ask(`wallets?${query}`)).body.wallets.map((wallet: Record<string, string>) => wallet.wallet_id)
    await until('snapshots are made', async () => (await found('asset=USD')).length === 3)
    expect(await found('asset=USD&min_balance=100')).to.deep.equal([one, two].sort())
    expect(await found('asset=USDC')).to.deep.equal([])
    const { body } = await ask(`wallets?asset=USD&min_balance=100&limit=1`)
    expect(await found(`asset=USD&min_balance=100&limit=1&cursor=${body.next_cursor}`)).to.deep.equal(
      [one, two].sort().slice(1),
    )
    const freeze = { token: operator.token, body: { reason: 'looked into', idempotency_key: newKey() } }
    expect((await call(server.url, `POST /admin/wallets/${walletOf(ann)}/freeze`, freeze)).status).to.equal(200)
    await until('the next snapshots', async () => (await found('status=frozen')).length === 1)
    expect(await found('status=frozen')).to.deep.equal([walletOf(ann)])
  })

  it('answers staff alone', async () => {
    for (const path of ['wallets', 'holds']) {
      expect((await call(server.url, `GET /admin/${path}`, { token: ann.token })).status).to.equal(403)
      expect((await call(server.url, `GET /admin/${path}`)).status).to.equal(401)
    }
  })

  const cursor = (text: string): string => Buffer.from(text).toString('base64url')
  const refused: readonly (readonly [string, string, number, string])[] = [
    ['a page of 10^9 holds', 'holds?limit=1000000000', 400, 'invalid_request'],
    ['a page of no holds', 'holds?limit=0', 400, 'invalid_request'],
    ['holds of no wallet', "holds?wallet_id=w_x'--", 400, 'invalid_request'],
    ['holds of an asset that is none', 'holds?asset=EUR', 400, 'invalid_request'],
    ['holds before a day that is none', 'holds?expires_before=2026-02-30', 400, 'invalid_request'],
    ['a cursor of holds that is none', 'holds?cursor=bm9uZQ', 400, 'invalid_request'],
    ['a cursor of holds with SQL in it', `holds?cursor=${cursor("1 w_x';-- seat")}`, 400, 'invalid_request'],
    ['a page of 10^9 wallets', 'wallets?limit=1000000000', 400, 'invalid_request'],
    ['a page of 1e2 wallets', 'wallets?limit=1e2', 400, 'invalid_request'],
    ['a wallet that is none', 'wallets?wallet_id=%7B%22$gt%22:%22%22%7D', 400, 'invalid_request'],
    ['a user that is none', "wallets?user_id=u_x'%20OR%201=1--", 400, 'invalid_request'],
    ['two names at once', 'wallets?wallet_id=w_aaaa&email=ann@example.com', 400, 'invalid_request'],
    ['a name of 65 characters', `wallets?display_name=${'x'.repeat(65)}`, 400, 'invalid_request'],
    ['a status that is none', 'wallets?status=unopened', 400, 'invalid_request'],
    ['a level that is none', 'wallets?kyc_level=3', 400, 'invalid_request'],
    ['a balance without its asset', 'wallets?min_balance=1', 400, 'invalid_request'],
    ['a balance that is none', 'wallets?asset=USD&min_balance=1e9', 422, 'amount.malformed'],
    ['a cursor of wallets that is none', 'wallets?cursor=bm9uZQ', 400, 'invalid_request'],
    ['a cursor of names without a name', `wallets?cursor=${cursor('n u_aaaa Ann')}`, 400, 'invalid_request'],
    ['a cursor of wallets for a name', `wallets?display_name=A&cursor=${cursor('w w_aaaa')}`, 400, 'invalid_request'],
  ]
  for (const [what, path, status, code] of refused) {
    it(`refuses ${what}`, async () => {
      const reply = await ask(path)
      expect([reply.status, reply.body.error?.code]).to.deep.equal([status, code])
    })
  }

  for (const path of [
    'wallets?email[$ne]=x',
    'wallets?display_name=$where',
    'wallets?display_name=.*',
    'holds?wallet_id[$gt]=',
  ]) {
    it(`takes ${path} for no more than its letters`, async () => {
      const { status, body } = await ask(path)
      expect(status).to.equal(200)
      if (path.includes('display_name')) expect(body.wallets).to.deep.equal([])
    })
  }

  it('stands in the document, and in the audit log without the address that was asked for', async () => {
    const { body: document } = await call(server.url, 'GET /openapi.json')
    for (const path of ['wallets', 'holds']) {
      const { get } = document.paths[`/admin/${path}`]
      expect(Object.keys(get.responses)).to.include.members(['200', '400', '401', '403'])
    }
    const admin = await newStaff(server, 'admin')
    const { text } = await call(server.url, 'GET /admin/audit-log?limit=100', { token: admin.token })
    expect(text).to.include('/admin/wallets').and.include('/admin/holds')
    expect(text).not.to.include(ann.email)
  })
})
