// The lobby as a kind of actor: one for each, until its match is over.

import type { UserId } from '../../shared/ids.ts'
import { type ActorKind, type Incoming, RETURN_ENVELOPE } from '../runtime/actor.ts'
import type { LobbyCommand, LobbyEvent, MatchState } from './commands.ts'
import { decide } from './decide.ts'
import { decodeEvent, encodeEvent } from './eventCodec.ts'
import { listing } from './listing.ts'
import { encodeSetup } from './setup.ts'
import { evolve, type Lobby, newLobby } from './state.ts'
import { decodeState, encodeState } from './stateCodec.ts'
import { type LobbyQuery, type LobbyView, view } from './views.ts'

export const LOBBY_KIND = 'lobby'

export const lobbyKind: ActorKind<Lobby, LobbyCommand, LobbyEvent, LobbyQuery, LobbyView> = {
  kind: LOBBY_KIND,
  initial: newLobby,
  decide,
  evolve,
  view,
  commandName: (command) => command.kind,
  commandText,
  incoming,
  encodeEvent,
  decodeEvent,
  encodeState,
  decodeState,
  listing,
}

/** What the caller said: who they are is in the key, and what the server knows of them is not their word. */
function commandText(command: LobbyCommand): string {
  switch (command.kind) {
    case 'create':
      return JSON.stringify(['create', encodeSetup(command.setup)])
    case 'join':
      return JSON.stringify(['join', command.seat, command.code])
    case 'ready':
      return JSON.stringify(['ready', command.ready])
    case 'kick':
    case 'invite':
      return JSON.stringify([command.kind, command.target])
    case 'start':
      return JSON.stringify(['start', command.bots])
    case 'leave':
    case 'close':
    case 'end':
    case 'match_news':
    case 'refused':
    case 'due':
      return JSON.stringify([command.kind])
  }
}

const MATCH_PREFIX = 'match/'

function incoming({ via, name, body, from }: Incoming): LobbyCommand {
  if (via === 'timer') {
    if ((name !== 'ready' && name !== 'idle') || typeof body !== 'number')
      throw new Error(`a lobby has no timer ${name}`)
    return { kind: 'due', wait: name, dueMs: body }
  }
  const match = from.startsWith(MATCH_PREFIX) ? from.slice(MATCH_PREFIX.length) : ''
  if (name === RETURN_ENVELOPE) return { kind: 'refused', match }
  if (name !== 'match_news') throw new Error(`a lobby takes no envelope ${name}`)
  const news = body as { readonly match: string; readonly state: MatchState; readonly at_fault: readonly UserId[] } // of actors/match/news.ts
  // Nobody but the match itself says what becomes of it.
  return { kind: 'match_news', match: news.match === match ? match : '', state: news.state, atFault: news.at_fault }
}
