// Friends who are matched together or not at all. A party is called by its leader: their ticket names the others, and each of
// them confirms with the leader's user id. Nobody else counts, whatever they call their party; so strangers are not put
// together, and nobody can keep a party from being complete.

import { isUserId, type UserId } from '../../shared/ids.ts'
import type { PartyWish, Ticket } from './ticket.ts'
import { type Unit, unitOf } from './units.ts'

/** A5: of one leader who is not here yet. */
const MOST_EARLY = 16

type Members = readonly Ticket[]

/** Of those that wait under one party's name; null while somebody is missing. */
export function partyUnit(id: string, tickets: Members): Unit | null {
  const named = namedIn(id, tickets)
  if (named === null) return looseUnit(id, tickets)
  const members = tickets.filter(({ user, party }) =>
    user === id ? isLeading(party) : party?.members?.length === 0 && named.includes(user),
  )
  return members.length === named.length + 1 ? unitOf(id, members) : null
}

/** Whether a ticket may wait under the party's name. Those named may come before their leader does, a few of them. */
export function mayWait(user: UserId, { id }: { readonly id: string }, tickets: Members): boolean {
  if (user === id) return true
  const named = namedIn(id, tickets)
  return named === null ? tickets.length < MOST_EARLY : named.includes(user)
}

/** Whom the leader's ticket names; null where the leader is not here. */
function namedIn(id: string, tickets: Members): readonly UserId[] | null {
  const leader = tickets.find(({ user, party }) => user === id && isLeading(party))
  return leader?.party?.members ?? null
}

function isLeading(party: Ticket['party']): boolean {
  return (party?.members?.length ?? 0) > 0
}

/** Of the first release: whoever said the same name, once they were so many. */
function looseUnit(id: string, tickets: Members): Unit | null {
  const loose = tickets.filter(({ party }) => party?.members === undefined)
  return loose.length > 0 && loose.length === loose[0]?.party?.size ? unitOf(id, loose) : null
}

/** What is wrong with what a player says of their party, or null. */
export function partyFault(
  user: UserId,
  party: PartyWish | null,
  teamSize: number,
): 'queue.party_too_large' | 'queue.party_wrong' | null {
  if (party === null) return null
  const { id, members = [] } = party
  if (Math.max(2, members.length + 1) > teamSize) return 'queue.party_too_large'
  const others = new Set(members)
  const isRight =
    id === user
      ? members.length > 0 && others.size === members.length && !others.has(user) && members.every(isUserId)
      : members.length === 0 && isUserId(id)
  return isRight ? null : 'queue.party_wrong'
}

/** As the ticket has it. How large it is its leader says: of the others it is not known. */
export function partyOf(party: PartyWish | null): PartyWish | null {
  if (party === null) return null
  const { id, members = [] } = party
  return { id, size: members.length + 1, members }
}
