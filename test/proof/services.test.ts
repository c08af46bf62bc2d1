// Checkpoints and proofs of a ledger on NATS, whose journal goes on meanwhile: the store is not asked.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { readCheckpoint, signCheckpoint } from '../../server/proof/checkpoint.ts'
import { allReady, startCluster, type TestCluster } from '../support/cluster.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { type RunResult, runProgramWith, type ServerEnvironment, temporaryFolder } from '../support/server.ts'
import { describeWithServices } from '../support/services.ts'
import { doneOf, newKeys } from './bench.ts'

describeWithServices(['nats', 'mongo', 'redis'], 'proof: on services', () => {
  const keys = newKeys('ann')
  const own = temporaryFolder()
  const checkpoint = join(own, 'checkpoint')
  let cluster: TestCluster
  let env: ServerEnvironment
  let guests: readonly Guest[]

  before(async () => {
    cluster = await startCluster({ servers: 1, partitions: 6, env: { JOURNAL_STREAMS: '2' } })
    await allReady(cluster.servers)
    const { NATS_URL = '', MONGO_URL = '', PARTITIONS = '' } = cluster.env
    env = { NATS_URL, MONGO_URL, PARTITIONS, JOURNAL_STREAMS: '2' }
    guests = await Promise.all(Array.from({ length: 4 }, () => newGuest(url())))
  })
  after(() => cluster?.stop())

  const url = (): string => cluster.servers[0]?.url ?? ''
  const proof = (...args: readonly string[]): Promise<RunResult> => runProgramWith(env, 'server/proof.ts', ...args)
  const post = async (guest: Guest | undefined, what: 'deposit' | 'transfers', more: object): Promise<string> => {
    const body = { currency: 'USD', idempotency_key: newKey(), ...more }
    const reply = await call(url(), `POST /wallet/${what}`, { token: guest?.token ?? '', body })
    expect(reply.status, reply.text).to.be.within(200, 299)
    return String(reply.body.transaction_id)
  }
  const play = async (): Promise<void> => {
    for (const [from, guest] of guests.entries()) {
      await post(guest, 'transfers', { to: guests[(from + 1) % guests.length]?.walletId, amount: '0.10' })
    }
  }

  it('a checkpoint that was made under load holds while the ledger goes on, and proves what is under it', async () => {
    for (const guest of guests) await post(guest, 'deposit', { amount: '100.00' })
    const id = await post(guests[0], 'transfers', { to: guests[1]?.walletId, amount: '5.00' })
    let isOver = false
    const traffic = (async () => {
      while (!isOver) await play()
    })()
    const made = await proof('checkpoint', '--key', keys.fileOf('ann'), '--out', checkpoint)
    expect(made.code, made.output).to.equal(0)
    const checked = await proof('check', checkpoint, '--public', keys.publicFile, '--data')
    expect(checked.output).to.match(/the data set leet holds every record and every sum of it\n$/)
    const proved = await proof('record', id.replace('-', ':'), '--under', checkpoint)
    isOver = true
    await traffic
    expect(proved.code, proved.output).to.equal(0)
    const file = join(own, 'proof')
    writeFileSync(file, proved.output)
    const verified = await proof('verify', file, '--under', checkpoint, '--public', keys.publicFile)
    expect(verified.output).to.match(/^record \d:\d+ is under the checkpoint of .*\n\{"s":\d+,.*"500"/)
    expect(verified.code).to.equal(0)
  })

  it('names a partition that has lost its end', async () => {
    const read = readFileSync(checkpoint, 'utf8')
    // Signed anew, as if the ledger had come further than it has.
    const { changed, seq } = further(read)
    const check = await proof('check', changed, '--public', keys.publicFile, '--data')
    expect(check.output).to.match(new RegExp(`its records end at seq \\d+, the checkpoint has ${seq}`), check.output)
    expect(check.code).to.equal(1)
  })

  it('answers services that are not there with 2', async () => {
    const { code, output } = await runProgramWith(
      { ...env, NATS_URL: 'nats://127.0.0.1:1' },
      'server/proof.ts',
      ...['check', checkpoint, '--public', keys.publicFile, '--data'],
    )
    expect(output.replace(/^.*its signature holds\n/, '')).to.match(/^Cannot do that: NATS_URL .*\n$/)
    expect(code).to.equal(2)
  })

  /** A checkpoint of the same ledger with its first used partition a thousand records longer. */
  function further(text: string): { readonly changed: string; readonly seq: number } {
    const { dataSetId, at, partitions, assets } = doneOf(readCheckpoint(text))
    const used = partitions.find((one) => one.seq > 0)
    const seq = (used?.seq ?? 0) + 1_000
    const longer = partitions.map((one) => (one === used ? { ...one, seq, count: seq } : one))
    const changed = join(own, 'further')
    const attested = { dataSetId, at, figures: { partitions: longer, assets } }
    writeFileSync(changed, doneOf(signCheckpoint(attested, keys.own('ann'))).text)
    return { changed, seq }
  }
})
