// HTTP against the real server: signing in, the wallet's routes, limits, and the table of bad inputs.

import { expect } from 'chai'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { sessionSchema } from '../../server/http/routes/auth.ts'
import { balanceSchema, historySchema, receiptSchema, transactionSchema } from '../../server/http/routes/walletForms.ts'
import { errorSchema } from '../../server/http/schemas.ts'
import { errorSpec } from '../../shared/errors.ts'
import { call, type Guest, newGuest, newKey, type Reply } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { BAD_INPUTS, type BadInputWorld } from './badInput.http.ts'

const SECRET = 'the secret of this test server, 32 or more'

/** Answers keep to the document: nothing missing, nothing more. */
function expectForm(schema: z.ZodObject, reply: Reply): void {
  expect(schema.strict().safeParse(reply.body).error?.message, reply.text).to.equal(undefined)
}

describe('HTTP', () => {
  let server: TestServer
  let url: string
  before(async () => {
    server = await startTestServer({ TOKEN_SECRET: SECRET, METRICS_TOKEN: 'metrics-token-of-the-test' })
    url = server.url
  })
  after(async () => {
    expect(await server.stop()).to.equal(0)
  })

  const deposit = (guest: Guest, amount: string, key = newKey()): Promise<Reply> =>
    call(url, 'POST /wallet/deposit', { token: guest.token, body: { currency: 'USD', amount, idempotency_key: key } })
  const balance = (guest: Guest): Promise<Reply> => call(url, 'GET /wallet/balance', { token: guest.token })
  const dollars = async (guest: Guest): Promise<string> => (await balance(guest)).body.balances.USD ?? '0.00'

  describe('auth', () => {
    const ann = { email: 'ann@example.com', password: 'correct horse battery', display_name: 'Ann' }

    it('lets a guest play at once', async () => {
      const reply = await call(url, 'POST /auth/guest', { body: { display_name: 'Ｎｅｏ', some_field: 1 } })
      expect(reply.status).to.equal(201)
      expectForm(sessionSchema, reply)
      expect(reply.body).to.deep.include({ display_name: 'Neo', roles: ['player'] })
      expect(reply.body.wallet_id).to.equal(`w_${reply.body.user_id.slice(2)}`)
      expect(Date.parse(reply.body.expires_at) - Date.now()).to.be.within(59 * 60_000, 61 * 60_000)
      expect((await call(url, 'GET /wallet/balance', { token: reply.body.token })).status).to.equal(200)
    })

    it('registers, logs in, refreshes and logs out', async () => {
      const registered = await call(url, 'POST /auth/register', { body: ann })
      expect(registered.status).to.equal(201)
      const again = await call(url, 'POST /auth/register', { body: { ...ann, email: 'ANN@example.com' } })
      expect(again.body.error.code).to.equal('auth.email_taken')
      const login = await call(url, 'POST /auth/login', { body: { email: ann.email, password: ann.password } })
      expectForm(sessionSchema, login)
      expect(login.body.wallet_id).to.equal(registered.body.wallet_id)
      const refreshed = await call(url, 'POST /auth/refresh', { body: { refresh_token: login.body.refresh_token } })
      expectForm(sessionSchema, refreshed)
      const { refresh_token: refreshToken, token } = refreshed.body
      expect((await call(url, 'POST /auth/logout', { body: { refresh_token: refreshToken } })).status).to.equal(204)
      const stale = await call(url, 'POST /auth/logout', { token: 'stale', body: { refresh_token: refreshToken } })
      expect(stale.status, 'nobody is kept from logging out').to.equal(204)
      const late = await call(url, 'POST /auth/refresh', { body: { refresh_token: refreshToken } })
      expect(late.body.error.code).to.equal('auth.refresh_invalid')
      expect((await call(url, 'POST /auth/logout', { token })).status).to.equal(204)
      const everywhere = await call(url, 'POST /auth/refresh', {
        body: { refresh_token: registered.body.refresh_token },
      })
      expect(everywhere.body.error.code).to.equal('auth.refresh_invalid')
    })

    it('locks an address after five failures', async () => {
      const guess = { email: 'bob@example.com', password: 'not the password' }
      for (let failure = 1; failure <= 5; failure++) await call(url, 'POST /auth/login', { body: guess })
      const locked = await call(url, 'POST /auth/login', { body: guess })
      expect(locked.status).to.equal(429)
      expect(locked.body.error).to.deep.include({ code: 'auth.locked', retry_after_seconds: 900 })
      expect(locked.headers.get('retry-after')).to.equal('900')
    })

    it('takes the token in either header', async () => {
      const guest = await newGuest(url)
      const owner = await call(url, 'GET /wallet/balance', { headers: { 'x-resource-owner-id': guest.token } })
      expect(owner.body.wallet_id).to.equal(guest.walletId)
    })
  })

  describe('wallet', () => {
    let ann: Guest
    let bob: Guest
    before(async () => {
      ;[ann, bob] = await Promise.all([newGuest(url), newGuest(url)])
    })

    it('deposits, sends, and shows both sides', async () => {
      const deposited = await deposit(ann, '100')
      expect(deposited.status).to.equal(200)
      expectForm(receiptSchema, deposited)
      expect(deposited.body).to.deep.include({ status: 'confirmed', currency: 'USD', amount: '100.00' })
      const body = {
        to: bob.walletId,
        currency: 'USD',
        amount: 12.34,
        memo: 'for the match',
        idempotency_key: newKey(),
      }
      const sent = await call(url, 'POST /wallet/transfers', { token: ann.token, body })
      expectForm(receiptSchema, sent)
      expect(sent.body).to.deep.include({ status: 'pending', amount: '12.34' })
      const own = await balance(ann)
      expectForm(balanceSchema, own)
      expect(own.body).to.deep.include({ wallet_id: ann.walletId, user_id: ann.userId, total_deposited: '100.00' })
      expect(own.body.balances).to.deep.equal({ USD: '87.66' })
      await until('the receiver has the money', async () => (await dollars(bob)) === '12.34')
    })

    it('carries out a key once, and refuses it for another order', async () => {
      const before = await dollars(ann)
      const order = { to: bob.walletId, currency: 'USD', amount: '1.00' }
      const headers = { 'idempotency-key': newKey() }
      const send = (amount: string) =>
        call(url, 'POST /wallet/transfers', { token: ann.token, headers, body: { ...order, amount } })
      const all = await Promise.all([send('1.00'), send('1.00'), send('1'), send('1.00')])
      expect(new Set(all.map(({ body }) => body.transaction_id)).size).to.equal(1)
      const other = await send('2.00')
      expect([other.status, other.body.error.code]).to.deep.equal([409, 'idempotency_mismatch'])
      expect(Number(before) - Number(await dollars(ann))).to.be.closeTo(1, 0.001)
    })

    it('lists what it answered, newest first', async () => {
      const receipt = await deposit(ann, '5.00')
      const list = await call(url, `GET /wallet/transactions?limit=2&position=${receipt.body.position}&status=`, ann)
      expectForm(historySchema, list)
      expect(list.body.transactions).to.have.length(2)
      expect(list.body.transactions[0]).to.deep.include({
        transaction_id: receipt.body.transaction_id,
        type: 'deposit',
        entry_type: 'credit',
        asset_type: 'fiat',
        currency: 'USD',
        amount: '5.00',
        balance_after: await dollars(ann),
        status: 'confirmed',
      })
      const one = await call(url, `GET /wallet/transactions/${receipt.body.transaction_id}`, ann)
      expectForm(transactionSchema, one)
      expect(one.body).to.deep.equal(list.body.transactions[0])
      const strange = await call(url, `GET /wallet/transactions/${receipt.body.transaction_id}`, bob)
      expect(strange.body.error.code).to.equal('not_found')
      const debits = await call(url, 'GET /wallet/transactions?entry_type=debit&type=transfer', ann)
      expect(debits.body.total_count).to.equal(2)
    })

    it("is closed to others, and another's id is told from nobody's", async () => {
      const theirs = await call(url, `GET /wallet/balance?wallet_id=${bob.walletId}`, ann)
      expect([theirs.status, theirs.body.error.code]).to.deep.equal([403, 'forbidden'])
      const own = await call(url, `GET /wallet/balance?wallet_id=${ann.walletId}`, ann)
      expect(own.status).to.equal(200)
    })
  })

  describe('service', () => {
    it('describes every route, those not built yet too', async () => {
      const { body, headers } = await call(url, 'GET /openapi.json')
      expect(headers.get('content-type')).to.equal('application/json')
      expect(body.openapi).to.equal('3.1.0')
      for (const [, pointer] of JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
        const target = pointer?.split('/').reduce((at, name) => at?.[name], body)
        expect(target, pointer).to.be.an('object')
      }
      const planned = Object.entries<Record<string, Record<string, unknown>>>(body.paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, operation]) =>
          operation['x-availability'] === 'planned' ? [`${method.toUpperCase()} ${path}`] : [],
        ),
      )
      expect(planned).to.include.members(['POST /payments', 'GET /tournaments/{id}'])
      for (const line of planned) {
        const reply = await call(url, line.replace(/\{\w+\}/g, 'x'))
        expect([reply.status, reply.body.error.code], line).to.deep.equal([501, 'not_available'])
      }
    })

    it('answers health, root and HEAD', async () => {
      expect((await call(url, 'GET /health/live')).body).to.deep.equal({ status: 'ok' })
      expect((await call(url, 'GET /health/ready')).body.status).to.equal('ready')
      expect((await call(url, 'GET /')).body.links.document).to.equal('/openapi.json')
      const head = await call(url, 'HEAD /')
      expect([head.status, head.text]).to.deep.equal([200, ''])
      expect(Number(head.headers.get('content-length'))).to.be.greaterThan(0)
    })

    it('shows metrics to who has the token', async () => {
      expect((await call(url, 'GET /metrics')).status).to.equal(401)
      const reply = await call(url, 'GET /metrics', { token: 'metrics-token-of-the-test' })
      expect(reply.text).to.match(
        /leet_http_request_seconds_count\{method="GET",route="\/health\/live",status="200"\} \d/,
      )
      expect(reply.text).to.match(/leet_command_seconds_count\{kind="wallet",command="send",outcome="done"\} \d/)
    })

    it('names each request, by the client’s id where it is sound', async () => {
      const sound = await call(url, 'GET /nothing', { headers: { 'x-request-id': 'Abc_1-9' } })
      expect(sound.headers.get('x-request-id')).to.equal('Abc_1-9')
      expect(sound.body.error.request_id).to.equal('Abc_1-9')
      for (const id of ['', 'a b', 'x'.repeat(65), '<script>']) {
        const other = await call(url, 'GET /nothing', { headers: { 'x-request-id': id } })
        expect(other.headers.get('x-request-id')).to.match(/^[A-Za-z0-9_-]{16}$/)
      }
    })

    it('lets pages of this machine call, and no others', async () => {
      const preflight = { 'access-control-request-method': 'POST' }
      const local = await call(url, 'OPTIONS /wallet/transfers', {
        headers: { ...preflight, origin: 'http://localhost:3000' },
      })
      expect(local.status).to.equal(204)
      expect(local.headers.get('access-control-allow-origin')).to.equal('http://localhost:3000')
      expect(local.headers.get('access-control-allow-headers')).to.include('Idempotency-Key')
      for (const origin of [
        'https://evil.example',
        'null',
        'http://localhost.evil.example',
        'http://localhost:3000@evil',
      ]) {
        for (const line of ['OPTIONS /wallet/transfers', 'GET /', 'POST /matchmake/joinOrCreate/wallet']) {
          const reply = await call(url, line, { headers: { ...preflight, origin } })
          expect(reply.headers.get('access-control-allow-origin'), `${origin} ${line}`).to.equal(null)
          expect(reply.headers.get('access-control-allow-credentials')).to.equal(null)
        }
      }
    })

    it('keeps answers out of caches, frames and guesses', async () => {
      for (const line of ['GET /', 'GET /wallet/balance', 'POST /auth/guest', 'GET /nothing']) {
        const { headers } = await call(url, line)
        expect(headers.get('cache-control')).to.equal('no-store')
        expect(headers.get('x-content-type-options')).to.equal('nosniff')
      }
    })
  })

  describe('bad input', () => {
    let world: Omit<BadInputWorld, 'key'>
    let forged: Record<string, string>
    before(async () => {
      const [sender, receiver] = await Promise.all([newGuest(url), newGuest(url)])
      await deposit(sender, '100.00')
      forged = await forgeries(sender, receiver)
      world = { sender, receiver, forge: (how) => forged[how] ?? '' }
    })

    for (const { name, line, code, send } of BAD_INPUTS) {
      it(`${name} → ${code}`, async () => {
        const reply = await call(url, line, send({ ...world, key: newKey() }))
        expect([reply.status, reply.body?.error?.code], reply.text).to.deep.equal([errorSpec(code).status, code])
        expectForm(errorSchema.extend({ message: z.string().optional() }), reply)
      })
    }

    it('left everything as it was', async () => {
      expect(await dollars(world.sender)).to.equal('100.00')
      expect(await dollars(world.receiver)).to.equal('0.00')
    })
  })
})

describe('HTTP rate limits', () => {
  let server: TestServer
  let ann: Guest
  let bob: Guest
  before(async () => {
    server = await startTestServer({ RATE_LIMITS: 'on', TRUST_PROXY: '1' })
    ;[ann, bob] = await Promise.all([newGuest(server.url), newGuest(server.url)])
  })
  after(() => server.stop())

  it('let a user through 100 times a minute, and others still', async () => {
    const replies: Reply[] = []
    for (let request = 1; request <= 101; request++) replies.push(await call(server.url, 'GET /wallet/balance', ann))
    expect(replies.filter(({ status }) => status === 200)).to.have.length(100)
    const refused = replies.at(-1)
    expect(refused?.status).to.equal(429)
    expect(refused?.body.error).to.deep.include({ code: 'rate_limited', retryable: true })
    expect(refused?.headers.get('x-ratelimit-limit')).to.equal('100')
    expect(refused?.headers.get('x-ratelimit-remaining')).to.equal('0')
    expect(Number(refused?.headers.get('retry-after'))).to.be.within(1, 60)
    expect(refused?.headers.get('x-ratelimit-reset')).to.equal(refused?.headers.get('retry-after'))
    expect((await call(server.url, 'GET /wallet/balance', bob)).status).to.equal(200)
  })

  it('let a user deposit 5 times a minute', async () => {
    const statuses: number[] = []
    for (let request = 1; request <= 6; request++) {
      const body = { currency: 'USD', amount: '5', idempotency_key: newKey() }
      statuses.push((await call(server.url, 'POST /wallet/deposit', { token: bob.token, body })).status)
    }
    expect(statuses).to.deep.equal([200, 200, 200, 200, 200, 429])
  })

  it('let a user ask for 3 withdrawals a minute', async () => {
    const statuses: number[] = []
    for (let request = 1; request <= 4; request++) {
      const body = { currency: 'USD', amount: '1', to_address: 'x', idempotency_key: newKey() }
      statuses.push((await call(server.url, 'POST /wallet/withdraw', { token: bob.token, body })).status)
    }
    expect(statuses).to.deep.equal([422, 422, 422, 429])
  })

  it('let an address try 10 logins a minute, whoever it claims to be', async () => {
    const attempt = async (request: number, address: string): Promise<number> => {
      const body = { email: `guess${request}@example.com`, password: 'a long guess' }
      const headers = { 'x-forwarded-for': `6.6.6.${request}, ${address}` }
      return (await call(server.url, 'POST /auth/login', { body, headers })).status
    }
    const statuses: number[] = []
    for (let request = 1; request <= 11; request++) statuses.push(await attempt(request, '2001:db8::7'))
    expect(statuses.filter((status) => status === 401)).to.have.length(10)
    expect(statuses.at(-1)).to.equal(429)
    expect(await attempt(12, '2001:db8::ffff'), 'the same network').to.equal(429)
    expect(await attempt(13, '2001:db8:0:1::7'), 'another network').to.equal(401)
  })
})

describe('HTTP: metrics in production', () => {
  const production = { NODE_ENV: 'production', TOKEN_SECRET: SECRET, RATE_LIMITS: 'on' }

  it('are not there without a token of their own, and ask for it where there is one', async () => {
    for (const [env, bare, given] of [
      [production, 404, 404],
      [{ ...production, METRICS_TOKEN: 'metrics-token-of-the-test' }, 401, 200],
    ] as const) {
      const server = await startTestServer(env)
      try {
        expect((await call(server.url, 'GET /metrics')).status).to.equal(bare)
        const reply = await call(server.url, 'GET /metrics', { token: 'metrics-token-of-the-test' })
        expect([reply.status, reply.text.includes('leet_')]).to.deep.equal([given, given === 200])
      } finally {
        expect(await server.stop()).to.equal(0)
      }
    }
  })
})

async function forgeries(sender: Guest, receiver: Guest): Promise<Record<string, string>> {
  const nobody = 'NobodyNobodyNobodyNobo'
  const make = (secret: string, user: string, wallet: string, exp: string): Promise<string> =>
    new SignJWT({ wid: wallet, roles: ['player'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      .setIssuer('leetgaming')
      .setAudience('leetgaming-realtime')
      .setExpirationTime(exp)
      .sign(new TextEncoder().encode(secret))
  const [, payload = ''] = sender.token.split('.')
  return {
    expired: await make(SECRET, sender.userId, sender.walletId, '1 second ago'),
    'alg none': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
    'other secret': await make(`${SECRET}!`, sender.userId, sender.walletId, '1 hour'),
    "another's wallet": await make(SECRET, sender.userId, receiver.walletId, '1 hour'),
    'unknown user': await make(SECRET, `u_${nobody}`, `w_${nobody}`, '1 hour'),
  }
}
