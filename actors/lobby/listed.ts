// A row of the lists read as the view that it was made of, as far as a list shows it.

import type { UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import { LOBBY } from './limits.ts'
import type { LobbyFields } from './listing.ts'
import { decodeSetup, teamsOf } from './setup.ts'
import type { LobbyStatus } from './state.ts'
import type { LobbyView } from './views.ts'

export function viewOfListed(id: string, status: string, json: Json): LobbyView {
  const fields = json as unknown as LobbyFields // written by listing.ts
  const [stored, owner, seats, match, createdMs, sinceMs, activeMs, readyDueMs] = fields
  const setup = decodeSetup(stored)
  const teams = teamsOf(setup)
  return {
    ...{ id, status: status as LobbyStatus, setup, owner: owner as UserId | null, code: null, match }, // as listed
    ...{ invited: [], barred: [], bots: false, readyDueMs, createdMs, sinceMs, reopened: null, closed: null },
    expiresMs: status === 'open' ? activeMs + LOBBY.idleMs : null,
    seats: seats.map((row, seat) => {
      const [user, rating, ready, joinedMs] = row ?? [null, null, false, null]
      return { seat, team: teams[seat] ?? 0, user: user as UserId | null, rating, ready, joinedMs }
    }),
  }
}
