// A player's connections beside the wallet's: the queue, a match, or a match that is watched. What is pushed is kept in
// order, by type.

import type { Room } from '@colyseus/sdk'
import type { Guest } from './http.ts'
import { until } from './until.ts'
import { sdk } from './walletClient.ts'

export type Message = Readonly<Record<string, unknown>>

export class PlayClient {
  readonly guest: Guest
  readonly room: Room
  readonly pushes: { readonly type: string; readonly message: Message }[] = []
  closeCode: number | null = null

  private constructor(guest: Guest, room: Room) {
    this.guest = guest
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('*', (type, message) => this.pushes.push({ type: String(type), message: message as Message }))
    room.onError(() => {})
    room.onLeave((code) => {
      this.closeCode = code
    })
  }

  static async queue(url: string, guest: Guest): Promise<PlayClient> {
    return new PlayClient(guest, await sdk(url, guest.token).joinOrCreate('queue'))
  }

  static async match(url: string, guest: Guest, matchId: string, options: object = {}): Promise<PlayClient> {
    return new PlayClient(guest, await sdk(url, guest.token).join('match', { matchId, ...options }))
  }

  /** Rejects with the error's body, as the SDK has it. */
  request(type: string, payload?: unknown): Promise<Message> {
    return this.room.request<unknown, Message>(type, payload, { timeout: 20_000 })
  }

  of(type: string): readonly Message[] {
    return this.pushes.filter((push) => push.type === type).map(({ message }) => message)
  }

  /** The newest of a type, once there is one that fits. */
  async pushed(type: string, fits: (message: Message) => boolean = () => true): Promise<Message> {
    const find = (): Message | undefined => this.of(type).findLast(fits)
    await until(`a push of ${type}`, () => find() !== undefined)
    return find() ?? {}
  }

  async leave(): Promise<void> {
    if (this.closeCode !== null) return
    await this.room.leave().catch(() => {})
  }
}
