// The `lobby` room: one per process (C3), holding everybody who looks at a lobby, each connection at one. A room for each
// lobby would cost three times the memory and a timer each. Joined with the lobby's id, by those who may see it.

import { type AuthContext, type Client, CloseCode, type MessageContext, Room, ServerError } from '@colyseus/core'
import { z } from 'zod'
import { type LobbyAct, type LobbyService, maySee } from '../../actors/lobby/service.ts'
import { type ErrorCode, errorBody, errorSpec } from '../../shared/errors.ts'
import type { UserId } from '../../shared/ids.ts'
import { LOBBY_CLOSE, LOBBY_REQUESTS } from '../../shared/lobbyMessages.ts'
import { RULES } from '../../shared/rules.ts'
import type { ActorFeed } from '../actorFeed.ts'
import { authenticate, type Identified, type RoomIdentity } from '../roomIdentity.ts'
import { refuse } from '../walletReplies.ts'
import { lobbyBody } from './lobbyBody.ts'
import { type CircleMember, LobbyCircle } from './lobbyCircle.ts'

/** What the composition root gives the lobby room of the process. */
export interface LobbyRoomHost extends RoomIdentity {
  readonly lobbies: LobbyService
  readonly feed: Pick<ActorFeed, 'subscribe'>
  readonly rateLimits: boolean
  nowMs(): number
  newRequestId(): string
}

interface Seated extends Identified {
  readonly lobby: string
  readonly code: string | null
}

/** Connections one user may have at a time. */
const MAX_SESSIONS_PER_USER = 8
const MESSAGES_PER_SECOND = 10

const joinOptions = z.object({ lobbyId: z.string().max(64), code: z.string().max(32).nullish() })

type LobbyClient = Client<{ auth: Seated }>

let host: LobbyRoomHost | null = null

/** Called once by the composition root, before the room is created. */
export function provideLobbyHost(provided: LobbyRoomHost): void {
  host = provided
}

function hosted(): LobbyRoomHost {
  if (host === null) throw new Error('the lobby room has no host')
  return host
}

export class LobbyRoom extends Room {
  override autoDispose = false
  override maxMessagesPerSecond = hosted().rateLimits ? MESSAGES_PER_SECOND : Number.POSITIVE_INFINITY
  private readonly circles = new Map<string, LobbyCircle>()
  private readonly members = new Map<string, { readonly member: CircleMember; readonly circle: LobbyCircle }>()

  static override async onAuth(token: string, options: unknown, context: AuthContext): Promise<Seated> {
    const { userId, walletId } = await authenticate(hosted(), token, context)
    const parsed = joinOptions.safeParse(options)
    if (!parsed.success) throw refusal('lobby.unknown')
    const { lobbyId: lobby, code = null } = parsed.data
    const looked = await hosted().lobbies.look(lobby)
    if (looked.kind === 'refused') throw refusal(looked.code)
    const { view } = looked.lobby
    if (view.barred.includes(userId) || !maySee(view, userId, code)) throw refusal('lobby.unknown')
    return { userId, walletId, lobby, code }
  }

  override onCreate(): void {
    this.patchRate = null
    this.acts('join', LOBBY_REQUESTS.join, (message, { code }) => ({
      ...{ kind: 'join', seat: message?.seat ?? null, code: message?.code ?? code },
    }))
    this.acts('ready', LOBBY_REQUESTS.ready, ({ ready }) => ({ kind: 'ready', ready }))
    this.acts('start', LOBBY_REQUESTS.start, (message) => ({ kind: 'start', bots: message?.bots ?? false }))
    this.acts('leave', LOBBY_REQUESTS.leave, () => ({ kind: 'leave' }))
    this.acts('invite', LOBBY_REQUESTS.invite, ({ user_id: target }) => ({ kind: 'invite', target: target as UserId })) // as its schema says
    this.acts('kick', LOBBY_REQUESTS.kick, ({ user_id: target }) => ({ kind: 'kick', target: target as UserId })) // as its schema says
    this.answer('confirm', LOBBY_REQUESTS.confirm, (seated, _nothing, ctx) => this.putIn('confirm', seated, ctx))
    this.answer('decline', LOBBY_REQUESTS.decline, (seated, _nothing, ctx) => this.putIn('decline', seated, ctx))
    this.answer('chat', LOBBY_REQUESTS.chat, async ({ userId, lobby }, { text }, ctx) => {
      const said = this.circles.get(lobby)?.say(userId, text) ?? 'not_seated'
      if (said === 'said') return { said: true }
      return refuse(ctx, said === 'too_much' ? 'rate_limited' : 'lobby.not_seated')
    })
    // Anything else is answered, not punished; a flood is stopped by maxMessagesPerSecond.
    this.onMessage('*', (client: LobbyClient) => client.send('error', errorBody('invalid_request')))
  }

  override onJoin(client: LobbyClient): void {
    this.attach(client)
  }

  override onReconnect(client: LobbyClient): void {
    this.attach(client)
  }

  override onDrop(client: LobbyClient, code: number): void {
    this.detach(client)
    if (code === CloseCode.WITH_ERROR || Object.values(LOBBY_CLOSE).some((own) => own === code)) return
    this.allowReconnection(client, RULES.reconnectionSeconds).catch(() => {})
  }

  override onLeave(client: LobbyClient): void {
    this.detach(client)
  }

  override onDispose(): void {
    for (const circle of this.circles.values()) circle.close()
  }

  /** Nothing a client sends ends the process. */
  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }

  private acts<Schema extends z.ZodType>(
    type: string,
    schema: Schema,
    act: (message: z.output<Schema>, seated: Seated) => LobbyAct,
  ): void {
    this.answer(type, schema, async (seated, message, ctx) => {
      const { lobbies, newRequestId } = hosted()
      const outcome = await lobbies.act(seated.lobby, seated, act(message, seated), newRequestId())
      if (outcome.kind === 'refused') return refuse(ctx, outcome.code)
      const { view, names } = outcome.lobby
      return { lobby: lobbyBody(view, { viewer: seated.userId, names }) }
    })
  }

  private answer<Schema extends z.ZodType>(
    type: string,
    schema: Schema,
    act: (seated: Seated, message: z.output<Schema>, ctx: MessageContext) => Promise<unknown>,
  ): void {
    this.onMessage(type, async (client: LobbyClient, message: unknown, ctx: MessageContext) => {
      try {
        const { auth } = client
        if (auth === undefined || hosted().isErased(auth.userId)) return refuse(ctx, 'unauthenticated')
        const parsed = schema.safeParse(message)
        if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
        return await act(auth, parsed.data, ctx)
      } catch (error) {
        // Left to Colyseus, a request that failed would be answered as if it had gone well.
        hosted().failed(error)
        return refuse(ctx, 'internal')
      }
    })
  }

  private async putIn(what: 'confirm' | 'decline', seated: Seated, ctx: MessageContext): Promise<unknown> {
    const { lobbies, newRequestId } = hosted()
    const outcome = await lobbies[what](seated.lobby, seated, newRequestId())
    return outcome.kind === 'refused' ? refuse(ctx, outcome.code) : { status: outcome.status }
  }

  private attach(client: LobbyClient): void {
    const { auth } = client
    if (auth === undefined) return client.leave(CloseCode.WITH_ERROR)
    this.detach(client)
    const theirs = this.clients.filter((other) => (other as LobbyClient).auth?.userId === auth.userId)
    if (theirs.length > MAX_SESSIONS_PER_USER) return client.leave(CloseCode.WITH_ERROR)
    const circle = this.circleOf(auth.lobby)
    const member: CircleMember = {
      ...{ user: auth.userId, code: auth.code },
      send: (type, payload) => client.send(type, payload),
      leave: (code) => client.leave(code),
    }
    this.members.set(client.sessionId, { member, circle })
    circle.enter(member)
  }

  private detach(client: LobbyClient): void {
    const own = this.members.get(client.sessionId)
    const lobby = client.auth?.lobby
    if (own === undefined || lobby === undefined) return
    this.members.delete(client.sessionId)
    own.circle.exit(own.member)
    if (own.circle.members.size > 0) return
    own.circle.close()
    if (this.circles.get(lobby) === own.circle) this.circles.delete(lobby)
  }

  private circleOf(lobby: string): LobbyCircle {
    const known = this.circles.get(lobby)
    if (known !== undefined) return known
    const { lobbies, feed, nowMs, failed } = hosted()
    const { presence, roomId: from } = this
    const circle = new LobbyCircle({ lobby, from, presence, lobbies, feed, nowMs, failed })
    this.circles.set(lobby, circle)
    return circle
  }
}

function refusal(code: ErrorCode): ServerError {
  return new ServerError(errorSpec(code).status, code)
}
