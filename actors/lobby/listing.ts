// What lists show of a lobby, and what it is found by there (S1): by game, mode and region, by who may see it, by its
// owner while it is not over, by those who sit in it and those who are invited.

import type { Listing } from '../runtime/listing.ts'
import type { Json } from '../runtime/record.ts'
import { encodeSetup } from './setup.ts'
import { isOver, type Lobby } from './state.ts'

/** [setup, owner, seats, match, created, since, active, ready until] */
export type LobbyFields = readonly [
  ...[setup: Json, owner: string | null, seats: readonly ListedSeat[], match: string | null],
  ...[createdMs: number, sinceMs: number, activeMs: number, readyDueMs: number | null],
]
/** [user, rating, ready, joined], or null for a free one. */
export type ListedSeat = readonly [string, number, boolean, number] | null

export function listing(lobby: Lobby): Listing | null {
  const { status, setup, owner, match, createdMs, sinceMs, activeMs, readyDueMs } = lobby
  if (status === 'absent' || setup === null) return null
  const seats = lobby.seats.map((seat): ListedSeat => {
    return seat === null ? null : [seat.user, seat.rating, seat.ready, seat.joinedMs]
  })
  const fields: LobbyFields = [encodeSetup(setup), owner, seats, match, createdMs, sinceMs, activeMs, readyDueMs]
  return { status, sortMs: createdMs, tags: tagsOf(lobby, setup), fields }
}

function tagsOf(lobby: Lobby, { game, mode, region, visibility, stakeMinor }: NonNullable<Lobby['setup']>) {
  const { owner, match, seats, invited } = lobby
  const about = [`game:${game}`, `mode:${game}.${mode}`, `region:${region}`, `visibility:${visibility}`]
  const found = visibility === 'public' || visibility === 'matchmaking' ? ['browse:all'] : []
  const staked = stakeMinor > 0n ? ['stake:some'] : ['stake:none']
  const players = seats.flatMap((seat) => (seat === null ? [] : [`player:${seat.user}`]))
  const whose = isOver(lobby) ? [] : [...(owner === null ? [] : [`owner:${owner}`]), ...[...invited].map(invitedTag)]
  return [...about, ...found, ...staked, ...players, ...whose, ...(match === null ? [] : [`match:${match}`])]
}

function invitedTag(user: string): string {
  return `invited:${user}`
}
