// NFTs over the real wires: an admin mints one, its owner shows it, sends it on and can do nothing else with it, staff finds
// who has it, everybody else is turned away, and the auditor reads the data set in the end.

import { expect } from 'chai'
import { walletOf } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { tokenCode } from '../support/nftLog.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { newStaff, type Person } from '../support/staff.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const SWORD = tokenCode(42)
const CONTRACT = `0x${'ab'.repeat(20)}`
const NOBODY = `w_${'B'.repeat(21)}A`

describe('NFTs', () => {
  let server: TestServer
  let admin: Person
  let operator: Person
  let auditor: Person
  let ann: Guest
  let bob: Guest
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'off' })
    admin = await newStaff(server, 'admin')
    operator = await newStaff(server, 'operator')
    auditor = await newStaff(server, 'auditor')
    ann = await newGuest(server.url)
    bob = await newGuest(server.url)
  })
  after(() => server.stop())

  const as = (who: { readonly token: string }, line: string, body?: object): Promise<Reply> =>
    call(server.url, line, {
      token: who.token,
      ...(body === undefined ? {} : { body: { idempotency_key: newKey(), ...body } }),
    })
  const mint = (more: object = {}, who: Person = admin): Promise<Reply> =>
    as(who, 'POST /admin/nfts', { asset: SWORD, wallet_id: ann.walletId, reason: 'season prize', ...more })
  const code = (reply: Reply): string => reply.body.error?.code ?? 'ok'
  const token = async (asset = SWORD, who: Person = auditor) => (await as(who, `GET /admin/nfts/${asset}`)).body
  const holds = async ({ token }: Guest, asset = SWORD): Promise<string | undefined> =>
    (await call(server.url, 'GET /wallet/balance', { token })).body.balances[asset]
  const arrival = (guest: Guest, asset = SWORD): Promise<unknown> =>
    until('it has come', async () => ((await holds(guest, asset)) === '1' ? true : null))

  for (const role of ['operator', 'auditor'] as const) {
    it(`is not minted by an ${role}`, async () => {
      const who = role === 'operator' ? operator : auditor
      expect(code(await mint({}, who))).to.equal('forbidden')
      for (const what of ['deliver', 'burn'])
        expect(
          code(await as(who, `POST /admin/nfts/${SWORD}/${what}`, { reason: 'x', wallet_id: ann.walletId })),
        ).to.equal('forbidden')
      expect(await token()).to.include({ status: 'absent', location: null })
    })
  }

  const big = (2n ** 256n).toString()
  for (const [what, more, expected] of [
    ['an asset that is none', { asset: 'SWORD' }, 'asset.unknown'],
    ['money', { asset: 'USD' }, 'asset.unknown'],
    ['a contract that is none', { asset: 'NFT:137:0x12:1' }, 'asset.unknown'],
    ['a token id with a zero before it', { asset: `NFT:137:${CONTRACT}:01` }, 'asset.unknown'],
    ['a token id beyond 256 bits', { asset: `NFT:137:${CONTRACT}:${big}` }, 'asset.unknown'],
    ['a chain that is not ours', { asset: tokenCode(1, 5) }, 'nft.unknown_chain'],
    ['no token', { asset: undefined }, 'invalid_request'],
    ['half a token', { asset: undefined, chain_id: 137, contract: CONTRACT }, 'invalid_request'],
    ['a token named twice', { chain_id: 137 }, 'invalid_request'],
    ['a token id as a number', { asset: undefined, chain_id: 137, contract: CONTRACT, token_id: 7 }, 'invalid_request'],
    ['a chain below zero', { asset: undefined, chain_id: -1, contract: CONTRACT, token_id: '7' }, 'invalid_request'],
    ['no reason', { reason: '' }, 'invalid_request'],
    ['a reason that hides something', { reason: 'a\u202eb' }, 'invalid_request'],
    ['a wallet that is none', { wallet_id: "w'--" }, 'wallet.unknown_recipient'],
    ['a wallet nobody opened', { wallet_id: NOBODY }, 'wallet.unknown_recipient'],
  ] as const) {
    it(`${what} is not minted: ${expected}`, async () => {
      expect(code(await mint(more))).to.equal(expected)
      expect((await token()).status).to.equal('absent')
    })
  }

  it('is minted to nobody of staff’s own, and not without a key', async () => {
    expect(code(await mint({ wallet_id: walletOf(admin.userId) }))).to.equal('forbidden')
    expect(code(await mint({ idempotency_key: undefined }))).to.equal('idempotency_key_required')
  })

  it('is minted once: not twice, not under another spelling, and the same key answers the same', async () => {
    const key = newKey()
    const first = await mint({ idempotency_key: key })
    expect(first.body).to.include({ asset: SWORD, status: 'pending' })
    const mixed = SWORD.replaceAll('ab', 'aB')
    expect((await mint({ idempotency_key: key, asset: mixed })).body, 'the same token').to.deep.equal(first.body)
    expect(code(await mint({ idempotency_key: key, reason: 'another' }))).to.equal('idempotency_mismatch')
    const parts = { asset: undefined, chain_id: 137, contract: CONTRACT.replaceAll('ab', 'AB'), token_id: '42' }
    for (const again of [{}, { asset: mixed }, parts, { wallet_id: bob.walletId }])
      expect(code(await mint(again)), JSON.stringify(again)).to.equal('nft.already_minted')
    await arrival(ann)
    for (const asset of [SWORD, mixed]) {
      const { status, minted, sent, location } = await token(asset)
      expect([status, minted.by, minted.reason, minted.record]).to.deep.equal([
        ...['minted', admin.userId, 'season prize', first.body.record],
      ])
      expect(sent.wallet_id).to.equal(ann.walletId)
      expect(location).to.include({ state: 'available', actor: `wallet/${ann.walletId}` })
    }
  })

  it('of several that ask at once, one mints', async () => {
    const asset = tokenCode(43)
    const codes = await Promise.all(
      [ann, bob, ann, bob, ann, bob].map(async ({ walletId }) => code(await mint({ asset, wallet_id: walletId }))),
    )
    expect(codes.filter((one) => one === 'ok')).to.have.length(1)
    expect(codes.filter((one) => one === 'nft.already_minted')).to.have.length(5)
  })

  it('is transferred whole, whatever the spelling, and by its owner', async () => {
    const transfer = (guest: Guest, more: object) =>
      as(guest, 'POST /wallet/transfers', { to: bob.walletId, currency: SWORD, amount: '1', ...more })
    expect(code(await transfer(ann, { amount: '2' }))).to.equal('amount.too_large')
    expect(code(await transfer(ann, { amount: '0' }))).to.equal('amount.not_positive')
    expect(code(await transfer(ann, { amount: '0.5' }))).to.equal('amount.too_precise')
    expect(code(await transfer(bob, { to: ann.walletId }))).to.equal('wallet.insufficient_funds')
    expect(code(await transfer(ann, { to: NOBODY }))).to.equal('ok')
    await arrival(ann)
    expect(code(await transfer(ann, { currency: SWORD.replaceAll('ab', 'AB') }))).to.equal('ok')
    await arrival(bob)
    expect(await holds(ann)).to.equal(undefined)
    expect((await token()).location).to.include({ state: 'available', actor: `wallet/${bob.walletId}` })
  })

  it('is sent and shown in the room', async () => {
    const client = await WalletClient.join(server.url, bob)
    expect(await client.balance(SWORD)).to.deep.equal({ available: '1', held: '0' })
    const order = { to: ann.walletId, currency: SWORD, key: newKey() }
    const two = await client.request('transfer', { ...order, amount: '2' })
    expect(two.kind === 'refused' && two.error.code).to.equal('amount.too_large')
    await client.must('transfer', { ...order, amount: '1' })
    await arrival(ann)
    await until('the room says so', () => (client.balances[SWORD]?.available === '0' ? true : null))
    await client.leave()
  })

  it('has no price: it is not deposited, withdrawn, converted or adjusted', async () => {
    const order = { currency: SWORD, amount: '1', to_address: CONTRACT }
    expect(code(await as(ann, 'POST /wallet/deposit', order))).to.equal('wallet.not_depositable')
    expect(code(await as(ann, 'POST /wallet/withdraw', order))).to.equal('wallet.not_withdrawable')
    for (const [from, to] of [
      [SWORD, 'USD'],
      ['USD', SWORD],
    ])
      expect(code(await as(ann, 'POST /wallet/convert', { from, to, amount: '1' }))).to.equal('wallet.not_convertible')
    for (const direction of ['credit', 'debit']) {
      const adjustment = { direction, currency: SWORD, amount: '1', account: '3001', reason: 'x' }
      const asked = as(operator, `POST /admin/wallets/${ann.walletId}/adjustments`, adjustment)
      expect(code(await asked)).to.equal('wallet.not_adjustable')
    }
  })

  it('is neither delivered nor burned while a wallet has it, nor where it was never minted', async () => {
    const reason = 'x'
    for (const [asset, expected] of [
      [SWORD, 'nft.not_unclaimed'],
      [tokenCode(77), 'nft.not_minted'],
      [tokenCode(77, 5), 'nft.unknown_chain'],
      ['USD', 'asset.unknown'],
    ] as const) {
      const deliver = { wallet_id: ann.walletId, reason }
      expect(code(await as(admin, `POST /admin/nfts/${asset}/deliver`, deliver)), asset).to.equal(expected)
      expect(code(await as(admin, `POST /admin/nfts/${asset}/burn`, { reason })), asset).to.equal(expected)
    }
    expect(code(await as(auditor, 'GET /admin/nfts/USD'))).to.equal('asset.unknown')
    expect(code(await as(ann, `GET /admin/nfts/${SWORD}`))).to.equal('forbidden')
  })

  it('stands in history, in statements, in balances and in the trial balance', async () => {
    const rows = (await as(ann, 'GET /wallet/transactions?asset_type=nft')).body.transactions
    const swords = rows.filter(({ currency }: { currency: string }) => currency === SWORD)
    expect(swords.map(({ entry_type: side }: { entry_type: string }) => side)).to.deep.equal([
      ...['credit', 'debit', 'credit', 'debit', 'credit'],
    ])
    expect(swords.at(-1)?.description).to.equal('Received from custody')
    expect(swords[0]).to.include({ asset_type: 'nft', amount: '1', balance_after: '1', type: 'transfer' })
    const mixed = SWORD.replaceAll('ab', 'aB')
    const { body: one } = await as(ann, `GET /wallet/transactions?currency=${mixed}`)
    expect(one.total_count).to.equal(5)
    const ledger = async (path: string) => (await as(auditor, `GET /admin/ledger/${path}`)).body
    const { lines, closing_balance: closing } = await ledger(
      `statement?wallet_id=${ann.walletId}&currency=${mixed}&from=${new Date().toISOString().slice(0, 10)}`,
    )
    expect(lines).to.have.length(5)
    expect(closing).to.equal('1')
    expect((await ledger(`balance?account=1003:137&asset=${mixed}`)).balance).to.equal('1')
    expect((await ledger(`balance?account=2001&asset=${SWORD}`)).balance).to.equal('1')
    const actor = await ledger(`entries?actor=nft/${SWORD.slice(4)}`)
    expect(actor.entries, 'it never came back').to.deep.equal([])
    const trial = await ledger('trial-balance')
    expect(trial.balanced).to.equal(true)
    expect(trial.totals).to.deep.include({ asset: 'NFT', debit: '2', credit: '2', balanced: true })
  })

  it('what staff did is in the audit log', async () => {
    const { body } = await as(auditor, 'GET /admin/audit-log?outcome=done&limit=100')
    const minted = body.entries.filter(({ route }: { route: string }) => route === '/admin/nfts')
    expect(minted.at(-1)).to.deep.include({ actor: admin.userId, outcome: 'done' })
    expect(minted.at(-1).after).to.deep.include({ order: 'mint', asset: SWORD, wallet: ann.walletId })
  })

  it('a closed wallet gets none', async () => {
    const carl = await newGuest(server.url)
    await as(operator, `POST /admin/wallets/${carl.walletId}/close`, {})
    expect(code(await mint({ asset: tokenCode(44), wallet_id: carl.walletId }))).to.equal('wallet.closed')
  })

  it('a wallet that is full gets none, and what others send it goes back', async () => {
    const [dora, eve] = [await newGuest(server.url), await newGuest(server.url)]
    for (let id = 0; id < RULES.maxNftsPerWallet; id++)
      expect(code(await mint({ asset: tokenCode(1_000 + id), wallet_id: dora.walletId }))).to.equal('ok')
    await arrival(dora, tokenCode(1_000 + RULES.maxNftsPerWallet - 1))
    const more = tokenCode(2_000)
    expect(code(await mint({ asset: more, wallet_id: dora.walletId }))).to.equal('wallet.too_many_nfts')
    expect(code(await mint({ asset: more, wallet_id: eve.walletId }))).to.equal('ok')
    await arrival(eve, more)
    const { body: sent } = await as(eve, 'POST /wallet/transfers', { to: dora.walletId, currency: more, amount: '1' })
    await arrival(eve, more)
    const failed = await as(eve, `GET /wallet/transactions/${sent.transaction_id}`)
    expect(failed.body.status).to.equal('failed')
    expect(code(await as(dora, 'POST /wallet/deposit', { currency: 'USD', amount: '5' })), 'money').to.equal('ok')
  })

  it('the auditor finds one of each, after a restart too', async () => {
    await server.stop()
    const { code: exit, output } = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(exit, output).to.equal(0)
    await server.restart()
    expect(code(await mint())).to.equal('nft.already_minted')
    expect(await holds(ann)).to.equal('1')
    expect((await token()).location).to.include({ state: 'available', actor: `wallet/${ann.walletId}` })
  })
})
