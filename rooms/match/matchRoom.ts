// The `match` room: its id is the match's. Made by the host alone, where the match's actor lives (C3). Players sit where
// their token says, and nowhere else; who joins once more takes their own seat over. What is played is LiveMatch's.

import { type AuthContext, type Client, CloseCode, type MessageContext, Room, ServerError } from '@colyseus/core'
import { errorBody } from '../../shared/errors.ts'
import { CLOSE, MATCH_REQUESTS } from '../../shared/matchMessages.ts'
import { RULES } from '../../shared/rules.ts'
import { Pace } from '../pace.ts'
import { addressOf, authenticate, type Identified, type RoomIdentity } from '../roomIdentity.ts'
import { refuse } from '../walletReplies.ts'
import type { LiveMatch } from './liveMatch.ts'
import type { MatchOutlet } from './matchPushes.ts'

/** What the composition root gives every match room of the process. */
export interface MatchRoomHost extends RoomIdentity {
  readonly rateLimits: boolean
  /** What the room of this id is for. */
  take(roomId: string): LiveMatch | null
  nowMs(): number
  malformed(): void
}

/** Of one connection: more, and it is let go of. */
const MAX_MALFORMED = 100
/** Beside inputs, a second. */
const OTHER_MESSAGES = 10
const DISPUTES = { atOnce: RULES.disputesAtOnce, everyMs: RULES.disputeEveryMs } as const

type SeatedAuth = Identified & { readonly address: string }
type MatchClient = Client<{ auth: SeatedAuth; userData: { seat: number; malformed: number } }>

let host: MatchRoomHost | null = null

export function provideMatchHost(provided: MatchRoomHost): void {
  host = provided
}

function hosted(): MatchRoomHost {
  if (host === null) throw new Error('the match room has no host')
  return host
}

export class MatchRoom extends Room implements MatchOutlet {
  override autoDispose = false
  private match: LiveMatch | null = null
  private readonly seated = new Map<number, MatchClient>()
  /** By seat: whoever joins anew has used up what he had. */
  private readonly disputes = new Map<number, Pace>()

  static override async onAuth(token: string, _options: unknown, context: AuthContext): Promise<SeatedAuth> {
    return { ...(await authenticate(hosted(), token, context)), address: addressOf(context) }
  }

  override onCreate(): void {
    this.patchRate = null
    const match = hosted().take(this.roomId)
    // Whoever makes rooms: this is none.
    if (match === null) throw new ServerError(404, 'not_found')
    this.match = match
    const perSecond = 2 * match.game.tickHz + OTHER_MESSAGES
    this.maxMessagesPerSecond = hosted().rateLimits ? perSecond : Number.POSITIVE_INFINITY
    this.onMessage('input', (client: MatchClient, message: unknown) => this.input(client, message))
    this.answer('surrender', (client) => this.surrender(client))
    this.answer('dispute', (client, message, ctx) => this.dispute(client, message, ctx))
    this.onMessage('*', (client: MatchClient) => this.malformed(client))
    match.attach(this)
  }

  override onJoin(client: MatchClient): void {
    this.sit(client)
  }

  override onReconnect(client: MatchClient): void {
    this.sit(client)
  }

  override onDrop(client: MatchClient, code: number): void {
    this.rise(client)
    // Colyseus closes flooding clients with this; the others were let go of by this room.
    if (code === CloseCode.WITH_ERROR || Object.values(CLOSE).some((own) => own === code)) return
    this.allowReconnection(client, RULES.reconnectionSeconds).catch(() => {})
  }

  override onLeave(client: MatchClient): void {
    this.rise(client)
  }

  /** Nothing a client sends ends the process. */
  override onUncaughtException(error: Error): void {
    hosted().failed(error)
  }

  tell(seat: number, type: string, payload: unknown): void {
    this.seated.get(seat)?.send(type, payload)
  }

  release(seat: number, code: number): void {
    this.seated.get(seat)?.leave(code)
  }

  end(code: number): void {
    this.disconnect(code).catch((error: unknown) => hosted().failed(error))
  }

  private sit(client: MatchClient): void {
    const identified = client.auth
    if (isGone(client)) throw new ServerError(401, 'unauthenticated')
    const seat = identified === undefined ? null : this.played().seats.seatOf(identified.userId)
    if (seat === null) throw new ServerError(403, 'forbidden')
    const before = this.seated.get(seat)
    this.seated.set(seat, client)
    client.userData = { seat, malformed: 0 }
    if (before !== undefined && before !== client) before.leave(CLOSE.takenOver)
    this.played().connected(seat, identified?.address ?? '')
  }

  private rise(client: MatchClient): void {
    const seat = client.userData?.seat
    // Taken over by another connection: nobody is away.
    if (seat === undefined || this.seated.get(seat) !== client) return
    this.seated.delete(seat)
    this.played().disconnected(seat)
  }

  private input(client: MatchClient, message: unknown): void {
    const parsed = MATCH_REQUESTS.input.safeParse(message)
    const seat = this.seatOf(client)
    if (seat === null) return
    if (isGone(client)) return client.leave(CloseCode.WITH_ERROR)
    if (!parsed.success) return this.malformed(client)
    const { s: sequence, t: tick = null, i: input } = parsed.data
    if (!this.played().input(seat, input, sequence, tick)) this.malformed(client)
  }

  private malformed(client: MatchClient): void {
    hosted().malformed()
    client.send('error', errorBody('invalid_request'))
    if (client.userData === undefined || ++client.userData.malformed <= MAX_MALFORMED) return
    client.leave(CloseCode.WITH_ERROR)
  }

  private surrender(client: MatchClient): unknown {
    const seat = this.seatOf(client)
    if (seat !== null) this.played().leave(seat)
    return { accepted: true }
  }

  private async dispute(client: MatchClient, message: unknown, ctx: MessageContext): Promise<unknown> {
    const parsed = MATCH_REQUESTS.dispute.safeParse(message)
    if (!parsed.success) return refuse(ctx, 'invalid_request', parsed.error)
    if (client.auth === undefined) return refuse(ctx, 'unauthenticated')
    if (!this.mayDispute(client)) return refuse(ctx, 'rate_limited')
    const { type, from_tick: from, to_tick: to, key } = parsed.data
    const ticks = from === undefined || to === undefined ? null : ([from, to] as const)
    const { userId: user } = client.auth
    const asked = await this.played().askFor(user, { kind: 'dispute', user, type, evidence: [], ticks }, key)
    return asked.kind === 'done' ? { accepted: true } : refuse(ctx, asked.code)
  }

  /** Each is a record, and takes the time of people: not as often as inputs. */
  private mayDispute({ userData }: MatchClient): boolean {
    if (userData === undefined || !hosted().rateLimits) return true
    const pace = this.disputes.get(userData.seat) ?? new Pace(DISPUTES)
    this.disputes.set(userData.seat, pace)
    return pace.take(hosted().nowMs())
  }

  private answer(type: string, handler: (client: MatchClient, message: unknown, ctx: MessageContext) => unknown): void {
    const failed = (error: unknown, ctx: MessageContext): unknown => {
      hosted().failed(error)
      return refuse(ctx, 'internal')
    }
    this.onMessage(type, (client: MatchClient, message: unknown, ctx: MessageContext) => {
      try {
        if (isGone(client)) return refuse(ctx, 'unauthenticated')
        const outcome = handler(client, message, ctx)
        return outcome instanceof Promise ? outcome.catch((error: unknown) => failed(error, ctx)) : outcome
      } catch (error) {
        return failed(error, ctx)
      }
    })
  }

  /** Null for a connection whose seat another has taken over. */
  private seatOf(client: MatchClient): number | null {
    const seat = client.userData?.seat
    return seat !== undefined && this.seated.get(seat) === client ? seat : null
  }

  private played(): LiveMatch {
    if (this.match === null) throw new Error('a room without a match')
    return this.match
  }
}

/** Whoever was erased since they joined has no say any more. */
function isGone({ auth }: MatchClient): boolean {
  return auth !== undefined && hosted().isErased(auth.userId)
}
