// `npm run verify` on services: sound while servers run and after, and damage to any part of the store is found and named.

import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Document, MongoClient } from 'mongodb'
import { KINDS } from '../../actors/kinds.ts'
import { parseAuditedServices } from '../../server/audit/cluster/auditedServices.ts'
import { auditServices, openAuditedServices } from '../../server/audit/cluster/clusterAudit.ts'
import type { DataSetReport } from '../../server/audit/dataset.ts'
import { allReady, startCluster, type TestCluster } from '../support/cluster.ts'
import { pause } from '../support/faultRun.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { freePort, PROJECT_ROOT, type ServerEnvironment, type TestServer } from '../support/server.ts'
import { describeWithServices, startMongo } from '../support/services.ts'
import { CLOSINGS } from './ledger/closings.ts'
import type { LedgerDamage } from './ledger/damage.ts'
import { LOG } from './ledger/log.ts'
import { ACTORS, PARTITIONS } from './ledger/state.ts'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The program as its user runs it, with these variables alone. */
function verify(env: ServerEnvironment, ...args: readonly string[]): Promise<Ended> {
  const script = join(PROJECT_ROOT, 'server', 'verify.ts')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env: { ...env },
    cwd: tmpdir(),
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

describeWithServices(['nats', 'mongo', 'redis'], 'verify on services', () => {
  let cluster: TestCluster
  let server: TestServer
  let env: ServerEnvironment
  let mongo: MongoClient
  let guests: readonly Guest[]

  before(async () => {
    cluster = await startCluster({ servers: 1, partitions: 6, env: { JOURNAL_STREAMS: '2' } })
    await allReady(cluster.servers)
    const [first] = cluster.servers
    if (first === undefined) throw new Error('no server')
    server = first
    const { NATS_URL = '', NATS_MONITOR_URL = '', MONGO_URL = '', PARTITIONS = '' } = cluster.env
    env = { NATS_URL, NATS_MONITOR_URL, MONGO_URL, PARTITIONS, JOURNAL_STREAMS: '2' }
    // Long integers as such: what is put back has to be what it was.
    mongo = await new MongoClient(MONGO_URL, { promoteLongs: false }).connect()
    guests = await Promise.all(Array.from({ length: 6 }, () => newGuest(server.url)))
    await Promise.all(guests.map((guest) => post(guest, 'deposit', { amount: '100.00' })))
  })
  after(async () => {
    await mongo?.close()
    await cluster?.stop()
  })

  const post = async (guest: Guest | undefined, what: 'deposit' | 'transfers', more: object): Promise<number> => {
    const body = { currency: 'USD', idempotency_key: newKey(), ...more }
    const { status } = await call(server.url, `POST /wallet/${what}`, { token: guest?.token ?? '', body })
    return status
  }
  const transfer = (from: number, to: string | undefined, amount = '0.10'): Promise<number> =>
    post(guests[from], 'transfers', { to: to ?? '', amount })

  const audited = async (): Promise<DataSetReport> => {
    const services = parseAuditedServices(env)
    if (services === null) throw new Error('no services')
    const opened = await openAuditedServices(services)
    try {
      return await auditServices(opened, KINDS)
    } finally {
      await opened.close()
    }
  }

  it('is sound while a server runs, under load', async () => {
    // One has more keys than fit its own document; one sends to nobody and gets it back; one has too little.
    for (let sent = 0; sent < 40; sent += 10) {
      // Together, so that some share a batch.
      await Promise.all(Array.from({ length: 10 }, (_, index) => transfer(0, guests[1 + (index % 5)]?.walletId)))
    }
    expect(await transfer(1, 'w_nobody_has_this_one')).to.be.within(200, 299)
    expect(await transfer(2, guests[3]?.walletId, '1000.00')).to.be.within(400, 499)
    let isOver = false
    const traffic = guests.map(async (_, from) => {
      for (; !isOver; await pause(10)) await transfer(from, guests[(from + 1) % guests.length]?.walletId, '0.01')
    })
    const ended: DataSetReport[] = []
    for (let run = 0; run < 3; run++) ended.push(await audited())
    const program = await verify(env)
    isOver = true
    await Promise.all(traffic)
    for (const { violation } of ended) expect(violation).to.equal(null)
    expect(ended.at(-1)?.summary.records).to.be.greaterThan(ended[0]?.summary.records ?? 0)
    expect({ code: program.code, err: program.err }).to.deep.equal({ code: 0, err: '' })
  })

  it('is sound after the last server has stopped, and everything was compared', async () => {
    expect(await server.stop()).to.equal(0)
    const { code, out, err } = await verify(env)
    expect({ code, err }).to.deep.equal({ code: 0, err: '' })
    expect(out).to.match(/^data set +leet, on NATS and MongoDB\npartitions +6, 6 with records\n/)
    expect(out).to.match(/records\/s\nledger is sound\n$/)
    const report = JSON.parse((await verify(env, '--json')).out)
    expect(report).to.include({ dataSet: 'leet', sound: true, violation: null, partitions: 6 })
    const { summary, store } = report
    // What was durable last may be left to the next server.
    expect(store.checkpointRecords).to.equal(summary.records)
    expect(store).to.include({ partitionSnapshots: 6 })
    expect(store.actorSnapshots).to.be.at.least(guests.length)
    expect(store.entries).to.be.greaterThan(80)
    expect(store.keys).to.be.greaterThan(40)
  })

  for (const damage of [...LOG, ...ACTORS, ...PARTITIONS, ...CLOSINGS]) {
    it(`${damage.collection}: ${damage.what}: ${damage.invariant}`, async () => {
      const { id, undo } = await inflict(mongo, damage)
      try {
        const { violation } = await audited()
        expect(violation).to.include({ invariant: damage.invariant, part: 'store' }, violation?.message)
        expect(violation?.message).to.match(damage.says)
        if (damage.at !== undefined) expect(violation?.at).to.equal(damage.at.replace('<id>', id))
      } finally {
        await undo()
      }
    })
  }

  it('says so as the program says it, and what to do', async () => {
    const [damage] = LOG
    if (damage === undefined) return
    const { undo } = await inflict(mongo, damage)
    const { code, out } = await verify(env)
    await undo()
    expect(code).to.equal(1)
    expect(out).to.match(/BROKEN J3 at \d+:\d+: records: line .*\nremedy: .*drop the collections records, /)
    expect((await audited()).violation).to.equal(null)
  })

  it('checks the journal alone where no store was made', async () => {
    const other = await startMongo()
    const { code, out } = await verify({ ...env, MONGO_URL: other.url })
    await other.kill()
    expect(code).to.equal(0)
    expect(out).to.contain('the journal alone was checked')
  })

  it('answers a store of another journal with 1', async () => {
    const meta: Document = (await mongo.db('leet').collection('meta').findOne({})) ?? {}
    await mongo
      .db('leet')
      .collection('meta')
      .replaceOne({ _id: meta._id }, { ...meta, dataSet: 'another' })
    const { code, err } = await verify(env)
    await mongo.db('leet').collection('meta').replaceOne({ _id: meta._id }, meta)
    expect(code).to.equal(1)
    expect(err).to.match(/^Cannot verify: .*was made from another journal \(another, 6 partitions\)/)
  })

  const refused: readonly (readonly [string, ServerEnvironment | (() => Promise<ServerEnvironment>), RegExp])[] = [
    ['another number of partitions', { PARTITIONS: '7' }, /made with 6 partitions.*Set PARTITIONS=6/],
    ['another number of streams', { JOURNAL_STREAMS: '' }, /made with 2 streams.*Set JOURNAL_STREAMS=2/],
    ['a data set that was never made', { DATA_SET: 'other' }, /data set other in JetStream: was never made/],
    ['a value that is none', { PARTITIONS: 'many' }, /PARTITIONS takes a whole number/],
    ['MONGO_URL alone', { NATS_URL: '' }, /NATS_URL: set as well/],
    ['NATS_URL alone', { MONGO_URL: '' }, /MONGO_URL: set as well/],
    ['nobody at NATS_URL', async () => ({ NATS_URL: `nats://127.0.0.1:${await freePort()}` }), /NATS_URL nats:/],
    ['nobody at MONGO_URL', async () => ({ MONGO_URL: `mongodb://127.0.0.1:${await freePort()}/` }), /MONGO_URL: no/],
  ]
  for (const [what, changes, says] of refused) {
    it(`answers ${what} with one line and 2`, async () => {
      const changed = typeof changes === 'function' ? await changes() : changes
      const { code, out, err } = await verify({ ...env, ...changed })
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.match(says)
      expect(err.trim().split('\n')).to.have.length(1)
    })
  }

  it('takes the folder where one is named', async () => {
    const { code, err } = await verify(env, '--data', join(PROJECT_ROOT, 'test'))
    expect(code).to.equal(2)
    expect(err).to.match(/no data set is here \(journal\.db\)/)
  })
})

/** Answers the place that the document's id names, if it does, and how to put it back. */
async function inflict(mongo: MongoClient, damage: LedgerDamage): Promise<{ id: string; undo: () => Promise<void> }> {
  const collection = mongo.db('leet').collection<Document & { _id: string }>(damage.collection)
  const documents = await collection.find({}, { sort: { _id: 1 } }).toArray()
  const found = documents.find(damage.which ?? (() => true))
  if (found === undefined) throw new Error(`no document of ${damage.collection} to damage`)
  const changed = damage.change(found)
  const { _id } = found
  const options = { upsert: true, bypassDocumentValidation: true }
  if (changed === null) await collection.deleteOne({ _id })
  else await collection.replaceOne({ _id: changed._id }, { ...changed, _id: changed._id }, options)
  return {
    id: _id.split(':').map(Number).join(':'),
    async undo() {
      if (changed !== null && changed._id !== _id) await collection.deleteOne({ _id: changed._id })
      else await collection.replaceOne({ _id }, found, options)
    },
  }
}
