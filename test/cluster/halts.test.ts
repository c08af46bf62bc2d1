// What stands still and how it goes on (S1, docs/operations.md), over real services: a projector halted by a store that is
// not the journal's, a partition whose journal is broken; told to whoever looks, and moved by signed decisions alone.

import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { signDecision } from '../../server/operator/decision.ts'
import { DecisionBook } from '../../server/operator/decisionBook.ts'
import { deposit, HaltedCluster, type SeenHalt } from '../support/haltedCluster.ts'
import { call, type Guest } from '../support/http.ts'
import { ledgerOf } from '../support/ledgerOf.ts'
import type { TestServer } from '../support/server.ts'
import { describeWithServers } from '../support/services.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 2
const HERE = 1

describeWithServers(['nats', 'mongo', 'redis'], 'what stands still', () => {
  let bench: HaltedCluster
  let server: TestServer
  let guest: Guest

  beforeEach(async () => {
    bench = await HaltedCluster.start({ servers: 1, partitions: PARTITIONS })
    const [first] = bench.cluster.servers
    if (first === undefined) throw new Error('no server')
    guest = await bench.guestIn(HERE, first)
    server = first
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(server.output)
    await bench.stop()
  })

  /** The partition's owner is killed, and the next one meets a store that was tampered with in between. */
  async function haltProjector(others = 1): Promise<SeenHalt> {
    for (let joined = 0; joined < others; joined++) await bench.join()
    await historyOf(1)
    server = await bench.killOwner(HERE, () => bench.forgeCheckpoint(HERE))
    return bench.halt(server, HERE)
  }

  async function historyOf(count: number): Promise<void> {
    await until(`history has ${count} lines`, async () => (await history()).total_count === count)
  }

  async function history() {
    return (await call(server.url, 'GET /wallet/transactions', { token: guest.token })).body
  }

  async function balance(): Promise<string> {
    return (await call(server.url, 'GET /wallet/balance', { token: guest.token })).body.balances.USD
  }

  async function metric(name: string): Promise<number> {
    const { text } = await call(server.url, 'GET /metrics')
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  }

  async function audited(): Promise<void> {
    const { audit } = await ledgerOf(
      bench.cluster.nats.map(({ url }) => url),
      'leet',
      PARTITIONS,
      1,
    )
    expect(audit.finish().violation).to.equal(null)
  }

  describe('a projector that has halted', () => {
    it('is told of everywhere, while its partition serves on', async () => {
      const { stage, seq, reason } = await haltProjector()
      expect(stage).to.equal('projector')
      expect(reason).to.equal(`${HERE}:${seq}: journal differs from what the store was made from`)
      expect(await metric('leet_projector_halted')).to.equal(1)
      const { status, body } = await call(server.url, 'GET /health/ready')
      expect([status, body.checks.store]).to.deep.equal([503, 'projector halted'])
      expect(server.output).to.include('"event":"projector.halted"')
      await deposit(guest, server, '5.00')
      expect(await balance()).to.equal('105.00')
      expect((await history()).total_count, 'skips nothing').to.equal(1)
      const { code, output } = await bench.tool('halted')
      expect([code, output]).to.deep.equal([0, output])
      expect(output).to.include(reason).and.to.include('1 partitions stand still')
    })

    it('halts again at the same record when the cause is still there; goes on once it is mended', async () => {
      const first = await haltProjector()
      const vain = await bench.resume(HERE, 'retry')
      expect(vain.code, vain.output).to.equal(0)
      const second = await bench.halt(server, HERE, first.id)
      expect([second.seq, second.reason]).to.deep.equal([first.seq, first.reason])
      await bench.mendCheckpoint(HERE)
      await deposit(guest, server, '5.00')
      const done = await bench.resume(HERE, 'retry')
      expect(done.code, done.output).to.equal(0)
      expect(done.output).to.include('was accepted by')
      await bench.noHalts(server)
      await historyOf(2)
      expect((await call(server.url, 'GET /health/ready')).status).to.equal(200)
      expect(server.output).to.include('"event":"operator.decided"').and.to.include('"operator":"ann"')
    })

    it('is rebuilt from the journal, to the same documents, and money goes on where it was', async () => {
      const before = await documents(1)
      await haltProjector()
      await deposit(guest, server, '5.00')
      const done = await bench.resume(HERE, 'rebuild')
      expect(done.code, done.output).to.equal(0)
      await bench.noHalts(server)
      await historyOf(2)
      expect(await balance()).to.equal('105.00')
      await until('the rebuild is over', () => server.output.includes('"event":"operator.rebuilt"'))
      const after = await documents(2)
      for (const [id, text] of before) expect(after.get(id), id).to.equal(text)
      const other = await bench.guestIn(1 - HERE, server)
      await deposit(other, server, '5.00')
      await audited()
    })

    it('refuses what is not signed, not known, for another halt, or used before, and does nothing', async () => {
      const halt = await haltProjector()
      const eve = await bench.resume(HERE, 'retry', bench.operators.eve)
      expect([eve.code, eve.output]).to.deep.equal([1, eve.output])
      expect(eve.output).to.include('no key of an operator eve')
      expect((await bench.resume(1 - HERE, 'retry')).output).to.include('does not stand still')
      const book = new DecisionBook(bench.db)
      for (const [id, change, why] of [
        ['d_forged_signature_', { text: '"retry"', by: '"rebuild"' }, 'not signed with the key of ann'],
        ['d_another_halt_____', { halt: { ...halt, id: 'h_other' } }, 'another halt, h_other'],
        ['d_another_set______', { dataSetId: 'other' }, 'made for the data set'],
      ] as const) {
        const key = createPrivateKey(readFileSync(bench.operators.ann))
        const dataSetId = 'dataSetId' in change ? change.dataSetId : await dataSetIdOf()
        const named = 'halt' in change ? change.halt : halt
        const facts = { dataSet: 'leet', dataSetId, decision: 'retry', operator: 'ann', note: 'x' } as const
        const signed = signDecision({ id, halt: named, at: new Date().toISOString(), ...facts }, key)
        const text = 'text' in change ? signed.text.replace(change.text, change.by) : signed.text
        await book.put({ id, partition: HERE, signature: signed.signature, text })
        await until('it has a verdict', async () => (await book.verdict(id)) !== null)
        expect(await book.verdict(id))
          .to.deep.include({ accepted: false })
          .and.to.have.property('why')
          .that.includes(why)
      }
      expect(await bench.halt(server, HERE)).to.deep.equal(halt)
      await bench.resume(HERE, 'retry')
      const again = await bench.halt(server, HERE, halt.id)
      const decisions = bench.db.collection<{ _id: string; decision: string; text: string; signature: string }>(
        'decisions',
      )
      const accepted = await decisions.findOne({ kind: 'verdict', accepted: true })
      const used = await decisions.findOne({ _id: accepted?.decision ?? '' })
      await book.put({
        id: 'd_replayed',
        partition: HERE,
        text: String(used?.text),
        signature: String(used?.signature),
      })
      await until('it has a verdict', async () => (await book.verdict('d_replayed')) !== null)
      expect((await book.verdict('d_replayed'))?.why).to.include('copy of')
      expect(await bench.halt(server, HERE)).to.deep.equal(again)
      expect(server.output).to.include('"event":"operator.refused"')
    })

    it('halts anew at its next owner, for whom a decision made before says nothing', async () => {
      const first = await haltProjector(2)
      server = await bench.killOwner(HERE)
      const second = await bench.halt(server, HERE)
      expect(second.id).not.to.equal(first.id)
      expect(second.seq).to.equal(first.seq)
    })
  })

  describe('a partition whose journal is broken', () => {
    it('does not serve, says so, and is not mended by any decision; the others serve', async () => {
      const other = await bench.guestIn(1 - HERE, server)
      await bench.appendRogue(HERE)
      // Its owner is fenced with the next record.
      const body = { currency: 'USD', amount: '5.00', idempotency_key: 'fenced' }
      await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })
      const { stage, reason } = await bench.halt(server, HERE)
      expect([stage, reason]).to.deep.equal(['recovery', `${HERE}:1: hash chain broken`])
      expect(await metric('leet_partitions_failing')).to.equal(1)
      const ready = await call(server.url, 'GET /health/ready')
      expect([ready.status, ready.body.checks.partitions]).to.deep.equal([503, `cannot be recovered: ${HERE}`])
      expect(server.output).to.include('"event":"partition.not_taken"')
      const retry = await bench.resume(HERE, 'retry')
      expect([retry.code, retry.output]).to.deep.equal([1, retry.output])
      expect(retry.output).to.include('nothing to retry')
      await deposit(other, server, '5.00')
      const asked = await call(server.url, 'GET /wallet/balance', { token: guest.token })
      expect([asked.status, asked.body.error.code]).to.deep.equal([503, 'unavailable'])
    })

    it('does not keep a server from starting that serves the others', async () => {
      const other = await bench.guestIn(1 - HERE, server)
      await server.stop()
      await bench.appendRogue(HERE)
      await server.restart()
      await deposit(other, server, '5.00')
      expect((await bench.halt(server, HERE)).stage).to.equal('recovery')
    })
  })

  /** What the store has of the partition's log. */
  async function documents(lines: number): Promise<Map<string, string>> {
    await historyOf(lines)
    const found = new Map<string, string>()
    const prefix = String(HERE).padStart(4, '0')
    for (const name of ['records', 'batches']) {
      for await (const row of bench.db.collection<{ _id: string }>(name).find({})) {
        if (row._id.startsWith(prefix)) found.set(`${name} ${row._id}`, JSON.stringify(row))
      }
    }
    expect(found.size).to.be.greaterThan(2)
    return found
  }

  async function dataSetIdOf(): Promise<string> {
    const meta = await bench.db.collection<{ _id: string; dataSet: string }>('meta').findOne({ _id: 'ledger' })
    return meta?.dataSet ?? ''
  }
})
