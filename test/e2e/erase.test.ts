// A person is erased: by an admin and by themselves, over HTTP, against the real server. What said who they were is gone
// from every byte of identity; the ledger and the audit log stay as they were, byte for byte.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { erasedSchema } from '../../server/http/routes/userOrders.ts'
import { newKeys } from '../proof/bench.ts'
import { enroll } from '../support/authenticator.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { type RunResult, runProgram, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newPerson, newStaff, PASSWORD, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const codeOf = ({ status, body }: Reply) => [status, body?.error?.code ?? null]
const REASON = { reason: 'asked_by_owner', case: 'CASE-17' }
const ADDRESS = 'DE89370400440532013000'

describe('erasing a person', () => {
  const keys = newKeys('ann')
  const own = temporaryFolder()
  let server: TestServer
  let admin: Person
  let bob: Guest

  const post = (path: string, token: string, body: object = {}): Promise<Reply> =>
    call(server.url, `POST ${path}`, { token, body })
  const keyed = async (path: string, token: string, body: object): Promise<Reply> => {
    const reply = await post(path, token, { ...body, idempotency_key: newKey() })
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text}`)
    return reply
  }
  const erase = (id: string, by: Person = admin, body: object = REASON) =>
    post(`/admin/users/${id}/erase`, by.token, body)
  const walletOf = (person: Pick<Person, 'userId'>): string => `w_${person.userId.slice(2)}`
  const deposit = (token: string, amount: string) => keyed('/wallet/deposit', token, { currency: 'USD', amount })
  const giveAway = (token: string, amount: string) =>
    keyed('/wallet/transfers', token, { to: bob.walletId, currency: 'USD', amount, memo: 'bye' })
  const filesOf = (prefix: string): Buffer => {
    const names = readdirSync(server.dataDir).filter((name) => name.startsWith(prefix))
    return Buffer.concat(names.map((name) => readFileSync(join(server.dataDir, name))))
  }

  before(async () => {
    server = await startTestServer({ PARTITIONS: '2' })
    admin = await newStaff(server, 'admin')
    bob = await newGuest(server.url)
  })
  after(() => server.stop())

  it('leaves an id, and nobody behind it: tokens, sockets, sessions and password end at once', async () => {
    const ann = await enroll(server.url, await newPerson(server.url))
    await deposit(ann.token, '50')
    await giveAway(ann.token, '50')
    const guest: Guest = { ...ann, refreshToken: ann.verified.body.refresh_token, walletId: walletOf(ann) }
    const socket = await WalletClient.join(server.url, guest)
    expect((await socket.request('balance', undefined)).kind).to.equal('ok')

    const reply = await erase(ann.userId)
    expect(reply.status, reply.text).to.equal(200)
    expect(erasedSchema.strict().safeParse(reply.body).error?.message).to.equal(undefined)
    expect(reply.body.record, 'the wallet was closed').to.match(/^\d-\d+$/)

    expect(codeOf(await call(server.url, 'GET /wallet/balance', { token: ann.token }))).to.deep.equal([
      401,
      'unauthenticated',
    ])
    expect(await socket.request('balance', undefined)).to.deep.include({ kind: 'refused' })
    await socket.leave()
    const refresh = { body: { refresh_token: guest.refreshToken } }
    expect(codeOf(await call(server.url, 'POST /auth/refresh', refresh))).to.deep.equal([401, 'auth.refresh_invalid'])
    const login = { body: { email: ann.email, password: PASSWORD, recovery_code: ann.recoveryCodes[0] } }
    expect(codeOf(await call(server.url, 'POST /auth/login', login))).to.deep.equal([401, 'auth.invalid_credentials'])
    const { body: left } = await call(server.url, `GET /admin/users/${ann.userId}`, { token: admin.token })
    expect(left).to.deep.include({ display_name: 'Erased', email: null, second_factor: false, roles: ['player'] })
    expect(left.erased_at).to.equal(reply.body.erased_at)
    expect((await erase(ann.userId)).body, 'again').to.deep.equal({ ...reply.body, record: null })
    const sent = { to: walletOf(ann), currency: 'USD', amount: '1', idempotency_key: newKey() }
    await post('/wallet/transfers', bob.token, sent)
    await server.restart()
    expect(codeOf(await call(server.url, 'GET /wallet/balance', { token: ann.token }))).to.deep.equal([
      401,
      'unauthenticated',
    ])
  })

  it('is refused while anything is left in the wallet, and may be asked for again', async () => {
    const ann = await newPerson(server.url)
    await deposit(ann.token, '50')
    expect(codeOf(await erase(ann.userId))).to.deep.equal([409, 'wallet.not_empty'])
    const withdrawal = await keyed('/wallet/withdraw', ann.token, {
      currency: 'USD',
      amount: '48',
      to_address: ADDRESS,
    })
    expect(codeOf(await erase(ann.userId)), 'a withdrawal is open').to.deep.equal([409, 'wallet.not_empty'])
    await keyed(`/wallet/transactions/${withdrawal.body.transaction_id}/cancel`, ann.token, {})
    expect(codeOf(await erase(ann.userId))).to.deep.equal([409, 'wallet.not_empty'])
    await giveAway(ann.token, '50')
    const frozen = `/admin/wallets/${walletOf(ann)}/freeze`
    await keyed(frozen, admin.token, { reason: 'a question' })
    expect(codeOf(await erase(ann.userId)), 'a question is open').to.deep.equal([409, 'wallet.frozen'])
    await keyed(frozen.replace('freeze', 'unfreeze'), admin.token, {})
    expect((await call(server.url, 'GET /wallet/balance', { token: ann.token })).status, 'nothing was done').to.equal(
      200,
    )
    expect(filesOf('identity.db').includes(ADDRESS)).to.equal(true)
    expect((await erase(ann.userId)).status).to.equal(200)
    expect(filesOf('identity.db').includes(ADDRESS), 'the address outside').to.equal(false)
  })

  it('changes no byte of the ledger, and leaves none of the person in identity and audit log', async () => {
    const email = `somebody-unique-${process.pid}@example.com`
    const body = { email, password: PASSWORD, display_name: 'Xanthippe' }
    const { body: session } = await call(server.url, 'POST /auth/register', { body })
    await deposit(session.token, '50')
    const had = await bobsDollars()
    await giveAway(session.token, '50')
    await until('bob has it', async () => (await bobsDollars()) === had + 50)
    await keyed(`/admin/wallets/${session.wallet_id}/close`, admin.token, {})
    expect(filesOf('identity.db').includes('Xanthippe')).to.equal(true)
    const before = await figures('before')
    expect((await erase(session.user_id)).body.record, 'closed before').to.equal(null)
    expect(await figures('after')).to.deep.equal(before)
    const { code, output } = await proof('check', join(own, 'before'), '--public', keys.publicFile)
    expect([code, output]).to.deep.equal([0, output])
    for (const file of ['identity.db', 'audit-log.db', 'journal', 'store']) {
      const bytes = filesOf(file)
      expect(bytes.length, file).to.be.above(0)
      for (const personal of [email, 'Xanthippe'])
        expect(bytes.includes(personal), `${file}: ${personal}`).to.equal(false)
    }
    expect(filesOf('identity.db').includes(session.user_id)).to.equal(true)
    const { body: page } = await call(server.url, `GET /admin/ledger/entries?wallet_id=${session.wallet_id}`, {
      token: admin.token,
    })
    expect(page.entries.map(({ amount }: { amount: string }) => amount)).to.deep.equal(['50.00', '50.00'])
  })

  it('is on record with its reason and case, and no word of the person', async () => {
    const route = encodeURIComponent('/admin/users/{id}/erase')
    const { body } = await call(server.url, `GET /admin/audit-log?outcome=done&route=${route}`, { token: admin.token })
    expect(body.entries[0]).to.deep.include({ actor: admin.userId, before: null })
    expect(body.entries[0].after).to.deep.equal({ erased: true, ...REASON, record: null })
  })

  for (const [what, body] of [
    ['no reason', {}],
    ['a reason in words', { reason: 'Ann Lee asked for it' }],
    ['a name for a case', { reason: 'asked_by_owner', case: 'Ann Lee' }],
    ['an address for a case', { reason: 'asked_by_owner', case: 'ann@example.com' }],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const ann = await newPerson(server.url)
      expect(codeOf(await erase(ann.userId, admin, body))).to.deep.equal([400, 'invalid_request'])
    })
  }

  it('is for admins, of others, who are no staff and are there', async () => {
    const operator = await newStaff(server, 'operator')
    const auditor = await newStaff(server, 'auditor')
    for (const by of [operator, auditor]) expect(codeOf(await erase(bob.userId, by))).to.deep.equal([403, 'forbidden'])
    expect(codeOf(await erase(admin.userId))).to.deep.equal([403, 'forbidden'])
    expect(codeOf(await erase(operator.userId))).to.deep.equal([409, 'staff.has_roles'])
    const { body } = await call(server.url, `GET /admin/wallets/${walletOf(operator)}`, { token: admin.token })
    expect(body.status, 'not closed for nothing').to.equal('open')
    for (const id of [`u_${'x'.repeat(22)}`, 'x', 'ann@example.com']) {
      expect(codeOf(await erase(encodeURIComponent(id)))).to.deep.equal([404, 'not_found'])
    }
    expect(codeOf(await post('/auth/erase', operator.token, { password: PASSWORD }))).to.deep.equal([
      409,
      'staff.has_roles',
    ])
  })

  it('is its owner’s to ask for: by password and code, a guest by the token', async () => {
    const ann = await enroll(server.url, await newPerson(server.url))
    const ask = (body: object) => post('/auth/erase', ann.token, body)
    expect(codeOf(await ask({}))).to.deep.equal([400, 'invalid_request'])
    expect(codeOf(await ask({ password: 'wrong' }))).to.deep.equal([401, 'auth.invalid_credentials'])
    expect(codeOf(await ask({ password: PASSWORD }))).to.deep.equal([401, 'auth.mfa_required'])
    const [code] = ann.recoveryCodes
    const erased = await ask({ password: PASSWORD, recovery_code: code })
    expect(erased.status, erased.text).to.equal(200)
    expect(erased.body).to.have.all.keys('user_id', 'erased_at')
    expect(codeOf(await ask({ password: PASSWORD }))).to.deep.equal([401, 'unauthenticated'])

    const guest = await newGuest(server.url)
    await deposit(guest.token, '10')
    expect(codeOf(await post('/auth/erase', guest.token))).to.deep.equal([409, 'wallet.not_empty'])
    await giveAway(guest.token, '10')
    expect((await post('/auth/erase', guest.token)).status).to.equal(200)
  })

  it('stands in the document; the audit of everything is clean', async () => {
    const { paths } = (await call(server.url, 'GET /openapi.json')).body
    expect(Object.keys(paths)).to.include.members(['/auth/erase', '/auth/password', '/admin/users/{id}/erase'])
    expect(await server.stop()).to.equal(0)
    const { code, output } = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect([code, output]).to.deep.equal([0, output])
    await server.restart()
  })

  async function bobsDollars(): Promise<number> {
    return Number((await call(server.url, 'GET /wallet/balance', { token: bob.token })).body.balances.USD ?? 0)
  }

  function proof(...args: readonly string[]): Promise<RunResult> {
    return runProgram('server/proof.ts', ...args, '--data', server.dataDir)
  }

  /** Of a checkpoint: what its time and its signature are not. Sums, and the head of every partition's chain. */
  async function figures(name: string): Promise<readonly string[]> {
    const file = join(own, name)
    const { code, output } = await proof('checkpoint', '--key', keys.fileOf('ann'), '--out', file)
    expect([code, output]).to.deep.equal([0, output])
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(1, -1)
    expect(lines.filter((line) => line.includes('"head"'))).to.have.length(2)
    return lines
  }
})
