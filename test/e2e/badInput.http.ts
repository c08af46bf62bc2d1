// The table of bad inputs over HTTP: what is sent, and the registered error it has to earn. http.test.ts sends each to a
// running server and sees that nothing else changed. The sender has 100.00 USD; `forge` makes tokens with the server's
// own secret.

import type { ErrorCode } from '../../shared/errors.ts'
import type { CallOptions, Guest } from '../support/http.ts'

export interface BadInputWorld {
  readonly sender: Guest
  readonly receiver: Guest
  /** A key nobody used. */
  readonly key: string
  forge(how: 'expired' | 'alg none' | 'other secret' | "another's wallet" | 'unknown user'): string
}

export interface BadInput {
  readonly name: string
  readonly line: string
  readonly code: ErrorCode
  send(world: BadInputWorld): CallOptions
}

type Body = Readonly<Record<string, unknown>>

const TRANSFER = 'POST /wallet/transfers'
const DEPOSIT = 'POST /wallet/deposit'

/** A good transfer, but for what `change` says. */
function transfer(name: string, code: ErrorCode, change: Body | ((world: BadInputWorld) => Body)): BadInput {
  return {
    name: `transfer: ${name}`,
    line: TRANSFER,
    code,
    send(world) {
      const good = { to: world.receiver.walletId, currency: 'USD', amount: '1.00', idempotency_key: world.key }
      const changed = typeof change === 'function' ? change(world) : change
      return { token: world.sender.token, body: { ...good, ...changed } }
    },
  }
}

function deposit(name: string, code: ErrorCode, change: Body): BadInput {
  return {
    name: `deposit: ${name}`,
    line: DEPOSIT,
    code,
    send: ({ sender, key }) => ({
      token: sender.token,
      body: { currency: 'USD', amount: '10.00', idempotency_key: key, ...change },
    }),
  }
}

/** Sent as it is, with the sender's token. */
function raw(name: string, code: ErrorCode, body: string | Uint8Array, contentType = 'application/json'): BadInput {
  return {
    name: `body: ${name}`,
    line: TRANSFER,
    code,
    send: ({ sender, key }) => ({
      token: sender.token,
      body,
      headers: { 'content-type': contentType, 'idempotency-key': key },
    }),
  }
}

function token(name: string, code: ErrorCode, headers: (world: BadInputWorld) => Record<string, string>): BadInput {
  return { name: `token: ${name}`, line: 'GET /wallet/balance', code, send: (world) => ({ headers: headers(world) }) }
}

function read(line: string, code: ErrorCode): BadInput {
  return { name: line, line, code, send: ({ sender }) => ({ token: sender.token }) }
}

const AMOUNTS: readonly (readonly [amount: unknown, code: ErrorCode])[] = [
  ['-1.00', 'amount.malformed'],
  [-1, 'amount.malformed'],
  ['+1.00', 'amount.malformed'],
  ['0', 'amount.not_positive'],
  [0, 'amount.not_positive'],
  [-0, 'amount.not_positive'],
  ['0.00', 'amount.not_positive'],
  ['0.001', 'amount.too_precise'],
  [0.001, 'amount.too_precise'],
  ['1.000', 'amount.too_precise'],
  [0.1 + 0.2, 'amount.too_precise'],
  ['9'.repeat(30), 'amount.too_large'],
  ['10000000000000.01', 'amount.too_large'],
  ['9'.repeat(64), 'amount.too_large'],
  ['9'.repeat(65), 'invalid_request'],
  [Number.MAX_VALUE, 'amount.malformed'],
  [Number.MIN_VALUE, 'amount.malformed'],
  [1e21, 'amount.malformed'],
  [1e-7, 'amount.malformed'],
  ['1e3', 'amount.malformed'],
  ['NaN', 'amount.malformed'],
  ['Infinity', 'amount.malformed'],
  ['0x10', 'amount.malformed'],
  ['1,00', 'amount.malformed'],
  ['1_000', 'amount.malformed'],
  [' 1', 'amount.malformed'],
  ['1.', 'amount.malformed'],
  ['.5', 'amount.malformed'],
  ['01', 'amount.malformed'],
  ['', 'amount.malformed'],
  ['١٢', 'amount.malformed'],
  ['１', 'amount.malformed'],
  ['½', 'amount.malformed'],
  [null, 'invalid_request'],
  [true, 'invalid_request'],
  [['1'], 'invalid_request'],
  [{ $gt: 0 }, 'invalid_request'],
]

const KEYS: readonly (readonly [key: unknown, code: ErrorCode])[] = [
  [undefined, 'idempotency_key_required'],
  [null, 'idempotency_key_required'],
  ['', 'idempotency_key_required'],
  ['k'.repeat(129), 'invalid_request'],
  ['käse', 'invalid_request'],
  ['a b', 'invalid_request'],
  ['a\nb', 'invalid_request'],
  [7, 'invalid_request'],
  [{}, 'invalid_request'],
]

export const BAD_INPUTS: readonly BadInput[] = [
  ...AMOUNTS.map(([amount, code]) => transfer(`amount ${show(amount)}`, code, { amount })),
  ...KEYS.map(([key, code]) => transfer(`key ${show(key)}`, code, { idempotency_key: key })),

  transfer('unknown asset', 'asset.unknown', { currency: 'DOGE' }),
  transfer('asset in lower case', 'asset.unknown', { currency: 'usd' }),
  transfer('asset of the prototype', 'asset.unknown', { currency: '__proto__' }),
  transfer('asset of another type', 'invalid_request', { currency: 840 }),
  transfer('asset of 1 KB', 'invalid_request', { currency: 'U'.repeat(1024) }),
  transfer('asset the wallet has none of', 'wallet.insufficient_funds', { currency: 'USDC' }),
  transfer('more than there is', 'wallet.insufficient_funds', { amount: '100.01' }),
  transfer('to itself', 'wallet.self_transfer', ({ sender }) => ({ to: sender.walletId })),
  transfer('to nobody', 'wallet.unknown_recipient', { to: '' }),
  transfer('to no wallet id', 'wallet.unknown_recipient', { to: 'somebody' }),
  transfer('to a user', 'wallet.unknown_recipient', ({ receiver }) => ({ to: receiver.userId })),
  transfer('to an account', 'wallet.unknown_recipient', { to: '2006' }),
  transfer('to a list', 'invalid_request', { to: ['w_a', 'w_b'] }),
  transfer('to 1 KB', 'invalid_request', { to: `w_${'x'.repeat(1024)}` }),
  transfer('memo too long', 'invalid_request', { memo: 'm'.repeat(141) }),
  transfer('memo of another type', 'invalid_request', { memo: 7 }),
  transfer("from another's wallet", 'forbidden', ({ receiver }) => ({ wallet_id: receiver.walletId })),
  transfer('as another player', 'forbidden', ({ receiver }) => ({ player_id: receiver.userId })),
  transfer('as a player who is not', 'not_found', { player_id: `u_${'x'.repeat(22)}` }),
  transfer('as a player of another type', 'invalid_request', { player_id: { $ne: null } }),

  deposit('below the minimum', 'wallet.below_minimum', { amount: '4.99' }),
  deposit('above the maximum', 'wallet.above_maximum', { amount: '10000.01' }),
  deposit('game credits', 'wallet.not_depositable', { currency: 'CREDIT', amount: '10' }),
  deposit('an NFT', 'wallet.not_depositable', { currency: `NFT:1:0x${'a'.repeat(40)}:1`, amount: '1' }),
  deposit('a transaction of a chain', 'not_available', { tx_hash: `0x${'a'.repeat(64)}`, chain_id: 1 }),
  deposit('amount NaN', 'amount.malformed', { amount: 'NaN' }),
  deposit('no key', 'idempotency_key_required', { idempotency_key: undefined }),

  raw('empty', 'invalid_request', new Uint8Array(0)),
  raw('cut', 'malformed_body', '{"to":'),
  raw('a list', 'malformed_body', '[]'),
  raw('null', 'malformed_body', 'null'),
  raw('a string', 'malformed_body', '"hello"'),
  raw('NaN', 'malformed_body', '{"amount":NaN}'),
  raw('two documents', 'malformed_body', '{}{}'),
  raw('invalid UTF-8', 'malformed_body', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
  raw('nested 20,000 deep', 'malformed_body', '['.repeat(20_000)),
  raw('an infinite number', 'invalid_request', '{"to":"w_aaaa","currency":"USD","amount":1e999}'),
  raw('a form', 'unsupported_media_type', 'to=w_aaaa&amount=1', 'application/x-www-form-urlencoded'),
  raw('text', 'unsupported_media_type', '{}', 'text/plain'),
  raw('JSON in UTF-16', 'unsupported_media_type', '{}', 'application/json; charset=utf-16'),
  raw('70 KB', 'payload_too_large', `{"memo":"${'m'.repeat(70 * 1024)}"}`),

  token('none', 'unauthenticated', () => ({})),
  token('empty', 'unauthenticated', () => ({ authorization: 'Bearer ' })),
  token('of another scheme', 'unauthenticated', ({ sender }) => ({ authorization: `Basic ${sender.token}` })),
  token('of nonsense', 'unauthenticated', () => ({ authorization: 'Bearer nonsense' })),
  token('cut', 'unauthenticated', ({ sender }) => ({ authorization: `Bearer ${sender.token.slice(0, -3)}` })),
  token('a refresh token', 'unauthenticated', ({ sender }) => ({ authorization: `Bearer ${sender.refreshToken}` })),
  token('a user id', 'unauthenticated', ({ sender }) => ({ 'x-resource-owner-id': sender.userId })),
  token('alg none', 'unauthenticated', ({ forge }) => ({ authorization: `Bearer ${forge('alg none')}` })),
  token('signed by another', 'unauthenticated', ({ forge }) => ({ authorization: `Bearer ${forge('other secret')}` })),
  token("another's wallet", 'unauthenticated', ({ forge }) => ({
    authorization: `Bearer ${forge("another's wallet")}`,
  })),
  token('expired', 'token_expired', ({ forge }) => ({ authorization: `Bearer ${forge('expired')}` })),
  token('expired, the other header', 'token_expired', ({ forge }) => ({ 'x-resource-owner-id': forge('expired') })),
  token('of a user without a wallet', 'wallet.not_open', ({ forge }) => ({
    authorization: `Bearer ${forge('unknown user')}`,
  })),

  read('GET /wallet/transactions?limit=101', 'invalid_request'),
  read('GET /wallet/transactions?limit=0', 'invalid_request'),
  read('GET /wallet/transactions?limit=-1', 'invalid_request'),
  read('GET /wallet/transactions?limit=1e1', 'invalid_request'),
  read('GET /wallet/transactions?offset=999999999999', 'invalid_request'),
  read('GET /wallet/transactions?type=theft', 'invalid_request'),
  read('GET /wallet/transactions?from_date=yesterday', 'invalid_request'),
  read('GET /wallet/transactions?from_date=2026-02-30', 'invalid_request'),
  read("GET /wallet/transactions?sort_by=amount';DROP--", 'invalid_request'),
  read(`GET /wallet/balance?wallet_id=w_${'x'.repeat(22)}`, 'not_found'),
  read('GET /wallet/balance?wallet_id=../../etc', 'not_found'),
  read('GET /wallet/transactions/0-999999999', 'not_found'),
  read('GET /wallet/transactions/99999-1', 'not_found'),
  read('GET /wallet/transactions/somebody', 'not_found'),
  read('GET /wallet/transactions/%00', 'not_found'),
  read('GET /wallet/transactions/%E0%A4%A', 'not_found'),
  read('GET /wallet', 'not_found'),
  read('GET /..%2f..%2fetc/passwd', 'not_found'),
  read('DELETE /wallet/balance', 'method_not_allowed'),

  {
    name: 'register: short password',
    line: 'POST /auth/register',
    code: 'invalid_request',
    send: () => account({ password: 'short' }),
  },
  {
    name: 'register: no address',
    line: 'POST /auth/register',
    code: 'invalid_request',
    send: () => account({ email: 'ann' }),
  },
  {
    name: 'register: a name that reads backwards',
    line: 'POST /auth/register',
    code: 'invalid_request',
    send: () => account({ display_name: 'A\u202enn' }),
  },
  {
    name: 'register: no name',
    line: 'POST /auth/register',
    code: 'invalid_request',
    send: () => account({ display_name: undefined }),
  },
  {
    name: 'guest: a name of 33 characters',
    line: 'POST /auth/guest',
    code: 'invalid_request',
    send: () => ({ body: { display_name: 'x'.repeat(33) } }),
  },
  {
    name: 'guest: an object for a name',
    line: 'POST /auth/guest',
    code: 'invalid_request',
    send: () => ({ body: { display_name: {} } }),
  },
  {
    name: 'login: nobody',
    line: 'POST /auth/login',
    code: 'auth.invalid_credentials',
    send: () => ({ body: { email: 'nobody@example.com', password: 'x' } }),
  },
  {
    name: 'login: objects',
    line: 'POST /auth/login',
    code: 'invalid_request',
    send: () => ({ body: { email: { $ne: 1 }, password: [] } }),
  },
  {
    name: 'refresh: nonsense',
    line: 'POST /auth/refresh',
    code: 'auth.refresh_invalid',
    send: () => ({ body: { refresh_token: 'x' } }),
  },
  { name: 'logout: nobody', line: 'POST /auth/logout', code: 'unauthenticated', send: () => ({}) },

  {
    name: 'join: no token',
    line: 'POST /matchmake/joinOrCreate/wallet',
    code: 'unauthenticated',
    send: () => ({ body: {} }),
  },
  {
    name: 'join: an expired token',
    line: 'POST /matchmake/joinOrCreate/wallet',
    code: 'token_expired',
    send: ({ forge }) => ({ body: {}, token: forge('expired') }),
  },
  {
    name: 'join: not JSON',
    line: 'POST /matchmake/joinOrCreate/wallet',
    code: 'malformed_body',
    send: ({ sender }) => ({ body: '{', token: sender.token }),
  },
  ...[
    'joinOrCreate/tournament',
    'joinOrCreate/match',
    'create/wallet',
    'join/wallet',
    'joinById/nowhere',
    'joinOrCreate/__proto__',
    'query/wallet',
    'constructor/wallet',
  ].map(
    (target): BadInput => ({
      name: `join: ${target}`,
      line: `POST /matchmake/${target}`,
      code: 'not_found',
      send: ({ sender }) => ({ body: {}, token: sender.token }),
    }),
  ),
  {
    name: 'join: a seat without its token',
    line: 'POST /matchmake/reconnect/nowhere',
    code: 'invalid_request',
    send: () => ({ body: {} }),
  },
  {
    name: 'join: a seat that is not',
    line: 'POST /matchmake/reconnect/nowhere',
    code: 'not_found',
    send: () => ({ body: { reconnectionToken: 'x' } }),
  },
]

function account(change: Body): CallOptions {
  return { body: { email: 'new@example.com', password: 'long enough', display_name: 'New', ...change } }
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 32)
}
