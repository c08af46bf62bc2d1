// A player's connection to the `wallet` room, as the SDK makes it: requests with their answers as values, and what is
// pushed, kept in order.

import { Client, type Room } from '@colyseus/sdk'
import type { ErrorBody } from '../../shared/errors.ts'
import { type Guest, newGuest } from './http.ts'
import { until } from './until.ts'

export type RoomReply =
  | { readonly kind: 'ok'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly error: ErrorBody }
  /** The protocol could make nothing of it: no handler, or bytes that do not decode. */
  | { readonly kind: 'fault'; readonly name: string; readonly message: string }
  /** No answer: the connection closed, or the time was up. It may have been carried out. */
  | { readonly kind: 'lost'; readonly why: string }

export type BalanceRows = Readonly<Record<string, { readonly available: string; readonly held: string }>>

export interface TransactionPush {
  readonly transaction_id: string
  readonly status: string
  readonly entry_type?: string
  readonly amount?: string
  readonly balance_after?: string
}

export interface Push {
  readonly type: string
  readonly message: unknown
}

const ANSWER_WITHIN_MS = 20_000

export class WalletClient {
  readonly guest: Guest
  readonly room: Room
  readonly pushes: Push[] = []
  /** Newest balances pushed. */
  balances: BalanceRows = {}
  /** The close code, once the connection is gone. */
  closeCode: number | null = null

  private constructor(guest: Guest, room: Room) {
    this.guest = guest
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('*', (type, message) => this.heard(String(type), message))
    room.onError(() => {})
    room.onLeave((code) => {
      this.closeCode = code
    })
  }

  /** Joins as this guest, or as a new one. Rejects as the SDK does. */
  static async join(url: string, guest?: Guest, options: object = {}): Promise<WalletClient> {
    const player = guest ?? (await newGuest(url))
    return new WalletClient(player, await sdk(url, player.token).joinOrCreate('wallet', options))
  }

  /** Takes the seat of a connection that was lost. */
  static async reconnect(url: string, former: WalletClient): Promise<WalletClient> {
    return new WalletClient(former.guest, await sdk(url, former.guest.token).reconnect(former.room.reconnectionToken))
  }

  async request(type: string, payload?: unknown, withinMs = ANSWER_WITHIN_MS): Promise<RoomReply> {
    try {
      const body = await this.room.request<unknown, Readonly<Record<string, unknown>>>(type, payload, {
        timeout: withinMs,
      })
      return { kind: 'ok', body }
    } catch (error) {
      return replyOf(error)
    }
  }

  /** As `request`, for steps that have to succeed. */
  async must(type: string, payload?: unknown): Promise<Readonly<Record<string, unknown>>> {
    const reply = await this.request(type, payload)
    if (reply.kind !== 'ok') throw new Error(`${type} of ${this.guest.walletId}: ${JSON.stringify(reply)}`)
    return reply.body
  }

  deposit(amount: string, key: string, currency = 'USD'): Promise<Readonly<Record<string, unknown>>> {
    return this.must('deposit', { currency, amount, key })
  }

  /** What is available and held of an asset, asked of the actor. */
  async balance(currency = 'USD'): Promise<{ readonly available: string; readonly held: string }> {
    const { balances } = await this.must('balance')
    return (balances as BalanceRows)[currency] ?? { available: '0.00', held: '0.00' } // as the schema says
  }

  /** Pushed news of transactions, flat and in order. */
  get transactions(): readonly TransactionPush[] {
    return this.pushes.flatMap(({ type, message }) =>
      // as the schema says
      type === 'transaction' ? (message as { transactions: readonly TransactionPush[] }).transactions : [],
    )
  }

  /** Writes bytes to the socket as they are. */
  sendRaw(bytes: Uint8Array): void {
    this.room.connection.send(bytes)
  }

  /** Goes without saying so; the seat is kept for a while. */
  async drop(): Promise<void> {
    this.room.connection.close()
    await this.gone()
  }

  async leave(): Promise<void> {
    if (this.closeCode === null) await this.room.leave()
  }

  gone(withinMs = 10_000): Promise<number> {
    return until('the connection has closed', () => this.closeCode, withinMs)
  }

  private heard(type: string, message: unknown): void {
    this.pushes.push({ type, message })
    if (type === 'balance') this.balances = { ...this.balances, ...(message as { balances: BalanceRows }).balances }
  }
}

/** The SDK's client with this token. */
export function sdk(url: string, token: string): InstanceType<typeof Client> {
  const client = new Client(url)
  client.auth.token = token
  return client
}

function replyOf(error: unknown): RoomReply {
  if (error instanceof Error && error.name === 'rejected' && 'reason' in error) {
    return { kind: 'refused', error: error.reason as ErrorBody } // what ctx.reject was given
  }
  // What the server faults with carries a name of its own; what the SDK gives up on is a plain Error.
  if (error instanceof Error && error.name !== 'Error')
    return { kind: 'fault', name: error.name, message: error.message }
  return { kind: 'lost', why: String(error) }
}
