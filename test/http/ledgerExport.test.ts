// The ledger as one streamed answer, from a server that goes on: what arrived whole is the ledger, byte for byte, and
// becomes a data set of the same heads; what was cut off says so; and nobody is in anybody's way for long.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TransferLog } from '../../loadtest/parts/transferLog.ts'
import { type Manifest, readManifest } from '../../server/export/exportForm.ts'
import { importLedger } from '../../server/export/importLedger.ts'
import { exported } from '../export/bench.ts'
import { doneOf, whyOf } from '../proof/bench.ts'
import { writeJournal } from '../support/dataFolder.ts'
import { call, newGuest, newKey, type Reply } from '../support/http.ts'
import { startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newPerson, newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
/** Some 9 MB: more than a connection holds of it that nobody reads from. */
const RECORDS = 25_000
/** How reading ends where the connection does. */
const CUT_OFF = Object.freeze({ done: true, value: new Uint8Array(0) })
const PATH = '/admin/ledger/export'

/** Transfers between wallets that nobody owns. */
function filledFolder(): string {
  const folder = temporaryFolder()
  const log = new TransferLog({ wallets: 200, partitions: PARTITIONS, recordsPerBatch: 100 })
  const groups = [...log.opening(), ...log.transfers(RECORDS)]
  const batches = groups
    .flat()
    .map(({ partition, bytes }, index) => ({ partition, position: index + 1, bytes: Buffer.from(bytes) }))
  writeJournal(folder, batches, PARTITIONS)
  return folder
}

describe(`GET ${PATH}`, () => {
  const own = temporaryFolder()
  let server: TestServer
  let auditor: Person
  before(async () => {
    server = await startTestServer({
      PARTITIONS: String(PARTITIONS),
      DATA_DIR: filledFolder(),
    })
    auditor = await newStaff(server, 'auditor')
  })
  after(() => server.kill().catch(() => {})) // the last test has stopped it

  const ask = (query = '', token: string | undefined = auditor.token, method = 'GET'): Promise<Reply> =>
    call(server.url, `${method} ${PATH}${query}`, token === '' ? {} : { token })
  const codeOf = ({ status, body }: Reply) => [status, body?.error?.code]
  /** Nothing of the body is read yet. */
  const open = (): Promise<Response> =>
    fetch(`${server.url}${PATH}`, { headers: { authorization: `Bearer ${auditor.token}` } })
  const kept = (name: string, bytes: Uint8Array | string): string => {
    const file = join(mkdtempSync(join(own, 'export-')), name)
    writeFileSync(file, bytes)
    return file
  }
  const imported = (file: string) => importLedger(file, join(temporaryFolder(), 'data'))
  const manifestOf = (text: string): Manifest => {
    const manifest = readManifest(text.trimEnd().split('\n').at(-1) ?? '')
    if (manifest === null) throw new Error('no manifest')
    return manifest
  }
  const headsOf = ({ partitions }: Manifest) => partitions.map(({ last, head, root }) => [last, head, root])
  /** Where the server has not heard yet that the last client has left. */
  const opened = (): Promise<Response> =>
    until('there is room', async () => {
      const response = await open()
      return response.status === 200 ? response : null
    })

  it('is for staff who may read', async () => {
    const player = await newPerson(server.url)
    expect(codeOf(await ask('', player.token))).to.deep.equal([403, 'forbidden'])
    expect(codeOf(await ask('', ''))).to.deep.equal([401, 'unauthenticated'])
    for (const role of ['operator', 'auditor', 'admin'] as const) {
      const { token, userId } = await newStaff(server, role)
      expect((await ask('', token, 'HEAD')).status).to.equal(200)
      const admin = await newStaff(server, 'admin')
      const { body } = await call(server.url, `GET /admin/audit-log?actor=${userId}`, { token: admin.token })
      expect(body.entries[0]).to.deep.include({ route: PATH, method: 'GET', outcome: 'done', status: 200 })
    }
  })

  it('gives what becomes the same ledger', async () => {
    const { status, text, headers } = await ask()
    expect(status).to.equal(200)
    expect(headers.get('content-type')).to.equal('application/x-ndjson')
    const manifest = doneOf(await imported(kept('ledger.ndjson', text)))
    expect(manifest).to.deep.equal(manifestOf(text))
    expect(headsOf(manifest)).to.deep.equal(headsOf((await exported(server.dataDir)).manifest))
  })

  it('gives the ledger as of a moment, and refuses moments that are none before anything is sent', async () => {
    const { manifest: all } = await exported(server.dataDir)
    const [first] = all.partitions
    const asOf = new Date(Date.parse(first?.at ?? '') - 10_000).toISOString()
    const { text } = await ask(`?as_of=${asOf}`)
    const manifest = doneOf(await imported(kept('ledger.ndjson', text)))
    expect(manifest.asOf).to.equal(asOf)
    expect(manifest.records).to.be.within(1, all.records - 1)
    for (const [query, status, code] of [
      ['?as_of=2999-01-01', 422, 'ledger.as_of_in_future'],
      ['?as_of=1999-01-01', 422, 'ledger.as_of_before_first'],
      ['?as_of=yesterday', 400, 'invalid_request'],
    ] as const) {
      expect(codeOf(await ask(query))).to.deep.equal([status, code])
    }
  })

  it('is given to one at a time, while money moves; whoever leaves makes room', async () => {
    const gone = await opened()
    expect(codeOf(await ask())).to.deep.equal([503, 'overloaded'])
    await gone.body?.cancel()
    const held = await opened()
    const guest = await newGuest(server.url)
    const body = { currency: 'USD', amount: '20.00', idempotency_key: newKey() }
    expect((await call(server.url, 'POST /wallet/deposit', { token: guest.token, body })).status).to.equal(200)
    const { records } = doneOf(await imported(kept('ledger.ndjson', await held.text())))
    expect((await exported(server.dataDir)).manifest.records).to.be.greaterThan(records)
  })

  it('is cut off where the server drains, and cannot be taken for whole', async () => {
    const held = await opened()
    const reader = held.body?.getReader()
    const first = (await reader?.read())?.value
    const stopping = server.stop()
    const chunks: Uint8Array[] = first === undefined ? [] : [first]
    let ending = ''
    while (ending === '') {
      const { done, value } = await (reader?.read() ?? Promise.reject(new Error('no body'))).catch(() => CUT_OFF)
      if (done) ending = value === CUT_OFF.value ? 'cut off' : 'whole'
      else if (value !== undefined) chunks.push(value)
    }
    expect(ending).to.equal('cut off')
    expect(await stopping).to.equal(0)
    const part = Buffer.concat(chunks)
    const lines = part.subarray(0, part.lastIndexOf('\n') + 1)
    expect(lines.byteLength).to.be.greaterThan(0)
    for (const bytes of [part, lines])
      expect(whyOf(await imported(kept('ledger.ndjson', bytes)))).to.match(/cut off|ends within|without a manifest/)
  })
})
