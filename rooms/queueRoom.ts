// The `queue` room: one per process (C3), holding everybody who waits for a match. A client acts for the user of its token
// alone. What it is told comes of its own player's records, wherever they are made.

import type { AuthContext, Client, MessageContext } from '@colyseus/core'
import { CloseCode, Room } from '@colyseus/core'
import type { z } from 'zod'
import { errorBody } from '../shared/errors.ts'
import { QUEUE_REQUESTS } from '../shared/queueMessages.ts'
import { RULES } from '../shared/rules.ts'
import type { ActorFeed } from './actorFeed.ts'
import type { QueueService, Told } from './queueService.ts'
import { QueueSession } from './queueSession.ts'
import { authenticate, type Identified, type RoomIdentity } from './roomIdentity.ts'
import { refuse } from './walletReplies.ts'

/** What the composition root gives the queue room of the process. */
export interface QueueRoomHost extends RoomIdentity {
  readonly queues: QueueService
  readonly feed: Pick<ActorFeed, 'subscribe'>
  readonly rateLimits: boolean
  newRequestId(): string
}

/** Connections one user may have at a time. */
const MAX_SESSIONS_PER_USER = 4
const MESSAGES_PER_SECOND = 10

type QueueClient = Client<{ auth: Identified }>

let host: QueueRoomHost | null = null

/** Called once by the composition root, before the room is created. */
export function provideQueueHost(provided: QueueRoomHost): void {
  host = provided
}

function hosted(): QueueRoomHost {
  if (host === null) throw new Error('the queue room has no host')
  return host
}

export class QueueRoom extends Room {
  override autoDispose = false
  override maxMessagesPerSecond = hosted().rateLimits ? MESSAGES_PER_SECOND : Number.POSITIVE_INFINITY
  private readonly sessions = new Map<string, QueueSession>()

  static override onAuth(token: string, _options: unknown, context: AuthContext): Promise<Identified> {
    return authenticate(hosted(), token, context)
  }

  override onCreate(): void {
    this.patchRate = null
    const { queues } = hosted()
    this.answer('session', QUEUE_REQUESTS.session, (user) => queues.session(user))
    this.answer('join', QUEUE_REQUESTS.join, (user, wish, requestId) => queues.join(user, wish, requestId))
    this.answer('leave', QUEUE_REQUESTS.leave, (user, _nothing, requestId) => queues.leave(user, requestId))
    this.answer('accept', QUEUE_REQUESTS.accept, async (user, { match }, requestId) =>
      statusOf(await queues.accept(user, match, requestId)),
    )
    this.answer('decline', QUEUE_REQUESTS.decline, async (user, { match }, requestId) =>
      statusOf(await queues.giveUp(user, match, requestId)),
    )
    // Anything else is answered, not punished; a flood is stopped by maxMessagesPerSecond.
    this.onMessage('*', (client: QueueClient) => client.send('error', errorBody('invalid_request')))
  }

  override onJoin(client: QueueClient): void {
    this.attach(client)
  }

  override onReconnect(client: QueueClient): void {
    this.attach(client)
  }

  override onDrop(client: QueueClient, code: number): void {
    this.detach(client)
    if (code === CloseCode.WITH_ERROR) return
    this.allowReconnection(client, RULES.reconnectionSeconds).catch(() => {})
  }

  override onLeave(client: QueueClient): void {
    this.detach(client)
  }

  /** Nothing a client sends ends the process. */
  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }

  private answer<Schema extends z.ZodType>(
    type: string,
    schema: Schema,
    act: (user: Identified['userId'], message: z.output<Schema>, requestId: string) => Promise<Told<object>>,
  ): void {
    this.onMessage(type, async (client: QueueClient, message: unknown, ctx: MessageContext) => {
      try {
        const { auth } = client
        if (auth === undefined || hosted().isErased(auth.userId)) return refuse(ctx, 'unauthenticated')
        const parsed = schema.safeParse(message)
        if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
        const told = await act(auth.userId, parsed.data, hosted().newRequestId())
        return told.kind === 'refused' ? refuse(ctx, told.code) : told.value
      } catch (error) {
        // Left to Colyseus, a request that failed would be answered as if it had gone well.
        hosted().failed(error)
        return refuse(ctx, 'internal')
      }
    })
  }

  private attach(client: QueueClient): void {
    const { auth } = client
    if (auth === undefined) return client.leave(CloseCode.WITH_ERROR)
    this.detach(client)
    const theirs = this.clients.filter((other) => (other as QueueClient).auth?.userId === auth.userId)
    if (theirs.length > MAX_SESSIONS_PER_USER) return client.leave(CloseCode.WITH_ERROR)
    const { feed, queues, failed } = hosted()
    const session = new QueueSession({
      ...{ user: auth.userId, feed, queues },
      send: (type, body) => client.send(type, body),
      failed: (error) => failed(error),
    })
    this.sessions.set(client.sessionId, session)
  }

  private detach(client: QueueClient): void {
    this.sessions.get(client.sessionId)?.close()
    this.sessions.delete(client.sessionId)
  }
}

function statusOf(told: Told<string>): Told<object> {
  return told.kind === 'refused' ? told : { kind: 'ok', value: { status: told.value } }
}
