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
  /** What all of them would play on; null where nobody minds. */
  readonly maps: readonly string[] | null
}

export function unitOf(id: string, tickets: readonly Ticket[]): Unit {
  const joinedMs = Math.min(...tickets.map((ticket) => ticket.joinedMs))
  const headStart = Math.max(...tickets.map(({ tier }) => RULES.tierHeadStartMs[tier]))
  const rating = tickets.reduce((sum, ticket) => sum + ticket.rating, 0) / tickets.length
  return { id, tickets, rating, joinedMs, rankMs: joinedMs - headStart, maps: mapsOf(tickets) }
}

function mapsOf(tickets: readonly Ticket[]): readonly string[] | null {
  return tickets.reduce<readonly string[] | null>(
    (maps, ticket) => commonMaps(maps, ticket.maps.length === 0 ? null : ticket.maps),
    null,
  )
}

export function commonMaps(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return one ?? other
  return one.filter((map) => other.includes(map))
}

/** How far from its own rating a unit is matched now. */
export function windowOf({ joinedMs }: Unit, nowMs: number): number {
  const steps = Math.floor(Math.max(0, nowMs - joinedMs) / RULES.matchWindowStepMs)
  return Math.min(RULES.matchWindowMost, RULES.matchWindow + steps * RULES.matchWindowStep)
}

/** When its window next widens; null once it is as wide as it gets. */
export function widensAt({ joinedMs }: Pick<Unit, 'joinedMs'>, nowMs: number): number | null {
  const steps = Math.floor(Math.max(0, nowMs - joinedMs) / RULES.matchWindowStepMs)
  const most = Math.ceil((RULES.matchWindowMost - RULES.matchWindow) / RULES.matchWindowStep)
  return steps >= most ? null : joinedMs + (steps + 1) * RULES.matchWindowStepMs
}

export class Units {
  private readonly sorted: Unit[] = []
  private readonly served: Unit[] = []

  /** In the order of their ratings. */
  get all(): readonly Unit[] {
    return this.sorted
  }

  /** In the order in which they are served. */
  get ranked(): readonly Unit[] {
    return this.served
  }

  add(unit: Unit): void {
    this.sorted.splice(this.placeOf(unit), 0, unit)
    this.served.splice(this.rankOf(unit), 0, unit)
  }

  remove(unit: Unit): void {
    take(this.sorted, this.placeOf(unit), unit)
    take(this.served, this.rankOf(unit), unit)
  }

  /** Where the unit stands among all, or would. */
  placeOf(unit: Pick<Unit, 'rating' | 'id'>): number {
    return countWhile(this.sorted, (other) => isBefore(other, unit))
  }

  /** How many are served before it. */
  rankOf(unit: Pick<Unit, 'rankMs' | 'id'>): number {
    return countWhile(this.served, (other) => byRank(other, unit) < 0)
  }
}

function take(units: Unit[], place: number, { id }: Unit): void {
  if (units[place]?.id === id) units.splice(place, 1)
}

/** Of units in an order in which those that are so stand first. */
function countWhile(units: readonly Unit[], isSo: (unit: Unit) => boolean): number {
  let [low, high] = [0, units.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const unit = units[middle]
    if (unit !== undefined && isSo(unit)) low = middle + 1
    else high = middle
  }
  return low
}

/** By rating, and by name among equals: the same tickets always stand the same way. */
function isBefore(one: Unit, other: Pick<Unit, 'rating' | 'id'>): boolean {
  return one.rating < other.rating || (one.rating === other.rating && one.id < other.id)
}

/** Those who are served first. */
export function byRank(one: Pick<Unit, 'rankMs' | 'id'>, other: Pick<Unit, 'rankMs' | 'id'>): number {
  if (one.rankMs !== other.rankMs) return one.rankMs - other.rankMs
  return one.id === other.id ? 0 : one.id < other.id ? -1 : 1
}
