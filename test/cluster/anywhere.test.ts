// A client may come to any server: its commands go to whoever owns its wallet, pushes come back to where its socket is,
// and a command asked again elsewhere under its key has the same answer.

import { expect } from 'chai'
import type { StaffRole } from '../../server/identity/port.ts'
import { connectMongo } from '../../server/mongo/mongoConnection.ts'
import { openMongoIdentity } from '../../server/mongo/mongoIdentity.ts'
import { systemClock } from '../../server/system.ts'
import { startCluster, type TestCluster } from '../support/cluster.ts'
import { call, type Guest, newGuest } from '../support/http.ts'
import { describeWithServers } from '../support/services.ts'
import { newStaffIn, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

describeWithServers(['nats', 'mongo', 'redis'], 'any server will do', () => {
  let cluster: TestCluster
  let here: string
  let there: string

  before(async function () {
    this.timeout(180_000)
    cluster = await startCluster({ servers: 2, leaseTtlMs: 1_000 })
    ;[here = '', there = ''] = cluster.servers.map(({ url }) => url)
  })
  after(() => cluster.stop())

  /** Enough of them for each server to own some of their wallets. */
  const several = (url: string): Promise<readonly Guest[]> =>
    Promise.all(Array.from({ length: 8 }, () => newGuest(url)))

  it('pushes what happens to a wallet to where its owner is', async () => {
    const [senders, receivers] = await Promise.all([several(here), several(there)])
    for (const [index, guest] of senders.entries()) {
      const sender = await WalletClient.join(here, guest)
      const receiver = await WalletClient.join(there, receivers[index])
      await sender.deposit('10.00', 'd')
      const sent = await sender.must('transfer', {
        to: receiver.guest.walletId,
        currency: 'USD',
        amount: '4.00',
        key: 't',
      })
      await until('the receiver sees it', () => receiver.balances.USD?.available === '4.00')
      await until('the sender sees it', () => sender.balances.USD?.available === '6.00')
      await until('and that it arrived', () =>
        sender.transactions.some((row) => row.transaction_id === sent.transaction_id && row.status === 'confirmed'),
      )
      await Promise.all([sender.leave(), receiver.leave()])
    }
  })

  it('answers the same to the same key, wherever it is asked', async () => {
    for (const guest of await several(here)) {
      const first = await WalletClient.join(here, guest)
      const [deposit] = [await first.deposit('5.00', 'd')]
      await first.drop()
      const second = await WalletClient.join(there, guest)
      expect(await second.deposit('5.00', 'd')).to.deep.equal(deposit)
      const other = await second.request('deposit', { currency: 'USD', amount: '6.00', key: 'd' })
      expect(other.kind === 'refused' && other.error.code).to.equal('idempotency_mismatch')
      expect((await second.balance()).available).to.equal('5.00')
      await second.leave()
    }
  })

  it('shows the history of what was just answered, on the other server', async () => {
    for (const guest of await several(here)) {
      const { token } = guest
      const client = await WalletClient.join(here, guest)
      const { transaction_id: id, position } = await client.deposit('7.00', 'd')
      await client.leave()
      const page = await call(there, `GET /wallet/transactions?position=${position}`, { token })
      expect(page.body.transactions.map((row: { transaction_id: string }) => row.transaction_id)).to.deep.equal([id])
      const balance = await call(there, 'GET /wallet/balance', { token })
      expect(balance.body.balances).to.deep.equal({ USD: '7.00' })
    }
  })

  it('knows who signed up on the other one', async () => {
    const email = `ann-${Date.now()}@example.com`
    const password = 'correct horse battery'
    const registered = await call(here, 'POST /auth/register', { body: { email, password, display_name: 'Ann' } })
    expect(registered.status, registered.text).to.equal(201)
    const login = await call(there, 'POST /auth/login', { body: { email, password } })
    expect(login.status, login.text).to.equal(200)
    expect(login.body.user_id).to.equal(registered.body.user_id)
    const swapped = await call(here, 'POST /auth/refresh', { body: { refresh_token: login.body.refresh_token } })
    expect(swapped.status).to.equal(200)
    const again = await call(there, 'POST /auth/register', { body: { email, password, display_name: 'Bob' } })
    expect(again.body.error.code).to.equal('auth.email_taken')
  })

  async function newStaff(role: StaffRole): Promise<Person> {
    const mongo = await connectMongo(cluster.mongo.url, 'leet')
    const identity = await openMongoIdentity(mongo.db, systemClock, () => {})
    try {
      return await newStaffIn(identity, here, role)
    } finally {
      await identity.close()
      await mongo.close()
    }
  }

  it('answers staff about the whole ledger, whoever owns it', async () => {
    const [guest] = await several(here)
    if (guest === undefined) throw new Error('nobody came')
    const client = await WalletClient.join(here, guest)
    await client.deposit('9.00', 'd')
    await client.leave()
    const { token } = await newStaff('auditor')
    for (const url of [here, there]) {
      const path = `GET /admin/ledger/balance?wallet_id=${guest.walletId}&asset=USD`
      await until('the store has it', async () => (await call(url, path, { token })).body.balance === '9.00')
      const { body } = await call(url, 'GET /admin/ledger/trial-balance', { token })
      expect(body.balanced).to.equal(true)
      const { body: page } = await call(url, `GET /admin/ledger/entries?wallet_id=${guest.walletId}`, { token })
      expect(page.entries.map(({ amount }: { amount: string }) => amount)).to.deep.equal(['9.00'])
    }
  })

  it('lets money out, around and be mended, whoever owns the wallet and whichever server is asked', async () => {
    const [operator, admin] = [await newStaff('operator'), await newStaff('admin')]
    let keys = 0
    const post = async (url: string, path: string, { token }: { readonly token: string }, body: object) => {
      const sent = { ...body, idempotency_key: `anywhere-${keys++}` }
      const reply = await call(url, `POST ${path}`, { token, body: sent })
      expect(reply.status, `${path}: ${reply.text}`).to.equal(200)
      return reply.body
    }
    for (const guest of await several(here)) {
      const client = await WalletClient.join(there, guest)
      await client.deposit('50.00', 'd')
      const order = { from: 'USD', to: 'USDC', amount: '20.00' }
      const { quote } = await post(here, '/wallet/convert/quote', guest, order)
      const converted = await post(there, '/wallet/convert', guest, { ...order, quote })
      expect(converted).to.deep.include({ paid: '20.00', received: '20.000000' })
      const asked = { currency: 'USD', amount: '10.00', to_address: 'DE00 1234' }
      const { transaction_id: id } = await post(here, '/wallet/withdraw', guest, asked)
      await until('the desk of each has it', async () => {
        const desks = await Promise.all(
          [here, there].map((url) => call(url, 'GET /admin/withdrawals', { token: operator.token })),
        )
        return desks.every(({ body }) => body.withdrawals.some((row: { id: string }) => row.id === id))
      })
      const steps = `/admin/wallets/${guest.walletId}/withdrawals/${id}`
      for (const [url, step] of [
        [there, 'approve'],
        [here, 'process'],
        [there, 'complete'],
      ] as const)
        await post(url, `${steps}/${step}`, operator, { note: 'seen' })
      await until('its owner is told', () =>
        client.transactions.some(({ transaction_id: about, status }) => about === id && status === 'confirmed'),
      )
      const adjustments = `/admin/wallets/${guest.walletId}/adjustments`
      const mend = { direction: 'credit', currency: 'USD', amount: '1.00', account: '5003', reason: 'goodwill' }
      const { record } = await post(here, adjustments, operator, mend)
      await post(there, `${adjustments}/${record}/approve`, admin, { note: 'seen' })
      await until('the balances are pushed', () => client.balances.USD?.available === '21.00')
      await client.leave()
      const line = await until('every process has the end of it', async () => {
        const { body } = await call(here, `GET /wallet/transactions/${id}`, { token: guest.token })
        return body.status === 'confirmed' ? body : null
      })
      expect(line).to.deep.include({ type: 'withdrawal', amount: '10.00' })
    }
  })

  it('says what it owns, and that nothing is behind', async () => {
    const owned = await Promise.all(
      cluster.servers.map(async ({ url }) => {
        const { text } = await call(url, 'GET /metrics')
        return Number(/^leet_partitions (\d+)/m.exec(text)?.[1])
      }),
    )
    expect(
      owned.reduce((sum, count) => sum + count, 0),
      JSON.stringify(owned),
    ).to.equal(cluster.partitions)
  })
})
