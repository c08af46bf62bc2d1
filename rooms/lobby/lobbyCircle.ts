// Those of one process who look at one lobby. It follows the lobby's records, wherever they are made, and reads it anew
// after each: what is pushed is a durable state (A4), read once for all of them. Who may not see it any more is let go.

import { isIn, type LobbyService, maySee, type ShownLobby } from '../../actors/lobby/service.ts'
import type { UserId } from '../../shared/ids.ts'
import { LOBBY_CLOSE } from '../../shared/lobbyMessages.ts'
import { actorKey } from '../../shared/partition.ts'
import type { ActorFeed } from '../actorFeed.ts'
import { lobbyBody } from './lobbyBody.ts'
import { LobbyChat, type LobbyChatParts } from './lobbyChat.ts'

export interface CircleMember {
  readonly user: UserId
  readonly code: string | null
  send(type: 'lobby' | 'chat', payload: object): void
  leave(code: number): void
}

export interface LobbyCircleParts extends Omit<LobbyChatParts, 'heard'> {
  readonly lobbies: Pick<LobbyService, 'look'>
  readonly feed: Pick<ActorFeed, 'subscribe'>
}

/** Pause before a lobby that could not be read is read again. */
const AGAIN_MS = 500

export class LobbyCircle {
  readonly members = new Set<CircleMember>()
  readonly chat: LobbyChat
  private readonly parts: LobbyCircleParts
  private readonly unsubscribe: () => void
  private shown: ShownLobby | null = null
  private reading: 'no' | 'yes' | 'again' = 'no'
  private isClosed = false

  constructor(parts: LobbyCircleParts) {
    this.parts = parts
    this.chat = new LobbyChat({ ...parts, heard: (line) => this.tell('chat', { lines: [line] }) })
    const read = (): void => this.read()
    this.unsubscribe = parts.feed.subscribe(actorKey('lobby', parts.lobby), { committed: read, stale: read })
  }

  enter(member: CircleMember): void {
    this.members.add(member)
    if (this.chat.lines.length > 0 && this.shown !== null && isIn(this.shown.view, member.user))
      member.send('chat', { lines: this.chat.lines })
    this.read()
  }

  exit(member: CircleMember): void {
    this.members.delete(member)
    if (![...this.members].some(({ user }) => user === member.user)) this.chat.forget(member.user)
  }

  /** Who sits in it may speak, and is heard by those who do. */
  say(user: UserId, text: string): 'said' | 'not_seated' | 'too_much' {
    if (this.shown === null || !isIn(this.shown.view, user)) return 'not_seated'
    return this.chat.say(user, this.shown.names.get(user) ?? null, text) ? 'said' : 'too_much'
  }

  close(): void {
    this.isClosed = true
    this.unsubscribe()
    this.chat.close()
  }

  private read(): void {
    const idle = this.reading === 'no'
    this.reading = idle ? 'yes' : 'again'
    if (!idle) return
    this.readOnce()
      .catch((error: unknown) => this.parts.failed(error))
      .finally(() => {
        const again = this.reading === 'again'
        this.reading = 'no'
        if (again && !this.isClosed) this.read()
      })
  }

  private async readOnce(): Promise<void> {
    const outcome = await this.parts.lobbies.look(this.parts.lobby)
    if (this.isClosed) return
    if (outcome.kind === 'refused') {
      if (outcome.code === 'unavailable' || outcome.code === 'overloaded')
        setTimeout(() => !this.isClosed && this.read(), AGAIN_MS).unref()
      return
    }
    const before = this.shown
    this.shown = outcome.lobby
    for (const member of [...this.members]) this.show(member, outcome.lobby, before)
  }

  private show(member: CircleMember, { view, names }: ShownLobby, before: ShownLobby | null): void {
    const { user, code } = member
    // Who was sent away goes, also where anybody else may stay and look.
    if (view.barred.includes(user) || !maySee(view, user, code)) return member.leave(LOBBY_CLOSE.sentAway)
    const body = lobbyBody(view, { viewer: user, names })
    if (body !== null) member.send('lobby', body)
    const hasJustSat = isIn(view, user) && before !== null && !isIn(before.view, user)
    if ((hasJustSat || before === null) && isIn(view, user) && this.chat.lines.length > 0)
      member.send('chat', { lines: this.chat.lines })
  }

  private tell(type: 'chat', payload: object): void {
    for (const member of this.members)
      if (this.shown !== null && isIn(this.shown.view, member.user)) member.send(type, payload)
  }
}
