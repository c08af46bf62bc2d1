// Seats that nobody wants are given to bots, where those who wait have said so and have waited a little.

import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { type Crowd, crowdOf, type Found, findMatch, neighbours } from './matching.ts'
import type { Pool } from './pool.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, Units, unitOf } from './units.ts'

/** What a bot's ticket is called: no record is. */
export const BOT_TICKET = '' as RecordId

/** So few that a search comes to the bots among them. */
const MOST_NEAR = 64

/** With the nearest of the others that would have bots as well, as far as they fit. `crowd` lists people only. */
export function matchWithBots(anchor: Unit, crowd: Crowd, pool: Pool, nowMs: number): Found | null {
  if (pool.stakeMinor > 0n || pool.isExternal || !wantsBots(anchor, nowMs)) return null
  const near = [anchor]
  for (const unit of neighbours(anchor, crowd)) {
    if (near.length === MOST_NEAR) break
    if (wantsBots(unit, nowMs)) near.push(unit)
  }
  const seats = 2 * pool.teamSize
  // As many people as can be, and no fewer bots than that takes.
  const units = new Units()
  for (const unit of near) units.add(unit)
  crowd.effort.spent += 2 * near.length
  for (let bots = 1; bots <= seats - anchor.tickets.length; bots++) {
    units.add(botUnit(anchor, bots))
    const found = findMatch(anchor, crowdOf(units, new Set(), crowd.effort), pool.teamSize, nowMs)
    if (found !== null) return { ...found, units: found.units.filter(({ tickets }) => !tickets.some(isBot)) }
  }
  return null
}

function wantsBots({ tickets, joinedMs }: Unit, nowMs: number): boolean {
  return joinedMs + RULES.fillBotsAfterMs <= nowMs && tickets.every(({ fillBots }) => fillBots)
}

/** They are as good as whoever waits, and mind nothing. */
function botUnit(anchor: Unit, number: number): Unit {
  return { ...unitOf(`bot:${number}`, [botLike(anchor)]), id: `bot:${number}` }
}

function botLike({ rating, joinedMs }: Unit): Ticket {
  return {
    ...{ id: BOT_TICKET, user: '' as UserId, rating: Math.round(rating), deviation: RULES.ratingDeviationStart },
    ...{ tier: 'free', role: '', maps: [], party: null, fillBots: true, joinedMs, expiresMs: joinedMs },
  }
}

export function isBot({ id }: Ticket): boolean {
  return id === BOT_TICKET
}
