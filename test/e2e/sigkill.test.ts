// A server under load is killed at a random moment, again and again. Whatever was acknowledged is there afterwards, once;
// whatever was not is sent again under its key, and is there once as well.

import { expect } from 'chai'
import { call, type Guest, newGuest } from '../support/http.ts'
import { runProgram, startTestServer, type TestServer } from '../support/server.ts'
import { until } from '../support/until.ts'
import { WalletClient } from '../support/walletClient.ts'

const LONG = process.env.LONG === '1'
const KILLS = LONG ? 24 : 6
const PLAYERS = 20
/** Commands each player has under way. */
const IN_FLIGHT = 3
/** Acknowledged, over all players, before a kill may come; and the most that pass until it does. */
const ACKNOWLEDGED_BEFORE_KILL = 100
const AT_RANDOM_WITHIN = 400

interface Order {
  readonly to: number
  readonly cents: number
  readonly key: string
  /** The transaction that carried it out. */
  transactionId: string | null
  refused: string | null
}

class Player {
  readonly guest: Guest
  readonly index: number
  readonly orders: Order[] = []
  /** Sent, and not answered: they go first when the server is back. */
  private readonly unanswered: Order[] = []
  private client: WalletClient | null = null

  constructor(guest: Guest, index: number) {
    this.guest = guest
    this.index = index
  }

  async connect(url: string): Promise<WalletClient> {
    this.client = await WalletClient.join(url, this.guest)
    return this.client
  }

  /** Sends until the connection is gone or `enough` says so; what is not answered is kept. */
  async play(field: Field, enough: () => boolean): Promise<void> {
    const client = this.client
    if (client === null) throw new Error('not connected')
    const lane = async (): Promise<void> => {
      for (;;) {
        const again = this.unanswered.shift()
        if (again === undefined && enough()) return
        if (again !== undefined) field.sentAgain++
        const order = again ?? this.nextOrder(field)
        const { to, cents, key } = order
        const payload = { to: field.walletOf(to), currency: 'USD', amount: (cents / 100).toFixed(2), key }
        const reply = await client.request('transfer', payload)
        if (reply.kind === 'lost' || (reply.kind === 'refused' && reply.error.retryable)) {
          this.unanswered.push(order)
          if (reply.kind === 'lost') return
        } else if (reply.kind === 'ok') {
          field.acknowledged(order, String(reply.body.transaction_id))
        } else {
          order.refused = JSON.stringify(reply)
        }
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
  }

  private nextOrder(field: Field): Order {
    const to = field.random(PLAYERS - 1)
    const order: Order = {
      // Anybody but itself.
      to: to >= this.index ? to + 1 : to,
      cents: 1 + field.random(50),
      key: `p${this.index}-${this.orders.length}`,
      transactionId: null,
      refused: null,
    }
    this.orders.push(order)
    return order
  }
}

/** What the players have in common. */
class Field {
  readonly players: readonly Player[]
  acknowledgements = 0
  sentAgain = 0
  private state: number

  constructor(guests: readonly Guest[], seed: number) {
    this.players = guests.map((guest, index) => new Player(guest, index))
    this.state = seed
  }

  walletOf(index: number): string {
    const player = this.players[index]
    if (player === undefined) throw new Error(`no player ${index}`)
    return player.guest.walletId
  }

  acknowledged(order: Order, transactionId: string): void {
    expect(order.transactionId ?? transactionId, `${order.key} was answered otherwise before`).to.equal(transactionId)
    order.transactionId = transactionId
    this.acknowledgements++
  }

  /** A whole number below `limit`, from the seed. */
  random(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.state / 2 ** 32) * limit)
  }
}

interface HistoryRow {
  readonly transaction_id: string
  readonly type: string
  readonly entry_type: 'debit' | 'credit'
  readonly amount: string
}

describe('SIGKILL under load', () => {
  it(`${KILLS} times: nothing acknowledged is lost, nothing is doubled`, async function () {
    this.timeout(KILLS * 40_000 + 120_000)
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000)
    console.log(`      seed ${seed} (SEED=${seed} sends the same commands again)`)
    const server = await startTestServer()
    const field = new Field(await Promise.all(Array.from({ length: PLAYERS }, () => newGuest(server.url))), seed)
    const clients = await Promise.all(field.players.map((player) => player.connect(server.url)))
    await Promise.all(clients.map((client) => client.deposit('1000.00', 'first')))

    for (let kill = 0; kill < KILLS; kill++) {
      const before = field.acknowledgements
      const at = before + ACKNOWLEDGED_BEFORE_KILL + field.random(AT_RANDOM_WITHIN)
      const playing = Promise.all(field.players.map((player) => player.play(field, () => false)))
      await until(`kill ${kill}`, () => field.acknowledgements >= at, 60_000)
      await server.kill()
      await playing
      await server.restart()
      await Promise.all(field.players.map((player) => player.connect(server.url)))
    }
    // The last round sends what is still unanswered, and no more.
    await Promise.all(field.players.map((player) => player.play(field, () => true)))

    const orders = field.players.flatMap((player) => player.orders)
    const refused = orders.filter((order) => order.refused !== null)
    const carriedOut = orders.filter((order) => order.transactionId !== null)
    expect(refused.filter((order) => !order.refused?.includes('wallet.insufficient_funds'))).to.deep.equal([])
    expect(carriedOut.length + refused.length, 'every command has its outcome').to.equal(orders.length)
    await expectBooks(server, field)
    expect(await server.stop(), server.output).to.equal(0)
    const verified = await runProgram('server/verify.ts', '--data', server.dataDir)
    expect(verified.code, verified.output).to.equal(0)
    const { sentAgain } = field
    console.log(
      `      ${KILLS} kills, ${carriedOut.length} transfers acknowledged, ${sentAgain} sent again, 0 lost, 0 doubled`,
    )
  })
})

/** Each wallet's history has each of its commands once, each of its receipts once, and adds up to its balance. */
async function expectBooks(server: TestServer, field: Field): Promise<void> {
  for (const player of field.players) {
    const sent = player.orders.filter((order) => order.transactionId !== null)
    const toMe = field.players.flatMap(({ orders }) =>
      orders.filter((order) => order.to === player.index && order.transactionId !== null),
    )
    const rows = await until(
      `all of ${player.guest.walletId} is in its history`,
      async () => {
        const all = await historyOf(server, player.guest)
        return all.length >= 1 + sent.length + toMe.length ? all : null
      },
      30_000,
    )
    const debits = rows.filter((row) => row.entry_type === 'debit')
    const expected = sent.map((order) => `${order.transactionId} ${(order.cents / 100).toFixed(2)}`)
    expect(debits.map((row) => `${row.transaction_id} ${row.amount}`)).to.have.members(expected)
    const credits = rows.filter((row) => row.entry_type === 'credit' && row.type === 'transfer')
    expect(credits.map((row) => row.amount)).to.have.members(toMe.map((order) => (order.cents / 100).toFixed(2)))
    const cents =
      100_000 - sent.reduce((sum, order) => sum + order.cents, 0) + toMe.reduce((sum, order) => sum + order.cents, 0)
    const balance = await call(server.url, 'GET /wallet/balance', { token: player.guest.token })
    expect(balance.body.balances).to.deep.equal({ USD: (cents / 100).toFixed(2) })
  }
}

async function historyOf(server: TestServer, guest: Guest): Promise<readonly HistoryRow[]> {
  const rows: HistoryRow[] = []
  for (;;) {
    const path = `/wallet/transactions?sort_order=asc&limit=100&offset=${rows.length}`
    const { body } = await call(server.url, `GET ${path}`, { token: guest.token })
    rows.push(...body.transactions)
    if (body.transactions.length === 0 || rows.length >= body.total_count) return rows
  }
}
