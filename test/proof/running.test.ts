// Checkpoints of a ledger that a server is writing: made and checked beside it, they hold while it goes on, after it was
// killed and after it has stopped; and what is changed in a copy of its folder is found.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { tamper } from '../support/dataFolder.ts'
import { call, type Guest, newGuest, newKey } from '../support/http.ts'
import { type RunResult, runProgram, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newKeys } from './bench.ts'

describe('proof: beside a running server', () => {
  const keys = newKeys('ann')
  const own = temporaryFolder()
  let server: TestServer
  let guests: readonly Guest[]
  before(async () => {
    // Stopped by the first test; where that fails, with this process.
    server = await startTestServer({ RATE_LIMITS: 'off' })
    guests = await Promise.all(Array.from({ length: 4 }, () => newGuest(server.url)))
  })

  const post = async (guest: Guest | undefined, what: 'deposit' | 'transfers', more: object): Promise<string> => {
    const body = { currency: 'USD', idempotency_key: newKey(), ...more }
    const reply = await call(server.url, `POST /wallet/${what}`, { token: guest?.token ?? '', body })
    expect(reply.status, reply.text).to.be.within(200, 299)
    return String(reply.body.id ?? reply.body.transaction_id)
  }
  let hasMoney = false
  const play = async (): Promise<readonly string[]> => {
    const ids: string[] = []
    for (const [from, guest] of guests.entries()) {
      // Once: deposits are limited by day.
      if (!hasMoney) ids.push(await post(guest, 'deposit', { amount: '20.00' }))
      ids.push(await post(guest, 'transfers', { to: guests[(from + 1) % guests.length]?.walletId, amount: '0.10' }))
    }
    hasMoney = true
    return ids
  }
  const proof = (...args: readonly string[]): Promise<RunResult> => runProgram('server/proof.ts', ...args)
  const checkpoint = async (name: string): Promise<string> => {
    const file = join(own, name)
    const made = await proof('checkpoint', '--key', keys.fileOf('ann'), '--data', server.dataDir, '--out', file)
    expect(made.code, made.output).to.equal(0)
    return file
  }
  const check = (file: string, folder = server.dataDir): Promise<RunResult> =>
    proof('check', file, '--public', keys.publicFile, '--data', folder)
  const holds = async (...files: readonly string[]): Promise<void> => {
    for (const file of files) {
      const { code, output } = await check(file)
      expect(code, output).to.equal(0)
    }
  }

  it('an old checkpoint holds while the ledger goes on, after a kill and after the end', async () => {
    const ids = await play()
    const first = await checkpoint('first')
    let isOver = false
    const traffic = (async () => {
      while (!isOver) await play()
    })()
    const second = await checkpoint('second')
    await holds(first, second)
    isOver = true
    await traffic
    await server.kill()
    await holds(first, second)
    await server.restart()
    await play()
    await holds(first, second)
    const records = (file: string): number => JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '').records
    expect(records(second)).to.be.greaterThan(records(first))
    for (const id of [ids[0], ids.at(-1)]) await expectProved(String(id), first)
    expect(await server.stop()).to.equal(0)
    await holds(first, second, await checkpoint('third'))
  })

  it('names one byte that was changed in a copy, and has nothing against the copy without it', async () => {
    const file = await checkpoint('before the copy')
    const folder = join(temporaryFolder(), 'copy')
    cpSync(server.dataDir, folder, { recursive: true })
    expect((await check(file, folder)).code).to.equal(0)
    tamper(
      folder,
      'journal.db',
      `UPDATE commits SET bytes = CAST(replace(CAST(bytes AS TEXT), '"2000"', '"2001"') AS BLOB)`,
    )
    const { code, output } = await check(file, folder)
    expect(output).to.match(/Refused: .* BROKEN J3 at \d+:\d+: .*commit \d+ is not what was written/)
    expect(code).to.equal(1)
  })

  /** By its transaction's id, which names the record. */
  async function expectProved(id: string, under: string): Promise<void> {
    const text = await proof('record', id.replace('-', ':'), '--under', under, '--data', server.dataDir)
    expect(text.code, text.output).to.equal(0)
    const file = join(own, `proof of ${id}`)
    writeFileSync(file, text.output)
    const { code, output } = await proof('verify', file, '--under', under, '--public', keys.publicFile)
    expect(output).to.match(/is under the checkpoint of .*, signed by ann:\n\{"s":\d+,.*"wallet\/w_/)
    expect(code).to.equal(0)
  }
})
