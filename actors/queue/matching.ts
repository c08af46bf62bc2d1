// Who plays whom: from one unit outwards to its neighbours in rating, until the seats are full, everybody is within
// everybody's window, and two teams can be made of them. Pure; a search looks at a bounded number of neighbours.

import { divide, type Teams } from './teams.ts'
import { commonMaps, type Unit, type Units, windowOf } from './units.ts'

/** Neighbours that one search looks at, so that no search takes long in a crowd that does not fit. */
const MOST_LOOKED_AT = 96

/** What a search has cost, in neighbours that were looked at: a division is worth as many as it has ways to divide. */
export interface Effort {
  spent: number
}

export interface Crowd {
  readonly units: Units
  /** Of them, those that are not there any more. */
  readonly gone: ReadonlySet<Unit>
  readonly effort: Effort
}

export interface Found {
  readonly units: readonly Unit[]
  readonly teams: Teams
  /** What all of them play on; null where nobody minds. */
  readonly maps: readonly string[] | null
}

interface Gathering {
  readonly units: readonly Unit[]
  readonly seats: number
  /** The ratings that everybody in it would be matched with. */
  readonly low: number
  readonly high: number
  readonly least: number
  readonly most: number
  readonly maps: readonly string[] | null
}

export function crowdOf(units: Units, gone: ReadonlySet<Unit> = new Set(), effort: Effort = { spent: 0 }): Crowd {
  return { units, gone, effort }
}

/** A match with `anchor` in it, or null. `teamSize` seats in each of two teams. */
export function findMatch(anchor: Unit, crowd: Crowd, teamSize: number, nowMs: number): Found | null {
  const seats = 2 * teamSize
  let gathering = begin(anchor, nowMs)
  // How many players would make it full, but not two teams: others of as many make no better ones.
  let futile = 0
  for (const candidate of neighbours(anchor, crowd)) {
    if (candidate.tickets.length === futile || !fits(gathering, candidate, seats, nowMs)) continue
    const fuller = withUnit(gathering, candidate, nowMs)
    if (fuller.seats < seats) {
      gathering = fuller
      futile = 0
      continue
    }
    const teams = divided(fuller.units, teamSize, crowd.effort)
    if (teams !== null) return { units: fuller.units, teams, maps: fuller.maps }
    futile = candidate.tickets.length
  }
  return null
}

function divided(units: readonly Unit[], teamSize: number, effort: Effort): Teams | null {
  effort.spent += 1 << units.length
  return divide(units, teamSize)
}

function begin(anchor: Unit, nowMs: number): Gathering {
  const window = windowOf(anchor, nowMs)
  const { rating } = anchor
  return {
    units: [anchor],
    seats: anchor.tickets.length,
    ...{ low: rating - window, high: rating + window, least: rating, most: rating },
    maps: anchor.maps,
  }
}

function fits(gathering: Gathering, candidate: Unit, seats: number, nowMs: number): boolean {
  const { rating, tickets, maps } = candidate
  if (gathering.seats + tickets.length > seats) return false
  // Both ways: within the windows of those who are here, and they within its own.
  if (rating < gathering.low || rating > gathering.high) return false
  const window = windowOf(candidate, nowMs)
  if (gathering.least < rating - window || gathering.most > rating + window) return false
  return commonMaps(gathering.maps, maps)?.length !== 0
}

function withUnit(gathering: Gathering, unit: Unit, nowMs: number): Gathering {
  const window = windowOf(unit, nowMs)
  return {
    units: [...gathering.units, unit],
    seats: gathering.seats + unit.tickets.length,
    low: Math.max(gathering.low, unit.rating - window),
    high: Math.min(gathering.high, unit.rating + window),
    least: Math.min(gathering.least, unit.rating),
    most: Math.max(gathering.most, unit.rating),
    maps: commonMaps(gathering.maps, unit.maps),
  }
}

/** The nearest in rating first; of two as near, the one that is served earlier. */
export function* neighbours(anchor: Unit, { units, gone, effort }: Crowd): Iterable<Unit> {
  const { all } = units
  const place = units.placeOf(anchor)
  let below = place - 1
  let above = all[place]?.id === anchor.id ? place + 1 : place
  for (let looked = 0; looked < MOST_LOOKED_AT; looked++) {
    while (isIn(gone, all[below])) below--
    while (isIn(gone, all[above])) above++
    const [lower, upper] = [all[below], all[above]]
    if (lower === undefined && upper === undefined) return
    effort.spent++
    if (isNearer(anchor, lower, upper)) {
      below--
      if (lower !== undefined) yield lower
    } else {
      above++
      if (upper !== undefined) yield upper
    }
  }
}

function isIn(units: ReadonlySet<Unit>, unit: Unit | undefined): boolean {
  return unit !== undefined && units.has(unit)
}

function isNearer({ rating }: Unit, lower: Unit | undefined, upper: Unit | undefined): boolean {
  if (lower === undefined) return false
  if (upper === undefined) return true
  const difference = rating - lower.rating - (upper.rating - rating)
  return difference < 0 || (difference === 0 && lower.rankMs <= upper.rankMs)
}
