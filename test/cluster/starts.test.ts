// What a process refuses to join: services that are not there, not right, or another data set's. One line that names the
// variable and says what to do; exit code 2, and nothing left running.

import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { startCluster, type TestCluster } from '../support/cluster.ts'
import { newGuest } from '../support/http.ts'
import { ledgerOf } from '../support/ledgerOf.ts'
import { freePort, runServer, type ServerEnvironment, temporaryFolder } from '../support/server.ts'
import { describeWithServers, startNats } from '../support/services.ts'
import { WalletClient } from '../support/walletClient.ts'

describeWithServers(['nats', 'mongo', 'redis'], 'starts that are refused', () => {
  let cluster: TestCluster

  before(async function () {
    this.timeout(180_000)
    cluster = await startCluster({ servers: 1, leaseTtlMs: 1_000 })
    const [server] = cluster.servers
    const client = await WalletClient.join(server?.url ?? '', await newGuest(server?.url ?? ''))
    await client.deposit('10.00', 'first')
    await server?.stop()
  })
  after(() => cluster.stop())

  const refused = async (env: ServerEnvironment, ...says: readonly string[]): Promise<void> => {
    const result = await runServer({ ...cluster.env, DATA_DIR: temporaryFolder(), PORT: '0', ...env })
    if (result === 'started') throw new Error('it started')
    expect(result.code, result.output).to.equal(2)
    const lines = result.output.split('\n').filter((line) => line.startsWith('Cannot start'))
    expect(lines, result.output).to.have.length(1)
    for (const text of says) expect(lines[0]).to.include(text)
    expect(result.output).to.not.include('hunter2')
  }

  const table: readonly (readonly [what: string, env: () => Promise<ServerEnvironment>, says: readonly string[]])[] = [
    [
      'nobody at NATS_URL',
      async () => ({ NATS_URL: `nats://ann:hunter2@127.0.0.1:${await freePort()}` }),
      ['NATS_URL'],
    ],
    [
      'nobody at MONGO_URL',
      async () => ({ MONGO_URL: `mongodb://ann:hunter2@127.0.0.1:${await freePort()}/` }),
      ['MONGO_URL'],
    ],
    [
      'nobody at REDIS_URL',
      async () => ({ REDIS_URL: `redis://:hunter2@127.0.0.1:${await freePort()}` }),
      ['REDIS_URL'],
    ],
    ['another number of partitions', async () => ({ PARTITIONS: '13' }), ['PARTITIONS=12']],
    ['another number of streams', async () => ({ JOURNAL_STREAMS: '3' }), ['JOURNAL_STREAMS=']],
    ['more replicas than servers', async () => ({ JOURNAL_REPLICAS: '3' }), ['JOURNAL_REPLICAS']],
    ['no word of whether NATS syncs', async () => ({ NATS_MONITOR_URL: '' }), ['NATS_MONITOR_URL', 'ALLOW_LAZY_FSYNC']],
  ]
  for (const [what, env, says] of table) {
    it(what, async function () {
      this.timeout(180_000)
      await refused(await env(), ...says)
    })
  }

  it('another lease time than the members have', async function () {
    this.timeout(180_000)
    await cluster.servers[0]?.restart()
    await refused({ LEASE_TTL_MS: '2000' }, 'LEASE_TTL_MS')
    await cluster.servers[0]?.stop()
  })

  it('a port that somebody has: found out before it asks anybody for a partition', async function () {
    this.timeout(180_000)
    const epochs = async (): Promise<number> =>
      (await ledgerOf([cluster.nats[0]?.url ?? ''], 'leet', cluster.partitions, 1)).epochs
    const [server] = cluster.servers
    await server?.restart()
    const before = await epochs()
    await refused({ PORT: new URL(server?.url ?? '').port }, 'PORT')
    expect(await epochs()).to.equal(before)
    await server?.stop()
  })

  it('a NATS that acknowledges before it syncs', async function () {
    this.timeout(180_000)
    const lazy = await startNats({ lazy: true })
    try {
      const env = { NATS_URL: lazy.url, NATS_MONITOR_URL: lazy.monitorUrl, DATA_SET: 'lazy' }
      await refused(env, 'sync_interval', 'ALLOW_LAZY_FSYNC=1')
    } finally {
      await lazy.kill()
    }
  })

  it('a store that is ahead of its journal', async function () {
    this.timeout(180_000)
    const client = await MongoClient.connect(cluster.mongo.url)
    const checkpoints = client.db('leet').collection('checkpoints')
    const row = await checkpoints.findOne({})
    if (row === null) throw new Error('no checkpoint')
    await checkpoints.updateOne({ _id: row._id }, { $set: { 'v.position': 1_000_000 } })
    await refused({}, 'NATS_URL, MONGO_URL', 'the journal ends at')
    await checkpoints.updateOne({ _id: row._id }, { $set: { 'v.position': row.v.position } })
    await client.close()
  })

  it('the store of another journal', async function () {
    this.timeout(180_000)
    const other = await startNats()
    try {
      await refused({ NATS_URL: other.url, NATS_MONITOR_URL: other.monitorUrl }, 'MONGO_URL', 'another journal')
    } finally {
      await other.kill()
    }
  })
})
