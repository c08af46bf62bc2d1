// What other services are told of matches and their prize pools (docs/events.md): the form of each event, version 1. An
// addition is a new optional field or a new type; a changed meaning is a new version. Users by id, amounts as decimal texts.

import { z } from 'zod'

export const EVENT_VERSION = 1

const SEAT = z.number().int().nonnegative()
const AMOUNT = z.string()
const AMOUNTS = z.array(z.object({ seat: SEAT, amount: AMOUNT }))
/** Null: where no money is at stake. */
const ASSET = z.string().nullable()

const COMMON = {
  v: z.literal(EVENT_VERSION),
  /** `partition:position:index`: the same event has the same, however often it comes. */
  id: z.string(),
  match_id: z.string(),
  at: z.iso.datetime(),
  /** Of two events of one match the later one has the greater position, or the same and the greater index. */
  position: z.number().int().positive(),
  index: z.number().int().nonnegative(),
}

const form = <Type extends string, More extends z.ZodRawShape>(type: Type, more: More) =>
  z.object({ ...COMMON, type: z.literal(type), ...more })

export const PUBLIC_EVENT = z.discriminatedUnion('type', [
  form('created', {
    game: z.string(),
    mode: z.string(),
    region: z.string(),
    asset: z.string(),
    stake: AMOUNT,
    tier: z.string(),
    prize_rule: z.string(),
    external: z.boolean(),
    /** A user's id, or null for a bot. */
    seats: z.array(z.object({ seat: SEAT, user_id: z.string().nullable(), team: z.number().int() })),
  }),
  form('funding', { due_at: z.iso.datetime() }),
  form('pool_funded', { seat: SEAT, asset: ASSET, amount: AMOUNT }),
  form('ready', { due_at: z.iso.datetime() }),
  form('pool_locked', {}),
  form('live', { due_at: z.iso.datetime() }),
  /** `disputable_until`: null where it may not be disputed. */
  form('finished', { disputable_until: z.iso.datetime().nullable() }),
  form('disputed', { dispute_id: z.string(), seat: SEAT }),
  form('settled', { how: z.enum(['result', 'refund', 'custom']) }),
  form('pool_distributed', { asset: ASSET, payouts: AMOUNTS, rake: AMOUNT, contribution: AMOUNT }),
  form('pool_refunded', { asset: ASSET, refunds: AMOUNTS }),
  form('cancelled', { at_fault: z.array(SEAT) }),
])

export type PublicEvent = z.infer<typeof PUBLIC_EVENT>
export type PublicEventType = PublicEvent['type']
