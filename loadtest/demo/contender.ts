// One who plays for a stake: waits in the queue, takes the seat that is offered, plays with little thought until the match
// is settled. When the connection breaks they come back, as often as it takes; whatever was missed they ask for.

import { Client, type Room } from '@colyseus/sdk'
import type { Guest } from '../client/guests.ts'
import { isObject } from '../client/httpClient.ts'
import { pause } from './player.ts'

export interface Contest {
  readonly game: string
  readonly mode: string
  /** What to send on a view, or null for nothing. */
  readonly move: (view: unknown) => unknown
}

const AGAIN_MS = 300
const QUEUE = { region: 'eu-west', format: '1v1' } as const

export class Contender {
  readonly guest: Guest
  readonly contest: Contest
  match: string | null = null
  isSettled = false
  /** How often they came back into a match that was on. */
  returns = 0
  views = 0
  private readonly client: Client
  private readonly stakeCents: number
  private sequence = 0

  constructor(url: string, guest: Guest, contest: Contest, stakeCents: number) {
    this.guest = guest
    this.contest = contest
    this.stakeCents = stakeCents
    this.client = new Client(url)
    this.client.http.authToken = guest.token
  }

  /** Until the match is settled. */
  async play(): Promise<void> {
    await this.inQueue()
    while (!this.isSettled) {
      await this.inMatch()
      if (!this.isSettled) await pause(AGAIN_MS)
    }
  }

  /** Until every seat is taken. */
  private async inQueue(): Promise<void> {
    const { game, mode } = this.contest
    for (let isSeated = false; !isSeated; ) {
      const room = await this.joined('queue', {})
      if (room === null) continue
      isSeated = await new Promise<boolean>((resolve) => {
        room.onLeave(() => resolve(false))
        room.onMessage('session', () => {})
        room.onMessage('match', () => {})
        room.onMessage('match_found', (offer: unknown) => {
          room.request('accept', { match: matchOf(offer) }).catch(() => {})
        })
        room.onMessage('ready_check', (offer: unknown) => {
          this.match = matchOf(offer)
          resolve(true)
        })
        const wish = { ...QUEUE, game, mode, entry_fee_cents: this.stakeCents, key: `queue-${this.guest.walletId}` }
        // Asked again after a break, the key says that it is the same wish.
        room.request('join', wish).catch(() => {})
      })
      room.leave().catch(() => {})
    }
  }

  private async inMatch(): Promise<void> {
    const room = await this.joined('match', { matchId: this.match })
    if (room === null) return
    if (this.views > 0) this.returns++
    await new Promise<void>((resolve) => {
      room.onLeave(() => resolve())
      for (const type of ['match', 'result', 'cancelled', 'error']) room.onMessage(type, () => {})
      room.onMessage('settlement', () => {
        this.isSettled = true
        room.leave().catch(() => {})
        resolve()
      })
      room.onMessage('view', (push: unknown) => {
        this.views++
        const input = isObject(push) ? this.contest.move(push.v) : null
        if (input !== null && room.connection.isOpen) room.send('input', { s: ++this.sequence, i: input })
      })
    })
  }

  private async joined(name: string, options: object): Promise<Room | null> {
    try {
      const room: Room = await (name === 'match' ? this.client.join(name, options) : this.client.joinOrCreate(name))
      // A killed server gives no seat back; this client comes in anew instead.
      room.reconnection.enabled = false
      return room
    } catch (error) {
      // Over while nobody was here: the room is gone with it.
      if (name === 'match' && isGone(error)) this.isSettled = true
      await pause(AGAIN_MS * (0.5 + Math.random()))
      return null
    }
  }
}

function matchOf(offer: unknown): string | null {
  return isObject(offer) && typeof offer.match_id === 'string' ? offer.match_id : null
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 410
}
