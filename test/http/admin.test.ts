// GET /admin/cluster over a server on embedded storage: who may call it and what it answers.

import { expect } from 'chai'
import { call } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newPerson, newStaff } from '../support/staff.ts'

describe('GET /admin/cluster', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ PARTITIONS: '4' })
  })
  after(() => server.stop())

  for (const role of ['operator', 'auditor', 'admin'] as const) {
    it(`answers ${role}`, async () => {
      const { token } = await newStaff(server, role)
      const { status, body } = await call(server.url, 'GET /admin/cluster', { token })
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
    const { token } = await newPerson(server.url)
    const { status, body } = await call(server.url, 'GET /admin/cluster', { token })
    expect([status, body.error.code]).to.deep.equal([403, 'forbidden'])
  })

  it('refuses nobody in particular', async () => {
    const { status, body } = await call(server.url, 'GET /admin/cluster')
    expect([status, body.error.code]).to.deep.equal([401, 'unauthenticated'])
  })

  it('stands in the document', async () => {
    const { body } = await call(server.url, 'GET /openapi.json')
    const { get } = body.paths['/admin/cluster']
    expect(get['x-availability']).to.equal(undefined)
    expect(Object.keys(get.responses)).to.include.members(['200', '401', '403'])
    expect(get.security).to.deep.equal([{ bearer: [] }, { resourceOwner: [] }])
  })
})
