// What staff sees of a player and does to them: their tier, which queues serve by and fees default to, and the end of a
// penalty before its time. Ratings nobody sets: they are the matches' alone.

import { z } from 'zod'
import type { PlayerCommand } from '../../../actors/player/commands.ts'
import type { PlayerView } from '../../../actors/player/state.ts'
import { isUserId, type UserId } from '../../../shared/ids.ts'
import type { Identity } from '../../identity/port.ts'
import type { ActorAsks } from '../../play/actorAsks.ts'
import { changed, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeText } from '../schemas.ts'

const TIERS = ['free', 'premium', 'pro', 'elite'] as const

const params = z.object({ user: z.string().max(64) })
const PLAYER = { tag: 'admin', auth: 'staff', rate: 'general', params } as const
const BUSY = ['not_found', 'rate_limited', 'overloaded', 'unavailable'] as const

const playerSchema = z
  .object({
    user_id: z.string(),
    tier: z.enum(TIERS),
    engaged_in: z.string().nullable().meta({ description: 'a ticket or a match' }),
    penalty_until: z.string().nullable(),
    faults: z.int().meta({ description: 'matches of late that they declined or missed' }),
    ratings: z.array(z.object({ rating_key: z.string(), rating: z.number(), deviation: z.number(), matches: z.int() })),
  })
  .meta({ id: 'StaffPlayer' })

export function adminPlayerRoutes(asks: ActorAsks, people: Pick<Identity, 'findUser'>): readonly Route[] {
  const desk = new PlayerStaff(asks, people)
  return [
    defineRoute({
      ...PLAYER,
      method: 'GET',
      path: '/admin/players/{user}',
      summary: 'Tier, ratings, penalties, and what a player is engaged in',
      responses: { 200: playerSchema },
      errors: BUSY,
      async handle({ params: { user } }) {
        const found = await desk.find(user)
        return found.kind === 'refused' ? refuse(found.code) : ok(bodyOf(found.user, found.view))
      },
    }),
    defineRoute({
      ...PLAYER,
      method: 'PUT',
      path: '/admin/players/{user}/tier',
      summary: 'Set a player’s tier',
      body: z.object({ tier: z.enum(TIERS) }),
      responses: { 200: playerSchema },
      errors: ['invalid_request', ...BUSY],
      handle: ({ params: { user }, body: { tier }, caller, requestId }) =>
        desk.order(user, { kind: 'set_tier', tier, by: caller.userId }, requestId),
    }),
    defineRoute({
      ...PLAYER,
      method: 'POST',
      path: '/admin/players/{user}/pardon',
      summary: 'Open the queues to a player again',
      responses: { 200: playerSchema },
      errors: BUSY,
      handle: ({ params: { user }, caller, requestId }) =>
        desk.order(user, { kind: 'pardon', by: caller.userId }, requestId),
    }),
  ]
}

type Found =
  | { readonly kind: 'player'; readonly user: UserId; readonly view: PlayerView }
  | Extract<Awaited<ReturnType<ActorAsks['view']>>, { kind: 'refused' }>

class PlayerStaff {
  private readonly asks: ActorAsks
  private readonly people: Pick<Identity, 'findUser'>

  constructor(asks: ActorAsks, people: Pick<Identity, 'findUser'>) {
    this.asks = asks
    this.people = people
  }

  async find(user: string): Promise<Found> {
    if (!isUserId(user) || (await this.people.findUser(user)) === null) return { kind: 'refused', code: 'not_found' }
    const read = await this.asks.view<PlayerView>('player', user, { kind: 'state' })
    return read.kind === 'refused' ? read : { kind: 'player', user, view: read.view }
  }

  /** Idempotent by itself: said twice it is so once. */
  async order(user: string, command: PlayerCommand, requestId: string) {
    const before = await this.find(user)
    if (before.kind === 'refused') return refuse(before.code)
    const answer = await this.asks.ask('player', before.user, command, '', requestId)
    if (answer.kind === 'refused') return refuse(answer.code)
    const after = await this.find(user)
    if (after.kind === 'refused') return refuse(after.code)
    const change = { before: changeable(before.view), after: changeable(after.view) }
    return changed(bodyOf(after.user, after.view), change)
  }
}

function changeable({ tier, penalty }: PlayerView): object {
  return { tier, penalty_until: penalty === null ? null : timeText(penalty.untilMs) }
}

function bodyOf(user: UserId, { tier, engagement, penalty, ratings }: PlayerView): z.output<typeof playerSchema> {
  return {
    ...{ user_id: user, tier },
    engaged_in: engagement === null ? null : engagement.kind === 'ticket' ? engagement.ticket : engagement.match,
    penalty_until: penalty === null ? null : timeText(penalty.untilMs),
    faults: penalty?.count ?? 0,
    ratings: ratings.map(({ key, rating, deviation, matches }) => ({ rating_key: key, rating, deviation, matches })),
  }
}
