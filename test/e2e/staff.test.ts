// Staff against the real server on embedded storage: the first admin, who may do what, and that all of it is in the audit
// log, down to a changed byte.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import type { z } from 'zod'
import { type auditEntrySchema, auditPageSchema } from '../../server/http/routes/auditLog.ts'
import { userSchema, usersSchema } from '../../server/http/routes/users.ts'
import type { StaffRole } from '../../server/identity/port.ts'
import { AUDIT_FILE } from '../../server/staff/auditFile.ts'
import { SqliteAuditLog } from '../../server/staff/sqliteAuditLog.ts'
import { systemClock } from '../../server/system.ts'
import { call, newGuest, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newPerson, newStaff, PASSWORD, type Person } from '../support/staff.ts'

type Entry = z.output<typeof auditEntrySchema>

const ROLES_ROUTE = '/admin/users/{id}/roles'

describe('staff', () => {
  let server: TestServer
  let url: string
  let admin: Person
  let auditor: Person
  let operator: Person
  before(async () => {
    server = await startTestServer({ PARTITIONS: '2' })
    url = server.url
    admin = await newPerson(url)
  })
  after(() => server.kill().catch(() => {})) // the last test has stopped it

  const tool = (...args: readonly string[]) => runProgram('server/operator.ts', ...args, '--data', server.dataDir)
  const give = (by: Person, to: Pick<Person, 'userId'>, ...roles: StaffRole[]): Promise<Reply> =>
    call(url, `PUT /admin/users/${to.userId}/roles`, { token: by.token, body: { roles } })
  const get = (by: Person, path: string): Promise<Reply> => call(url, `GET ${path}`, { token: by.token })
  const codeOf = ({ status, body }: Reply) => [status, body?.error?.code ?? null]
  async function log(query = ''): Promise<readonly Entry[]> {
    const reply = await get(admin, `/admin/audit-log?limit=100${query}`)
    expect(reply.status, reply.text).to.equal(200)
    expect(auditPageSchema.strict().safeParse(reply.body).error?.message, reply.text).to.equal(undefined)
    return reply.body.entries
  }

  describe('the first admin', () => {
    it('is nobody by default', async () => {
      expect(codeOf(await get(admin, '/admin/users'))).to.deep.equal([403, 'forbidden'])
    })

    it('has to be registered, or to be made by name', async () => {
      const { code, output } = await tool('admin', 'nobody@example.com')
      expect(code).to.equal(1)
      expect(output).to.match(/--create/)
      expect((await tool('admin', 'no address')).code).to.equal(1)
    })

    it('is made while the server runs, and can call at once, with the token they have', async () => {
      const { code, output } = await tool('admin', admin.email)
      expect([code, output]).to.deep.equal([0, output])
      expect(output).to.include(`${admin.userId}, registered`)
      expect((await get(admin, '/admin/users')).status).to.equal(200)
      const entries = (await log()).filter(({ route }) => route === 'cli admin')
      expect(entries.map(({ outcome, actor, address, target }) => [outcome, actor, address, target])).to.deep.equal([
        ['done', null, 'cli', admin.userId],
        ['attempted', null, 'cli', admin.userId],
      ])
      expect(entries[0]).to.deep.include({
        attempt: entries[1]?.seq,
        before: { roles: ['player'] },
        after: { roles: ['player', 'admin'] },
      })
    })

    it('is the only one the tool makes, but for recovery: then with a password shown once', async () => {
      const again = await tool('admin', 'second@example.com', '--create')
      expect(again.code).to.equal(1)
      expect(again.output).to.include(admin.userId)
      expect((await tool('admin', admin.email)).code, 'an admin already').to.equal(0)
      const { code, output } = await tool('admin', 'second@example.com', '--create', '--recover')
      expect(code, output).to.equal(0)
      const password = /shown this once: (\S{24})/.exec(output)?.[1]
      const login = await call(url, 'POST /auth/login', { body: { email: 'second@example.com', password } })
      expect(login.body.roles).to.deep.equal(['player', 'admin'])
      const second = { userId: login.body.user_id, token: login.body.token, email: '' }
      expect((await give(admin, second)).status, 'and is none any more').to.equal(200)
      expect(codeOf(await get(second, '/admin/users'))).to.deep.equal([403, 'forbidden'])
    })
  })

  describe('roles', () => {
    before(async () => {
      auditor = await newPerson(url)
      operator = await newPerson(url)
    })

    it('are given by an admin, and are on record with what was before and after', async () => {
      const reply = await give(admin, auditor, 'auditor')
      expect(reply.status, reply.text).to.equal(200)
      expect(userSchema.strict().safeParse(reply.body).error?.message).to.equal(undefined)
      expect(reply.body.roles).to.deep.equal(['player', 'auditor'])
      expect((await give(admin, operator, 'operator')).status).to.equal(200)
      const [done, attempted] = (await log()).filter(({ target }) => target === auditor.userId)
      const shared = { actor: admin.userId, roles: ['player', 'admin'], method: 'PUT', route: ROLES_ROUTE }
      const path = `/admin/users/${auditor.userId}/roles`
      expect(attempted).to.deep.include({ ...shared, path, outcome: 'attempted', status: null, before: null })
      expect(done).to.deep.include({ ...shared, path, outcome: 'done', status: 200, attempt: attempted?.seq })
      expect(done).to.deep.include({ before: { roles: ['player'] }, after: { roles: ['player', 'auditor'] } })
      expect(done?.address).to.match(/127\.0\.0\.1/)
      expect(done?.request_id).to.equal(reply.headers.get('x-request-id'))
    })

    it('are not given by an operator, nor by an auditor, who changes nothing at all', async () => {
      for (const staff of [operator, auditor]) {
        expect(codeOf(await give(staff, staff, 'admin'))).to.deep.equal([403, 'forbidden'])
        const [entry] = await log(`&actor=${staff.userId}`)
        expect(entry).to.deep.include({ route: ROLES_ROUTE, outcome: 'refused', status: 403, code: 'forbidden' })
        expect(entry?.before).to.equal(null)
      }
      expect((await get(admin, `/admin/users/${operator.userId}`)).body.roles).to.deep.equal(['player', 'operator'])
    })

    it('end with the call that takes them, whatever the token says', async () => {
      const gone = await newStaff(server, 'operator')
      const login = await call(url, 'POST /auth/login', { body: { email: gone.email, password: PASSWORD } })
      const withToken = { ...gone, token: login.body.token }
      expect((await get(withToken, '/admin/cluster')).status).to.equal(200)
      expect((await give(admin, gone)).status).to.equal(200)
      expect(codeOf(await get(withToken, '/admin/cluster'))).to.deep.equal([403, 'forbidden'])
    })

    it('are not taken from the last admin', async () => {
      expect(codeOf(await give(admin, admin, 'operator'))).to.deep.equal([409, 'staff.last_admin'])
      const [entry] = await log(`&outcome=refused&actor=${admin.userId}`)
      expect(entry).to.deep.include({ code: 'staff.last_admin', status: 409, target: admin.userId })
      expect((await get(admin, '/admin/users')).status).to.equal(200)
    })

    it('of two admins who take each other’s at once, one stays', async () => {
      const other = await newStaff(server, 'admin')
      const replies = await Promise.all([give(admin, other), give(other, admin)])
      const admins = [admin, other]
      const left = []
      for (const one of admins) if ((await get(one, '/admin/users')).status === 200) left.push(one)
      expect(left).to.have.length(1)
      expect(replies.filter(({ status }) => status === 200).length).to.be.at.least(1)
      admin = left[0] ?? admin
    })

    for (const [what, body, code] of [
      ['no body', undefined, 'invalid_request'],
      ['no roles', {}, 'invalid_request'],
      ['a role that is none', { roles: ['root'] }, 'invalid_request'],
      ['an auditor who changes', { roles: ['auditor', 'admin'] }, 'invalid_request'],
      ['too many', { roles: Array(1_000).fill('admin') }, 'invalid_request'],
      ['no list', { roles: 'admin' }, 'invalid_request'],
      ['what is no JSON', '{"roles":', 'malformed_body'],
    ] as const) {
      it(`are refused as ${what}`, async () => {
        const path = `PUT /admin/users/${operator.userId}/roles`
        const reply = await call(url, path, { token: admin.token, ...(body === undefined ? {} : { body }) })
        expect(codeOf(reply)).to.deep.equal([400, code])
        const [entry] = await log(`&actor=${admin.userId}&route=${encodeURIComponent(ROLES_ROUTE)}`)
        expect(entry).to.deep.include({ outcome: 'refused', status: 400, code, after: null })
      })
    }

    it('are nothing for a guest or for nobody', async () => {
      const guest = await newGuest(url)
      const path = (id: string) => `PUT /admin/users/${id}/roles`
      const roles = { token: admin.token, body: { roles: ['operator'] } }
      expect(codeOf(await call(url, path(guest.userId), roles))).to.deep.equal([409, 'staff.guest'])
      for (const id of [`u_${'x'.repeat(22)}`, 'x', "'; DROP TABLE users; --".replaceAll(' ', '%20'), '..%2f..']) {
        expect(codeOf(await call(url, path(id), roles)), id).to.deep.equal([404, 'not_found'])
      }
    })
  })

  describe('users', () => {
    it('are found by address, by role and in pages', async () => {
      const byEmail = await get(operator, `/admin/users?email=${encodeURIComponent(auditor.email)}`)
      expect(usersSchema.strict().safeParse(byEmail.body).error?.message, byEmail.text).to.equal(undefined)
      expect(byEmail.body.users.map(({ user_id: id }: { user_id: string }) => id)).to.deep.equal([auditor.userId])
      const byRole = await get(operator, '/admin/users?role=auditor')
      expect(byRole.body.users).to.deep.equal(byEmail.body.users)
      const all = (await get(auditor, '/admin/users?limit=100')).body.users
      const paged: unknown[] = []
      for (let cursor = ''; ; ) {
        const { body } = await get(auditor, `/admin/users?limit=3${cursor}`)
        paged.push(...body.users)
        if (body.next_cursor === null) break
        cursor = `&cursor=${body.next_cursor}`
      }
      expect(paged).to.deep.equal(all)
    })

    for (const path of [
      '/admin/users?limit=0',
      '/admin/users?limit=1000000000',
      '/admin/users?role=player',
      '/admin/audit-log?limit=101',
      '/admin/audit-log?limit=x',
      '/admin/audit-log?cursor=-1',
      '/admin/audit-log?cursor=1%20OR%201=1',
      '/admin/audit-log?actor=everybody',
      '/admin/audit-log?outcome=fine',
      '/admin/audit-log?from=yesterday',
    ]) {
      it(`are refused: ${path}`, async () => {
        expect(codeOf(await get(admin, path))).to.deep.equal([400, 'invalid_request'])
      })
    }
  })

  describe('the audit log', () => {
    it('is for auditors and admins', async () => {
      expect((await get(auditor, '/admin/audit-log')).status).to.equal(200)
      expect(codeOf(await get(operator, '/admin/audit-log'))).to.deep.equal([403, 'forbidden'])
    })

    it('has every read, this one included at the next', async () => {
      await get(auditor, '/admin/audit-log?limit=1')
      const [entry] = await log(`&actor=${auditor.userId}`)
      expect(entry).to.deep.include({ route: '/admin/audit-log', path: '/admin/audit-log', method: 'GET', status: 200 })
      const found = await get(auditor, `/admin/audit-log?route=${encodeURIComponent(ROLES_ROUTE)}&outcome=done&limit=2`)
      expect(found.body.entries.map(({ route }: Entry) => route)).to.deep.equal([ROLES_ROUTE, ROLES_ROUTE])
      expect(found.body.head.seq).to.be.above(Number(found.body.next_cursor))
    })

    it('has those who are no staff: a player, somebody without a token, an unknown path', async () => {
      const player = await newPerson(url)
      expect(codeOf(await get(player, '/admin/cluster'))).to.deep.equal([403, 'forbidden'])
      for (let time = 0; time < 3; time++) await call(url, 'GET /admin/users')
      await call(url, 'DELETE /admin/secrets/of/ann@example.com')
      const refused = await log('&outcome=refused')
      const [first] = refused.filter(({ actor }) => actor === player.userId)
      expect(first).to.deep.include({ route: '/admin/cluster', roles: ['player'], status: 403 })
      const nobody = refused.filter(({ actor }) => actor === null)
      const seen = nobody.map(({ method, route, status }) => [method, route, status])
      expect(seen).to.deep.include.members([
        ['GET', '/admin/users', 401],
        ['any', null, 404],
      ])
      expect(
        seen.filter(([, route]) => route === '/admin/users'),
        'the others are counted',
      ).to.have.length(1)
    })

    it('holds ids alone: no address, no name, no token, no query', async () => {
      await get(admin, `/admin/users?email=${encodeURIComponent(auditor.email)}`)
      await get(admin, `/admin/users/${encodeURIComponent(auditor.email)}`)
      const files = readdirSync(server.dataDir).filter((name) => name.startsWith(AUDIT_FILE))
      const bytes = files.map((name) => readFileSync(join(server.dataDir, name), 'latin1')).join('')
      expect(bytes).to.include(auditor.userId)
      for (const personal of ['example.com', 'example%2e', 'Ann', PASSWORD, admin.token.slice(0, 40), 'limit=']) {
        expect(bytes.includes(personal), personal).to.equal(false)
      }
    })

    it('that cannot be written keeps changes from being made; what stands still can be seen all the same', async () => {
      const other = new DatabaseSync(join(server.dataDir, AUDIT_FILE))
      other.exec('BEGIN IMMEDIATE')
      try {
        expect(codeOf(await give(admin, operator, 'admin'))).to.deep.equal([503, 'unavailable'])
        expect((await get(operator, '/admin/cluster')).status).to.equal(200)
      } finally {
        other.exec('ROLLBACK')
        other.close()
      }
      expect((await get(admin, `/admin/users/${operator.userId}`)).body.roles).to.deep.equal(['player', 'operator'])
      expect((await give(admin, operator, 'operator')).status).to.equal(200)
    })

    it('stands in the document, with its routes', async () => {
      const { paths } = (await call(url, 'GET /openapi.json')).body
      expect(Object.keys(paths)).to.include.members([
        '/admin/audit-log',
        '/admin/users',
        '/admin/users/{id}',
        ROLES_ROUTE,
      ])
      expect(paths['/admin/audit-log'].get.parameters.map(({ name }: { name: string }) => name)).to.include('cursor')
      expect(Object.keys(paths[ROLES_ROUTE].put.responses)).to.include.members(['200', '403', '404', '409', '503'])
    })

    it('is verified, server running or not, and an entry with a changed byte is named', async () => {
      const headers = { 'x-request-id': 'the-one-to-be-changed' }
      await call(url, 'GET /admin/users', { token: admin.token, headers })
      await get(admin, '/admin/users')
      const sound = await tool('audit', 'verify')
      expect([sound.code, sound.output]).to.deep.equal([0, sound.output])
      const head = /head (\d+:[0-9a-f]{64})/.exec(sound.output)?.[1] ?? ''
      expect((await tool('audit', 'verify', '--head', head)).code).to.equal(0)
      expect(await server.stop()).to.equal(0)
      const folder = ['--data', server.dataDir]
      const whole = await runProgram('server/verify.ts', ...folder)
      expect([whole.code, whole.output]).to.deep.equal([0, whole.output])
      expect(whole.output).to.match(/audit log +\d+ entries, chain is sound/)

      const file = join(server.dataDir, AUDIT_FILE)
      const bytes = readFileSync(file)
      const at = bytes.indexOf('the-one-to-be-changed')
      expect(at).to.be.above(0)
      bytes.write('T', at)
      writeFileSync(file, bytes)
      const broken = await tool('audit', 'verify')
      expect(broken.code).to.equal(1)
      expect(broken.output).to.match(/BROKEN audit log at entry \d+: its text is not what its hash was made from/)
      const audited = await runProgram('server/verify.ts', ...folder)
      expect(audited.code).to.equal(1)
      expect(audited.output).to.include(/BROKEN audit log at entry \d+/.exec(broken.output)?.[0])
      const longer = await tool('audit', 'verify', '--head', `999999:${head.split(':')[1]}`)
      expect(longer.code).to.equal(1)
    })
  })
})

describe('staff above their rate', () => {
  it('are on record: at once, and then as a number when the server stops', async () => {
    const server = await startTestServer({ PARTITIONS: '2', RATE_LIMITS: 'on' })
    const operator = await newStaff(server, 'operator')
    const statuses: number[] = []
    for (let time = 0; time < 110; time++) {
      statuses.push((await call(server.url, 'GET /admin/cluster', { token: operator.token })).status)
    }
    const limited = statuses.filter((status) => status === 429).length
    expect(limited).to.be.within(5, 10)
    expect(await server.stop()).to.equal(0)
    const file = new SqliteAuditLog(join(server.dataDir, AUDIT_FILE), systemClock)
    const filters = { actor: operator.userId, route: null, fromMs: null, toMs: null, before: null, limit: 100 }
    const { entries } = await file.page({ ...filters, outcome: 'counted' })
    expect(entries).to.have.length(1)
    expect(entries[0]).to.deep.include({
      route: '/admin/cluster',
      status: 429,
      code: 'rate_limited',
      count: limited - 1,
    })
    expect((await file.page({ ...filters, outcome: 'refused' })).entries).to.have.length(1)
    await file.close()
  })
})
