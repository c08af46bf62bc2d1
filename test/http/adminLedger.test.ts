// What staff ask of the ledger, over a server on embedded storage: money moves over the players' routes, and is then found
// again from every side; and every way to ask for nonsense, or for too much.

import { expect } from 'chai'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { newStaff } from '../support/staff.ts'

describe('questions about the ledger over HTTP', () => {
  let server: TestServer
  let token: string
  let ann: Guest
  let bob: Guest
  let betweenMs = 0

  const ask = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    call(server.url, `GET /admin/ledger/${path}`, { token, headers })
  const post = async (guest: Guest, path: string, body: object): Promise<string> => {
    const reply = await call(server.url, `POST ${path}`, {
      token: guest.token,
      body: { ...body, idempotency_key: newKey() },
    })
    if (reply.status >= 300) throw new Error(`${path}: ${reply.status} ${reply.text}`)
    return reply.body.transaction_id
  }
  /** After the newest record that is there. */
  const nextMoment = async (): Promise<number> => {
    const { body } = await ask('trial-balance')
    const newest = Date.parse(body.as_of)
    while (Date.now() <= newest + 1) await new Promise((resolve) => setImmediate(resolve))
    return newest
  }

  before(async () => {
    server = await startTestServer({ PARTITIONS: '4' })
    token = (await newStaff(server, 'auditor')).token
    ann = await newGuest(server.url)
    bob = await newGuest(server.url)
    await post(ann, '/wallet/deposit', { currency: 'USD', amount: '100' })
    betweenMs = await nextMoment()
    await post(ann, '/wallet/transfers', { to: bob.walletId, currency: 'USD', amount: '12.34', memo: '=1+1 <b>' })
    await post(bob, '/wallet/deposit', { currency: 'USDC', amount: '7.5' })
  })
  after(() => server.stop())

  const between = (): string => encodeURIComponent(new Date(betweenMs).toISOString())

  it('gives a page of a wallet, and each entry its record', async () => {
    const { status, body } = await ask(`entries?wallet_id=${ann.walletId}`)
    expect(status).to.equal(200)
    const lines = body.entries.map((entry: Record<string, string>) => [
      entry.type,
      entry.entry_type,
      entry.amount,
      entry.balance_after,
    ])
    expect(lines).to.deep.equal([
      ['transfer', 'debit', '12.34', '87.66'],
      ['deposit', 'credit', '100.00', '100.00'],
    ])
    expect(body.next_cursor).to.equal(null)
    const { body: record } = await ask(`records/${body.entries[0].id}`)
    expect(record).to.include({ id: body.entries[0].id, actor: `wallet/${ann.walletId}`, type: 'transfer' })
    expect(record.cause).to.include({ kind: 'command', name: 'send' })
    expect(record.outbox[0]).to.deep.include({ to: `wallet/${bob.walletId}`, money: { asset: 'USD', amount: '12.34' } })
    expect(record.batch.hash).to.match(/^[0-9a-f]{64}$/)
  })

  it('pages by cursor, and filters by type, amount and time', async () => {
    const first = await ask(`entries?wallet_id=${ann.walletId}&limit=1`)
    expect(first.body.entries).to.have.length(1)
    const second = await ask(`entries?wallet_id=${ann.walletId}&limit=1&cursor=${first.body.next_cursor}`)
    expect(second.body.entries.map(({ type }: { type: string }) => type)).to.deep.equal(['deposit'])
    const count = async (filter: string): Promise<number> => (await ask(`entries?${filter}`)).body.entries.length
    expect(await count(`actor=wallet/${ann.walletId}&type=deposit`)).to.equal(1)
    expect(await count(`account=2001:${ann.walletId}&asset=USD&min_amount=12.34&max_amount=99`)).to.equal(1)
    expect(await count(`wallet_id=${ann.walletId}&to=${between()}`)).to.equal(1)
    expect(await count('account=1002&from=2000-01-01')).to.equal(1)
    expect(await count('from=2000-01-01&asset=USDC')).to.equal(2)
  })

  it('gives both sides of a transfer by its cause', async () => {
    const { body: mine } = await ask(`entries?wallet_id=${ann.walletId}&type=transfer`)
    const { id } = mine.entries[0]
    for (const cause of [id, id.replace(':', '-')]) {
      const { status, body } = await ask(`entries?cause=${cause}`)
      expect(status).to.equal(200)
      const lines = body.entries.map(({ account, entry_type, amount, depth }: Record<string, string>) => {
        return [depth, account, entry_type, amount]
      })
      expect(lines).to.deep.equal([
        [0, `2001:${ann.walletId}`, 'debit', '12.34'],
        [0, '2006', 'credit', '12.34'],
        [1, '2006', 'debit', '12.34'],
        [1, `2001:${bob.walletId}`, 'credit', '12.34'],
      ])
      expect(body).to.include({ next_cursor: null, undelivered: 0 })
    }
    const first = await ask(`entries?cause=${id}&limit=3`)
    const second = await ask(`entries?cause=${id}&limit=3&cursor=${first.body.next_cursor}`)
    expect(second.body.entries.map(({ account }: Record<string, string>) => account)).to.deep.equal([
      `2001:${bob.walletId}`,
    ])
    const { body: all } = await ask(`entries?cause=wallet/${ann.walletId}&account=2001:${bob.walletId}&asset=USD`)
    expect(all.entries.map(({ depth, amount }: Record<string, string>) => [depth, amount])).to.deep.equal([
      [1, '12.34'],
    ])
    const { body: none } = await ask('entries?cause=match/m_none')
    expect(none).to.deep.include({ entries: [], next_cursor: null })
  })

  it('gives balances of a moment, of wallets, system accounts and codes', async () => {
    const balance = async (query: string): Promise<string> => (await ask(`balance?${query}`)).body.balance
    expect(await balance(`wallet_id=${ann.walletId}&asset=USD`)).to.equal('87.66')
    expect(await balance(`wallet_id=${ann.walletId}&asset=USD&as_of=${between()}`)).to.equal('100.00')
    expect(await balance('account=1002&asset=USD')).to.equal('100.00')
    expect(await balance('account=2001&asset=USD')).to.equal('100.00')
    expect(await balance(`account=2001&asset=USDC&as_of=${between()}`)).to.equal('0.000000')
  })

  it('gives a trial balance that balances', async () => {
    const { body } = await ask('trial-balance')
    expect(body.balanced).to.equal(true)
    expect(body.totals).to.deep.equal([
      { asset: 'USD', debit: '100.00', credit: '100.00', balanced: true },
      { asset: 'USDC', debit: '7.500000', credit: '7.500000', balanced: true },
    ])
    expect(body.positions.length).to.be.greaterThan(0)
    const { body: earlier } = await ask(`trial-balance?as_of=${between()}&asset=USD`)
    expect(earlier).to.include({ balanced: true, as_of: new Date(betweenMs).toISOString() })
  })

  describe('a statement', () => {
    const of = (): string => `statement?wallet_id=${ann.walletId}&currency=USD&from=2000-01-01`

    it('leads from the opening balance to the closing balance', async () => {
      const { body } = await ask(of())
      expect(body).to.include({ opening_balance: '0.00', closing_balance: '87.66' })
      expect(body.totals).to.deep.equal({ in: '100.00', out: '12.34', lines: 2 })
      const later = await ask(
        `statement?wallet_id=${ann.walletId}&currency=USD&from=${encodeURIComponent(new Date(betweenMs + 1).toISOString())}`,
      )
      expect(later.body).to.include({ opening_balance: '100.00', closing_balance: '87.66' })
    })

    for (const [what, query, headers, type, begins] of [
      ['by format', '&format=csv', {}, 'text/csv', 'id,at,type,in,out,balance\r\n'],
      ['by Accept', '', { accept: 'text/csv' }, 'text/csv', 'id,at,type,in,out,balance\r\n'],
      ['as a page', '&format=html', {}, 'text/html', '<!doctype html>'],
      ['as a page by Accept', '', { accept: 'text/html,*/*' }, 'text/html', '<!doctype html>'],
    ] as const) {
      it(`comes ${what}`, async () => {
        const { status, headers: sent, text } = await ask(of() + query, headers)
        expect(status).to.equal(200)
        expect(sent.get('content-type')).to.include(type)
        expect(text.startsWith(begins)).to.equal(true)
        expect(text).to.include('87.66')
        expect(sent.get('content-security-policy')).to.include("default-src 'none'")
      })
    }
  })

  it('answers staff alone', async () => {
    for (const path of ['records/0:1', 'entries', 'statement', 'balance', 'trial-balance']) {
      const player = await call(server.url, `GET /admin/ledger/${path}`, { token: ann.token })
      expect([path, player.status]).to.deep.equal([path, 403])
      const nobody = await call(server.url, `GET /admin/ledger/${path}`)
      expect([path, nobody.status]).to.deep.equal([path, 401])
    }
  })

  const refused: readonly (readonly [string, string, number, string])[] = [
    ['a list of everything', 'entries', 422, 'ledger.filter_too_wide'],
    ['a list with an end and no beginning', 'entries?to=2030-01-01', 422, 'ledger.filter_too_wide'],
    ['a system account without a beginning', 'entries?account=1002', 422, 'ledger.filter_too_wide'],
    ['a filter that bounds nothing', 'entries?asset=USD&type=deposit', 422, 'ledger.filter_too_wide'],
    ['a page of 10^9', 'entries?account=1002&from=2000-01-01&limit=1000000000', 400, 'invalid_request'],
    ['a page of none', 'entries?account=1002&from=2000-01-01&limit=0', 400, 'invalid_request'],
    ['a page below none', 'entries?account=1002&from=2000-01-01&limit=-1', 400, 'invalid_request'],
    ['a page of 1e2', 'entries?account=1002&from=2000-01-01&limit=1e2', 400, 'invalid_request'],
    ['a cursor that is none', 'entries?account=1002&from=2000-01-01&cursor=bm9uZQ', 400, 'invalid_request'],
    ['a cursor with more in it', "entries?from=2000-01-01&cursor=1'--", 400, 'invalid_request'],
    ['an account with SQL in it', "entries?account=2001:x'%20OR%201=1--", 400, 'invalid_request'],
    ['an account with an operator in it', 'entries?account[$ne]=x', 422, 'ledger.filter_too_wide'],
    ['a cause that is none', 'entries?cause=wallet', 400, 'invalid_request'],
    ['a cause with SQL in it', "entries?cause=0-1'%20OR%201=1--", 400, 'invalid_request'],
    ['a cause with an operator in it', 'entries?cause[$ne]=x', 422, 'ledger.filter_too_wide'],
    ['a cause that never was', 'entries?cause=0-999999999999', 404, 'not_found'],
    ['a cause of no partition', 'entries?cause=9999-1', 404, 'not_found'],
    ['a cause and a page of 10^9', 'entries?cause=0-1&limit=1000000000', 400, 'invalid_request'],
    ['a cause and the cursor of another list', 'entries?cause=0-1&cursor=MS4xLjEuMQ', 400, 'invalid_request'],
    ['a cursor of causes in another list', 'entries?from=2000-01-01&cursor=YzEuMS4xLjEuMQ', 400, 'invalid_request'],
    ['an account out of the chart', 'entries?account=9999', 400, 'invalid_request'],
    ['an actor that is none', 'entries?actor=%7B%22$gt%22:%22%22%7D', 400, 'invalid_request'],
    ['two wallets', 'entries?wallet_id=w_aaaa&actor=wallet/w_bbbb', 400, 'invalid_request'],
    ['an amount without its asset', 'entries?from=2000-01-01&min_amount=1', 400, 'invalid_request'],
    ['an amount that is none', 'entries?from=2000-01-01&asset=USD&min_amount=1e9', 422, 'amount.malformed'],
    ['an asset that is none', 'entries?from=2000-01-01&asset=EUR', 400, 'invalid_request'],
    ['a type that is none', 'entries?from=2000-01-01&type=theft', 400, 'invalid_request'],
    ['a day that is none', 'entries?from=2026-02-30', 400, 'invalid_request'],
    ['a record that is none', 'records/0:0', 400, 'invalid_request'],
    ['a record of words', 'records/..%2F..%2Fetc', 400, 'invalid_request'],
    ['a record beyond the end', 'records/0:999999999999', 404, 'not_found'],
    ['a record of no partition', 'records/9999:1', 404, 'not_found'],
    ['a balance in the future', 'balance?account=1002&asset=USD&as_of=2999-01-01', 422, 'ledger.as_of_in_future'],
    [
      'a balance before everything',
      'balance?account=1002&asset=USD&as_of=1999-01-01',
      422,
      'ledger.as_of_before_first',
    ],
    ['a balance of nobody', 'balance?account=2001:w_nobody&asset=USD', 404, 'ledger.account_unknown'],
    ['a balance without an asset', 'balance?account=1002', 400, 'invalid_request'],
    ['a balance of nothing', 'balance?asset=USD', 400, 'invalid_request'],
    ['a trial balance in the future', 'trial-balance?as_of=2999-01-01', 422, 'ledger.as_of_in_future'],
    ['a trial balance before everything', 'trial-balance?as_of=1999-01-01', 422, 'ledger.as_of_before_first'],
    ['a statement of a system account', 'statement?account=1002&currency=USD&from=2000-01-01', 400, 'invalid_request'],
    ['a statement of a bare code', 'statement?account=2001&currency=USD&from=2000-01-01', 400, 'invalid_request'],
    ['a statement without a beginning', 'statement?wallet_id=w_nobody&currency=USD', 400, 'invalid_request'],
    [
      'a statement into the future',
      'statement?wallet_id=w_nobody&currency=USD&from=2000-01-01&to=2999-01-01',
      422,
      'ledger.as_of_in_future',
    ],
    [
      'a statement that ends before all',
      'statement?wallet_id=w_nobody&currency=USD&from=1998-01-01&to=1999-01-01',
      422,
      'ledger.as_of_before_first',
    ],
    [
      'a statement backwards',
      'statement?wallet_id=w_nobody&currency=USD&from=2001-01-01&to=2000-01-01',
      400,
      'invalid_request',
    ],
    [
      'a statement of nobody',
      'statement?wallet_id=w_nobody&currency=USD&from=2000-01-01',
      404,
      'ledger.account_unknown',
    ],
    [
      'a format that is none',
      'statement?wallet_id=w_nobody&currency=USD&from=2000-01-01&format=pdf',
      400,
      'invalid_request',
    ],
  ]
  for (const [what, path, status, code] of refused) {
    it(`refuses ${what}`, async () => {
      const reply = await ask(path)
      expect([reply.status, reply.body.error?.code]).to.deep.equal([status, code])
    })
  }

  it('stands in the document', async () => {
    const { body } = await call(server.url, 'GET /openapi.json')
    for (const path of ['records/{id}', 'entries', 'statement', 'balance', 'trial-balance']) {
      const { get } = body.paths[`/admin/ledger/${path}`]
      expect(Object.keys(get.responses)).to.include.members(['200', '400', '401', '403'])
      expect(get['x-availability']).to.equal(undefined)
    }
  })
})
