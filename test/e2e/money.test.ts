// Money in, around and out over the real wires: a player deposits, converts, is limited, withdraws, is turned down and paid
// back, asks again and is paid out, while staff looks, freezes and verifies. In the end the auditor reads the data set.

import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { walletOf } from '../../shared/ids.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

describe('money in, around and out', () => {
  let server: TestServer
  let operator: Person
  let ann: Guest
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off', PRICES: 'CREDIT=0.02' })
    operator = await newStaff(server, 'operator')
    ann = await newGuest(server.url)
  })
  after(() => server.stop())

  const post = (path: string, body: object, guest: Guest = ann): Promise<Reply> =>
    call(server.url, `POST ${path}`, { token: guest.token, body: { idempotency_key: newKey(), ...body } })
  const staff = (line: string, body?: object): Promise<Reply> =>
    call(server.url, line, {
      token: operator.token,
      ...(body === undefined ? {} : { body: { idempotency_key: newKey(), ...body } }),
    })
  const balance = async (guest: Guest = ann) =>
    (await call(server.url, 'GET /wallet/balance', { token: guest.token })).body
  const history = async (filter: string): Promise<readonly Record<string, unknown>[]> =>
    (await call(server.url, `GET /wallet/transactions?${filter}`, { token: ann.token })).body.transactions
  const inspect = async (guest: Guest = ann) => (await staff(`GET /admin/wallets/${guest.walletId}`)).body
  const step = (id: string, name: string, note = 'because', guest: Guest = ann): Promise<Reply> =>
    staff(`POST /admin/wallets/${guest.walletId}/withdrawals/${id}/${name}`, { note })
  const code = (reply: Reply): string => reply.body.error?.code ?? 'ok'
  const withdraw = (amount: string, guest: Guest = ann, currency = 'USD'): Promise<Reply> =>
    post('/wallet/withdraw', { currency, amount, to_address: 'DE00 1234 5678' }, guest)

  // What is limited by day is not, if a day ends in the middle.
  const utcDay = (): string => new Date().toISOString().slice(0, 10)
  const limitedBy = (day: string, limit: string): readonly string[] => (day === utcDay() ? [limit] : [limit, 'ok'])

  it('deposits, five times a day', async () => {
    const day = utcDay()
    for (let count = 0; count < 5; count++)
      expect(code(await post('/wallet/deposit', { currency: 'USD', amount: '60.00' }))).to.equal('ok')
    const sixth = code(await post('/wallet/deposit', { currency: 'USD', amount: '60.00' }))
    expect(sixth).to.be.oneOf(limitedBy(day, 'wallet.deposit_limit'))
  })

  it('converts at a quoted rate, once', async () => {
    const order = { from: 'USD', to: 'USDC', amount: '100.00' }
    const { body } = await post('/wallet/convert/quote', order)
    expect(body).to.deep.include({ rate: '1', paid: '100.00', received: '100.000000' })
    const key = newKey()
    const first = await post('/wallet/convert', { ...order, quote: body.quote, idempotency_key: key })
    expect(first.body).to.deep.include({ status: 'confirmed', paid: '100.00', received: '100.000000' })
    const again = await post('/wallet/convert', { ...order, quote: body.quote, idempotency_key: key })
    expect(again.body, 'the same key, the same answer').to.deep.equal(first.body)
    expect(code(await post('/wallet/convert', { ...order, quote: body.quote }))).to.equal('wallet.quote_used')
    const other = { ...order, amount: '99.00', quote: body.quote }
    expect(code(await post('/wallet/convert', other))).to.equal('wallet.quote_invalid')
    const bob = await newGuest(server.url)
    expect(code(await post('/wallet/convert', { ...order, quote: body.quote }, bob))).to.equal('wallet.quote_invalid')
    expect((await balance()).balances).to.deep.equal({ USD: '200.00', USDC: '100.000000' })
    const rows = await history('type=conversion')
    for (const row of rows) {
      const one = await call(server.url, `GET /wallet/transactions/${row.id}`, { token: ann.token })
      expect(one.body).to.deep.equal(row)
    }
    expect(new Set(rows.map(({ id }) => id)).size).to.equal(2)
    const record = first.body.transaction_id
    for (const [id, status] of [
      [record, 200],
      [`${record}.EUR`, 404],
      [`${record}.USD.x`, 404],
      [`${record}.`, 404],
    ] as const)
      expect((await call(server.url, `GET /wallet/transactions/${id}`, { token: ann.token })).status, id).to.equal(
        status,
      )
    expect(rows.map(({ currency, entry_type: side, amount }) => [currency, side, amount])).to.have.deep.members([
      ['USD', 'debit', '100.00'],
      ['USDC', 'credit', '100.000000'],
    ])
  })

  it('buys credits at the price that is set', async () => {
    const { body } = await post('/wallet/convert', { from: 'USD', to: 'CREDIT', amount: '1.00' })
    expect(body).to.deep.include({ paid: '1.00', received: '50' })
    const { held } = await balance()
    expect(held).to.deep.equal({ CREDIT: '0', USD: '0.00', USDC: '0.000000' })
    // Put back by hand, so that what follows counts in round figures.
    const order = { direction: 'credit', currency: 'USD', amount: '1.00', account: '5003', reason: 'round' }
    const { body: proposed } = await staff(`POST /admin/wallets/${ann.walletId}/adjustments`, order)
    const { token } = await newStaff(server, 'admin')
    const path = `POST /admin/wallets/${ann.walletId}/adjustments/${proposed.record}/approve`
    await call(server.url, path, { token, body: { note: 'seen', idempotency_key: newKey() } })
  })

  it('is limited by the level of its owner', async () => {
    expect(code(await withdraw('100.01'))).to.equal('wallet.kyc_limit')
    expect(code(await withdraw('9.99'))).to.equal('wallet.below_minimum')
    expect(code(await withdraw('10', ann, 'CREDIT'))).to.equal('wallet.not_withdrawable')
    expect(code(await withdraw('10', ann, 'EUR'))).to.equal('asset.unknown')
    const onChain = { currency: 'USDC', amount: '10', to_address: '0xabc', chain_id: 1 }
    expect(code(await post('/wallet/withdraw', onChain)), 'no chain is paid out on').to.equal('not_available')
    for (const address of ['', ' ', ' x', 'x '])
      expect(code(await post('/wallet/withdraw', { currency: 'USD', amount: '10', to_address: address }))).to.equal(
        'invalid_request',
      )
  })

  it('is turned down, and has it back', async () => {
    const client = await WalletClient.join(server.url, ann)
    const asked = await withdraw('100.00')
    expect(asked.body).to.deep.include({ status: 'pending', amount: '100.00' })
    const id = asked.body.transaction_id
    expect(await balance()).to.deep.include({ balances: { CREDIT: '50', USD: '100.00', USDC: '100.000000' } })
    expect((await balance()).held.USD).to.equal('100.00')
    const { body: desk } = await staff('GET /admin/withdrawals?status=requested')
    expect(desk.withdrawals[0]).to.deep.include({ id, wallet_id: ann.walletId, user_id: ann.userId, fee: '2.50' })
    expect(desk.next_cursor).to.equal(null)
    expect((await staff('GET /admin/withdrawals?status=approved')).body.withdrawals).to.deep.equal([])
    const { withdrawals } = await inspect()
    expect(withdrawals).to.have.length(1)
    expect(withdrawals[0]).to.deep.include({ id, fee: '2.50', to_address: 'DE00 1234 5678', status: 'requested' })
    expect(code(await step(id, 'review'))).to.equal('ok')
    expect(code(await step(id, 'complete'))).to.equal('wallet.withdrawal_state')
    expect(code(await step(id, 'reject', 'name does not match'))).to.equal('ok')
    expect(code(await step(id, 'approve'))).to.equal('wallet.withdrawal_unknown')
    expect((await staff('GET /admin/withdrawals')).body.withdrawals, 'as the wallet has it').to.deep.equal([])
    expect((await balance()).balances.USD).to.equal('200.00')
    await until('the client is told', () =>
      client.transactions.some(({ transaction_id: about, status }) => about === id && status === 'failed'),
    )
    expect(client.balances.USD).to.deep.equal({ available: '200.00', held: '0.00' })
    await client.leave()
    expect((await history('type=withdrawal')).map(({ status }) => status)).to.deep.equal(['failed'])
    const [line] = await history('type=withdrawal')
    expect(line?.metadata).to.deep.include({ withdrawal: id, fee: '2.50' })
    const back = await history('type=refund')
    expect(back.map(({ amount }) => amount)).to.deep.equal(['100.00'])
    expect(JSON.stringify(back), 'what staff noted is for staff').to.not.include('name does not match')
  })

  it('asks again, thinks better of it, asks a third time, and not a fourth', async () => {
    const day = utcDay()
    const second = await withdraw('50.00')
    expect(code(second)).to.equal('ok')
    const bob = await newGuest(server.url)
    const path = `/wallet/transactions/${second.body.transaction_id}/cancel`
    expect(code(await post(path, {}, bob)), 'nobody else can').to.equal('wallet.withdrawal_unknown')
    const cancelled = await post(path, {})
    expect(cancelled.body).to.deep.include({ status: 'cancelled', amount: '50.00' })
    expect(code(await post(path, {}))).to.equal('wallet.withdrawal_unknown')
    expect((await history('status=cancelled')).map(({ amount }) => amount)).to.deep.equal(['50.00'])
    const third = await withdraw('80.00')
    expect(code(third)).to.equal('ok')
    expect(code(await withdraw('10.00'))).to.be.oneOf(limitedBy(day, 'wallet.withdrawal_limit'))
    const id = third.body.transaction_id
    for (const name of ['approve', 'process', 'complete']) expect(code(await step(id, name, 'ref-1'))).to.equal('ok')
    expect(await balance()).to.deep.include({
      total_withdrawn: '80.00',
      held: { CREDIT: '0', USD: '0.00', USDC: '0.000000' },
    })
    expect((await history('type=withdrawal&status=confirmed')).map(({ amount }) => amount)).to.deep.equal(['80.00'])
  })

  it('a freeze holds what is on its way, and a staff key has one outcome', async () => {
    const bob = await newGuest(server.url)
    await post('/wallet/deposit', { currency: 'USD', amount: '100.00' }, bob)
    const { body } = await withdraw('20.00', bob)
    const frozen = { reason: 'review', idempotency_key: newKey() }
    const first = await staff(`POST /admin/wallets/${bob.walletId}/freeze`, frozen)
    const taken = { currency: 'USD', amount: '1.00', to: ann.walletId, idempotency_key: `staff ${operator.userId} x` }
    expect(code(await post('/wallet/transfers', taken, bob)), 'keys of staff are not a player’s').to.equal(
      'invalid_request',
    )
    const again = await staff(`POST /admin/wallets/${bob.walletId}/freeze`, frozen)
    expect(again.body).to.deep.equal(first.body)
    expect(code(await staff(`POST /admin/wallets/${bob.walletId}/freeze`, { ...frozen, reason: 'x' }))).to.equal(
      'idempotency_mismatch',
    )
    expect(code(await step(body.transaction_id, 'approve', 'x', bob))).to.equal('wallet.frozen')
    expect(code(await withdraw('20.00', bob))).to.equal('wallet.frozen')
    expect(await inspect(bob)).to.deep.include({ status: 'frozen', lock_reason: 'review' })
    expect(code(await staff(`PUT /admin/wallets/${bob.walletId}/kyc`, { level: 2 }))).to.equal('ok')
    expect(code(await staff(`POST /admin/wallets/${bob.walletId}/unfreeze`, {}))).to.equal('ok')
    expect(code(await step(body.transaction_id, 'approve', 'x', bob))).to.equal('ok')
    expect(code(await staff(`POST /admin/wallets/${bob.walletId}/close`, {}))).to.equal('wallet.not_empty')
    expect(await inspect(bob)).to.deep.include({ kyc_level: 2 })
  })

  it('an adjustment takes two', async () => {
    const carl = await newGuest(server.url)
    const { token: second } = await newStaff(server, 'admin')
    const base = `/admin/wallets/${carl.walletId}/adjustments`
    const order = { direction: 'credit', currency: 'USD', amount: '25.00', account: '5003', reason: 'goodwill' }
    const proposed = await staff(`POST ${base}`, order)
    const id = proposed.body.record
    expect((await balance(carl)).balances).to.deep.equal({})
    const { body: desk } = await staff('GET /admin/adjustments')
    expect(desk.adjustments[0]).to.deep.include({ id, wallet_id: carl.walletId, amount: '25.00', direction: 'credit' })
    expect(code(await staff(`POST ${base}/${id}/approve`, { note: 'mine' }))).to.equal('wallet.adjustment_own')
    const approve = { note: 'seen', idempotency_key: newKey() }
    const approved = await call(server.url, `POST ${base}/${id}/approve`, { token: second, body: approve })
    expect(code(approved)).to.equal('ok')
    const again = await call(server.url, `POST ${base}/${id}/approve`, { token: second, body: approve })
    expect(again.body, 'the same key, the same answer').to.deep.equal(approved.body)
    expect((await balance(carl)).balances.USD).to.equal('25.00')
    expect((await staff('GET /admin/adjustments')).body.adjustments).to.deep.equal([])
    const rows = await call(server.url, 'GET /wallet/transactions?type=adjustment', { token: carl.token })
    expect(rows.body.transactions.map(({ amount, status }: Record<string, string>) => [amount, status])).to.deep.equal([
      ['25.00', 'confirmed'],
    ])
    for (const [more, expected] of [
      [{ amount: '1000.01' }, 'wallet.adjustment_too_large'],
      [{ account: '2006' }, 'wallet.adjustment_account'],
      [{ amount: '-1' }, 'amount.malformed'],
      [{ direction: 'up' }, 'invalid_request'],
      [{ reason: '' }, 'invalid_request'],
    ] as const)
      expect(code(await staff(`POST ${base}`, { ...order, ...more }))).to.equal(expected)
  })

  it('all of it is in the audit log: what was ordered, by whom, for which wallet', async () => {
    const { token } = await newStaff(server, 'auditor')
    const { body } = await call(server.url, 'GET /admin/audit-log?outcome=done&limit=100', { token })
    const entries = body.entries as readonly Record<string, unknown>[] // as the schema says
    const steps = entries.filter(({ route }) => String(route).includes('/withdrawals/'))
    expect(steps.length).to.be.greaterThan(5)
    expect(steps.at(-1)).to.deep.include({ actor: operator.userId, target: ann.walletId, outcome: 'done' })
    expect(steps.at(-1)?.after).to.deep.include({ order: 'withdrawal', step: 'review' })
    expect(JSON.stringify(entries), 'what somebody wrote is not').to.not.include('name does not match')
  })

  it('an auditor looks and changes nothing, a player does neither, and nobody serves themselves', async () => {
    const freeze = `/admin/wallets/${ann.walletId}/freeze`
    const body = () => ({ reason: 'x', idempotency_key: newKey() })
    const { token: auditor } = await newStaff(server, 'auditor')
    expect((await call(server.url, `GET /admin/wallets/${ann.walletId}`, { token: auditor })).status).to.equal(200)
    for (const token of [auditor, ann.token])
      expect(code(await call(server.url, `POST ${freeze}`, { token, body: body() }))).to.equal('forbidden')
    expect((await call(server.url, `POST ${freeze}`, { body: body() })).status).to.equal(401)
    const mine = walletOf(operator.userId)
    const own = `POST /admin/wallets/${mine}/withdrawals/0-1/approve`
    expect(code(await staff(own, { note: 'mine' }))).to.equal('forbidden')
    expect(code(await staff(`PUT /admin/wallets/${mine}/kyc`, { level: 2 }))).to.equal('forbidden')
  })

  for (const [what, line, body, expected] of [
    ['a wallet that is none', 'GET /admin/wallets/nobody', undefined, 'not_found'],
    ['a wallet nobody opened', `GET /admin/wallets/w_${'B'.repeat(21)}A`, undefined, 'wallet.not_open'],
    ['a page of 10^9', 'GET /admin/withdrawals?limit=1000000000', undefined, 'invalid_request'],
    ['a page of none', 'GET /admin/withdrawals?limit=0', undefined, 'invalid_request'],
    ['a cursor that is none', "GET /admin/withdrawals?cursor=1-1'--", undefined, 'invalid_request'],
    ['a state that is none', 'GET /admin/withdrawals?status=completed', undefined, 'invalid_request'],
    [
      'a step that is none',
      `POST /admin/wallets/w_${'B'.repeat(21)}A/withdrawals/0-1/pay`,
      { note: 'x' },
      'invalid_request',
    ],
    ['a reason of nothing', `POST /admin/wallets/w_${'B'.repeat(21)}A/freeze`, { reason: '' }, 'invalid_request'],
    ['a level of 3', `PUT /admin/wallets/w_${'B'.repeat(21)}A/kyc`, { level: 3 }, 'invalid_request'],
    [
      'a withdrawal that is none',
      `POST /admin/wallets/w_${'B'.repeat(21)}A/withdrawals/x/approve`,
      { note: 'x' },
      'wallet.withdrawal_unknown',
    ],
  ] as const) {
    it(`${what}: ${expected}`, async () => expect(code(await staff(line, body))).to.equal(expected))
  }

  it('the auditor reads the statement, has the chain verified, and what was reconciled is clean', async () => {
    const { token } = await newStaff(server, 'auditor')
    const read = async (path: string) => (await call(server.url, `GET ${path}`, { token })).body
    const ended = (id: string) =>
      until('the run is over', async () => {
        const run = await read(`/admin/jobs/${id}`)
        return run.state === 'running' ? null : run
      })
    const statement = await read(`/admin/ledger/statement?wallet_id=${ann.walletId}&currency=USD&from=2026-01-01`)
    expect([statement.opening_balance, statement.closing_balance], JSON.stringify(statement)).to.deep.equal([
      '0.00',
      '120.00',
    ])
    const verify = { token, body: { idempotency_key: newKey() } }
    const { body: verified } = await call(server.url, 'POST /admin/ledger/verify', verify)
    expect((await ended(verified.id)).summary).to.deep.include({ sound: true, violation: null })
    const { body: started } = await staff('POST /admin/reconciliation/runs', {})
    await ended(started.id)
    expect((await read(`/admin/reconciliation/reports/${started.id}`)).verdict).to.equal('clean')
  })

  it('nothing of where money goes is in the ledger, and the auditor finds all of it in order', async () => {
    await server.stop()
    const { code: exit, output } = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(exit, output).to.equal(0)
    for (const file of readdirSync(server.dataDir).filter((name) => /^(journal|store)\./.test(name)))
      expect(readFileSync(join(server.dataDir, file)).includes('DE00'), file).to.equal(false)
    await server.restart()
    expect(await balance()).to.deep.include({ balances: { CREDIT: '50', USD: '120.00', USDC: '100.000000' } })
  })

  for (const [file, table, named] of [
    ['journal.db', 'commits', /BROKEN J3 [\s\S]*restore journal\.db/],
    ['store.db', 'batches', /BROKEN J3 [\s\S]*delete store\.db/],
  ] as const)
    it(`one byte changed in a copy of ${file} is named`, async () => {
      await server.stop()
      const copy = mkdtempSync(join(tmpdir(), 'leet-copy-'))
      try {
        cpSync(server.dataDir, copy, { recursive: true })
        // What she was paid out, 80.00, was 90.00: a digit for a digit, so that length and form are what they were.
        changeByte(join(copy, file), table, '"8000"', '9')
        const { code: exit, output } = await runProgram('server/verify.ts', '--data', copy)
        expect(exit, output).to.equal(1)
        expect(output).to.match(named)
      } finally {
        rmSync(copy, { recursive: true, force: true })
        await server.restart()
      }
    })
})

/** In the first row of the table that has the text: the byte behind the text's first. */
function changeByte(file: string, table: string, text: string, into: string): void {
  const db = new DatabaseSync(file)
  const rows = db.prepare(`SELECT id, bytes FROM ${table} ORDER BY id`).all() as { id: number; bytes: Uint8Array }[] // as the schema says
  const row = rows.find(({ bytes }) => Buffer.from(bytes).includes(text))
  if (row === undefined) throw new Error(`${table} has no ${text}`)
  const bytes = Buffer.from(row.bytes)
  bytes.write(into, bytes.indexOf(text) + 1)
  db.prepare(`UPDATE ${table} SET bytes = ? WHERE id = ?`).run(bytes, row.id)
  db.close()
}
