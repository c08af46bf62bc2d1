// A ticket: what a player wants, as they said it, and what the server knows of them, as their actor says it.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Tier } from '../match/spec.ts'
import type { Json } from '../runtime/record.ts'

/** Those of one party are matched together or not at all. Called by its leader's user id; players of the first release chose. */
export interface PartyWish {
  readonly id: string
  /** Of the first release; for others it follows from `members`. */
  readonly size: number
  /** The others, in the leader's own ticket; nobody in that of each of them. Not said by the first release. */
  readonly members?: readonly UserId[]
}

/** What the player may choose. Checked by whoever translates a wire. */
export interface TicketWishes {
  /** Empty for none. */
  readonly role: string
  /** Empty for any. */
  readonly maps: readonly string[]
  readonly party: PartyWish | null
  /** Bots take the seats that nobody wants, where nothing is staked. */
  readonly fillBots: boolean
}

export interface Ticket extends TicketWishes {
  /** The player's record that asked. */
  readonly id: RecordId
  readonly user: UserId
  readonly rating: number
  readonly deviation: number
  readonly tier: Tier
  /** Waiting counts from here, also after a match that was called off. */
  readonly joinedMs: number
  readonly expiresMs: number
}

/** What a `join` envelope carries: all but the times, which are the queue's. */
export type JoiningTicket = Omit<Ticket, 'joinedMs' | 'expiresMs'>

export function encodeJoining({ id, user, rating, deviation, tier, role, maps, party, fillBots }: JoiningTicket): Json {
  const stored = [id, user, rating, deviation, tier, role, maps, party?.id ?? '', party?.size ?? 0, fillBots ? 1 : 0]
  return party?.members === undefined ? stored : [...stored, party.members]
}

type StoredTicket = readonly [
  ...[string, string, number, number, Tier, string, readonly string[], string, number, number],
  (readonly string[])?,
]

/** Of what `encodeJoining` wrote. */
export function decodeJoining(json: Json): JoiningTicket {
  // Written by encodeJoining.
  const [id, user, rating, deviation, tier, role, maps, partyId, size, bots, members] = json as unknown as StoredTicket
  const named = members === undefined ? {} : { members: members as readonly UserId[] } // as they were encoded
  const party = size === 0 ? null : { id: partyId, size, ...named }
  return {
    ...{ id: id as RecordId, user: user as UserId }, // as they were encoded
    ...{ rating, deviation, tier, role, maps, party, fillBots: bots === 1 },
  }
}

export function encodeTicket(ticket: Ticket): Json {
  return [encodeJoining(ticket), ticket.joinedMs, ticket.expiresMs]
}

export function decodeTicket(json: Json): Ticket {
  const [joining, joinedMs, expiresMs] = json as readonly [Json, number, number] // written by encodeTicket
  return { ...decodeJoining(joining), joinedMs, expiresMs }
}
