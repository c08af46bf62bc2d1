// Second factors and changes of password over HTTP, against the real server: players who want one, and staff who need one.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Enrolled, enroll } from '../support/authenticator.ts'
import { call, newGuest, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newPerson, newStaff, PASSWORD, type Person } from '../support/staff.ts'

const codeOf = ({ status, body }: Reply) => [status, body?.error?.code ?? null]

describe('a second factor over HTTP', () => {
  let server: TestServer
  let ann: Enrolled
  const post = (path: string, person: Pick<Person, 'token'> | null, body?: object): Promise<Reply> =>
    call(server.url, `POST ${path}`, {
      ...(person === null ? {} : { token: person.token }),
      ...(body === undefined ? {} : { body }),
    })
  const login = (person: Pick<Person, 'email'>, more: object = {}): Promise<Reply> =>
    post('/auth/login', null, { email: person.email, password: PASSWORD, ...more })
  const state = async (person: Person) => (await call(server.url, 'GET /auth/mfa/setup', { token: person.token })).body
  const amrOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).amr

  before(async () => {
    server = await startTestServer({ PARTITIONS: '2' })
    ann = await enroll(server.url, await newPerson(server.url))
  })
  after(() => server.stop())

  it('is set up in two steps, and its recovery codes are shown once', async () => {
    const bob = await newPerson(server.url)
    expect(await state(bob)).to.deep.equal({ enabled: false, pending: false, recovery_codes_left: 0 })
    expect(codeOf(await post('/auth/mfa/verify', bob, { code: '123456' }))).to.deep.equal([
      409,
      'auth.mfa_not_proposed',
    ])
    const { body } = await post('/auth/mfa/setup', bob)
    expect(body.otpauth_uri).to.match(/^otpauth:\/\/totp\/LeetGaming:/)
    expect(body.otpauth_uri).to.include(body.secret)
    expect(await state(bob)).to.deep.equal({ enabled: false, pending: true, recovery_codes_left: 0 })
    for (let wrong = 0; wrong < 6; wrong++) {
      expect(codeOf(await post('/auth/mfa/verify', bob, { code: '000000' }))).to.deep.equal([401, 'auth.mfa_invalid'])
    }
    expect((await login(bob)).status, 'as before').to.equal(200)
    expect(ann.verified.body.recovery_codes).to.have.length(10)
    expect(await state(ann)).to.deep.equal({ enabled: true, pending: false, recovery_codes_left: 10 })
    expect(codeOf(await post('/auth/mfa/setup', ann))).to.deep.equal([409, 'auth.mfa_enabled'])
  })

  it('is nothing for guests', async () => {
    const guest = await newGuest(server.url)
    expect(codeOf(await post('/auth/mfa/setup', guest))).to.deep.equal([409, 'auth.guest'])
  })

  it('is asked for at the next sign-in, and stays with the session', async () => {
    expect(codeOf(await login(ann))).to.deep.equal([401, 'auth.mfa_required'])
    const signedIn = await login(ann, { mfa_code: await ann.authenticator.next() })
    expect(signedIn.status, signedIn.text).to.equal(200)
    expect(amrOf(signedIn.body.token)).to.deep.equal(['pwd', 'otp', 'mfa'])
    expect(codeOf(await login(ann, { mfa_code: ann.authenticator.again() }))).to.deep.equal([401, 'auth.mfa_invalid'])
    const swapped = await post('/auth/refresh', null, { refresh_token: signedIn.body.refresh_token })
    expect(amrOf(swapped.body.token)).to.deep.equal(['pwd', 'otp', 'mfa'])
  })

  it('of several who show one code at once lets one in', async () => {
    const carl = await enroll(server.url, await newPerson(server.url))
    const code = await carl.authenticator.next()
    const all = await Promise.all([1, 2, 3, 4].map(() => login(carl, { mfa_code: code })))
    expect(all.map(({ status }) => status).sort()).to.deep.equal([200, 401, 401, 401])
  })

  it('is stood in for by a recovery code, once', async () => {
    const [code = ''] = ann.recoveryCodes
    expect((await login(ann, { recovery_code: code })).status).to.equal(200)
    expect(codeOf(await login(ann, { recovery_code: code }))).to.deep.equal([401, 'auth.mfa_invalid'])
    expect((await state(ann)).recovery_codes_left).to.equal(9)
    const fresh = await post('/auth/mfa/recovery-codes', ann, { code: await ann.authenticator.next() })
    expect(fresh.body.recovery_codes, fresh.text).to.have.length(10)
    expect(codeOf(await login(ann, { recovery_code: ann.recoveryCodes[1] }))).to.deep.equal([401, 'auth.mfa_invalid'])
    expect((await login(ann, { recovery_code: fresh.body.recovery_codes[0] })).status).to.equal(200)
  })

  it('locks after five wrong codes, whoever asked for the code meanwhile', async () => {
    const dora = await enroll(server.url, await newPerson(server.url))
    for (let failure = 0; failure < 5; failure++) {
      expect(codeOf(await login(dora))).to.deep.equal([401, 'auth.mfa_required'])
      expect(codeOf(await login(dora, { mfa_code: '000000' }))).to.deep.equal([401, 'auth.mfa_invalid'])
    }
    const locked = await login(dora, { mfa_code: await dora.authenticator.next() })
    expect(codeOf(locked)).to.deep.equal([429, 'auth.locked'])
    expect(Number(locked.headers.get('retry-after'))).to.be.within(1, 900)
    const body = { password: PASSWORD, code: await dora.authenticator.next() }
    expect(codeOf(await post('/auth/mfa/disable', dora, body)), 'the same lock').to.deep.equal([429, 'auth.locked'])
  })

  it('ends by password and code together, and so does every session', async () => {
    const eve = await enroll(server.url, await newPerson(server.url))
    const disable = (body: object) => post('/auth/mfa/disable', eve, body)
    expect(codeOf(await disable({ password: PASSWORD }))).to.deep.equal([401, 'auth.mfa_required'])
    expect(codeOf(await disable({ password: 'wrong', code: '000000' }))).to.deep.equal([
      401,
      'auth.invalid_credentials',
    ])
    expect(codeOf(await disable({ code: '000000' }))).to.deep.equal([400, 'invalid_request'])
    const ended = await disable({ password: PASSWORD, code: await eve.authenticator.next() })
    expect(ended.status, ended.text).to.equal(200)
    const old = { refresh_token: eve.verified.body.refresh_token }
    expect(codeOf(await post('/auth/refresh', null, old))).to.deep.equal([401, 'auth.refresh_invalid'])
    expect((await login(eve)).status).to.equal(200)
    const again = await post('/auth/mfa/disable', eve, { password: PASSWORD, code: '000000' })
    expect(codeOf(again)).to.deep.equal([409, 'auth.mfa_not_enabled'])
    const codes = await post('/auth/mfa/recovery-codes', eve, { code: '000000' })
    expect(codeOf(codes)).to.deep.equal([409, 'auth.mfa_not_enabled'])
  })

  it('is no secret in the file', () => {
    const { secret } = ann.authenticator
    const files = readdirSync(server.dataDir).filter((name) => name.startsWith('identity.db'))
    const bytes = Buffer.concat(files.map((name) => readFileSync(join(server.dataDir, name))))
    expect(bytes.includes(ann.userId)).to.equal(true)
    const hidden = [secret.base32, secret.utf8, secret.hex, ...ann.recoveryCodes]
    expect([Buffer.from(secret.bytes), ...hidden].filter((part) => bytes.includes(part))).to.deep.equal([])
  })

  it('stands in the document', async () => {
    const { paths } = (await call(server.url, 'GET /openapi.json')).body
    for (const path of ['setup', 'verify', 'disable', 'recovery-codes']) {
      expect(paths[`/auth/mfa/${path}`].post['x-availability'], path).to.equal(undefined)
    }
    expect(paths['/auth/login'].post.responses['401'].description).to.include('auth.mfa_required')
    const { properties } = paths['/auth/login'].post.requestBody.content['application/json'].schema
    expect(properties).to.include.keys('mfa_code', 'recovery_code')
  })
})

describe('a change of password over HTTP', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer({ PARTITIONS: '2' })
  })
  after(() => server.stop())
  const change = (token: string, body: object) => call(server.url, 'POST /auth/password', { token, body })

  it('asks for the present one, and ends every other session', async () => {
    const ann = await newPerson(server.url)
    const { body: phone } = await call(server.url, 'POST /auth/login', {
      body: { email: ann.email, password: PASSWORD },
    })
    const next = 'another horse battery'
    for (const [body, expected] of [
      [{ current_password: 'wrong', new_password: next }, [401, 'auth.invalid_credentials']],
      [{ current_password: PASSWORD, new_password: 'short' }, [400, 'invalid_request']],
      [{ current_password: PASSWORD }, [400, 'invalid_request']],
      [{ new_password: next }, [400, 'invalid_request']],
    ] as const) {
      expect(codeOf(await change(ann.token, body))).to.deep.equal(expected)
    }
    const changed = await change(ann.token, { current_password: PASSWORD, new_password: next })
    expect(changed.status, changed.text).to.equal(200)
    const refresh = (token: string) => call(server.url, 'POST /auth/refresh', { body: { refresh_token: token } })
    expect(codeOf(await refresh(phone.refresh_token))).to.deep.equal([401, 'auth.refresh_invalid'])
    expect((await refresh(changed.body.refresh_token)).status).to.equal(200)
    const login = (password: string) => call(server.url, 'POST /auth/login', { body: { email: ann.email, password } })
    expect(codeOf(await login(PASSWORD))).to.deep.equal([401, 'auth.invalid_credentials'])
    expect((await login(next)).status).to.equal(200)
  })

  it('asks for the code where there is one, and is nothing for guests', async () => {
    const bob = await enroll(server.url, await newPerson(server.url))
    const body = { current_password: PASSWORD, new_password: 'another horse battery' }
    expect(codeOf(await change(bob.token, body))).to.deep.equal([401, 'auth.mfa_required'])
    const changed = await change(bob.token, { ...body, mfa_code: await bob.authenticator.next() })
    expect(changed.status, changed.text).to.equal(200)
    expect(codeOf(await change((await newGuest(server.url)).token, body))).to.deep.equal([409, 'auth.guest'])
  })

  it('is not for staff to make', async () => {
    const admin = await newStaff(server, 'admin')
    const reply = await call(server.url, `POST /admin/users/${admin.userId}/password-reset`, { token: admin.token })
    expect(codeOf(reply)).to.deep.equal([404, 'not_found'])
  })
})

describe('staff who need a second factor', () => {
  let server: TestServer
  let admin: Enrolled
  const get = (path: string, { token }: Pick<Person, 'token'>) => call(server.url, `GET ${path}`, { token })
  const reset = (id: string, { token }: Person) => call(server.url, `POST /admin/users/${id}/mfa/reset`, { token })

  before(async () => {
    server = await startTestServer({ PARTITIONS: '2', STAFF_MFA: 'required' })
    admin = await enroll(server.url, await newStaff(server, 'admin'))
  })
  after(() => server.stop())

  for (const role of ['operator', 'auditor', 'admin'] as const) {
    it(`as ${role}: without one, with a session made before it, and with it`, async () => {
      const one = await newStaff(server, role)
      expect(codeOf(await get('/admin/cluster', one))).to.deep.equal([403, 'staff.mfa_required'])
      const enrolled = await enroll(server.url, one)
      expect(codeOf(await get('/admin/cluster', one)), 'made before').to.deep.equal([403, 'staff.mfa_required'])
      expect((await get('/admin/cluster', enrolled)).status).to.equal(200)
    })
  }

  it('are refused on record, and a player is forbidden as ever', async () => {
    const one = await newStaff(server, 'operator')
    await get('/admin/cluster', one)
    const { body } = await get(`/admin/audit-log?actor=${one.userId}`, admin)
    expect(body.entries[0]).to.deep.include({ outcome: 'refused', status: 403, code: 'staff.mfa_required' })
    expect(codeOf(await get('/admin/cluster', await newPerson(server.url)))).to.deep.equal([403, 'forbidden'])
  })

  it('given a role afterwards: the session without it does not pass, the one with it does', async () => {
    const player = await newPerson(server.url)
    const enrolled = await enroll(server.url, player)
    const body = { roles: ['operator'] }
    await call(server.url, `PUT /admin/users/${player.userId}/roles`, { token: admin.token, body })
    expect(codeOf(await get('/admin/cluster', player))).to.deep.equal([403, 'staff.mfa_required'])
    expect((await get('/admin/cluster', enrolled)).status).to.equal(200)
  })

  it('lose it by an admin’s word: at once, on record, and what was made with it is no good with another', async () => {
    const lost = await enroll(server.url, await newStaff(server, 'operator'))
    const reply = await reset(lost.userId, admin)
    expect([reply.status, reply.body.second_factor]).to.deep.equal([200, false])
    expect(codeOf(await get('/admin/cluster', lost))).to.deep.equal([403, 'staff.mfa_required'])
    const old = { refresh_token: lost.verified.body.refresh_token }
    const refreshed = await call(server.url, 'POST /auth/refresh', { body: old })
    expect(codeOf(refreshed)).to.deep.equal([401, 'auth.refresh_invalid'])
    const { body } = await get(`/admin/audit-log?route=${encodeURIComponent('/admin/users/{id}/mfa/reset')}`, admin)
    expect(body.entries[0]).to.deep.include({
      target: lost.userId,
      outcome: 'done',
      before: { second_factor: true },
      after: { second_factor: false },
    })
    const anew = await enroll(server.url, lost)
    expect(codeOf(await get('/admin/cluster', lost))).to.deep.equal([403, 'staff.mfa_required'])
    expect((await get('/admin/cluster', anew)).status).to.equal(200)
  })

  it('is not for oneself, not for other roles, and not of those who have none', async () => {
    expect(codeOf(await reset(admin.userId, admin))).to.deep.equal([403, 'forbidden'])
    const player = await newPerson(server.url)
    expect(codeOf(await reset(player.userId, admin))).to.deep.equal([409, 'auth.mfa_not_enabled'])
    for (const id of [`u_${'x'.repeat(22)}`, 'x']) {
      expect(codeOf(await reset(id, admin))).to.deep.equal([404, 'not_found'])
    }
    for (const role of ['operator', 'auditor'] as const) {
      const other = await enroll(server.url, await newStaff(server, role))
      expect(codeOf(await reset(admin.userId, other))).to.deep.equal([403, 'forbidden'])
    }
  })

  it('is ended at the machine for an admin who has lost it', async () => {
    const tool = (email: string) => runProgram('server/operator.ts', 'reset-factor', email, '--data', server.dataDir)
    const other = await enroll(server.url, await newStaff(server, 'admin'))
    const done = await tool(other.email)
    expect([done.code, done.output]).to.deep.equal([0, done.output])
    expect(done.output).to.include(other.userId)
    expect(codeOf(await get('/admin/cluster', other))).to.deep.equal([403, 'staff.mfa_required'])
    expect((await tool(other.email)).code, 'there is none').to.equal(1)
    expect((await tool('nobody@example.com')).code).to.equal(1)
    const { body } = await get(`/admin/audit-log?route=${encodeURIComponent('cli reset-factor')}`, admin)
    expect(body.entries.map(({ outcome, target }: Record<string, unknown>) => [outcome, target])).to.deep.equal([
      ['done', other.userId],
      ['attempted', other.userId],
    ])
  })

  it('whose secrets were sealed under another token secret is told so, and helped by a recovery code', async () => {
    const home = server.dataDir
    await server.stop()
    const rotated = await startTestServer({ PARTITIONS: '2', DATA_DIR: home, TOKEN_SECRET: 'r'.repeat(48) })
    try {
      const body = { email: admin.email, password: PASSWORD }
      const unreadable = await call(rotated.url, 'POST /auth/login', {
        body: { ...body, mfa_code: await admin.authenticator.next() },
      })
      expect(codeOf(unreadable)).to.deep.equal([409, 'auth.mfa_unreadable'])
      const [code] = admin.recoveryCodes
      const helped = await call(rotated.url, 'POST /auth/login', { body: { ...body, recovery_code: code } })
      expect(helped.status, helped.text).to.equal(200)
    } finally {
      await rotated.stop()
      await server.restart()
    }
  })
})

describe('attempts above the rate', () => {
  it('are limited with logins, by address: ten a minute for all who try codes', async () => {
    const server = await startTestServer({ PARTITIONS: '2', RATE_LIMITS: 'on' })
    const { token } = await newGuest(server.url)
    const statuses: number[] = []
    for (let time = 0; time < 11; time++) {
      const body = { code: '000000' }
      statuses.push((await call(server.url, 'POST /auth/mfa/verify', { token, body })).status)
    }
    expect(statuses.filter((status) => status === 429).length).to.be.at.least(2)
    await server.stop()
  })
})
