// Who plays whom: from one unit outwards to its neighbours in rating, until the seats are full, everybody is within
// everybody's window, and two teams can be made of them. Pure; a search looks at a bounded number of neighbours.

import { divide, type Teams } from './teams.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, type Units, windowOf } from './units.ts'

/** Neighbours that one search looks at, so that no search takes long in a crowd that does not fit. */
const MOST_LOOKED_AT = 96

export interface Found {
  readonly units: readonly Unit[]
  readonly teams: Teams
  /** What all of them play on; null where nobody minds. */
  readonly maps: readonly string[] | null
}

interface Gathering {
  readonly units: Unit[]
  seats: number
  /** The ratings that everybody in it would be matched with. */
  low: number
  high: number
  least: number
  most: number
  maps: readonly string[] | null
}

/** A match with `anchor` in it, or null. `teamSize` seats in each of two teams. */
export function findMatch(anchor: Unit, units: Units, teamSize: number, nowMs: number): Found | null {
  const gathering = begin(anchor, nowMs)
  const seats = 2 * teamSize
  for (const candidate of neighbours(anchor, units)) {
    if (!fits(gathering, candidate, seats, nowMs)) continue
    add(gathering, candidate, nowMs)
    if (gathering.seats < seats) continue
    const teams = divide(gathering.units, teamSize)
    if (teams !== null) return { units: gathering.units, teams, maps: gathering.maps }
    // Parties that no two teams can be made of: the last one makes room for another.
    return refit(gathering, anchor, units, teamSize, nowMs)
  }
  return null
}

/** Once more without the unit that came last, before giving up on this anchor for now. */
function refit(failed: Gathering, anchor: Unit, units: Units, teamSize: number, nowMs: number): Found | null {
  const last = failed.units.at(-1)
  const gathering = begin(anchor, nowMs)
  for (const unit of failed.units.slice(1, -1)) add(gathering, unit, nowMs)
  for (const candidate of neighbours(anchor, units)) {
    if (candidate === last || gathering.units.includes(candidate)) continue
    if (!fits(gathering, candidate, 2 * teamSize, nowMs)) continue
    const whole = [...gathering.units, candidate]
    if (gathering.seats + candidate.tickets.length < 2 * teamSize) continue
    const teams = divide(whole, teamSize)
    if (teams === null) continue
    add(gathering, candidate, nowMs)
    return { units: gathering.units, teams, maps: gathering.maps }
  }
  return null
}

function begin(anchor: Unit, nowMs: number): Gathering {
  const window = windowOf(anchor, nowMs)
  const { rating } = anchor
  return {
    units: [anchor],
    seats: anchor.tickets.length,
    ...{ low: rating - window, high: rating + window, least: rating, most: rating },
    maps: mapsOf(anchor.tickets),
  }
}

function fits(gathering: Gathering, candidate: Unit, seats: number, nowMs: number): boolean {
  const { rating, tickets } = candidate
  if (gathering.seats + tickets.length > seats) return false
  // Both ways: within the windows of those who are here, and they within its own.
  if (rating < gathering.low || rating > gathering.high) return false
  const window = windowOf(candidate, nowMs)
  if (gathering.least < rating - window || gathering.most > rating + window) return false
  return common(gathering.maps, mapsOf(tickets))?.length !== 0
}

function add(gathering: Gathering, unit: Unit, nowMs: number): void {
  const window = windowOf(unit, nowMs)
  gathering.units.push(unit)
  gathering.seats += unit.tickets.length
  gathering.low = Math.max(gathering.low, unit.rating - window)
  gathering.high = Math.min(gathering.high, unit.rating + window)
  gathering.least = Math.min(gathering.least, unit.rating)
  gathering.most = Math.max(gathering.most, unit.rating)
  gathering.maps = common(gathering.maps, mapsOf(unit.tickets))
}

/** The nearest in rating first; of two as near, the one that is served earlier. */
function* neighbours(anchor: Unit, units: Units): Iterable<Unit> {
  const { all } = units
  const place = units.placeOf(anchor)
  let below = place - 1
  let above = all[place]?.id === anchor.id ? place + 1 : place
  for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
    const [lower, upper] = [all[below], all[above]]
    if (lower === undefined && upper === undefined) return
    if (isNearer(anchor, lower, upper)) {
      below--
      if (lower !== undefined) yield lower
    } else {
      above++
      if (upper !== undefined) yield upper
    }
  }
}

function isNearer({ rating }: Unit, lower: Unit | undefined, upper: Unit | undefined): boolean {
  if (lower === undefined) return false
  if (upper === undefined) return true
  const difference = rating - lower.rating - (upper.rating - rating)
  return difference < 0 || (difference === 0 && lower.rankMs <= upper.rankMs)
}

/** What all of them would play on; null where nobody minds. */
function mapsOf(tickets: readonly Ticket[]): readonly string[] | null {
  return tickets.reduce<readonly string[] | null>(
    (maps, ticket) => common(maps, ticket.maps.length === 0 ? null : ticket.maps),
    null,
  )
}

function common(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return one ?? other
  return one.filter((map) => other.includes(map))
}
