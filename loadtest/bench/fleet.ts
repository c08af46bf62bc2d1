// Many clients of one room that send each other money, and what came of it. The echo room is played by the same fleet:
// the same messages at the same pace, so that only what lies behind the room differs.

import { build, type Histogram } from 'hdr-histogram-js'
import { bounded, deposit, type Guest, signInAll } from '../client/guests.ts'
import { HttpClient, isObject } from '../client/httpClient.ts'
import { RoomClient } from '../client/roomClient.ts'

const HTTP_CONNECTIONS = 32
const JOINS_AT_A_TIME = 16
const START_MONEY = '10000'
const LONGEST_US = 120_000_000

/** Which wallet the next transfer goes to: an index other than the sender's. */
export type PickReceiver = (sender: number, wallets: number) => number

/** Microseconds, three significant digits. */
export const newHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3 })

export class Fleet {
  readonly http: HttpClient
  readonly clients: readonly RoomClient[]
  /** Receivers: wallets of the clients, or others. */
  readonly wallets: readonly string[]
  sent = 0
  replied = 0
  confirmed = 0
  returned = 0
  readonly refused = new Map<string, number>()
  /** From the moment a command was meant to be sent, in microseconds. */
  replies = newHistogram()
  confirmations = newHistogram()
  /** Commands meant for an earlier moment are not put into the histograms. */
  measuredFromMs = Number.POSITIVE_INFINITY
  /** Told of every answer, with the client and whether the command was accepted. */
  onReply: (client: number, accepted: boolean) => void = () => {}
  private readonly tag = Math.random().toString(36).slice(2, 8)
  private keys = 0
  /** Transactions answered and not confirmed yet, with the moment they were meant to be sent. */
  private readonly pending = new Map<string, number>()

  constructor(http: HttpClient, clients: readonly RoomClient[], wallets: readonly string[]) {
    this.http = http
    this.clients = clients
    this.wallets = wallets
    for (const client of clients) client.onPush('transaction', (payload) => this.news(payload))
  }

  get inFlight(): number {
    return this.clients.reduce((sum, client) => sum + client.inFlight, 0)
  }

  /** Transfers answered whose confirmation has not been pushed. */
  get unconfirmed(): number {
    return this.pending.size
  }

  /** One minor unit from the client's wallet to another. */
  send(client: number, receiver: number, meantAtMs: number): void {
    const to = this.wallets[receiver] ?? ''
    const payload = { to, currency: 'USD', amount: '0.01', key: `${this.tag}-${++this.keys}` }
    this.sent++
    this.clients[client]?.request('transfer', payload, (ok, answer) => {
      this.replied++
      if (meantAtMs >= this.measuredFromMs) this.replies.recordValue(microseconds(meantAtMs))
      if (ok) this.accepted(answer, meantAtMs)
      else this.refuse(answer)
      this.onReply(client, ok)
    })
  }

  /** Waits until every command is answered and confirmed, or nothing has moved for `quietMs`. */
  async settle(quietMs: number): Promise<void> {
    let seen = -1
    let quietSinceMs = performance.now()
    while (this.inFlight > 0 || this.pending.size > 0) {
      const moved = this.replied + this.confirmed + this.returned
      if (moved !== seen) quietSinceMs = performance.now()
      else if (performance.now() - quietSinceMs > quietMs) return
      seen = moved
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  forgetMeasurements(): void {
    this.replies = newHistogram()
    this.confirmations = newHistogram()
    this.refused.clear()
    this.pending.clear()
    this.measuredFromMs = Number.POSITIVE_INFINITY
  }

  close(): void {
    for (const client of this.clients) client.destroy()
    this.http.close()
  }

  private accepted(answer: unknown, meantAtMs: number): void {
    // The echo room answers the message itself, which has no transaction.
    if (!isObject(answer) || typeof answer.transaction_id !== 'string') return
    this.pending.set(answer.transaction_id, meantAtMs)
  }

  private refuse(answer: unknown): void {
    const code = isObject(answer) && typeof answer.code === 'string' ? answer.code : 'unknown'
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1)
  }

  /** The answer to a transfer always comes before the news of it: both wait for the disk, in this order. */
  private news(payload: unknown): void {
    if (!isObject(payload) || !Array.isArray(payload.transactions)) return
    for (const row of payload.transactions as readonly { transaction_id: string; status: string }[]) {
      if (row.status === 'pending') continue
      const meantAtMs = this.pending.get(row.transaction_id)
      if (meantAtMs === undefined) continue
      this.pending.delete(row.transaction_id)
      if (row.status === 'returned') this.returned++
      else this.confirmed++
      if (meantAtMs >= this.measuredFromMs) this.confirmations.recordValue(microseconds(meantAtMs))
    }
  }
}

export async function walletFleet(url: string, count: number): Promise<{ fleet: Fleet; guests: readonly Guest[] }> {
  const http = new HttpClient(url, HTTP_CONNECTIONS)
  const guests = await signInAll(http, count, HTTP_CONNECTIONS)
  await fund(http, guests)
  const clients = await joinAll(http, guests)
  return {
    fleet: new Fleet(
      http,
      clients,
      guests.map(({ walletId }) => walletId),
    ),
    guests,
  }
}

export async function echoFleet(url: string, count: number): Promise<Fleet> {
  const http = new HttpClient(url, HTTP_CONNECTIONS)
  const strangers = Array.from({ length: count }, () => ({ token: '', walletId: 'w_abcdefghijklmnopqrstuv' }))
  const clients = await joinAll(http, strangers)
  return new Fleet(
    http,
    clients,
    strangers.map(({ walletId }) => walletId),
  )
}

export async function fund(http: HttpClient, guests: readonly Guest[]): Promise<void> {
  await bounded(guests.length, HTTP_CONNECTIONS, async (index) => {
    const guest = guests[index]
    if (guest !== undefined) await deposit(http, guest, 'USD', START_MONEY, 'start-money')
  })
}

export async function joinAll(http: HttpClient, guests: readonly Guest[]): Promise<readonly RoomClient[]> {
  const clients = guests.map(() => new RoomClient())
  await bounded(clients.length, JOINS_AT_A_TIME, async (index) => {
    await clients[index]?.join(http, 'wallet', guests[index]?.token ?? '')
  })
  return clients
}

function microseconds(sinceMs: number): number {
  return Math.min(LONGEST_US, Math.max(1, Math.round((performance.now() - sinceMs) * 1000)))
}
