// Bad input over the room's wire: each row earns its registered error, nothing changes, and the server lives on. Then
// bytes that no client would send.

import { expect } from 'chai'
import type { ErrorCode } from '../../shared/errors.ts'
import { newKey } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { type RoomReply, WalletClient } from '../support/walletClient.ts'

interface World {
  readonly sender: WalletClient
  readonly receiver: WalletClient
}

type Fields = Readonly<Record<string, unknown>>

interface Row {
  readonly what: string
  readonly type: 'transfer' | 'deposit' | 'history' | 'balance'
  readonly code: ErrorCode
  payload(world: World): unknown
}

/** A good transfer but for these fields. */
function transfer(what: string, code: ErrorCode, change: Fields | ((world: World) => Fields)): Row {
  return {
    ...{ what: `transfer, ${what}`, type: 'transfer', code },
    payload(world) {
      const good = { to: world.receiver.guest.walletId, currency: 'USD', amount: '1.00', key: newKey() }
      return { ...good, ...(typeof change === 'function' ? change(world) : change) }
    },
  }
}

function deposit(what: string, code: ErrorCode, change: Fields): Row {
  const good = { currency: 'USD', amount: '10.00', key: newKey() }
  return { what: `deposit, ${what}`, type: 'deposit', code, payload: () => ({ ...good, ...change }) }
}

function raw(what: string, type: Row['type'], payload: unknown): Row {
  return { what: `${type}, ${what}`, type, code: 'invalid_request', payload: () => payload }
}

/** A value in so many lists. */
function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

const NFT = `NFT:1:0x${'ab'.repeat(20)}:7`

const AMOUNTS: readonly (readonly [amount: unknown, code: ErrorCode])[] = [
  ['-1.00', 'amount.malformed'],
  ['-0', 'amount.malformed'],
  ['+1.00', 'amount.malformed'],
  ['0', 'amount.not_positive'],
  ['0.00', 'amount.not_positive'],
  ['0.001', 'amount.too_precise'],
  ['1.000', 'amount.too_precise'],
  ['10000000000000.01', 'amount.too_large'],
  ['9'.repeat(31), 'amount.too_large'],
  ['9'.repeat(64), 'amount.too_large'],
  ['9'.repeat(65), 'invalid_request'],
  ['1e3', 'amount.malformed'],
  ['1E3', 'amount.malformed'],
  ['NaN', 'amount.malformed'],
  ['Infinity', 'amount.malformed'],
  ['0x10', 'amount.malformed'],
  ['1,00', 'amount.malformed'],
  ['1_000', 'amount.malformed'],
  [' 1', 'amount.malformed'],
  ['1\n', 'amount.malformed'],
  ['1\u0000', 'amount.malformed'],
  ['1.', 'amount.malformed'],
  ['.5', 'amount.malformed'],
  ['01', 'amount.malformed'],
  ['', 'amount.malformed'],
  ['١٢', 'amount.malformed'],
  ['１', 'amount.malformed'],
  ['½', 'amount.malformed'],
  [1, 'invalid_request'],
  [1.5, 'invalid_request'],
  [Number.NaN, 'invalid_request'],
  [Number.POSITIVE_INFINITY, 'invalid_request'],
  [-1, 'invalid_request'],
  [1n, 'invalid_request'],
  [null, 'invalid_request'],
  [undefined, 'invalid_request'],
  [true, 'invalid_request'],
  [['1'], 'invalid_request'],
  [{ $gt: 0 }, 'invalid_request'],
  [new Date(0), 'invalid_request'],
  [new Uint8Array([49]), 'invalid_request'],
]

const KEYS: readonly unknown[] = [undefined, null, '', 'k'.repeat(129), 'käse', 'a b', 'a\nb', '\u0000', 7, {}, ['k']]

const ROWS: readonly Row[] = [
  ...AMOUNTS.map(([amount, code]) => transfer(`amount ${show(amount)}`, code, { amount })),
  ...KEYS.map((key) => transfer(`key ${show(key)}`, 'invalid_request', { key })),

  transfer('unknown asset', 'asset.unknown', { currency: 'DOGE' }),
  transfer('asset in lower case', 'asset.unknown', { currency: 'usd' }),
  transfer('asset of the prototype', 'asset.unknown', { currency: '__proto__' }),
  transfer('asset constructor', 'asset.unknown', { currency: 'constructor' }),
  transfer('asset that would break a record', 'asset.unknown', { currency: 'USD"],["' }),
  transfer('half an NFT', 'asset.unknown', { currency: 'NFT:1:0x12:1' }),
  transfer('asset of another type', 'invalid_request', { currency: 840 }),
  transfer('asset of 1 KB', 'invalid_request', { currency: 'U'.repeat(1024) }),
  transfer('an asset it has none of', 'wallet.insufficient_funds', { currency: 'USDC' }),
  transfer('an NFT it does not have', 'wallet.insufficient_funds', { currency: NFT, amount: '1' }),
  transfer('part of an NFT', 'amount.too_precise', { currency: NFT, amount: '0.5' }),
  transfer('more than there is', 'wallet.insufficient_funds', { amount: '100.01' }),
  transfer('to itself', 'wallet.self_transfer', ({ sender }) => ({ to: sender.guest.walletId })),
  transfer('to nobody', 'wallet.unknown_recipient', { to: '' }),
  transfer('to no wallet id', 'wallet.unknown_recipient', { to: 'somebody' }),
  transfer('to a user', 'wallet.unknown_recipient', ({ receiver }) => ({ to: receiver.guest.userId })),
  transfer('to an account', 'wallet.unknown_recipient', { to: '2006' }),
  transfer('to an actor key', 'wallet.unknown_recipient', ({ receiver }) => ({
    to: `wallet/${receiver.guest.walletId}`,
  })),
  transfer('to an id that would break a record', 'wallet.unknown_recipient', { to: 'w_ab"],["cd' }),
  transfer('to an id with a line feed', 'wallet.unknown_recipient', { to: 'w_abcd\n' }),
  transfer('to the prototype', 'wallet.unknown_recipient', { to: '__proto__' }),
  transfer('to a list', 'invalid_request', { to: ['w_abcd', 'w_efgh'] }),
  transfer('to 1 KB', 'invalid_request', { to: `w_${'x'.repeat(1024)}` }),
  transfer('memo too long', 'invalid_request', { memo: 'm'.repeat(141) }),
  transfer('memo of another type', 'invalid_request', { memo: 7 }),
  transfer('memo null', 'invalid_request', { memo: null }),

  deposit('below the minimum', 'wallet.below_minimum', { amount: '4.99' }),
  deposit('above the maximum', 'wallet.above_maximum', { amount: '10000.01' }),
  deposit('of credits', 'wallet.not_depositable', { currency: 'CREDIT', amount: '10' }),
  deposit('of an NFT', 'wallet.not_depositable', { currency: NFT, amount: '1' }),
  deposit('of an unknown asset', 'asset.unknown', { currency: 'EUR' }),
  deposit('of nothing', 'amount.not_positive', { amount: '0' }),
  deposit('without a key', 'invalid_request', { key: undefined }),
  deposit('a number', 'invalid_request', { amount: 10 }),

  ...([null, 7, 'text', true, [], [1, 2], new Uint8Array([1, 2, 3]), nested(500)] as const).flatMap((payload) => [
    raw(show(payload), 'transfer', payload),
    raw(show(payload), 'deposit', payload),
  ]),
  raw('nothing', 'transfer', undefined),
  raw('an empty object', 'transfer', {}),
  raw('a list', 'history', [1]),
  raw('limit 0', 'history', { limit: 0 }),
  raw('limit 101', 'history', { limit: 101 }),
  raw('limit 1.5', 'history', { limit: 1.5 }),
  raw('limit "10"', 'history', { limit: '10' }),
  raw('limit NaN', 'history', { limit: Number.NaN }),
  raw('offset -1', 'history', { offset: -1 }),
  raw('offset beyond reason', 'history', { offset: 1e15 }),
  raw('currency of 1 KB', 'history', { currency: 'x'.repeat(1024) }),
]

describe('bad input over the room', () => {
  let server: TestServer
  let world: World

  before(async () => {
    server = await startTestServer()
    world = { sender: await WalletClient.join(server.url), receiver: await WalletClient.join(server.url) }
    await world.sender.deposit('100.00', newKey())
  })
  after(async () => {
    expect(await server.stop(), server.output).to.equal(0)
  })

  for (const { what, type, code, payload } of ROWS) {
    it(`${what}: ${code}`, async () => {
      const reply = await world.sender.request(type, payload(world))
      expect(codeOf(reply)).to.equal(code)
      if (reply.kind === 'refused') {
        expect(reply.error.message).to.be.a('string')
        expect(JSON.stringify(reply.error), 'no internals').to.not.match(/\.ts\b|node_modules| {4}at |Error:/)
      }
    })
  }

  for (const type of [
    'nonsense',
    '',
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '_$bbalance',
    7,
    -1,
    1e9,
  ]) {
    it(`a request of type ${JSON.stringify(type)} is answered that nobody handles it`, async () => {
      const { sender } = world
      // The SDK's types know names only; the wire takes numbers too.
      const reply = await sender.request(type as string, { a: 1 })
      expect([reply.kind, reply.kind === 'fault' && reply.name]).to.deep.equal(['fault', 'no_handler'])
    })

    it(`a message of type ${JSON.stringify(type)} is answered with an error, and ends nothing`, async () => {
      const client = await WalletClient.join(server.url)
      client.room.send(type as string, { a: 1 })
      await until(
        'the error, or the end',
        () => client.pushes.some((push) => push.type === 'error') || client.closeCode !== null,
      )
      expect(await world.sender.must('balance')).to.include({ is_locked: false })
      expect(client.closeCode).to.equal(null)
      await client.leave()
    })
  }

  it('none of it has changed anything', async () => {
    expect(await world.sender.balance()).to.deep.equal({ available: '100.00', held: '0.00' })
    expect((await world.receiver.must('balance')).balances).to.deep.equal({})
  })
})

for (const TRANSPORT of ['uws', 'ws'])
  describe(`bytes that no client sends, over ${TRANSPORT}`, () => {
    let server: TestServer
    let witness: WalletClient
    let pid: number

    before(async () => {
      server = await startTestServer({ TRANSPORT })
      pid = server.pid
      witness = await WalletClient.join(server.url)
      await witness.deposit('100.00', newKey())
    })
    after(async () => {
      expect(await server.stop(), server.output).to.equal(0)
    })

    /** Everything after this first byte: a message, a request, raw bytes, and the rest of the protocol. */
    const CODES = Array.from({ length: 256 }, (_, code) => code)
    const request = (...payload: readonly number[]) => Uint8Array.from([21, 1, ...text('transfer'), ...payload])
    const message = (...payload: readonly number[]) => Uint8Array.from([13, ...text('transfer'), ...payload])
    const whole = request(
      ...map([...text('to'), ...text('w_abcd'), ...text('currency'), ...text('USD'), ...text('amount'), ...text('1')]),
    )

    const frames: readonly (readonly [what: string, frames: readonly Uint8Array[]])[] = [
      ['an empty frame', [new Uint8Array()]],
      ['one byte of every value', CODES.map((code) => Uint8Array.of(code))],
      [
        'every code with a byte that starts a long string',
        CODES.map((code) => Uint8Array.of(code, 0xdb, 0xff, 0xff, 0xff, 0xff)),
      ],
      ['a request cut short at every byte', Array.from(whole, (_, length) => whole.subarray(0, length))],
      ['a request whose number has no end', [Uint8Array.of(21, 0xcf, 0xff)]],
      [
        'a type that is no UTF-8',
        [Uint8Array.of(13, 0xa4, 0xff, 0xfe, 0xc0, 0x80), Uint8Array.of(21, 1, 0xa2, 0xc3, 0x28)],
      ],
      [
        'types that objects have by themselves',
        ['constructor', '__proto__', 'toString', 'valueOf'].flatMap((name) => [
          Uint8Array.from([13, ...text(name)]),
          Uint8Array.from([17, ...text(name), 1, 2, 3]),
          Uint8Array.from([21, 1, ...text(name)]),
        ]),
      ],
      ['payloads of every first byte', CODES.flatMap((code) => [request(code), message(code)])],
      [
        'lists that claim four billion items',
        [0xdc, 0xdd].flatMap((code) => [request(code, 255, 255, 255, 255), message(code, 255, 255, 255, 255)]),
      ],
      [
        'maps that claim four billion items',
        [0xde, 0xdf].flatMap((code) => [request(code, 255, 255, 255, 255), message(code, 255, 255, 255, 255)]),
      ],
      [
        'lists in lists, each claiming what the frame could hold',
        [request(...repeat([0xdd, 0, 0, 2, 0], 700)), message(...repeat([0xdc, 1, 0], 1_000))],
      ],
      [
        'lists in lists, as deep as a frame goes',
        [request(...repeat([0x91], 4_000)), message(...repeat([0x91], 4_000))],
      ],
      [
        'maps in maps, as deep as a frame goes',
        [request(...repeat([0x81, 0xa0], 2_000)), message(...repeat([0x81, 0xa0], 2_000))],
      ],
      ['extensions of every type', CODES.flatMap((type) => [request(0xd4, type, 0), request(0xc7, 2, type, 0, 0)])],
      [
        'record definitions',
        [
          request(0xd4, 0x72, 0x40, 0x93, 0xa1, 97, 0xa1, 98, 0xa1, 99, 1, 2, 3),
          request(0x40),
          request(0xd5, 0x72, 0x40, 0x40),
        ],
      ],
      ['keys of the prototype', [request(...map([...text('__proto__'), ...map([...text('to'), ...text('x')])]))]],
      [
        'dates, negative and beyond reason',
        [request(0xd6, 0xff, 255, 255, 255, 255), request(0xc7, 12, 0xff, ...repeat([255], 12))],
      ],
      [
        'frames of exactly 4 KB',
        [
          Uint8Array.from([13, ...repeat([0xff], 4_095)]),
          Uint8Array.from([21, 1, ...text('transfer'), ...repeat([0xc0], 4_085)]),
        ],
      ],
      [
        'input frames, which this room does not take',
        [Uint8Array.from([19, 1, 2, 3]), Uint8Array.from([20, 255, 255]), Uint8Array.of(19), Uint8Array.of(20)],
      ],
      ['leaving twice', [Uint8Array.of(12), Uint8Array.of(12)]],
      ['joining again', [Uint8Array.of(10), Uint8Array.of(10, 1)]],
    ]
    for (const [what, list] of frames) {
      it(`${what}: the server lives on`, async () => {
        for (let next = 0; next < list.length; ) {
          // One that is sent away comes back for the rest.
          const client = await WalletClient.join(server.url)
          next = await sendAll(client, list, next)
          await client.leave()
        }
        await alive()
      })
    }

    it('a thousand random frames: the server lives on', async () => {
      const random = randomBytesOf(20_260_101)
      const list = Array.from({ length: 1_000 }, () => random(1 + (random(1)[0] ?? 0)))
      for (let next = 0; next < list.length; ) {
        const client = await WalletClient.join(server.url)
        next = await sendAll(client, list, next)
        await client.leave()
      }
      await alive()
    })

    it('good requests with bytes changed at random: the server lives on', async () => {
      const random = randomBytesOf(7)
      const list = Array.from({ length: 500 }, () => {
        const changed = Uint8Array.from(whole)
        const [where = 0, byte = 0] = random(2)
        changed[where % changed.length] = byte
        return changed
      })
      for (let next = 0; next < list.length; ) {
        const client = await WalletClient.join(server.url)
        next = await sendAll(client, list, next)
        await client.leave()
      }
      await alive()
    })

    for (const bytes of [4 * 1024 + 1, 64 * 1024, 8 * 1024 * 1024]) {
      it(`a frame of ${bytes} bytes closes that connection, and no other`, async () => {
        const client = await WalletClient.join(server.url)
        client.sendRaw(new Uint8Array(bytes).fill(13))
        expect(await client.gone()).to.be.greaterThan(1000)
        await alive()
      })
    }

    it('a socket that never says anything holds up nobody', async () => {
      const sockets = Array.from({ length: 20 }, () => new WebSocket(`${server.wsUrl}/none/none?sessionId=x`))
      await alive()
      for (const socket of sockets) socket.close()
    })

    async function alive(): Promise<void> {
      expect(await witness.must('balance'), server.output).to.deep.include({
        ...{ balances: { USD: { available: '100.00', held: '0.00' } } },
      })
      expect(server.pid).to.equal(pid)
    }
  })

/** Sends frames from this index on until the connection is closed; answers where to go on. */
async function sendAll(client: WalletClient, list: readonly Uint8Array[], from: number): Promise<number> {
  let next = from
  for (; next < list.length && client.closeCode === null; next++) {
    const frame = list[next]
    if (frame !== undefined) client.sendRaw(frame)
    // An answered ping says that the frame has been looked at.
    await ponged(client)
  }
  return next
}

/** Resolves when the server has answered a ping or closed the connection; rejects when it does neither. */
function ponged(client: WalletClient): Promise<void> {
  if (client.closeCode !== null) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('neither a pong nor the end')), 10_000)
    const done = (): void => {
      clearTimeout(late)
      resolve()
    }
    client.room.ping(done)
    client.room.onLeave.once(done)
  })
}

function text(value: string): readonly number[] {
  return [0xa0 | value.length, ...Buffer.from(value)]
}

function map(entries: readonly number[]): readonly number[] {
  return [0xdf, 0, 0, 0, 3, ...entries]
}

function repeat(bytes: readonly number[], times: number): readonly number[] {
  return Array.from({ length: times }, () => bytes).flat()
}

/** The same bytes at every run. */
function randomBytesOf(seed: number): (length: number) => Uint8Array {
  let state = seed >>> 0
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 24
    })
}

function codeOf(reply: RoomReply): string {
  return reply.kind === 'refused' ? reply.error.code : JSON.stringify(reply)
}

function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `bytes ${value}`
  if (typeof value === 'number') return String(value)
  const shown = JSON.stringify(value) ?? 'undefined'
  return shown.length > 30 ? `${shown.slice(0, 20)}… (${shown.length})` : shown
}
