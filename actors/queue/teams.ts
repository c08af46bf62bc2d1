// Two teams of what was gathered: parties stay together, the teams' ratings are as near as they can be, and roles are
// spread where that costs little. Exact: there are at most ten units, so every division is looked at.

import type { Ticket } from './ticket.ts'
import type { Unit } from './units.ts'

export type Teams = readonly [readonly Ticket[], readonly Ticket[]]

/** What a role that one team has twice counts for, in points of the teams' mean ratings. */
const DOUBLE_ROLE_POINTS = 25

/** Null where no division has `teamSize` on either side. */
export function divide(units: readonly Unit[], teamSize: number): Teams | null {
  let best: Teams | null = null
  let least = Number.POSITIVE_INFINITY
  // The first unit is in the first team: the other half are the same divisions, mirrored.
  for (let choice = 1; choice < 1 << units.length; choice += 2) {
    const teams = teamsOf(units, choice)
    if (teams[0].length !== teamSize || teams[1].length !== teamSize) continue
    const cost = costOf(teams)
    if (cost >= least) continue
    least = cost
    best = teams
  }
  return best
}

function teamsOf(units: readonly Unit[], choice: number): Teams {
  const first: Ticket[] = []
  const second: Ticket[] = []
  for (const [index, { tickets }] of units.entries()) (choice & (1 << index) ? first : second).push(...tickets)
  return [first, second]
}

function costOf([first, second]: Teams): number {
  const doubles = doubleRoles(first) + doubleRoles(second)
  return Math.abs(meanRating(first) - meanRating(second)) + doubles * DOUBLE_ROLE_POINTS
}

export function meanRating(team: readonly Ticket[]): number {
  return team.length === 0 ? 0 : team.reduce((sum, { rating }) => sum + rating, 0) / team.length
}

function doubleRoles(team: readonly Ticket[]): number {
  const roles = team.map(({ role }) => role).filter((role) => role !== '')
  return roles.length - new Set(roles).size
}
