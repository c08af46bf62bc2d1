// Jobs of a data set that two servers share: started on one of them, read on the other, each from the services; and what
// one leaves behind that is killed.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openMongoBooks } from '../../server/cluster/clusterIdentity.ts'
import { importLedger } from '../../server/export/importLedger.ts'
import { doneOf, newKeys } from '../proof/bench.ts'
import { allReady, startCluster, type TestCluster } from '../support/cluster.ts'
import { call, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, type TestServer, temporaryFolder } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { newStaffIn, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describeWithServers(['nats', 'mongo', 'redis'], 'jobs of a cluster', () => {
  const keys = newKeys('ann')
  let cluster: TestCluster
  let operator: Person
  let one: TestServer
  let two: TestServer
  let transfer: string
  before(async () => {
    cluster = await startCluster({ servers: 2, partitions: 6, env: { CHECKPOINT_KEY_FILE: keys.fileOf('ann') } })
    await allReady(cluster.servers)
    const [first, second] = cluster.servers
    if (first === undefined || second === undefined) throw new Error('two servers were started')
    one = first
    two = second
    const { identity, auditLog, close } = await openMongoBooks(cluster.mongo.url, 'leet', () => {})
    operator = await newStaffIn(identity, one.url, 'operator')
    await auditLog.close()
    await identity.close()
    await close()
    transfer = await play()
  })
  after(() => cluster?.stop())

  const post = (on: TestServer, path: string, body: object = {}, token = operator.token): Promise<Reply> =>
    call(on.url, `POST ${path}`, { token, body: { ...body, idempotency_key: newKey() } })
  const get = (on: TestServer, path: string): Promise<Reply> => call(on.url, `GET ${path}`, { token: operator.token })
  async function play(): Promise<string> {
    const [from, to] = [await newGuest(one.url), await newGuest(one.url)]
    await post(one, '/wallet/deposit', { currency: 'USD', amount: '20' }, from.token)
    const order = { to: to.walletId, currency: 'USD', amount: '1.50' }
    const reply = await post(one, '/wallet/transfers', order, from.token)
    return String(reply.body.transaction_id)
  }
  async function ran(on: TestServer, started: Reply) {
    expect(started.status, started.text).to.equal(202)
    return until('the end of a run', async () => {
      const { body } = await get(on, `/admin/jobs/${started.body.id}`)
      return body.state === 'running' ? null : body
    })
  }

  it('a checkpoint made on one is read and proved under on the other, which makes the next', async () => {
    const first = await ran(two, await post(one, '/admin/jobs/checkpoint'))
    expect(first.state, first.error).to.equal('done')
    const { text } = await get(two, `/admin/ledger/checkpoints/${first.id}`)
    const folder = temporaryFolder()
    const checkpoint = join(folder, 'checkpoint')
    writeFileSync(checkpoint, text)
    const proved = await get(two, `/admin/ledger/records/${transfer.replace('-', ':')}/proof?checkpoint=${first.id}`)
    expect(proved.status, proved.text).to.equal(200)
    writeFileSync(join(folder, 'proof'), proved.text)
    const args = ['verify', join(folder, 'proof'), '--under', checkpoint, '--public', keys.publicFile]
    const { code, output } = await runProgram('server/proof.ts', ...args)
    expect([code, output]).to.deep.equal([0, output])
    await play()
    const second = await ran(one, await post(two, '/admin/jobs/checkpoint'))
    expect(second.state, second.error).to.equal('done')
    // Yesterday's may have come in between.
    const { body } = await get(two, '/admin/ledger/checkpoints')
    const roots = body.checkpoints.map(({ summary }: { summary: { root: string } }) => summary.root)
    expect(roots).to.include.members([first.summary.root, second.summary.extends])
  })

  it('exports the ledger of both, from either', async () => {
    for (const server of [one, two]) {
      const { status, text } = await get(server, '/admin/ledger/export')
      expect(status, text).to.equal(200)
      const folder = temporaryFolder()
      const file = join(folder, 'ledger.ndjson')
      writeFileSync(file, text)
      const manifest = doneOf(await importLedger(file, join(folder, 'data')))
      expect(manifest.records).to.be.greaterThan(5)
      expect(manifest.partitions).to.have.length(6)
    }
  })

  it('verifies all, with the store, and a range', async () => {
    const all = await ran(two, await post(one, '/admin/ledger/verify'))
    expect(all.summary, all.error).to.deep.include({ sound: true, scope: 'all', not_checked: [] })
    const range = await ran(one, await post(two, '/admin/ledger/verify', { from_seq: 2 }))
    expect(range.summary).to.deep.include({ sound: true, scope: 'range', partitions: 6 })
  })

  it('begins yesterday once, whoever looks', async () => {
    const daily = await until(
      'the daily checkpoint',
      async () => {
        const { body } = await get(one, '/admin/jobs?kind=checkpoint')
        const found = body.runs.filter((run: { trigger: string }) => run.trigger === 'daily')
        return found.length > 0 && found[0].state !== 'running' ? found : null
      },
      90_000,
    )
    expect(daily.map(({ state, attempt }: Record<string, unknown>) => [state, attempt])).to.deep.equal([['done', 1]])
  })
})
