// Routes for staff, over a server on embedded storage: who may call them, what they answer, and that every call is on
// record. Nobody can be made staff yet: the tokens are made here, with the server's own secret.

import { expect } from 'chai'
import type { Role } from '../../server/identity/port.ts'
import { call, newGuest } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { STAFF_SECRET, staffToken } from '../support/staff.ts'

describe('GET /admin/cluster', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ TOKEN_SECRET: STAFF_SECRET, PARTITIONS: '4', LOG_LEVEL: 'info' })
  })
  after(() => server.stop())

  const ask = async (role: Role) => call(server.url, 'GET /admin/cluster', { token: await staffToken(role) })

  for (const role of ['operator', 'auditor', 'admin'] as const) {
    it(`answers ${role}`, async () => {
      const { status, body } = await ask(role)
      expect(status).to.equal(200)
      expect(Object.keys(body)).to.deep.equal(['me', 'lease_held', 'members', 'partitions', 'halts'])
      expect(body.lease_held).to.equal(true)
      expect(body.members).to.deep.equal([{ id: body.me, state: 'serving', address: null, holds: 4, seen_ms_ago: 0 }])
      expect(body.partitions.map(({ partition }: { partition: number }) => partition)).to.deep.equal([0, 1, 2, 3])
      expect(body.partitions[0]).to.have.all.keys('partition', 'epoch', 'seq', 'lag', 'halted')
      expect(body.halts).to.deep.equal([])
    })
  }

  it('refuses a player', async () => {
    const { token } = await newGuest(server.url)
    const { status, body } = await call(server.url, 'GET /admin/cluster', { token })
    expect([status, body.error.code]).to.deep.equal([403, 'forbidden'])
  })

  it('refuses nobody in particular', async () => {
    const { status, body } = await call(server.url, 'GET /admin/cluster')
    expect([status, body.error.code]).to.deep.equal([401, 'unauthenticated'])
  })

  it('puts every call on record, with who, what and how it ended', async () => {
    const calls = server.output
      .split('\n')
      .flatMap((line) => (line.includes('"audit"') ? [JSON.parse(line).audit] : []))
    const seen = calls.map(({ actor, roles, route, status, outcome }) => [
      typeof actor,
      roles.join(),
      route,
      status,
      outcome,
    ])
    expect(seen).to.deep.include.members([
      ['string', 'operator', '/admin/cluster', 200, 'done'],
      ['string', 'player', '/admin/cluster', 403, 'refused'],
      ['object', '', '/admin/cluster', 401, 'refused'],
    ])
  })

  it('stands in the document', async () => {
    const { body } = await call(server.url, 'GET /openapi.json')
    const { get } = body.paths['/admin/cluster']
    expect(get['x-availability']).to.equal(undefined)
    expect(Object.keys(get.responses)).to.include.members(['200', '401', '403'])
    expect(get.security).to.deep.equal([{ bearer: [] }, { resourceOwner: [] }])
  })
})
