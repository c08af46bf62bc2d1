// Who of a match is connected. A seat whose connection is gone is held a while; who is not back by then has left.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'

interface Seat {
  readonly user: UserId | null
  isHere: boolean
  lastHeardMs: number
  cancelHold: (() => void) | null
}

export interface SeatsParts {
  readonly users: readonly (UserId | null)[]
  readonly scheduler: Scheduler
  readonly holdMs: number
  /** Not back in time. */
  left(seat: number): void
}

export class Seats {
  private readonly parts: SeatsParts
  private readonly seats: readonly Seat[]
  /** Nobody's time runs before the match does. */
  private isRunning = false

  constructor(parts: SeatsParts) {
    this.parts = parts
    this.seats = parts.users.map((user) => ({ user, isHere: false, lastHeardMs: 0, cancelHold: null }))
  }

  /** Null for who is not seated. */
  seatOf(user: UserId): number | null {
    const seat = this.seats.findIndex((one) => one.user === user)
    return seat === -1 ? null : seat
  }

  userOf(seat: number): UserId | null {
    return this.seats[seat]?.user ?? null
  }

  isHere(seat: number): boolean {
    return this.seats[seat]?.isHere === true
  }

  connected(seat: number, nowMs: number): void {
    const one = this.seats[seat]
    if (one === undefined) return
    one.isHere = true
    one.lastHeardMs = nowMs
    one.cancelHold?.()
    one.cancelHold = null
  }

  heard(seat: number, nowMs: number): void {
    const one = this.seats[seat]
    if (one !== undefined) one.lastHeardMs = nowMs
  }

  disconnected(seat: number): void {
    const one = this.seats[seat]
    if (one === undefined) return
    one.isHere = false
    if (this.isRunning) this.hold(seat)
  }

  /** The match has begun, or goes on here: those who are not here have from now on to come. Answers who they are. */
  run(): readonly number[] {
    this.isRunning = true
    const away = this.players.filter((seat) => !this.isHere(seat))
    for (const seat of away) this.hold(seat)
    return away
  }

  stop(): void {
    this.isRunning = false
    for (const one of this.seats) {
      one.cancelHold?.()
      one.cancelHold = null
    }
  }

  /** Seats of people. */
  get players(): readonly number[] {
    return [...this.seats.keys()].filter((seat) => this.userOf(seat) !== null)
  }

  /** Here, and silent since before then. */
  silentSince(thenMs: number): readonly number[] {
    return this.players.filter((seat) => this.isHere(seat) && (this.seats[seat]?.lastHeardMs ?? thenMs) < thenMs)
  }

  private hold(seat: number): void {
    const one = this.seats[seat]
    if (one === undefined) return
    one.cancelHold?.()
    one.cancelHold = this.parts.scheduler.after(this.parts.holdMs, () => {
      one.cancelHold = null
      this.parts.left(seat)
    })
  }
}
