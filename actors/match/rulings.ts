// What staff decides about a pool: that a result is paid, that everybody gets back what they staked, a split of their own,
// or another result. Of a pool worth more than RULES says two decide: one proposes, another approves (four eyes).

import { IN_TRANSIT } from '../../shared/accounts.ts'
import { findAsset } from '../../shared/assets.ts'
import { actorKey } from '../../shared/partition.ts'
import { priceOf } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { type DecideContext, type Rejected, refuseInput, reject } from '../runtime/actor.ts'
import type { MatchCommand, Ruling, SeatAmount, StaffRole } from './commands.ts'
import { inOrder, isOutcomeOf } from './outcomes.ts'
import { type MatchDecision, NOTHING_NEW, type Part, together } from './parts.ts'
import {
  type By,
  cancel,
  move,
  payableMinor,
  poolOf,
  settleByCustom,
  settleByRefund,
  settleByResult,
  unclaimed,
} from './settling.ts'
import { isOver, type Made, seatOf, userOf } from './state.ts'

type CommandOf<Kind extends MatchCommand['kind']> = Extract<MatchCommand, { kind: Kind }>

/** Once every stake is in, the pool locks itself: there is nothing else that a person could lock. */
export function decideLock(match: Made): MatchDecision {
  return match.status === 'funding' ? reject('match.not_ready') : NOTHING_NEW
}

export function decideRule(match: Made, command: CommandOf<'rule'>, ctx: DecideContext): MatchDecision {
  const { ruling, by, role, reason } = command
  if (seatOf(match, by) >= 0) return reject('match.own')
  if (isAbove(match, role, ctx)) return refuseInput('match.ruling_too_large')
  const part = carriedOut(match, ruling, ctx, { by, approvedBy: null, note: reason })
  if ('kind' in part) return part
  if (!isLarge(match, ctx)) return together(part, { reply: { status: 'decided' } })
  if (match.proposals.length >= RULES.maxOpenRulingsPerMatch) return reject('match.too_many_rulings')
  const proposed = { kind: 'ruling_proposed', id: ctx.recordId, ruling, by, reason } as const
  return together({ events: [proposed], reply: { status: 'proposed' } })
}

export function decideRuling(match: Made, command: CommandOf<'ruling'>, ctx: DecideContext): MatchDecision {
  const { id, verdict, by, role, note } = command
  const proposal = match.proposals.find((each) => each.id === id)
  if (proposal === undefined) return reject('match.ruling_unknown')
  if (seatOf(match, by) >= 0) return reject('match.own')
  if (verdict === 'reject')
    return together({ events: [{ kind: 'ruling_rejected', id, by, note }], reply: { status: 'rejected' } })
  if (proposal.by === by) return reject('match.four_eyes')
  if (isAbove(match, role, ctx)) return refuseInput('match.ruling_too_large')
  // What has changed since it was proposed may have made it impossible.
  const part = carriedOut(match, proposal.ruling, ctx, { by: proposal.by, approvedBy: by, note: proposal.reason })
  return 'kind' in part ? part : together(part, { reply: { status: 'decided' } })
}

function carriedOut(match: Made, ruling: Ruling, ctx: DecideContext, by: By): Part | Rejected {
  if (isOver(match)) return reject('match.over')
  const played = match.status === 'finished' || match.status === 'disputed'
  switch (ruling.kind) {
    case 'refund_all':
      return played ? settleByRefund(match, ctx, by) : cancel(match, by.note, [], by)
    case 'approve': {
      const { score } = match
      if (!played || score === null) return reject('match.ruling_state')
      return settleByResult(match, score.outcome, ctx, by)
    }
    case 'custom':
      if (!played) return reject('match.ruling_state')
      return isWholeSplit(match, ruling.payouts)
        ? settleByCustom(match, ruling.payouts, ctx, by)
        : refuseInput('match.split_wrong')
    case 'outcome': {
      if (!(played || match.status === 'live')) return reject('match.ruling_state')
      if (!isOutcomeOf(match, ruling.outcome)) return refuseInput('match.outcome_invalid')
      const outcome = inOrder(ruling.outcome)
      return settleByResult(match, outcome, ctx, by, outcome)
    }
    default:
      return ruling satisfies never
  }
}

/** Every seat at most once, and all of it together what an approved result would pay. */
function isWholeSplit(match: Made, payouts: readonly SeatAmount[]): boolean {
  const known = payouts.every(({ seat, amountMinor }) => userOf(match, seat) !== null && amountMinor > 0n)
  const once = new Set(payouts.map(({ seat }) => seat)).size === payouts.length
  return known && once && payouts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n) === payableMinor(match)
}

/** What the pool is worth in US cents; null where nobody says what its asset is worth. */
function worth(match: Made, { rates }: DecideContext): bigint | null {
  const { asset, stakesMinor, contributionMinor } = poolOf(match)
  const [spec, usd, price] = [findAsset(asset), findAsset('USD'), rates.usd(asset)]
  if (stakesMinor + contributionMinor === 0n) return 0n
  if (spec === null || usd === null || price === null) return null
  const perUnit = { numerator: price.denominator, denominator: price.numerator }
  return priceOf(stakesMinor + contributionMinor, usd, spec, perUnit).cost
}

/** What nobody has priced nobody can say to be small enough. */
export function isLarge(match: Made, ctx: DecideContext): boolean {
  const cents = worth(match, ctx)
  return cents === null || cents > RULES.rulingAloneMostCents
}

function isAbove(match: Made, role: StaffRole, ctx: DecideContext): boolean {
  const cents = worth(match, ctx)
  return cents === null ? role !== 'admin' : cents > RULES.adjustmentMostCents[role]
}

/** To the wallet it came back from, or to another of whoever it belongs to. */
export function decidePay(match: Made, { id, to, by, reason }: CommandOf<'pay'>): MatchDecision {
  const back = match.unclaimed.find((each) => each.id === id)
  if (back === undefined) return reject('match.unclaimed_unknown')
  if (seatOf(match, by) >= 0) return reject('match.own')
  const { name, amountMinor } = back
  const { asset } = match.spec
  return together({
    operation: name === 'prize' ? 'prize_payout' : 'refund',
    events: [{ kind: 'paid_again', id, to, name, amountMinor, by, reason }],
    postings: move(asset, amountMinor, unclaimed(match.id), IN_TRANSIT),
    outbox: [{ to: actorKey('wallet', to), name, money: { asset, amountMinor }, body: null }],
    reply: { status: 'pending' },
  })
}
