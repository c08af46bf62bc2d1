// Records reversed over the real wires: what was charged back, a transfer that was a mistake, a withdrawal that bounced, a
// conversion; what is owed after it, and who may do what. In the end the auditor reads the data set.

import { expect } from 'chai'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

type Line = Readonly<Record<string, unknown>> & { readonly metadata: Readonly<Record<string, string>> }

describe('records are reversed', () => {
  let server: TestServer
  let otto: Person
  let olga: Person
  let ann: Guest
  let bob: Guest
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
    ;[otto, olga] = [await newStaff(server, 'operator'), await newStaff(server, 'admin')]
    ;[ann, bob] = [await newGuest(server.url), await newGuest(server.url)]
  })
  after(() => server.stop())

  const keyed = (token: string, path: string, body: object): Promise<Reply> =>
    call(server.url, `POST ${path}`, { token, body: { idempotency_key: newKey(), ...body } })
  const code = (reply: Reply): string => reply.body.error?.code ?? 'ok'
  const reverse = (record: unknown, more: object = {}, guest = ann): Promise<Reply> =>
    keyed(otto.token, `/admin/wallets/${guest.walletId}/reversals`, { record, reason: 'by mistake', ...more })
  const decide = (id: unknown, { token } = olga, guest = ann, verdict = 'approve'): Promise<Reply> =>
    keyed(token, `/admin/wallets/${guest.walletId}/adjustments/${id}/${verdict}`, { note: 'seen' })
  const done = async (record: unknown, more: object = {}, guest = ann): Promise<string> => {
    const proposed = await reverse(record, more, guest)
    expect(code(proposed), proposed.text).to.equal('ok')
    const approved = await decide(proposed.body.record, olga, guest)
    expect(code(approved), approved.text).to.equal('ok')
    return approved.body.record
  }
  const money = async (path: string, body: object, guest = ann): Promise<string> => {
    const reply = await keyed(guest.token, path, body)
    expect(code(reply), reply.text).to.equal('ok')
    return reply.body.transaction_id
  }
  const balance = async (guest = ann) => (await call(server.url, 'GET /wallet/balance', { token: guest.token })).body
  const lines = async (filter = '', guest = ann): Promise<readonly Line[]> =>
    (await call(server.url, `GET /wallet/transactions?${filter}`, { token: guest.token })).body.transactions
  const line = async (id: string, guest = ann): Promise<Line> =>
    (await call(server.url, `GET /wallet/transactions/${id}`, { token: guest.token })).body

  it('a deposit, in part: shown at the desk, and moved only by a second person', async () => {
    const id = await money('/wallet/deposit', { currency: 'USD', amount: '50.00' })
    const proposed = await reverse(id, { amount: '20.00' })
    const proposal = proposed.body.record
    const { body: desk } = await call(server.url, 'GET /admin/adjustments', { token: otto.token })
    expect(desk.adjustments[0]).to.deep.include({
      id: proposal,
      direction: 'debit',
      amount: '20.00',
      reason: 'by mistake',
    })
    expect(desk.adjustments[0].reversal).to.deep.equal({
      ...{ of: id, what: 'deposit', to_wallet_id: null },
      against: [{ account: '1002', side: 'credit', currency: 'USD', amount: '20.00' }],
    })
    expect(code(await reverse(id)), 'one at a time').to.equal('wallet.reversal_open')
    expect(code(await decide(proposal, otto)), 'by the proposer').to.equal('wallet.adjustment_own')
    expect((await balance()).balances.USD).to.equal('50.00')
    const approved = await decide(proposal)
    expect((await balance()).balances.USD).to.equal('30.00')
    expect(await line(id)).to.deep.include({ is_reversed: true, status: 'confirmed' })
    expect((await line(id)).metadata.reversed_by).to.equal(approved.body.record)
    const [latest] = await lines('type=adjustment')
    expect(latest).to.deep.include({ amount: '20.00', entry_type: 'debit', is_reversed: false })
    expect(latest?.metadata).to.deep.equal({ adjustment: proposal, reversal_of: id })
    const record = `GET /admin/ledger/records/${String(approved.body.record).replace('-', ':')}`
    const { text } = await call(server.url, record, { token: olga.token })
    for (const said of [otto.userId, olga.userId, 'by mistake', 'seen', id]) expect(text).to.include(said)
    expect(code(await reverse(id)), 'twice').to.equal('wallet.reversal_done')
    expect(code(await reverse(approved.body.record)), 'a reversal').to.equal('wallet.reversal_of_reversal')
    expect(code(await decide(proposal)), 'approved twice').to.equal('wallet.adjustment_unknown')
  })

  it('a transfer, by its receiver’s record: the money goes back, and what is gone is owed', async () => {
    const sent = await money('/wallet/transfers', { to: bob.walletId, currency: 'USD', amount: '30.00' })
    await until('bob has it', async () => (await balance(bob)).balances.USD === '30.00')
    const [received] = await lines('type=transfer', bob)
    expect(received?.amount).to.equal('30.00')
    await money('/wallet/convert', { from: 'USD', to: 'USDC', amount: '25.00' }, bob)
    expect(code(await reverse(sent))).to.equal('wallet.reversal_of_sending')
    expect(code(await reverse(received?.transaction_id)), 'of another wallet').to.equal('wallet.reversal_foreign')
    await done(received?.transaction_id, {}, bob)
    expect(await balance(bob)).to.deep.include({ owed: { USD: '25.00' } })
    expect((await balance(bob)).balances).to.deep.equal({ USD: '0.00', USDC: '25.000000' })
    expect((await line(String(received?.id), bob)).is_reversed).to.equal(true)
    await until('ann has it back', async () => (await balance()).balances.USD === '30.00')
    const [back] = await lines('type=transfer&entry_type=credit')
    expect(back).to.deep.include({ amount: '30.00', status: 'confirmed' })
    expect(await balance()).to.deep.include({ owed: {}, balances: { USD: '30.00' } })
    const { body: staff } = await call(server.url, `GET /admin/wallets/${bob.walletId}`, { token: otto.token })
    expect(staff.balances.USD).to.deep.include({ owed: '25.00', available: '0.00' })
  })

  it('who owes sends nothing in that asset, and what comes pays it first, each on a line of its own', async () => {
    const path = '/wallet/transfers'
    const order = { to: ann.walletId, currency: 'USD', amount: '1.00' }
    expect(code(await keyed(bob.token, path, order))).to.equal('wallet.owes')
    const deposit = await money('/wallet/deposit', { currency: 'USD', amount: '10.00' }, bob)
    const ids = (await lines('type=deposit', bob)).map(({ id, amount, entry_type }) => [id, amount, entry_type])
    expect(ids).to.have.deep.members([
      [`${deposit}.USD.credit`, '10.00', 'credit'],
      [`${deposit}.USD.debit`, '10.00', 'debit'],
    ])
    for (const [id, , side] of ids) expect(await line(String(id), bob)).to.deep.include({ id, entry_type: side })
    for (const id of [`${deposit}.USD`, `${deposit}.USD.x`, `${deposit}.USD.debit.x`, `${deposit}.USDC.debit`])
      expect((await call(server.url, `GET /wallet/transactions/${id}`, { token: bob.token })).status, id).to.equal(404)
    await money(path, { to: bob.walletId, currency: 'USD', amount: '20.00' })
    await until('it has paid the rest', async () => Object.keys((await balance(bob)).owed).length === 0)
    expect((await balance(bob)).balances).to.deep.equal({ USD: '5.00', USDC: '25.000000' })
    await money(path, order, bob)
  })

  it('a withdrawal that bounced comes back with its fee', async () => {
    await money('/wallet/deposit', { currency: 'USD', amount: '40.00' })
    const before = await balance()
    const withdrawal = { currency: 'USD', amount: '40.00', to_address: 'DE00 1234 5678' }
    const id = await money('/wallet/withdraw', withdrawal)
    expect(code(await reverse(id)), 'while it is open').to.equal('wallet.reversal_of_request')
    let last = ''
    for (const step of ['approve', 'process', 'complete']) {
      const path = `/admin/wallets/${ann.walletId}/withdrawals/${id}/${step}`
      last = (await keyed(otto.token, path, { note: 'x' })).body.record
    }
    await done(last)
    expect((await balance()).balances).to.deep.equal(before.balances)
    expect((await balance()).total_withdrawn).to.equal('0.00')
    expect(await line(id)).to.deep.include({ is_reversed: true, status: 'confirmed', type: 'withdrawal' })
  })

  it('a conversion, both its lines', async () => {
    const before = await balance()
    const id = await money('/wallet/convert', { from: 'USD', to: 'USDC', amount: '4.00' })
    const by = await done(id)
    expect((await balance()).balances).to.deep.include(before.balances)
    const both = (await lines('type=conversion')).filter(({ transaction_id: record }) => record === id)
    expect(both.map((one) => [one.is_reversed, one.metadata.reversed_by])).to.deep.equal([
      [true, by],
      [true, by],
    ])
    expect((await line(`${by}.USDC`)).metadata.reversal_of).to.equal(id)
  })

  it('a grant of credits, by an adjustment and back', async () => {
    const order = { direction: 'credit', currency: 'CREDIT', amount: '500', account: '5003', reason: 'season gift' }
    const proposed = await keyed(otto.token, `/admin/wallets/${ann.walletId}/adjustments`, order)
    const granted = await decide(proposed.body.record)
    expect((await balance()).balances.CREDIT).to.equal('500')
    await done(granted.body.record, { amount: '200' })
    expect((await balance()).balances.CREDIT).to.equal('300')
  })

  it('is refused with a reason of its own', async () => {
    const id = await money('/wallet/deposit', { currency: 'USD', amount: '5.00' })
    for (const [record, more, expected] of [
      [id, { amount: '5.01' }, 'wallet.reversal_exceeds'],
      [id, { amount: '0' }, 'amount.not_positive'],
      [id, { amount: '-1' }, 'amount.malformed'],
      [id, { amount: '1.001' }, 'amount.too_precise'],
      [id, { amount: '9'.repeat(20) }, 'amount.too_large'],
      [id, { reason: '' }, 'invalid_request'],
      [id, { amount: {} }, 'invalid_request'],
      ['', {}, 'not_found'],
      ["0-1' OR 1", {}, 'not_found'],
      ['99-1', {}, 'not_found'],
      [id.replace(/\d+$/, '999999'), {}, 'not_found'],
      [7, {}, 'invalid_request'],
    ] as const)
      expect(code(await reverse(record, more)), JSON.stringify([record, more])).to.equal(expected)
    const path = `/admin/wallets/${ann.walletId}/reversals`
    const auditor = await newStaff(server, 'auditor')
    for (const { token } of [auditor, ann])
      expect(code(await keyed(token, path, { record: id, reason: 'x' }))).to.equal('forbidden')
    const body = { record: id, reason: 'x', idempotency_key: newKey() }
    const first = await call(server.url, `POST ${path}`, { token: otto.token, body })
    const again = await call(server.url, `POST ${path}`, { token: otto.token, body })
    expect(again.body, 'the same key, the same answer').to.deep.equal(first.body)
    const other = { ...body, amount: '1.00' }
    expect(code(await call(server.url, `POST ${path}`, { token: otto.token, body: other }))).to.equal(
      'idempotency_mismatch',
    )
    expect(code(await decide(first.body.record, otto, ann, 'reject'))).to.equal('ok')
    expect((await line(id)).is_reversed, 'a rejected one reverses nothing').to.equal(false)
  })

  it('the audit log has who ordered what', async () => {
    const { body } = await call(server.url, 'GET /admin/audit-log?outcome=done&limit=100', { token: olga.token })
    const entries = body.entries as readonly Record<string, unknown>[] // as the schema says
    const orders = entries.filter(({ route }) => String(route).endsWith('/reversals'))
    expect(orders.at(-1)).to.deep.include({ actor: otto.userId, target: ann.walletId })
    expect(orders.at(-1)?.after).to.deep.include({ order: 'reverse', amount: '20.00' })
  })

  it('the auditor finds all of it in order, and a restart changes nothing', async () => {
    const before = [(await balance()).balances, (await balance(bob)).balances]
    await server.stop()
    const { code: exit, output } = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(exit, output).to.equal(0)
    await server.restart()
    expect([(await balance()).balances, (await balance(bob)).balances]).to.deep.equal(before)
  })
})
