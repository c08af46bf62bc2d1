// What is matched as one: a ticket alone, or a party that is complete. Units stand in the order of their ratings, so that
// those near in rating are found without looking at the others. Derived from the tickets, never stored.

import { RULES } from '../../shared/rules.ts'
import type { Ticket } from './ticket.ts'

export interface Unit {
  /** The ticket's id, or the party's. */
  readonly id: string
  readonly tickets: readonly Ticket[]
  /** Mean of its members. */
  readonly rating: number
  /** The longest that one of its members has waited counts for all. */
  readonly joinedMs: number
  /** What it is served by: the earliest first. */
  readonly rankMs: number
}

export function unitOf(id: string, tickets: readonly Ticket[]): Unit {
  const joinedMs = Math.min(...tickets.map((ticket) => ticket.joinedMs))
  const headStart = Math.max(...tickets.map(({ tier }) => RULES.tierHeadStartMs[tier]))
  const rating = tickets.reduce((sum, ticket) => sum + ticket.rating, 0) / tickets.length
  return { id, tickets, rating, joinedMs, rankMs: joinedMs - headStart }
}

/** How far from its own rating a unit is matched now. */
export function windowOf({ joinedMs }: Unit, nowMs: number): number {
  const steps = Math.floor(Math.max(0, nowMs - joinedMs) / RULES.matchWindowStepMs)
  return Math.min(RULES.matchWindowMost, RULES.matchWindow + steps * RULES.matchWindowStep)
}

/** When its window next widens; null once it is as wide as it gets. */
export function widensAt({ joinedMs }: Unit, nowMs: number): number | null {
  const steps = Math.floor(Math.max(0, nowMs - joinedMs) / RULES.matchWindowStepMs)
  const most = Math.ceil((RULES.matchWindowMost - RULES.matchWindow) / RULES.matchWindowStep)
  return steps >= most ? null : joinedMs + (steps + 1) * RULES.matchWindowStepMs
}

export class Units {
  private readonly sorted: Unit[] = []

  get all(): readonly Unit[] {
    return this.sorted
  }

  add(unit: Unit): void {
    this.sorted.splice(this.placeOf(unit), 0, unit)
  }

  remove(unit: Unit): void {
    const place = this.placeOf(unit)
    if (this.sorted[place]?.id === unit.id) this.sorted.splice(place, 1)
  }

  /** Where the unit stands, or would. */
  placeOf(unit: Unit): number {
    let [low, high] = [0, this.sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.sorted[middle]
      if (other !== undefined && isBefore(other, unit)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** By rating, and by name among equals: the same tickets always stand the same way. */
function isBefore(one: Unit, other: Unit): boolean {
  return one.rating < other.rating || (one.rating === other.rating && one.id < other.id)
}

/** Those who are served first. */
export function byRank(one: Unit, other: Unit): number {
  return one.rankMs - other.rankMs || (one.id < other.id ? -1 : 1)
}
