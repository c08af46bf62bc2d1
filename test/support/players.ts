// Load from outside on several servers, with a history of every command and answer: players who transfer, read, and when
// a server is gone or says "later" go to another one and ask again under the same key. At the end the history is held
// against the ledger: acknowledged is there once, refused is not there, and no read showed money that was not so.

import { expect } from 'chai'
import { type Guest, newGuest } from './http.ts'
import type { Ledger } from './ledgerOf.ts'
import type { TestServer } from './server.ts'
import { WalletClient } from './walletClient.ts'

interface Order {
  readonly key: string
  readonly to: number
  readonly cents: number
  readonly sentMs: number
  tries: number
  answeredMs: number | null
  transactionId: string | null
  refused: string | null
}

interface Reading {
  readonly version: number
  readonly cents: bigint
  /** Newest record of this wallet that its owner had been told of when the question was put. */
  readonly floor: number
}

const ANSWER_WITHIN_MS = 12_000
const THINK_WITHIN_MS = 100
const FIRST_CENTS = 100_000

export class Players {
  readonly all: readonly Player[]
  /** Where to connect; tests take away what they break, or leave it to be found out. */
  servers: readonly TestServer[]
  private state: number

  private constructor(guests: readonly Guest[], servers: readonly TestServer[], seed: number) {
    this.state = seed
    this.servers = servers
    this.all = guests.map((guest, index) => new Player(guest, index, this))
  }

  static async join(count: number, servers: readonly TestServer[], seed: number): Promise<Players> {
    const guests: Guest[] = []
    for (let at = 0; at < count; at += 50) {
      const more = Array.from({ length: Math.min(50, count - at) }, (_, index) =>
        newGuest(servers[(at + index) % servers.length]?.url ?? ''),
      )
      guests.push(...(await Promise.all(more)))
    }
    const players = new Players(guests, servers, seed)
    for (let at = 0; at < count; at += 50) {
      await Promise.all(players.all.slice(at, at + 50).map((player) => player.begin()))
    }
    return players
  }

  /** Everybody plays until the promise is settled, and then finishes what it has begun. */
  async playUntil(over: Promise<unknown>): Promise<void> {
    let isOver = false
    const ended = over.finally(() => {
      isOver = true
    })
    await Promise.all([ended, ...this.all.map((player) => player.play(() => isOver))])
  }

  get acknowledged(): number {
    return this.all.reduce((sum, { orders }) => sum + orders.filter((order) => order.transactionId !== null).length, 0)
  }

  /** Time from a command's first sending to its result, in ms, sorted. */
  latencies(): readonly number[] {
    const all = this.all.flatMap(({ orders }) =>
      orders.flatMap(({ sentMs, answeredMs }) => (answeredMs === null ? [] : [answeredMs - sentMs])),
    )
    return all.sort((a, b) => a - b)
  }

  get sentAgain(): number {
    return this.all.reduce((sum, { orders }) => sum + orders.reduce((tries, order) => tries + order.tries - 1, 0), 0)
  }

  random(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.state / 2 ** 32) * limit)
  }

  async leave(): Promise<void> {
    await Promise.all(this.all.map((player) => player.leave()))
  }

  /** Throws where the history and the ledger disagree. */
  check(ledger: Ledger): void {
    const { violation } = ledger.audit.finish()
    expect(violation, 'the audit of the journal').to.equal(null)
    for (const player of this.all) player.check(ledger)
  }
}

class Player {
  readonly orders: Order[] = []
  private readonly readings: Reading[] = []
  private readonly guest: Guest
  private readonly index: number
  private readonly field: Players
  private client: WalletClient | null = null
  private told = 0

  constructor(guest: Guest, index: number, field: Players) {
    this.guest = guest
    this.index = index
    this.field = field
  }

  get walletId(): string {
    return this.guest.walletId
  }

  async begin(): Promise<void> {
    const client = await this.connected()
    await client.deposit((FIRST_CENTS / 100).toFixed(2), 'first')
  }

  async play(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      if (this.field.random(5) === 0) await this.read()
      else await this.transfer()
      // A player who thinks: what is tested is what happens, not how much of it at a time.
      await pause(this.field.random(THINK_WITHIN_MS))
    }
  }

  async leave(): Promise<void> {
    await this.client?.leave().catch(() => {})
  }

  check(ledger: Ledger): void {
    const actor = `wallet/${this.walletId}`
    const who = `player ${this.index} (${this.walletId})`
    for (const order of this.orders) {
      const taken = ledger.audit.takenRecords(actor, order.key)
      expect(taken.length, `${who}: ${order.key} is in the ledger at most once`).to.be.at.most(1)
      if (order.transactionId !== null) {
        expect(taken[0]?.recordId, `${who}: ${order.key} was acknowledged`).to.equal(order.transactionId)
        expect(taken[0]?.refused, `${who}: ${order.key} was acknowledged`).to.equal(null)
      }
      if (order.refused !== null) {
        const refused = taken.length === 0 ? order.refused : taken[0]?.refused
        expect(refused, `${who}: ${order.key} was refused`).to.equal(order.refused)
      }
      expect(order.transactionId !== null || order.refused !== null, `${who}: ${order.key} has its result`).to.equal(
        true,
      )
    }
    this.checkReadings(ledger, who)
  }

  private checkReadings(ledger: Ledger, who: string): void {
    const rows = ledger.balances(this.walletId, 'USD')
    let newest = 0
    for (const { version, cents, floor } of this.readings) {
      expect(version, `${who}: a read shows less than was told before`).to.be.at.least(Math.max(floor, newest))
      newest = version
      const at = rows.filter(([seq]) => seq <= version).at(-1)?.[1] ?? 0n
      expect(cents, `${who}: a read at version ${version}`).to.equal(at)
    }
  }

  private async transfer(): Promise<void> {
    const to = this.field.random(this.field.all.length - 1)
    const order: Order = {
      key: `k${this.index}-${this.orders.length}`,
      to: to >= this.index ? to + 1 : to,
      cents: 1 + this.field.random(300),
      sentMs: performance.now(),
      tries: 0,
      answeredMs: null,
      transactionId: null,
      refused: null,
    }
    this.orders.push(order)
    const payload = {
      to: this.field.all[order.to]?.walletId ?? '',
      currency: 'USD',
      amount: (order.cents / 100).toFixed(2),
      key: order.key,
    }
    while (order.answeredMs === null) {
      const client = await this.connected()
      order.tries++
      const reply = await client.request('transfer', payload, ANSWER_WITHIN_MS)
      if (reply.kind === 'ok') {
        order.transactionId = String(reply.body.transaction_id)
        this.told = Math.max(this.told, Number(String(reply.body.position).split(':')[1]))
      } else if (reply.kind === 'refused' && !reply.error.retryable) {
        order.refused = reply.error.code
      } else {
        await this.later(client, reply.kind === 'lost')
        continue
      }
      order.answeredMs = performance.now()
    }
  }

  private async read(): Promise<void> {
    const client = await this.connected()
    const floor = this.told
    const reply = await client.request('balance', undefined, ANSWER_WITHIN_MS)
    if (reply.kind !== 'ok') return this.later(client, reply.kind === 'lost')
    const balances = reply.body.balances as Readonly<Record<string, { available: string }>> // as the schema says
    const cents = BigInt((balances.USD?.available ?? '0.00').replace('.', ''))
    this.readings.push({ version: Number(reply.body.version), cents, floor })
  }

  /** After a loss: another connection. */
  private async later(client: WalletClient, isLost: boolean): Promise<void> {
    if (isLost && this.client === client) {
      this.client = null
      client.leave().catch(() => {})
    }
    await pause(20 + this.field.random(30))
  }

  private async connected(): Promise<WalletClient> {
    while (this.client === null || this.client.closeCode !== null) {
      const { servers } = this.field
      const server = servers[this.field.random(servers.length)]
      try {
        this.client = await WalletClient.join(server?.url ?? '', this.guest)
      } catch {
        this.client = null
        await pause(50 + this.field.random(100))
      }
    }
    return this.client
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
