// A4 as the system sees it: every acknowledged transfer's record was written and synced before anything about it left.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { call, newKey } from '../support/http.ts'
import { startTestServer, temporaryFolder } from '../support/server.ts'
import { type Acknowledged, missingStep, parseTrace } from '../support/syscallTrace.ts'
import { WalletClient } from '../support/walletClient.ts'

const LOG = '/journal.db-wal'
const TRANSFERS = 8
const CALLS = 'read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync'

describe('fsync before every acknowledgement', () => {
  it('over the room and over HTTP, under strace', async function () {
    if (spawnSync('strace', ['-V']).status !== 0) {
      if (process.env.REQUIRE_SERVICES === '1')
        throw new Error('strace is not installed, and REQUIRE_SERVICES=1 asks for it')
      console.log('      skipped: strace is not installed')
      return this.skip()
    }
    this.timeout(120_000)
    const traceFile = join(temporaryFolder(), 'trace')
    // A page of the log is 16 KB, and each byte takes up to four characters of the trace.
    const under = ['strace', '-f', '-yy', '-s', '20000', '-e', `trace=${CALLS}`, '-o', traceFile]
    const server = await startTestServer({}, { under })
    const [alice, bob] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
    await alice.deposit('100.00', newKey())
    const acknowledged: Acknowledged[] = []
    const to = bob.guest.walletId
    for (let index = 0; index < TRANSFERS; index++) {
      // One at a time, so that a receipt on the socket is this command's.
      const key = `synced-room-${index}-`
      const reply = await alice.must('transfer', { to, currency: 'USD', amount: '1.00', key })
      acknowledged.push({ key, transactionId: String(reply.transaction_id), readable: false })
    }
    for (let index = 0; index < TRANSFERS; index++) {
      const key = `synced-http-${index}-`
      const body = { to, currency: 'USD', amount: '1.00', idempotency_key: key }
      const reply = await call(server.url, 'POST /wallet/transfers', { token: alice.guest.token, body })
      acknowledged.push({ key, transactionId: reply.body.transaction_id, readable: true })
    }
    expect(await server.stop(), server.output).to.equal(0)
    const calls = parseTrace(readFileSync(traceFile, 'utf8'))
    expect(acknowledged.map((each) => missingStep(calls, LOG, each))).to.deep.equal(acknowledged.map(() => null))
  })
})

describe('the reading of traces', () => {
  const key = 'k7-'
  const room: Acknowledged = { key, transactionId: '3-12', readable: false }
  const http: Acknowledged = { key, transactionId: '3-12', readable: true }
  const lines = {
    masked: '7  recvfrom(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "\\202\\271", 100, 0, NULL, NULL) = 61',
    request:
      '7  recvfrom(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "{\\"idempotency_key\\":\\"k7-\\"}", 100, 0, NULL, NULL) = 61',
    record: '8  pwrite64(5</d/journal.db-wal>, "\\"c\\":[\\"send\\",\\"k7-\\"", 16384, 56) = 16384',
    sync: '8  fdatasync(5</d/journal.db-wal>) = 0',
    syncBegins: '8  fdatasync(5</d/journal.db-wal> <unfinished ...>',
    syncEnds: '8  <... fdatasync resumed>)             = 0',
    answer:
      '7  sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "\\202\\256transaction_id\\2443-12\\246status", 57, 0, NULL, 0) = 57',
    json: '7  sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "{\\"transaction_id\\":\\"3-12\\",\\"status\\"", 57, 0, NULL, 0) = 57',
    another:
      '7  sendto(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "\\202\\256transaction_id\\24513-12\\246", 57, 0, NULL, 0) = 57',
  }
  const { masked, request, record, sync, syncBegins, syncEnds, answer, json, another } = lines
  const rows: readonly (readonly [what: string, trace: readonly string[], of: Acknowledged, missing: RegExp | null])[] =
    [
      ['received, written, synced, answered', [masked, record, sync, answer], room, null],
      ['the same over HTTP', [request, record, sync, json], http, null],
      ['the sync in two lines', [masked, record, syncBegins, syncEnds, answer], room, null],
      ['another transaction’s answer before it', [masked, record, another, sync, answer], room, null],
      ['no sync at all', [masked, record, answer], room, /not synced/],
      ['the sync too late', [masked, record, answer, sync], room, /not synced/],
      ['the sync not over in time', [masked, record, syncBegins, answer, syncEnds], room, /not synced/],
      ['the sync before the record', [masked, sync, record, answer], room, /not synced/],
      [
        'the sync begun before the record',
        [masked, syncBegins, record.replace(/^8/, '9'), syncEnds, answer],
        room,
        /not synced/,
      ],
      ['the sync of another file', [masked, record, sync.replace('journal', 'store'), answer], room, /not synced/],
      [
        'a sync that failed',
        [masked, record, sync.replace('= 0', '= -1 EIO (Input/output error)'), answer],
        room,
        /not synced/,
      ],
      ['an answer before, and one after', [masked, record, json, sync, answer], room, /not synced/],
      ['a record that was never written', [masked, sync, answer], room, /never written/],
      ['a record older than the command', [record, masked, sync, answer], room, /written before/],
      ['a command nobody received', [record, sync, answer], room, /not received/],
      ['no answer', [masked, record, sync], room, /nothing was sent/],
    ]
  for (const [what, trace, of, missing] of rows) {
    it(`${what}: ${missing === null ? 'as it should be' : `found (${missing.source})`}`, () => {
      const found = missingStep(parseTrace(trace.join('\n')), LOG, of)
      if (missing === null) expect(found).to.equal(null)
      else expect(found).to.match(missing)
    })
  }
})
