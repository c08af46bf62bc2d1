// Jobs over real HTTP: started, followed until they are done, and what they made.

import { expect } from 'chai'
import { call } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newPerson, newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describe('jobs', () => {
  let server: TestServer
  let operator: Person
  let auditor: Person
  let keys = 0
  before(async () => {
    server = await startTestServer({ PARTITIONS: '2' })
    operator = await newStaff(server, 'operator')
    auditor = await newStaff(server, 'auditor')
  })
  after(() => server.stop())

  const start = (by: Person, kind: string, body: object = {}, key = `key-${++keys}`) =>
    call(server.url, `POST /admin/jobs/${kind}`, { token: by.token, body: { ...body, idempotency_key: key } })
  const get = (by: Person, path: string) => call(server.url, `GET ${path}`, { token: by.token })
  async function ended(id: string) {
    return until(`the end of ${id}`, async () => {
      const { body } = await get(operator, `/admin/jobs/${id}`)
      return body.state === 'running' ? null : body
    })
  }

  it('verifies the ledger for an auditor', async () => {
    const { status, body, text } = await start(auditor, 'verification')
    expect(status, text).to.equal(202)
    expect(body).to.deep.include({ kind: 'verification', state: 'running', requested_by: auditor.userId, day: null })
    const run = await ended(body.id)
    expect(run).to.deep.include({ state: 'done', error: null })
    expect(run.summary).to.deep.include({ sound: true })
  })

  it('is not for players', async () => {
    const player = await newPerson(server.url)
    expect((await start(player, 'verification')).status).to.equal(403)
    expect((await get(player, '/admin/jobs')).status).to.equal(403)
  })
})
