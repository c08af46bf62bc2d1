// Jobs over real HTTP: started, followed until they are done, and what they made, held against `npm run proof`; who may,
// what is refused, what is on record; a server that is killed in the midst; and a ledger that somebody has changed.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { runListSchema, runSchema } from '../../server/http/routes/adminJobs.ts'
import { checkpointListSchema } from '../../server/http/routes/adminProof.ts'
import { newKeys } from '../proof/bench.ts'
import { tamper } from '../support/dataFolder.ts'
import { call, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newPerson, newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

const keys = newKeys('ann')

describe('jobs', () => {
  const own = temporaryFolder()
  let server: TestServer
  let operator: Person
  let auditor: Person
  let admin: Person
  let transfer: string
  before(async () => {
    const env = { PARTITIONS: '2', RATE_LIMITS: 'off', CHECKPOINT_KEY_FILE: keys.fileOf('ann'), JOBS_AT: 'off' }
    server = await startTestServer(env)
    operator = await newStaff(server, 'operator')
    auditor = await newStaff(server, 'auditor')
    admin = await newStaff(server, 'admin')
    transfer = await play()
  })
  after(() => server.stop())

  const post = (by: Pick<Person, 'token'>, path: string, body: object = {}, key = newKey()): Promise<Reply> =>
    call(server.url, `POST ${path}`, { token: by.token, body: { ...body, idempotency_key: key } })
  const get = (by: Person, path: string): Promise<Reply> => call(server.url, `GET ${path}`, { token: by.token })
  const codeOf = ({ status, body }: Reply) => [status, body?.error?.code ?? null]
  /** The id of a transfer's record. */
  async function play(): Promise<string> {
    const [one, two] = [await newGuest(server.url), await newGuest(server.url)]
    await post(one, '/wallet/deposit', { currency: 'USD', amount: '20' })
    const reply = await post(one, '/wallet/transfers', { to: two.walletId, currency: 'USD', amount: '1.50' })
    return String(reply.body.transaction_id)
  }
  const ended = (id: string) =>
    until(`the end of ${id}`, async () => {
      const { body, text } = await get(auditor, `/admin/jobs/${id}`)
      expect(runSchema.safeParse(body).error?.message, text).to.equal(undefined)
      return body.state === 'running' ? null : body
    })
  async function ran(reply: Reply) {
    expect(reply.status, reply.text).to.equal(202)
    return ended(reply.body.id)
  }
  function saved(name: string, text: string): string {
    const file = join(own, name)
    writeFileSync(file, text)
    return file
  }
  const proof = (...args: readonly string[]) => runProgram('server/proof.ts', ...args, '--public', keys.publicFile)
  /** The texts of checkpoints, in the order in which they were made, and the ids of their runs. */
  const made: { readonly id: string; readonly file: string }[] = []

  it('verifies all of the ledger for an auditor, with the store', async () => {
    const started = await post(auditor, '/admin/ledger/verify')
    expect(started.body).to.deep.include({ kind: 'verification', trigger: 'staff', requested_by: auditor.userId })
    const run = await ran(started)
    expect(run).to.deep.include({ state: 'done', error: null, document_type: 'application/json; charset=utf-8' })
    expect(run.summary).to.deep.include({ sound: true, scope: 'all', violation: null, not_checked: [] })
    expect(run.summary.store).to.have.property('checkpointRecords')
    const document = await get(auditor, `/admin/jobs/${run.id}/document`)
    expect(document.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(document.body).to.deep.include({ sound: true })
  })

  it('verifies it while it goes on', async () => {
    const started = await post(auditor, '/admin/ledger/verify')
    let isOver = false
    const traffic = (async () => {
      while (!isOver) await play()
    })()
    const run = await ran(started)
    isOver = true
    await traffic
    expect(run.summary, JSON.stringify(run.summary)).to.deep.include({ sound: true, violation: null })
  })

  it('verifies a range', async () => {
    const run = await ran(await post(auditor, '/admin/ledger/verify', { partitions: [1], from_seq: 2, to_seq: 3 }))
    expect(run.summary).to.deep.include({ sound: true, scope: 'range', records: 2, partitions: 1 })
    expect(run.parameters).to.deep.equal({ partitions: [1], from_seq: 2, to_seq: 3 })
  })

  it('signs a checkpoint that the command line holds to be genuine, and the next one goes on from it', async () => {
    for (const by of [operator, admin]) {
      const run = await ran(await post(by, '/admin/jobs/checkpoint'))
      expect(run, run.error).to.deep.include({ state: 'done', day: null })
      const { text, headers } = await get(auditor, `/admin/ledger/checkpoints/${run.id}`)
      expect(headers.get('content-type')).to.equal('text/plain; charset=utf-8')
      made.push({ id: run.id, file: saved(`${run.id}.checkpoint`, text) })
      await play()
    }
    const [first, second] = made
    for (const { file } of made) {
      const checked = await proof('check', file, '--data', server.dataDir)
      expect([checked.code, checked.output]).to.deep.equal([0, checked.output])
    }
    const path = `/admin/ledger/checkpoints/${second?.id}/extension?from=${first?.id}`
    const extension = saved('extension', (await get(auditor, path)).text)
    const shown = await proof('verify', extension, '--from', first?.file ?? '', '--under', second?.file ?? '')
    expect([shown.code, shown.output]).to.deep.equal([0, shown.output])
    const latest = await get(auditor, '/admin/ledger/checkpoints/latest')
    expect(latest.text).to.equal((await get(auditor, `/admin/ledger/checkpoints/${second?.id}`)).text)
    const list = await get(auditor, '/admin/ledger/checkpoints?limit=1')
    expect(checkpointListSchema.strict().safeParse(list.body).error?.message, list.text).to.equal(undefined)
    expect(list.body.checkpoints.map(({ id }: { id: string }) => id)).to.deep.equal([second?.id])
    const next = await get(auditor, `/admin/ledger/checkpoints?cursor=${list.body.next_cursor}`)
    expect(next.body.checkpoints.map(({ id }: { id: string }) => id)).to.deep.equal([first?.id])
  })

  it('proves a record under it, as the command line does', async () => {
    const record = transfer.replace('-', ':')
    const latest = await get(auditor, `/admin/ledger/records/${record}/proof`)
    expect(latest.status, latest.text).to.equal(200)
    const checked = await proof('verify', saved('proof', latest.text), '--under', made[1]?.file ?? '')
    expect(checked.output).to.include(`record ${record} is under the checkpoint of`)
    expect(checked.code).to.equal(0)
    const older = await get(auditor, `/admin/ledger/records/${record}/proof?checkpoint=${made[0]?.id}`)
    const again = await proof('verify', saved('older proof', older.text), '--under', made[0]?.file ?? '')
    expect([again.code, again.output]).to.deep.equal([0, again.output])
  })

  it('lists what ran and what there is, page by page', async () => {
    const { body, text } = await get(auditor, '/admin/jobs?limit=3')
    expect(runListSchema.strict().safeParse(body).error?.message, text).to.equal(undefined)
    expect(body.runs).to.have.length(3)
    expect(body.schedule[0]).to.deep.equal({ kind: 'checkpoint', daily: true, next_due_at: null, unavailable: null })
    const next = await get(auditor, `/admin/jobs?kind=verification&state=done&cursor=${body.next_cursor}`)
    expect(next.body.runs.map(({ kind, state }: Record<string, string>) => [kind, state])).to.deep.include([
      'verification',
      'done',
    ])
  })

  it('is the same run under the same key', async () => {
    const key = newKey()
    const first = await post(auditor, '/admin/ledger/verify', { partitions: [0] }, key)
    const again = await post(auditor, '/admin/jobs/verification', { partitions: [0] }, key)
    expect(again.body.id).to.equal(first.body.id)
    expect(codeOf(await post(auditor, '/admin/ledger/verify', {}, key))).to.deep.equal([409, 'idempotency_mismatch'])
    await ended(first.body.id)
  })

  it('is for staff by their roles, and each call on record', async () => {
    const player = await newPerson(server.url)
    for (const path of ['/admin/jobs', '/admin/ledger/checkpoints', '/admin/ledger/records/0:1/proof']) {
      expect(codeOf(await get(player, path))).to.deep.equal([403, 'forbidden'])
    }
    expect(codeOf(await post(player, '/admin/ledger/verify'))).to.deep.equal([403, 'forbidden'])
    expect(codeOf(await post(auditor, '/admin/jobs/checkpoint'))).to.deep.equal([403, 'forbidden'])
    const log = await get(admin, `/admin/audit-log?limit=100&route=${encodeURIComponent('/admin/jobs/{kind}')}`)
    const told = log.body.entries.map((entry: Record<string, unknown>) => [entry.actor, entry.outcome, entry.code])
    expect(told).to.deep.include([auditor.userId, 'refused', 'forbidden'])
    expect(told).to.deep.include([operator.userId, 'attempted', null])
    const started = log.body.entries.filter((entry: Record<string, unknown>) => entry.outcome === 'done')
    expect(started.map(({ after }: { after: Record<string, unknown> }) => after.run)).to.include(made[0]?.id)
  })

  it('refuses what makes no sense', async () => {
    const of = async (reply: Promise<Reply>) => codeOf(await reply)
    const bad = [400, 'invalid_request']
    for (const body of [
      { partitions: [2] },
      { partitions: 'x' },
      { from_seq: 0 },
      { from_seq: 3, to_seq: 2 },
      { x: 1 },
    ]) {
      expect(await of(post(auditor, '/admin/ledger/verify', body)), JSON.stringify(body)).to.deep.equal(bad)
      expect(await of(post(auditor, '/admin/jobs/verification', body)), JSON.stringify(body)).to.deep.equal(bad)
    }
    expect(await of(post(operator, '/admin/jobs/checkpoint', { key: 'x' }))).to.deep.equal(bad)
    expect(await of(post(operator, '/admin/jobs/nothing'))).to.deep.equal(bad)
    for (const query of ['limit=0', 'limit=1000000000', 'kind=x', 'state=x', 'cursor=x', "cursor=1.'--"]) {
      expect(await of(get(auditor, `/admin/jobs?${query}`)), query).to.deep.equal(bad)
    }
    for (const path of [
      '/admin/jobs/j_none',
      '/admin/jobs/j_none/document',
      '/admin/jobs/..%2F..%2Fjobs.db',
      '/admin/ledger/checkpoints/j_none',
      '/admin/ledger/records/x/proof',
      '/admin/ledger/records/0:0/proof',
    ]) {
      expect(await of(get(auditor, path)), path).to.deep.equal([404, 'not_found'])
    }
    const proofOf = (record: string, query = '') => of(get(auditor, `/admin/ledger/records/${record}/proof${query}`))
    expect(await proofOf('0:1', '?checkpoint=j_none')).to.deep.equal(bad)
    expect(await proofOf('0:999999')).to.deep.equal([409, 'job.not_provable'])
    expect(await proofOf('7:1')).to.deep.equal([409, 'job.not_provable'])
    const backwards = `/admin/ledger/checkpoints/${made[0]?.id}/extension?from=${made[1]?.id}`
    expect(await of(get(auditor, backwards))).to.deep.equal([409, 'job.not_provable'])
    expect(await of(call(server.url, 'POST /admin/ledger/verify', { token: auditor.token, body: {} }))).to.deep.equal([
      400,
      'idempotency_key_required',
    ])
  })

  it('tells what is left of a run that its process was killed in', async () => {
    const { body } = await post(auditor, '/admin/ledger/verify')
    await server.kill()
    await server.restart()
    const run = await ended(body.id)
    expect([run.state, run.error]).to.deep.equal(['failed', 'its process ended before it was done'])
    expect((await ran(await post(auditor, '/admin/ledger/verify'))).summary.sound).to.equal(true)
    const { text } = await get(auditor, '/admin/ledger/checkpoints/latest')
    expect(text).to.include('leetgaming ledger checkpoint 1')
  })

  it('names what somebody has changed, and signs it no more', async () => {
    const sql = `UPDATE commits SET bytes = CAST(replace(CAST(bytes AS TEXT), '"150"', '"151"') AS BLOB)`
    tamper(server.dataDir, 'journal.db', sql)
    const run = await ran(await post(auditor, '/admin/ledger/verify'))
    expect(run.state).to.equal('done')
    expect(run.summary.sound).to.equal(false)
    expect(run.summary.violation).to.deep.include({ invariant: 'J3' })
    expect(run.summary.violation.at).to.match(/^\d:\d+$/)
    const checkpoint = await ran(await post(operator, '/admin/jobs/checkpoint'))
    expect([checkpoint.state, checkpoint.document_type]).to.deep.equal(['failed', null])
    expect(checkpoint.error).to.include(`BROKEN J3 at ${run.summary.violation.at}`)
    const { text } = await call(server.url, 'GET /metrics')
    expect(text).to.match(/leet_alarms_total\{event="job\.finding"\} 2/)
  })
})
