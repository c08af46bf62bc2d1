// A player's, or a spectator's, connection to a match, as the SDK makes it: what is pushed, kept in order.

import type { Room } from '@colyseus/sdk'
import type { Guest } from './http.ts'
import { until } from './until.ts'
import { sdk } from './walletClient.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came; a wrong guess is a failing test
type Pushed = any

export class MatchClient {
  readonly room: Room
  readonly guest: Guest
  readonly pushes: { readonly type: string; readonly message: Pushed }[] = []
  closeCode: number | null = null
  private sequence = 0

  private constructor(guest: Guest, room: Room) {
    this.guest = guest
    this.room = room
    room.reconnection.enabled = false
    room.onMessage('*', (type, message) => this.pushes.push({ type: String(type), message }))
    room.onError(() => {})
    room.onLeave((code) => {
      this.closeCode = code
    })
  }

  static async join(url: string, guest: Guest, match: string): Promise<MatchClient> {
    return new MatchClient(guest, await sdk(url, guest.token).joinById(match))
  }

  /** Where a match begins to be played at its own time, or has just moved. */
  static joinSoon(url: string, guest: Guest, match: string): Promise<MatchClient> {
    return until('the match can be joined', () => MatchClient.join(url, guest, match).catch(() => null), 30_000)
  }

  static async watch(url: string, guest: Guest, match: string): Promise<MatchClient> {
    return new MatchClient(guest, await sdk(url, guest.token).join('match', { matchId: match, spectate: true }))
  }

  static async reconnect(url: string, former: MatchClient): Promise<MatchClient> {
    return new MatchClient(former.guest, await sdk(url, former.guest.token).reconnect(former.room.reconnectionToken))
  }

  input(input: unknown, tick?: number): void {
    this.room.send('input', { s: ++this.sequence, i: input, ...(tick === undefined ? {} : { t: tick }) })
  }

  /** The newest push of a type, or null. */
  last(type: string): Pushed {
    return this.pushes.findLast((push) => push.type === type)?.message ?? null
  }

  all(type: string): readonly Pushed[] {
    return this.pushes.filter((push) => push.type === type).map(({ message }) => message)
  }

  pushed(type: string, is: (message: Pushed) => boolean = () => true, withinMs = 20_000): Promise<Pushed> {
    return until(
      `a push "${type}"`,
      () => this.pushes.find((push) => push.type === type && is(push.message))?.message ?? null,
      withinMs,
    )
  }

  async drop(): Promise<void> {
    this.room.connection.close()
    await this.gone()
  }

  gone(withinMs = 10_000): Promise<number> {
    return until('the connection has closed', () => this.closeCode, withinMs)
  }

  async leave(): Promise<void> {
    if (this.closeCode === null) await this.room.leave()
  }
}
