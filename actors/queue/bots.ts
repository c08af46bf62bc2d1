// Seats that nobody wants are given to bots, where those who wait have said so and have waited a little.

import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { type Found, findMatch } from './matching.ts'
import type { Pool } from './pool.ts'
import type { Ticket } from './ticket.ts'
import { type Unit, Units, unitOf } from './units.ts'

/** What a bot's ticket is called: no record is. */
export const BOT_TICKET = '' as RecordId

/** With every other unit that would have bots as well, as far as they fit. `units` lists people only. */
export function matchWithBots(anchor: Unit, units: Units, pool: Pool, nowMs: number): Found | null {
  if (pool.stakeMinor > 0n || pool.isExternal || !wantsBots(anchor, nowMs)) return null
  const others = units.all.filter((unit) => unit !== anchor && wantsBots(unit, nowMs))
  const seats = 2 * pool.teamSize
  // As many people as can be, and no fewer bots than that takes.
  for (let bots = 1; bots <= seats - anchor.tickets.length; bots++) {
    const crowd = new Units()
    for (const unit of [anchor, ...others]) crowd.add(unit)
    const found = findMatch(anchor, withBots(crowd, anchor, bots), pool.teamSize, nowMs)
    if (found !== null) return { ...found, units: found.units.filter(({ tickets }) => !tickets.some(isBot)) }
  }
  return null
}

function wantsBots({ tickets, joinedMs }: Unit, nowMs: number): boolean {
  return joinedMs + RULES.fillBotsAfterMs <= nowMs && tickets.every(({ fillBots }) => fillBots)
}

/** They are as good as whoever waits, and mind nothing. */
function withBots(units: Units, anchor: Unit, count: number): Units {
  for (let bot = 0; bot < count; bot++) units.add({ ...unitOf(`bot:${bot}`, [botLike(anchor)]), id: `bot:${bot}` })
  return units
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
