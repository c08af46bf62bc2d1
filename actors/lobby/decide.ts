// What a lobby answers to each command. Pure (A2). No money passes through it: its match holds the stakes, and each comes
// by the command of its own wallet (M9).

import { type DecideContext, refuseInput, reject } from '../runtime/actor.ts'
import type { LobbyCommand } from './commands.ts'
import { closed, idleFrom, type LobbyDecision, NOTHING_NEW, together } from './parts.ts'
import { decideInvite, decideJoin, decideKick, decideLeave } from './seating.ts'
import { encodeSetup, setupFault } from './setup.ts'
import { decideDue, decideNews, decideReady, decideRefused, decideStart } from './starting.ts'
import { isMade, isOver, type Lobby, type Made } from './state.ts'

export function decide(lobby: Lobby, command: LobbyCommand, ctx: DecideContext): LobbyDecision {
  if (command.kind === 'create') return decideCreate(lobby, command, ctx)
  if (!isMade(lobby)) return isArriving(command) ? NOTHING_NEW : refuseInput('lobby.unknown')
  switch (command.kind) {
    case 'join':
      return decideJoin(lobby, command)
    case 'ready':
      return decideReady(lobby, command, ctx)
    case 'leave':
      return decideLeave(lobby, command, ctx)
    case 'kick':
      return decideKick(lobby, command, ctx)
    case 'invite':
      return decideInvite(lobby, command)
    case 'start':
      return decideStart(lobby, command, ctx)
    case 'close':
      return decideClose(lobby, command)
    case 'end':
      // A match under way goes on without it.
      return isOver(lobby) ? NOTHING_NEW : together(closed(lobby, 'staff', command.by))
    case 'match_news':
      return decideNews(lobby, command, ctx)
    case 'refused':
      return decideRefused(lobby, command.match, ctx)
    case 'due':
      return decideDue(lobby, command, ctx)
  }
}

function isArriving({ kind }: LobbyCommand): boolean {
  return kind === 'match_news' || kind === 'refused' || kind === 'due'
}

function decideCreate(
  lobby: Lobby,
  { user, setup, standing }: Extract<LobbyCommand, { kind: 'create' }>,
  ctx: DecideContext,
): LobbyDecision {
  if (isMade(lobby)) {
    const same = JSON.stringify(encodeSetup(lobby.setup)) === JSON.stringify(encodeSetup(setup))
    return same && lobby.owner === user ? NOTHING_NEW : reject('lobby.exists')
  }
  if (setupFault(setup) !== null) return refuseInput('lobby.setup_invalid')
  const code = setup.visibility === 'private' ? codeFrom(ctx.newId()) : null
  return together({
    events: [
      { kind: 'created', setup, owner: user, code },
      { kind: 'joined', user, seat: 0, ...standing },
    ],
    timers: [idleFrom(ctx.nowMs)],
    reply: { seat: 0 },
  })
}

function decideClose(lobby: Made, { user }: Extract<LobbyCommand, { kind: 'close' }>): LobbyDecision {
  if (user !== lobby.owner) return reject('lobby.not_owner')
  if (lobby.status === 'cancelled') return NOTHING_NEW
  if (lobby.status === 'completed') return reject('lobby.over')
  if (lobby.status === 'starting' || lobby.status === 'started') return reject('lobby.in_match')
  return together(closed(lobby, 'owner', user))
}

/** Without letters that look like digits: people read it to each other. */
const CODE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const CODE_LENGTH = 10

/** From an unguessable id. */
function codeFrom(id: string): string {
  let code = ''
  for (const letter of id.slice(-2 * CODE_LENGTH)) {
    if (code.length === CODE_LENGTH) break
    code += CODE_LETTERS[letter.charCodeAt(0) % CODE_LETTERS.length] ?? ''
  }
  return code
}
