// One player of the demo: a guest with the official Colyseus client. Sends its commands in bursts, each under a key of
// its own; when the connection breaks it joins again, and sends every command that had no answer once more, unchanged.

import { Client, type Room } from '@colyseus/sdk'
import { isObject, textField } from '../client/httpClient.ts'

export interface Command {
  readonly type: 'deposit' | 'transfer'
  readonly key: string
  readonly to: string
  readonly currency: string
  readonly amount: string
  /** How often it was put on the wire. */
  sends: number
  outcome: Outcome | null
}

export type Outcome =
  | { readonly kind: 'accepted'; readonly transactionId: string; readonly atMs: number }
  | { readonly kind: 'refused'; readonly code: string }

const REQUEST_TIMEOUT_MS = 20_000
const JOIN_AGAIN_MS = 300
const RETRY_MS = 20

export class Player {
  readonly token: string
  readonly walletId: string
  /** In the order they are played; `plan` fills it. */
  readonly commands: Command[] = []
  /** Commands on the wire. */
  inFlight = 0
  onAnswer: () => void = () => {}
  private readonly client: Client
  private room: Room | null = null

  constructor(url: string, guest: { readonly token: string; readonly walletId: string }) {
    this.token = guest.token
    this.walletId = guest.walletId
    this.client = new Client(url)
    this.client.http.authToken = guest.token
  }

  /** Joins the wallet room, trying until the server is there. */
  async join(): Promise<void> {
    for (;;) {
      try {
        const room: Room = await this.client.joinOrCreate('wallet')
        // A killed server gives no seat back; this client comes in anew instead.
        room.reconnection.enabled = false
        for (const type of ['balance', 'transaction', 'error']) room.onMessage(type, () => {})
        room.onLeave(() => {
          if (this.room === room) this.room = null
        })
        this.room = room
        return
      } catch {
        await pause(JOIN_AGAIN_MS * (0.5 + Math.random()))
      }
    }
  }

  /** Plays all commands, `size` at once with a pause between, and comes back when each is answered. */
  async play(size: number, pauseMs: number): Promise<void> {
    for (let begin = 0; begin < this.commands.length; begin += size) {
      let open: readonly Command[] = this.commands.slice(begin, begin + size)
      while (open.length > 0) {
        if (this.room === null) await this.join()
        await Promise.all(open.map((command) => this.send(command)))
        open = open.filter(({ outcome }) => outcome === null)
        if (open.length > 0) await pause(RETRY_MS)
      }
      await pause(pauseMs * (0.5 + Math.random()))
    }
  }

  async leave(): Promise<void> {
    const { room } = this
    this.room = null
    if (room !== null) await Promise.race([room.leave(), pause(1_000)])
  }

  /** One try: without an answer the outcome stays open. */
  private async send(command: Command): Promise<void> {
    const { room } = this
    if (room === null || !room.connection.isOpen) return
    const { type, key, to, currency, amount } = command
    const body = type === 'transfer' ? { to, currency, amount, key } : { currency, amount, key }
    command.sends++
    this.inFlight++
    try {
      const answer: unknown = await room.request(type, body, { timeout: REQUEST_TIMEOUT_MS })
      if (!isObject(answer)) throw new Error(`${type} was answered ${JSON.stringify(answer)}`)
      command.outcome = {
        kind: 'accepted',
        transactionId: textField(answer, 'transaction_id'),
        atMs: performance.now(),
      }
      this.onAnswer()
    } catch (error) {
      const refusal = refusalOf(error)
      // No answer at all, or one that says "again": both are sent again with the same key.
      if (refusal === null || refusal.retryable) return
      command.outcome = { kind: 'refused', code: refusal.code }
      this.onAnswer()
    } finally {
      this.inFlight--
    }
  }
}

/** What the server refused with; null where it did not answer. */
function refusalOf(error: unknown): { readonly code: string; readonly retryable: boolean } | null {
  const reason = error instanceof Error && 'reason' in error ? error.reason : null
  if (!isObject(reason) || typeof reason.code !== 'string') return null
  return { code: reason.code, retryable: reason.retryable === true }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
