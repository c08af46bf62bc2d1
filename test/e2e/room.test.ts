// The `wallet` room over real sockets: joining, moving money, pushes, seats, and who is kept out.

import { CloseCode } from '@colyseus/core'
import { expect } from 'chai'
import { call, newGuest, newKey } from '../support/http.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { FORGERIES, forge, TEST_SECRET } from '../support/tokens.ts'
import { until } from '../support/until.ts'
import { type RoomReply, sdk, WalletClient } from '../support/walletClient.ts'

const MAX_SESSIONS = 16

/** uWebSockets, and the fall-back where its binary does not fit. */
for (const TRANSPORT of ['uws', 'ws'])
  describe(`wallet room over ${TRANSPORT}`, () => {
    let server: TestServer
    const clients: WalletClient[] = []

    before(async () => {
      server = await startTestServer({ TOKEN_SECRET: TEST_SECRET, PUSH_INTERVAL_MS: '5', TRANSPORT })
    })
    after(async () => {
      expect(await server.stop(), server.output).to.equal(0)
    })
    afterEach(async () => {
      await Promise.all(clients.splice(0).map((client) => client.leave()))
    })

    async function player(amount?: string): Promise<WalletClient> {
      const client = await WalletClient.join(server.url)
      clients.push(client)
      if (amount !== undefined) await client.deposit(amount, newKey())
      return client
    }

    const transferOf = (to: string, amount: string, key = newKey(), memo?: string) => ({
      ...{ to, currency: 'USD', amount, key },
      ...(memo === undefined ? {} : { memo }),
    })
    const statuses = (client: WalletClient, id: unknown) =>
      client.transactions.filter((row) => row.transaction_id === id).map((row) => row.status)

    describe('money', () => {
      it('tells the balance on joining and when asked, with nothing in it', async () => {
        const alice = await player()
        await until('the first balance', () => alice.pushes.some(({ type }) => type === 'balance'))
        expect(await alice.must('balance')).to.deep.include({
          ...{ wallet_id: alice.guest.walletId, balances: {}, is_locked: false },
        })
      })

      it('a deposit is answered, asked for, and pushed', async () => {
        const alice = await player()
        const reply = await alice.deposit('100.00', newKey())
        expect(reply).to.include({ status: 'confirmed' })
        expect(await alice.balance()).to.deep.equal({ available: '100.00', held: '0.00' })
        await until('the pushed balance', () => alice.balances.USD?.available === '100.00')
        await until('the pushed transaction', () => statuses(alice, reply.transaction_id).includes('confirmed'))
      })

      it('a transfer moves between two wallets; both are told, and told the same as they read', async () => {
        const [alice, bob] = [await player('100.00'), await player()]
        const reply = await alice.must('transfer', transferOf(bob.guest.walletId, '12.34', newKey(), 'rent'))
        expect(reply).to.include({ status: 'pending' })
        expect(await alice.balance()).to.deep.equal({ available: '87.66', held: '0.00' })
        await until(
          'both balances pushed',
          () => alice.balances.USD?.available === '87.66' && bob.balances.USD?.available === '12.34',
        )
        await until('confirmed', () => statuses(alice, reply.transaction_id).includes('confirmed'))
        // What was confirmed before its news left is told as one line.
        expect(statuses(alice, reply.transaction_id).at(-1)).to.equal('confirmed')
        const received = bob.transactions.filter((row) => row.entry_type === 'credit')
        expect(received).to.have.length(1)
        expect(received[0]).to.include({ status: 'confirmed', amount: '12.34', balance_after: '12.34' })
        expect(await bob.balance()).to.deep.equal({ available: '12.34', held: '0.00' })
      })

      it('a transfer to a wallet nobody opened comes back, and says so', async () => {
        const alice = await player('100.00')
        const reply = await alice.must('transfer', transferOf('w_nobody_has_this_one', '30.00'))
        await until('returned', () => statuses(alice, reply.transaction_id).includes('returned'))
        expect(await alice.balance()).to.deep.equal({ available: '100.00', held: '0.00' })
        expect(statuses(alice, reply.transaction_id)).to.not.include('confirmed')
      })

      it('the same key and body is carried out once; another body is refused', async () => {
        const [alice, bob] = [await player('100.00'), await player()]
        const order = transferOf(bob.guest.walletId, '10.00')
        const replies = await Promise.all([1, 2, 3].map(() => alice.must('transfer', order)))
        expect(new Set(replies.map((reply) => reply.transaction_id)).size).to.equal(1)
        const other = await alice.request('transfer', { ...order, amount: '11.00' })
        expect(codeOf(other)).to.equal('idempotency_mismatch')
        expect(await alice.balance()).to.deep.equal({ available: '90.00', held: '0.00' })
      })

      it('many at once from one wallet: never below zero, each answered', async () => {
        const [alice, bob] = [await player('50.00'), await player()]
        const replies = await Promise.all(
          Array.from({ length: 40 }, () => alice.request('transfer', transferOf(bob.guest.walletId, '2.00'))),
        )
        expect(replies.filter((reply) => reply.kind === 'ok')).to.have.length(25)
        expect(new Set(replies.filter((reply) => reply.kind === 'refused').map(codeOf))).to.deep.equal(
          new Set(['wallet.insufficient_funds']),
        )
        await until('all arrived', async () => (await bob.balance()).available === '50.00')
        expect(await alice.balance()).to.deep.equal({ available: '0.00', held: '0.00' })
      })

      it('history lists what happened, newest first', async () => {
        const [alice, bob] = [await player('100.00'), await player()]
        const reply = await alice.must('transfer', transferOf(bob.guest.walletId, '1.00'))
        const history = await until('both rows', async () => {
          const { transactions } = await alice.must('history')
          const rows = transactions as readonly Record<string, unknown>[] // as the schema says
          return rows.length === 2 ? rows : null
        })
        expect(history[0]).to.include({
          ...{
            transaction_id: reply.transaction_id,
            type: 'transfer',
            entry_type: 'debit',
            amount: '1.00',
            balance_after: '99.00',
          },
        })
        expect(history[1]).to.include({
          type: 'deposit',
          entry_type: 'credit',
          amount: '100.00',
          balance_after: '100.00',
        })
      })

      it('a withdrawal is pending, held, and in the history', async () => {
        const alice = await player('100.00')
        const order = { currency: 'USD', amount: '40.00', to_address: 'DE00 1234', key: newKey() }
        const reply = await alice.must('withdraw', order)
        expect(reply).to.include({ status: 'pending' })
        expect(await alice.must('withdraw', order), 'the same key, the same answer').to.deep.equal(reply)
        expect(await alice.balance()).to.deep.equal({ available: '60.00', held: '40.00' })
        await until('it is pushed', () =>
          alice.transactions.some(
            ({ transaction_id: id, status }) => id === reply.transaction_id && status === 'pending',
          ),
        )
        await until('the balance is pushed', () => alice.balances.USD?.held === '40.00')
      })

      it('a conversion gives what it says', async () => {
        const alice = await player('100.00')
        const reply = await alice.must('convert', { from: 'USD', to: 'CREDIT', amount: '2.50', key: newKey() })
        expect(reply).to.include({ status: 'confirmed', paid: '2.50', received: '250' })
        expect(await alice.balance('CREDIT')).to.deep.equal({ available: '250', held: '0' })
        expect(await alice.balance()).to.deep.equal({ available: '97.50', held: '0.00' })
      })

      for (const [what, type, payload, code] of [
        ['a withdrawal to nowhere', 'withdraw', { currency: 'USD', amount: '10', to_address: '' }, 'invalid_request'],
        [
          'a withdrawal of too little',
          'withdraw',
          { currency: 'USD', amount: '9', to_address: 'x' },
          'wallet.below_minimum',
        ],
        ['credits into money', 'convert', { from: 'CREDIT', to: 'USD', amount: '1' }, 'wallet.not_convertible'],
        ['a conversion into nothing registered', 'convert', { from: 'USD', to: 'GOLD', amount: '1' }, 'asset.unknown'],
        [
          'a quote of nobody',
          'convert',
          { from: 'USD', to: 'CREDIT', amount: '1', quote: 'x' },
          'wallet.quote_invalid',
        ],
      ] as const) {
        it(`${what}: ${code}`, async () => {
          expect(codeOf(await (await player('100.00')).request(type, { ...payload, key: newKey() }))).to.equal(code)
        })
      }
    })

    describe('who is kept out', () => {
      const join = (token: string | undefined, body: object = {}, path = '/matchmake/joinOrCreate/wallet') =>
        call(server.url, `POST ${path}`, token === undefined ? { body } : { body, token })

      it('without a token', async () => {
        expect((await join(undefined)).body.error).to.include({ code: 'unauthenticated' })
      })

      for (const how of FORGERIES) {
        it(`with a token that is no good: ${how}`, async () => {
          const guest = await newGuest(server.url)
          const token = await forge(how, guest)
          const reply = await join(token)
          expect([reply.status, reply.body.error.code]).to.deep.equal([
            401,
            how === 'expired' ? 'token_expired' : 'unauthenticated',
          ])
          expect(await outcomeOf(sdk(server.url, token).joinOrCreate('wallet'))).to.equal('rejected')
        })
      }

      it('an expired token is told apart, so that a client knows to refresh', async () => {
        expect((await join(await forge('expired', await newGuest(server.url)))).body.error.code).to.equal(
          'token_expired',
        )
      })

      const otherRooms = [
        'joinOrCreate/match',
        'joinOrCreate/relay',
        'joinOrCreate/tournament',
        'create/wallet',
        'create/match',
        'join/wallet',
        'joinById/nosuchroom',
        'getAvailableRooms/wallet',
        'createRoom/wallet',
        'constructor/wallet',
        '__proto__/wallet',
      ]
      for (const path of otherRooms) {
        it(`from ${path}, though signed in`, async () => {
          const reply = await join((await newGuest(server.url)).token, {}, `/matchmake/${path}`)
          expect([reply.status, reply.body.error.code]).to.deep.equal([404, 'not_found'])
        })
      }

      it('options change nothing: everybody sits in the one room, at their own wallet', async () => {
        const [alice, mallory] = [await player('100.00'), await newGuest(server.url)]
        const disguises: readonly object[] = [
          { walletId: alice.guest.walletId, wallet_id: alice.guest.walletId },
          { userId: alice.guest.userId, sub: alice.guest.userId, auth: { walletId: alice.guest.walletId } },
          { sessionId: alice.room.sessionId, roomId: 'mine' },
          { token: alice.guest.token, _authToken: alice.guest.token },
          { reconnectionToken: alice.room.reconnectionToken },
        ]
        for (const options of disguises) {
          const seated = await WalletClient.join(server.url, mallory, options)
          expect(seated.room.roomId).to.equal(alice.room.roomId)
          expect(seated.room.sessionId).to.not.equal(alice.room.sessionId)
          expect(await seated.must('balance')).to.deep.include({ wallet_id: mallory.walletId, balances: {} })
          await seated.leave()
        }
      })

      it('options that reach for prototypes change nothing either', async () => {
        const { token } = await newGuest(server.url)
        for (const body of [
          '{"__proto__":{"walletId":"w_else"}}',
          '{"constructor":{"prototype":{"walletId":"w_else"}}}',
        ]) {
          const reply = await call(server.url, 'POST /matchmake/joinOrCreate/wallet', { token, body })
          expect([reply.status, reply.body.name]).to.deep.equal([200, 'wallet'])
        }
        const alice = await player()
        expect(await alice.must('balance')).to.include({ wallet_id: alice.guest.walletId })
      })

      it('nobody hears of another’s wallet', async () => {
        const [alice, bob, carol] = [await player('100.00'), await player(), await player()]
        await alice.must('transfer', transferOf(bob.guest.walletId, '5.00'))
        await until('it arrived', () => bob.balances.USD?.available === '5.00')
        await alice.must('transfer', transferOf(carol.guest.walletId, '1.00'))
        await until('Carol’s own arrived', () => carol.balances.USD?.available === '1.00')
        expect(carol.transactions.map((row) => row.amount)).to.deep.equal(['1.00'])
        expect(carol.room.state, 'the room has no shared state').to.be.oneOf([undefined, null])
      })

      it('a request names whatever wallet it likes: it is the sender’s own that moves', async () => {
        const [alice, mallory] = [await player('100.00'), await player()]
        const order = transferOf(mallory.guest.walletId, '1.00')
        const reply = await mallory.request('transfer', {
          ...order,
          from: alice.guest.walletId,
          wallet_id: alice.guest.walletId,
        })
        expect(codeOf(reply)).to.be.oneOf(['wallet.self_transfer', 'invalid_request'])
        expect(await alice.balance()).to.deep.equal({ available: '100.00', held: '0.00' })
      })

      it('a socket with an invented seat', async () => {
        const alice = await player()
        const { roomId, sessionId } = alice.room
        const processId = String(await processOf(alice))
        for (const seat of ['invented', '', sessionId]) {
          const code = await socketCode(`${server.wsUrl}/${processId}/${roomId}?sessionId=${seat}`)
          expect(code, `seat "${seat}"`).to.be.greaterThan(1000)
        }
        expect(await alice.must('balance'), 'she still sits').to.include({ wallet_id: alice.guest.walletId })
      })

      async function processOf(client: WalletClient): Promise<unknown> {
        const { body } = await join(client.guest.token)
        return body.processId ?? body.room?.processId
      }
    })

    describe('seats', () => {
      it('a lost connection gets its seat back: the balance again, and the same answer to the same key', async () => {
        const [alice, bob] = [await player('100.00'), await player()]
        const order = transferOf(bob.guest.walletId, '10.00')
        const reply = await alice.must('transfer', order)
        await alice.drop()
        const again = await WalletClient.reconnect(server.url, alice)
        clients.push(again)
        expect(again.room.sessionId).to.equal(alice.room.sessionId)
        await until('the balance is pushed again', () => again.balances.USD?.available === '90.00')
        expect(await again.must('transfer', order)).to.deep.equal(reply)
        expect(await again.balance()).to.deep.equal({ available: '90.00', held: '0.00' })
        await bob.must('transfer', transferOf(again.guest.walletId, '1.00'))
        await until('pushes reach the new connection', () => again.balances.USD?.available === '91.00')
      })

      it('a reconnection token serves once, and not after leaving', async () => {
        const alice = await player()
        await alice.drop()
        const again = await WalletClient.reconnect(server.url, alice)
        clients.push(again)
        expect(await outcomeOf(WalletClient.reconnect(server.url, alice)), 'the used token').to.equal('rejected')
        await again.leave()
        expect(await outcomeOf(WalletClient.reconnect(server.url, again)), 'after leaving').to.equal('rejected')
      })

      it(`a wallet has ${MAX_SESSIONS} seats; one more is refused, and free again when somebody leaves`, async () => {
        const alice = await player()
        for (let index = 1; index < MAX_SESSIONS; index++) {
          clients.push(await WalletClient.join(server.url, alice.guest))
        }
        expect(await outcomeOf(WalletClient.join(server.url, alice.guest))).to.equal('rejected')
        const bob = await player()
        expect(await bob.must('balance'), 'others are not concerned').to.include({ wallet_id: bob.guest.walletId })
        await alice.leave()
        const late = await until('the seat is free', () => WalletClient.join(server.url, alice.guest).catch(() => null))
        clients.push(late)
        expect(await late.must('balance')).to.include({ wallet_id: alice.guest.walletId })
      })

      it('all seats of a wallet hear of every change', async () => {
        const alice = await player()
        const second = await WalletClient.join(server.url, alice.guest)
        clients.push(second)
        await alice.deposit('25.00', newKey())
        await until('both heard', () => [alice, second].every((client) => client.balances.USD?.available === '25.00'))
      })
    })

    describe('noise', () => {
      it('an unknown message type is answered with an error, not punished', async () => {
        const alice = await player()
        alice.room.send('nonsense', { a: 1 })
        await until('the error', () => alice.pushes.some(({ type }) => type === 'error'))
        expect(alice.pushes.find(({ type }) => type === 'error')?.message).to.include({ code: 'invalid_request' })
        expect(await alice.must('balance')).to.include({ wallet_id: alice.guest.walletId })
      })

      it('a command sent without asking for an answer is carried out all the same', async () => {
        const alice = await player()
        alice.room.send('deposit', { currency: 'USD', amount: '5.00', key: newKey() })
        await until('the deposit arrived', () => alice.balances.USD?.available === '5.00')
      })
    })
  })

describe('wallet room: floods', () => {
  it('a client that floods is kicked and gets no seat back; others are served', async () => {
    const server = await startTestServer({ RATE_LIMITS: 'on' })
    try {
      const [flooder, other] = [await WalletClient.join(server.url), await WalletClient.join(server.url)]
      for (let index = 0; index < 500; index++) flooder.room.send('balance')
      expect(await flooder.gone()).to.equal(CloseCode.WITH_ERROR)
      expect(await outcomeOf(WalletClient.reconnect(server.url, flooder))).to.equal('rejected')
      expect(await other.must('balance')).to.include({ wallet_id: other.guest.walletId })
      const back = await WalletClient.join(server.url, flooder.guest)
      expect(await back.must('balance'), 'it may come in again').to.include({ wallet_id: flooder.guest.walletId })
      await other.leave()
      await back.leave()
    } finally {
      expect(await server.stop(), server.output).to.equal(0)
    }
  })

  it('a client within the limit is never kicked, however long it stays', async () => {
    const server = await startTestServer({ RATE_LIMITS: 'on' })
    try {
      const client = await WalletClient.join(server.url)
      // One after the other, so that the rate is the connection's own; three times what a second allows.
      const startedMs = performance.now()
      for (let index = 0; index < 180; index++) {
        await until('the pace', () => performance.now() - startedMs >= index * 20)
        await client.must('balance')
      }
      expect(client.closeCode).to.equal(null)
      await client.leave()
    } finally {
      await server.stop()
    }
  })
})

function codeOf(reply: RoomReply): string {
  return reply.kind === 'refused' ? reply.error.code : reply.kind
}

async function outcomeOf(promise: Promise<unknown>): Promise<'resolved' | 'rejected'> {
  return promise.then(
    () => 'resolved',
    () => 'rejected',
  )
}

/** The code with which the server closes this socket. */
function socketCode(url: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url)
    socket.onclose = (event) => resolve(event.code)
  })
}
