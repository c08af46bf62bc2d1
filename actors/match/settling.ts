// The record that ends a match: one, with all of its money. Escrow (2002) goes to 2006 for each payout, and to 4001 for the
// rake, with the platform's contribution put in before it (5004). It is empty afterwards. Envelopes pay the wallets (M4).

import { IN_TRANSIT } from '../../shared/accounts.ts'
import type { GameOutcome } from '../../shared/games/game.ts'
import type { UserId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import type { DecideContext, OutgoingEnvelope } from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { SeatAmount } from './commands.ts'
import { everybodyFree, matchNews, matchOver, rated } from './news.ts'
import { joined, noLongerWaiting, type Part } from './parts.ts'
import { contributionOf, rakeOf, type Split, split } from './prizes.ts'
import { type Made, prizeSeats, seatNumbers, stakesMinor, usersOf, walletOfSeat } from './state.ts'

export const escrow = (match: string): string => `2002:${match}`
export const unclaimed = (match: string): string => `2007:${match}`
const CONTRIBUTIONS = '5004'
const RAKE = '4001'

export interface By {
  /** Null where time, or the result, decided. */
  readonly by: UserId | null
  readonly approvedBy: UserId | null
  readonly note: string
}

export const BY_ITSELF: By = Object.freeze({ by: null, approvedBy: null, note: '' })

/** What the result pays. `replaced`: that one in place of the score's. */
export function settleByResult(
  match: Made,
  outcome: GameOutcome,
  ctx: DecideContext,
  by: By,
  replaced: GameOutcome | null = null,
): Part {
  const shares = split(poolOf(match), prizeSeats(match), outcome)
  return joined(settled(match, 'result', shares, ctx, by, replaced), rated(match, outcome))
}

export function settleByCustom(match: Made, payouts: readonly SeatAmount[], ctx: DecideContext, by: By): Part {
  const rakeMinor = rakeOf(match.spec.asset, stakesMinor(match))
  return settled(match, 'custom', { rakeMinor, payouts }, ctx, by, null)
}

/** To everybody what they staked; no rake, and no contribution. */
export function settleByRefund(match: Made, ctx: DecideContext, by: By): Part {
  const refund = { how: 'refund', payouts: stakesOf(match), rakeMinor: 0n, contributionMinor: 0n } as const
  return joined(
    {
      operation: 'refund',
      events: [{ kind: 'settled', record: ctx.recordId, ...refund, ...by, outcome: null }],
      ...refunded(match),
    },
    ending(match),
    matchNews(match, 'settled'),
  )
}

/** Before there was a result. */
export function cancel(match: Made, why: string, atFault: readonly number[], by: By = BY_ITSELF): Part {
  const { by: person, approvedBy } = by
  const free = seatNumbers(match, ({ forfeit }, seat) => !forfeit && !atFault.includes(seat))
  // Who forfeited before this record has been told.
  const punished = atFault.filter((seat) => match.seats[seat]?.forfeit === false)
  const moved = stakesMinor(match) > 0n
  return joined(
    {
      ...(moved && { operation: 'refund' }),
      events: [{ kind: 'cancelled', why, atFault, by: person, approvedBy, refunds: stakesOf(match) }],
      ...refunded(match),
    },
    noLongerWaiting(match.wait),
    matchOver(match, punished, true),
    matchOver(match, free, false),
    matchNews(match, 'cancelled', usersOf(match, atFault)),
  )
}

export function poolOf({ spec, ...match }: Made): Parameters<typeof split>[0] {
  const { asset, prizeRule: rule } = spec
  const staked = stakesMinor(match)
  return { asset, rule, stakesMinor: staked, contributionMinor: contributionOf(spec, staked) }
}

/** What an approved result would pay, all together. */
export function payableMinor(match: Made): bigint {
  const { asset, stakesMinor: stakes, contributionMinor } = poolOf(match)
  return stakes + contributionMinor - rakeOf(asset, stakes)
}

function settled(
  match: Made,
  how: 'result' | 'custom',
  { payouts, rakeMinor }: Split,
  ctx: DecideContext,
  by: By,
  outcome: GameOutcome | null,
): Part {
  const { asset } = match.spec
  const { contributionMinor } = poolOf(match)
  const kitty = escrow(match.id)
  return joined(
    {
      ...(payouts.length > 0 && { operation: 'prize_payout' }),
      events: [{ kind: 'settled', record: ctx.recordId, how, payouts, rakeMinor, contributionMinor, ...by, outcome }],
      postings: [
        ...move(asset, contributionMinor, CONTRIBUTIONS, kitty),
        ...payouts.flatMap(({ amountMinor }) => move(asset, amountMinor, kitty, IN_TRANSIT)),
        ...move(asset, rakeMinor, kitty, RAKE),
      ],
      outbox: payouts.map((payout) => paying(match, payout, 'prize')),
    },
    ending(match),
    matchNews(match, 'settled'),
  )
}

/** Settled before it was over: those who still played are free. */
function ending(match: Made): Part {
  const playing = match.status === 'funding' || match.status === 'ready' || match.status === 'live'
  return joined(noLongerWaiting(match.wait), playing ? everybodyFree(match) : {})
}

function refunded(match: Made): Part {
  const { asset } = match.spec
  const stakes = stakesOf(match)
  return {
    postings: stakes.flatMap(({ amountMinor }) => move(asset, amountMinor, escrow(match.id), IN_TRANSIT)),
    outbox: stakes.map((stake) => paying(match, stake, 'refund')),
  }
}

function stakesOf({ seats }: Made): readonly SeatAmount[] {
  return seats.flatMap(({ stakedMinor: amountMinor }, seat) => (amountMinor > 0n ? [{ seat, amountMinor }] : []))
}

function paying(match: Made, { seat, amountMinor }: SeatAmount, name: 'prize' | 'refund'): OutgoingEnvelope {
  const wallet = walletOfSeat(match, seat)
  // Only users stake, and only where all do: checked when it was made.
  if (wallet === null) throw new Error(`seat ${seat} of ${match.id} has no wallet to be paid`)
  return { to: actorKey('wallet', wallet), name, money: { asset: match.spec.asset, amountMinor }, body: null }
}

/** Two legs, or none of nothing. */
export function move(asset: string, amountMinor: bigint, debited: string, credited: string): readonly Posting[] {
  if (amountMinor === 0n) return []
  return [
    { account: debited, asset, side: 'debit', amountMinor },
    { account: credited, asset, side: 'credit', amountMinor },
  ]
}
