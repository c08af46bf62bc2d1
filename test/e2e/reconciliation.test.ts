// Reconciliation over the real wires: clean where money came in, went around and went out; then the provider's book is
// changed behind everybody's back, and each change is found, judged, and put right by two persons.

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { SANDBOX_FILE } from '../../server/sandbox/sqliteSandbox.ts'
import { tamper } from '../support/dataFolder.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer, temporaryFolder } from '../support/server.ts'
import { newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'

describe('reconciliation', () => {
  let server: TestServer
  let admin: Person
  let operator: Person
  let auditor: Person
  let ann: Guest
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off', JOBS_AT: 'off', PARTITIONS: '4' })
    admin = await newStaff(server, 'admin')
    operator = await newStaff(server, 'operator')
    auditor = await newStaff(server, 'auditor')
    ann = await newGuest(server.url)
  })
  after(() => server.stop())

  const ask = (by: { readonly token: string }, line: string, body?: object): Promise<Reply> =>
    call(server.url, line, {
      token: by.token,
      ...(body === undefined ? {} : { body: { idempotency_key: newKey(), ...body } }),
    })
  const done = async (reply: Promise<Reply>): Promise<Reply> => {
    const answered = await reply
    expect(answered.status, answered.text).to.be.within(200, 299)
    return answered
  }
  async function run(body: object = {}, by: Person = operator) {
    const { body: started } = await done(ask(by, 'POST /admin/reconciliation/runs', body))
    await until('the run is over', async () => {
      const { body: row } = await ask(operator, `GET /admin/jobs/${started.id}`)
      if (row.state === 'failed') throw new Error(row.error)
      return row.state === 'done'
    })
    return (await done(ask(operator, `GET /admin/reconciliation/reports/${started.id}`))).body
  }
  /** The provider's own book, by somebody who should not. */
  const changeBook = (sql: string): void => {
    const book = new DatabaseSync(join(server.dataDir, SANDBOX_FILE))
    book.exec(sql)
    book.close()
  }
  const step = (id: string, name: string): Promise<Reply> =>
    done(ask(operator, `POST /admin/wallets/${ann.walletId}/withdrawals/${id}/${name}`, { note: 'because' }))
  const checksOf = (report: Reply['body'], status: string): readonly string[] =>
    report.checks
      .filter((check: Reply['body']) => check.status === status)
      .map(({ check, account }: Reply['body']) => (account === null ? check : `${check} ${account}`))
  const foundIn = (report: Reply['body']): readonly string[] =>
    report.named.map(
      (one: Reply['body']) =>
        `${one.severity} ${one.class} ${one.account} ${one.direction} ${one.amount} ${one.currency}`,
    )

  it('is clean over a ledger in which money came in, went around and went out', async () => {
    await done(ask(ann, 'POST /wallet/deposit', { currency: 'USD', amount: '200.00' }))
    await done(ask(ann, 'POST /wallet/deposit', { currency: 'USDC', amount: '50.000000' }))
    const bob = await newGuest(server.url)
    await done(ask(ann, 'POST /wallet/transfers', { to: bob.walletId, currency: 'USD', amount: '20.00' }))
    const withdraw = { currency: 'USD', amount: '40.00', to_address: 'DE00 1234' }
    const { body: paid } = await done(ask(ann, 'POST /wallet/withdraw', withdraw))
    for (const name of ['review', 'approve', 'process', 'complete']) await step(paid.transaction_id, name)
    const { body: open } = await done(ask(ann, 'POST /wallet/withdraw', { ...withdraw, amount: '10.00' }))
    const refused = await ask(ann, 'POST /wallet/deposit', { currency: 'USD', amount: '1.00' })
    expect(refused.body.error.code, 'the provider gives it back').to.equal('wallet.below_minimum')
    const report = await run()
    expect(report.verdict, JSON.stringify(report.checks)).to.equal('clean')
    expect(checksOf(report, 'clean')).to.have.length(16)
    expect(report.discrepancies).to.deep.equal({ critical: 0, warning: 0, info: 0 })
    expect(report.unused_accounts).to.deep.equal(['1001'])
    const [stripe] = report.providers
    expect(stripe).to.deep.include({ account: '1002', statement: 'sandbox' })
    expect(stripe.sums).to.deep.equal([
      { currency: 'USD', ledger: '161.30', statement: '161.30', matched: '161.30', off: '0.00' },
    ])
    const usd = report.balances.find((one: Reply['body']) => one.currency === 'USD')
    expect(usd.debits).to.equal(usd.credits)
    expect(usd.accounts.find((one: Reply['body']) => one.account === '2003').balance).to.equal('10.00')
    await done(ask(ann, `POST /wallet/transactions/${open.transaction_id}/cancel`, {}))
  })

  it('finds what one side has alone, judges it, and proposes what two persons then do', async () => {
    changeBook(`
      UPDATE lines SET amount_minor = 20100 WHERE reference LIKE 'deposit:%' AND amount_minor = 20000;
      DELETE FROM lines WHERE asset = 'USDC';
      INSERT INTO lines (id, reference, account, asset, direction, amount_minor, at_ms)
        VALUES ('sbx_strange', 'deposit:${ann.walletId}:lost', '1002', 'USD', 'in', 700, 1700000000000)`)
    const report = await run()
    expect(report.verdict).to.equal('discrepancies')
    expect(checksOf(report, 'discrepancies')).to.deep.equal(['provider 1002', 'provider 1003:sandbox'])
    expect(foundIn(report)).to.have.members([
      'critical missing_in_ledger 1002 in 7.00 USD',
      'warning amount_differs 1002 in 1.00 USD',
      'warning missing_at_provider 1003:sandbox out 50.000000 USDC',
    ])
    const { body: open } = await done(ask(auditor, 'GET /admin/reconciliation/discrepancies?severity=warning&limit=1'))
    expect(open.discrepancies).to.have.length(1)
    const next = `GET /admin/reconciliation/discrepancies?severity=warning&limit=1&cursor=${open.next_cursor}`
    expect((await done(ask(auditor, next))).body.next_cursor).to.equal(null)
    expect(server.output).to.match(/job\.finding.*1 critical and 2 other discrepancies/)
    for (const { proposal } of report.named) await carryOut(proposal)
    const after = await run()
    expect(after.verdict, JSON.stringify(after.named)).to.equal('clean')
  })

  it('finds a payout that was made and not recorded, and proposes to complete it', async () => {
    const { body } = await done(
      ask(ann, 'POST /wallet/withdraw', { currency: 'USD', amount: '10.00', to_address: 'DE00 1234' }),
    )
    const id = body.transaction_id
    for (const name of ['approve', 'process']) await step(id, name)
    // As a crash between the two leaves it.
    changeBook(`INSERT INTO lines (id, reference, account, asset, direction, amount_minor, at_ms)
      VALUES ('sbx_paid', 'payout:${ann.walletId}:${id}', '1002', 'USD', 'out', 930, 1700000000000)`)
    const [one] = (await run()).named
    expect(one).to.deep.include({ class: 'missing_in_ledger', direction: 'out', amount: '9.30' })
    expect(one.proposal).to.deep.equal({
      kind: 'withdrawal',
      wallet_id: ann.walletId,
      withdrawal: id,
      step: 'complete',
    })
    await step(id, 'complete')
    expect((await run()).verdict).to.equal('clean')
  })

  it('says what a narrower run left out', async () => {
    const report = await run({ accounts: ['1002'] }, auditor)
    expect(report.verdict).to.equal('incomplete')
    expect(checksOf(report, 'not_checked')).to.deep.equal(['provider 1003:sandbox'])
    expect(report.accounts_asked).to.deep.equal(['1002'])
    const { body } = await done(ask(auditor, 'GET /admin/reconciliation/reports?limit=1'))
    expect(body.reports[0]).to.deep.include({ verdict: 'incomplete', not_checked: ['provider 1003:sandbox'] })
  })

  it('takes the statement of a bank that staff hand in', async () => {
    await carryOut({
      ...{ kind: 'adjustment', wallet_id: ann.walletId, direction: 'credit', account: '1001' },
      ...{ currency: 'USD', amount: '30.00', reason: 'reconciles line:B1' },
    })
    expect(checksOf(await run(), 'not_checked')).to.deep.equal(['provider 1001'])
    const at = new Date().toISOString()
    const text = `id,time,direction,currency,amount,references\nB1,${at},in,USD,30.00,\nB2,${at},in,USD,4.00,invoice-7\n`
    const statement = { account: '1001', from: '2026-01-01', to: at, format: 'csv', text }
    const first = await done(ask(operator, 'POST /admin/reconciliation/statements', statement))
    expect(first.body).to.deep.include({ account: '1001', lines: 2, handed_in_by: operator.userId })
    const again = await done(ask(admin, 'POST /admin/reconciliation/statements', statement))
    expect(again.body.id).to.equal(first.body.id)
    const { body: kept } = await done(ask(auditor, 'GET /admin/reconciliation/statements'))
    expect(kept.statements.map(({ id }: Reply['body']) => id)).to.deep.equal([first.body.id])
    const report = await run({ as_of: at })
    expect(report.providers[0].sums).to.deep.equal([
      { currency: 'USD', ledger: '30.00', statement: '34.00', matched: '30.00', off: '4.00' },
    ])
    expect(foundIn(report), 'a bank is given three days').to.deep.equal(['info late 1001 in 4.00 USD'])
    expect(report.verdict).to.equal('clean')
  })

  it('is exported whole', async () => {
    const { body } = await done(ask(auditor, 'GET /admin/reconciliation/reports?limit=1'))
    const path = `GET /admin/reconciliation/reports/${body.reports[0].id}/export`
    const ndjson = await done(ask(auditor, path))
    const lines = ndjson.text.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line)).map(({ format, id }) => format ?? id)).to.deep.equal([
      'leetgaming reconciliation 1',
      '1001/late/line:B2',
    ])
    const csv = await done(ask(auditor, `${path}?format=csv`))
    expect(csv.headers.get('content-type')).to.match(/^text\/csv/)
    expect(csv.text.split('\r\n')[1]).to.match(/^1001\/late\/line:B2,provider,late,info,1001,USD,in,4\.00,/)
  })

  it('tells Prometheus', async () => {
    const { text } = await call(server.url, 'GET /metrics')
    expect(text).to.match(/leet_reconciliation_discrepancies\{severity="info"\} 1/)
    expect(text).to.match(/leet_reconciliation_verdict\{verdict="clean"\} 1/)
    expect(text).to.match(/leet_job_last_done_seconds\{kind="reconciliation"\} \d+/)
  })

  it('refuses what makes no sense, and who may not', async () => {
    const statement = { account: '1001', from: '2026-01-01', to: '2026-01-31', format: 'csv', text: '' }
    const runs = 'POST /admin/reconciliation/runs'
    const statements = 'POST /admin/reconciliation/statements'
    for (const [by, line, body, code] of [
      [ann, runs, {}, 'forbidden'],
      [ann, 'GET /admin/reconciliation/reports', undefined, 'forbidden'],
      [auditor, statements, statement, 'forbidden'],
      [operator, runs, { as_of: '2999-01-01T00:00:00Z' }, 'ledger.as_of_in_future'],
      [operator, runs, { as_of: 'yesterday' }, 'invalid_request'],
      [operator, runs, { accounts: ['2001'] }, 'invalid_request'],
      [operator, runs, { accounts: [] }, 'invalid_request'],
      [operator, runs, { skip: ['1002'] }, 'invalid_request'],
      [operator, 'GET /admin/reconciliation/reports/none', undefined, 'not_found'],
      [operator, 'GET /admin/reconciliation/reports/none/export', undefined, 'not_found'],
      [operator, 'GET /admin/reconciliation/reports?limit=1000000000', undefined, 'invalid_request'],
      [operator, 'GET /admin/reconciliation/discrepancies?severity=worst', undefined, 'invalid_request'],
      [operator, 'GET /admin/reconciliation/discrepancies?cursor=x', undefined, 'invalid_request'],
      [operator, 'GET /admin/reconciliation/discrepancies?cursor=x.1', undefined, 'not_found'],
      [operator, statements, statement, 'reconciliation.statement_line'],
      [operator, statements, { ...statement, account: '1002' }, 'reconciliation.statement_account'],
      [operator, statements, { ...statement, account: '2001' }, 'reconciliation.statement_account'],
      [operator, statements, { ...statement, to: '2025-01-01' }, 'invalid_request'],
      [operator, statements, { ...statement, to: '2999-01-01' }, 'invalid_request'],
      [operator, statements, { ...statement, format: 'pdf' }, 'invalid_request'],
      [operator, statements, { ...statement, text: 'x'.repeat(60_001) }, 'invalid_request'],
      [operator, statements, { ...statement, text: 'x'.repeat(70_000) }, 'payload_too_large'],
    ] as const)
      expect((await ask(by, line, body)).body.error?.code, `${line} ${JSON.stringify(body)?.slice(0, 90)}`).to.equal(
        code,
      )
  })

  it('on the command line: the same beside the server, and a byte that was changed in a copy is named', async () => {
    const clean = await runProgram('server/reconcile.ts', '--data', server.dataDir)
    expect(clean.output).to.match(/CLEAN|INCOMPLETE/)
    const folder = join(temporaryFolder(), 'copy')
    cpSync(server.dataDir, folder, { recursive: true })
    const out = join(temporaryFolder(), 'report.ndjson')
    tamper(
      folder,
      'store.db',
      `UPDATE balances SET minor = minor + 1 WHERE minor > 0 AND account = (SELECT max(account) FROM balances WHERE minor > 0)`,
    )
    const broken = await runProgram('server/reconcile.ts', '--data', folder, '--out', out)
    expect(broken.code, broken.output).to.equal(1)
    expect(broken.output).to.match(/critical broken .*the store has \d+ in .*, the journal \d+/)
    const twice = await runProgram('server/reconcile.ts', '--data', folder, '--out', out)
    expect(twice.code).to.equal(2)
    expect(twice.output).to.match(/is there already\nusage: npm run reconcile/)
  })

  async function carryOut(proposal: Reply['body']): Promise<void> {
    const { kind, wallet_id: wallet, ...order } = proposal
    expect(kind).to.equal('adjustment')
    const { body } = await done(ask(operator, `POST /admin/wallets/${wallet}/adjustments`, order))
    await done(ask(admin, `POST /admin/wallets/${wallet}/adjustments/${body.record}/approve`, { note: 'seen' }))
  }
})
