// Where seats are played from: the same address on both sides of a staked match is a hint that one person plays both. It is
// only a hint (a household, a café), so it flags the result for review, and says nothing more. Addresses are personal: they
// stay in memory, and only that they were the same is told.

import type { GameFlag } from '../../shared/games/game.ts'

export const SHARED_ADDRESS = 'match.shared_address'

/** Of one seat; later ones are not looked at. */
const MOST_ADDRESSES = 16
/** Of this machine and of local networks: behind them anybody may be. */
const LOCAL = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/i

export class Addresses {
  private readonly bySeat = new Map<number, Set<string>>()

  note(seat: number, address: string): void {
    const plain = address.replace(/^::ffff:/i, '')
    if (plain === '' || LOCAL.test(plain)) return
    const known = this.bySeat.get(seat) ?? new Set<string>()
    if (known.size < MOST_ADDRESSES) known.add(plain)
    this.bySeat.set(seat, known)
  }

  /** One for each seat that shares an address with a seat of another team. `tick`: of the end. */
  flags(seats: readonly { readonly seat: number; readonly team: number }[], tick: number): readonly GameFlag[] {
    return seats
      .filter(({ seat, team }) => seats.some((other) => other.team !== team && this.shared(seat, other.seat)))
      .map(({ seat }) => ({ seat, rule: SHARED_ADDRESS, tick }))
  }

  private shared(one: number, other: number): boolean {
    const others = this.bySeat.get(other)
    return [...(this.bySeat.get(one) ?? [])].some((address) => others?.has(address) === true)
  }
}
