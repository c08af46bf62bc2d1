// Reconciliation on services, servers running: two servers take and pay money under one provider's book, one of them reads
// everything while the ledger goes on, and what is changed in the provider's book or in the store is named.

import { expect } from 'chai'
import { connectMongo, type MongoConnection } from '../../server/mongo/mongoConnection.ts'
import { openMongoIdentity } from '../../server/mongo/mongoIdentity.ts'
import { systemClock } from '../../server/system.ts'
import { allReady, startCluster, type TestCluster } from '../support/cluster.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgramWith } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { newStaffIn, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describeWithServers(['nats', 'mongo', 'redis'], 'reconciliation on services', () => {
  let cluster: TestCluster
  let mongo: MongoConnection
  let admin: Person
  let guests: readonly Guest[]

  before(async function () {
    this.timeout(180_000)
    cluster = await startCluster({ servers: 2, partitions: 6, env: { JOBS_AT: 'off', RATE_LIMITS: 'off' } })
    await allReady(cluster.servers)
    mongo = await connectMongo(cluster.mongo.url, 'leet')
    const identity = await openMongoIdentity(mongo.db, systemClock, () => {})
    admin = await newStaffIn(identity, url(0), 'admin')
    await identity.close()
    guests = await Promise.all([0, 1, 0, 1].map((at) => newGuest(url(at))))
  })
  after(async () => {
    await mongo?.close()
    await cluster?.stop()
  })

  const url = (at: number): string => cluster.servers[at % 2]?.url ?? ''
  const post = async (at: number, by: { readonly token: string } | undefined, path: string, body: object) => {
    const reply = await call(url(at), `POST ${path}`, {
      token: by?.token ?? '',
      body: { idempotency_key: newKey(), ...body },
    })
    expect(reply.status, reply.text).to.be.within(200, 299)
    return reply.body
  }
  async function run(at: number): Promise<Reply['body']> {
    const { id } = await post(at, admin, '/admin/reconciliation/runs', {})
    const get = (path: string): Promise<Reply> => call(url(at + 1), `GET ${path}`, { token: admin.token })
    await until(
      'the run is over',
      async () => {
        const { body } = await get(`/admin/jobs/${id}`)
        if (body.state === 'failed') throw new Error(body.error)
        return body.state === 'done'
      },
      60_000,
    )
    return (await get(`/admin/reconciliation/reports/${id}`)).body
  }

  it('is clean while the ledger goes on, whichever server reads', async () => {
    for (const [at, guest] of guests.entries())
      await post(at, guest, '/wallet/deposit', { currency: 'USD', amount: '50.00' })
    const [ann] = guests
    const withdraw = { currency: 'USD', amount: '20.00', to_address: 'DE00 1234' }
    const { transaction_id: id } = await post(0, ann, '/wallet/withdraw', withdraw)
    for (const [at, step] of ['approve', 'process', 'complete'].entries())
      await post(at, admin, `/admin/wallets/${ann?.walletId}/withdrawals/${id}/${step}`, { note: 'because' })
    let isOver = false
    const traffic = (async () => {
      for (let turn = 0; !isOver; turn++) {
        const to = guests[(turn + 1) % 4]?.walletId
        await post(turn, guests[turn % 4], '/wallet/transfers', { to, currency: 'USD', amount: '0.01' })
      }
    })()
    const reports = [await run(0), await run(1)]
    isOver = true
    await traffic
    for (const report of reports) {
      expect(report.verdict, JSON.stringify(report)).to.equal('clean')
      const [stripe] = report.providers
      expect(stripe.sums).to.deep.equal([
        { currency: 'USD', ledger: '180.90', statement: '180.90', matched: '180.90', off: '0.00' },
      ])
    }
  })

  it('names a line that is gone from the provider’s book, and a mark in the store that no record made', async () => {
    await mongo.db.collection('sandbox_provider').deleteOne({ direction: 'out' })
    await mongo.db.collection('unsettled').insertOne({ _id: '0000:000000000000999' as never, state: 1 } as object)
    const report = await run(1)
    expect(report.verdict).to.equal('discrepancies')
    const found = report.named.map((one: Reply['body']) => `${one.class} ${one.account ?? one.check}`)
    expect(found).to.include('missing_at_provider 1002').and.to.include('broken fates')
    const { NATS_URL = '', MONGO_URL = '', PARTITIONS = '', JOURNAL_STREAMS = '' } = cluster.env
    const env = { NATS_URL, MONGO_URL, PARTITIONS, JOURNAL_STREAMS }
    const { code, output } = await runProgramWith(env, 'server/reconcile.ts')
    expect(output).to.match(/missing_at_provider 1002 in 19\.10 USD/)
    expect(code, output).to.equal(1)
  })
})
