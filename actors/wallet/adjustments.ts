// Adjustments by staff, with four eyes: proposed by one, approved by another, or rejected, or lapsed. Only the approval moves
// money. Of a debit what the wallet has not got becomes a receivable (1004), so that nothing is ever below zero (M5).
// A reversal (reversals.ts) is one of them, whose legs mirror a record's.

import { isNft } from '../../shared/assets.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import {
  type Accepted,
  accept,
  type DecideContext,
  type Decision,
  type Rejected,
  refuseInput,
  reject,
} from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { AdjustingRole, AdjustmentDirection, AdjustmentEnd, WalletCommand, WalletEvent } from './commands.ts'
import { centsOf } from './limits.ts'
import { pocketOf } from './pockets.ts'
import { available, move, RECEIVABLE, wouldOverflow } from './postings.ts'
import type { ReversalPlan } from './reversalPlan.ts'
import { decideReversal, reversalRefusal } from './reversals.ts'
import { availableMinor, type Wallet } from './state.ts'
import type { AdjustmentView } from './views.ts'

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export interface Adjustment {
  readonly direction: AdjustmentDirection
  readonly asset: string
  readonly amountMinor: bigint
  readonly account: string
  readonly reason: string
  readonly by: UserId
  readonly proposedAtMs: number
  readonly expiresAtMs: number
  /** Null where no record is reversed by it. */
  readonly reversal: Pick<ReversalPlan, 'record' | 'line' | 'what' | 'against' | 'to'> | null
}

export const NO_ADJUSTMENTS: ReadonlyMap<RecordId, Adjustment> = new Map()

/** Bank, Stripe, custody, equity, processing, promotions: what an adjustment of a wallet can be an adjustment of. */
export const ADJUSTMENT_ACCOUNTS: readonly string[] = ['1001', '1002', '1003:sandbox', '3001', '5001', '5003']
const DAY_MS = 24 * 60 * 60 * 1000

export function decidePropose(
  wallet: Wallet,
  command: CommandOf<'propose'>,
  ctx: DecideContext,
): Decision<WalletEvent> {
  const { kind: _, role, ...proposal } = command
  if (wallet.status !== 'open' && wallet.status !== 'frozen') return reject(shutCode(wallet.status))
  // M1: whatever an adjustment made would be a second one.
  if (isNft(proposal.asset)) return refuseInput('wallet.not_adjustable')
  if (!ADJUSTMENT_ACCOUNTS.includes(proposal.account)) return refuseInput('wallet.adjustment_account')
  const refusal = proposalRefusal(wallet, proposal, role, ctx)
  if (refusal !== null) return refusal
  const expiresAtMs = ctx.nowMs + RULES.adjustmentDays * DAY_MS
  return proposed(ctx, { kind: 'adjustment_proposed', id: ctx.recordId, ...proposal, expiresAtMs })
}

export function decideReverse(
  wallet: Wallet,
  command: CommandOf<'reverse'>,
  ctx: DecideContext,
): Decision<WalletEvent> {
  const { plan, reason, by, role } = command
  if (wallet.status !== 'open' && wallet.status !== 'frozen') return reject(shutCode(wallet.status))
  const barred = reversalRefusal(wallet, plan.record)
  if (barred !== null) return reject(barred)
  const refusal = proposalRefusal(wallet, plan, role, ctx)
  if (refusal !== null) return refusal
  const expiresAtMs = ctx.nowMs + RULES.adjustmentDays * DAY_MS
  return proposed(ctx, { kind: 'reversal_proposed', id: ctx.recordId, plan, reason, by, expiresAtMs })
}

function shutCode(status: 'unopened' | 'closed'): 'wallet.not_open' | 'wallet.closed' {
  return status === 'closed' ? 'wallet.closed' : 'wallet.not_open'
}

/** By the role of whoever proposes, and by what waits already. */
function proposalRefusal(
  wallet: Wallet,
  { asset, amountMinor }: { readonly asset: string; readonly amountMinor: bigint },
  role: AdjustingRole,
  ctx: DecideContext,
): Rejected | null {
  const cents = centsOf(asset, amountMinor, ctx.rates)
  // What nobody has priced nobody can say to be small enough.
  if (cents === null || cents > RULES.adjustmentMostCents[role]) return refuseInput('wallet.adjustment_too_large')
  return wallet.adjustments.size >= RULES.maxOpenAdjustmentsPerWallet ? reject('wallet.too_many_adjustments') : null
}

type Proposal = Extract<WalletEvent, { kind: 'adjustment_proposed' | 'reversal_proposed' }>

function proposed({ recordId: id }: DecideContext, event: Proposal): Decision<WalletEvent> {
  return accept('adjustment', [event], {
    timers: [{ kind: 'set', name: adjustmentTimer(id), dueMs: event.expiresAtMs, body: id }],
    reply: { status: 'proposed' },
  })
}

export function decideAdjust(wallet: Wallet, command: CommandOf<'adjust'>, ctx: DecideContext): Decision<WalletEvent> {
  const { id, verdict, by, note, role } = command
  const adjustment = wallet.adjustments.get(id)
  if (adjustment === undefined) return reject('wallet.adjustment_unknown')
  if (verdict === 'reject') return ended(id, adjustment, 'rejected', { by, note })
  if (adjustment.by === by) return reject('wallet.adjustment_own')
  // A7: too late at its time, whether or not the timer has come by yet.
  if (adjustment.expiresAtMs <= ctx.nowMs) return reject('wallet.adjustment_expired')
  const { asset, amountMinor, direction, reversal } = adjustment
  const cents = centsOf(asset, amountMinor, ctx.rates)
  if (cents === null || cents > RULES.adjustmentMostCents[role]) return reject('wallet.adjustment_too_large')
  if (reversal !== null) {
    const done = decideReversal(wallet, adjustment, reversal, ctx.recordId)
    return typeof done === 'string' ? reject(done) : ended(id, adjustment, 'approved', { by, note, ...done })
  }
  if (direction === 'credit' && wouldOverflow(wallet, asset, amountMinor)) return reject('wallet.balance_limit')
  const has = availableMinor(wallet, asset)
  const movedMinor = direction === 'credit' || has >= amountMinor ? amountMinor : has
  const owedMinor = amountMinor === movedMinor ? null : amountMinor - movedMinor
  const postings = postingsOf(wallet, adjustment, movedMinor)
  return ended(id, adjustment, 'approved', { by, note, movedMinor, owedMinor, postings })
}

export function decideLapse(wallet: Wallet, { id }: CommandOf<'lapse'>): Decision<WalletEvent> {
  const adjustment = wallet.adjustments.get(id)
  return adjustment === undefined ? accept('none', []) : ended(id, adjustment, 'lapsed', { by: null, note: '' })
}

interface Ending extends Partial<Pick<Accepted<WalletEvent>, 'postings' | 'events' | 'outbox'>> {
  readonly by: UserId | null
  readonly note: string
  readonly movedMinor?: bigint
  readonly owedMinor?: bigint | null
}

function ended(
  id: RecordId,
  { by: proposedBy }: Adjustment,
  end: AdjustmentEnd,
  { by, note, movedMinor = 0n, owedMinor = null, postings = [], events = [], outbox = [] }: Ending,
): Decision<WalletEvent> {
  return accept(
    postings.length === 0 ? 'none' : 'adjustment',
    [{ kind: 'adjustment_ended', id, end, proposedBy, by, note, movedMinor, owedMinor }, ...events],
    {
      postings,
      outbox,
      timers: end === 'lapsed' ? [] : [{ kind: 'cancel', name: adjustmentTimer(id) }],
      reply: { status: end },
    },
  )
}

function postingsOf(wallet: Wallet, adjustment: Adjustment, movedMinor: bigint): readonly Posting[] {
  const { asset, amountMinor, direction, account } = adjustment
  if (direction === 'credit') return move(asset, amountMinor, account, available(wallet))
  const owed = amountMinor - movedMinor
  return [
    ...(movedMinor > 0n ? move(asset, movedMinor, available(wallet), account) : []),
    ...(owed > 0n ? move(asset, owed, RECEIVABLE, account) : []),
  ]
}

export const adjustmentTimer = (id: RecordId): string => `adjustment:${id}`

export function evolveProposed(
  wallet: Wallet,
  event: WalletEvent & { kind: 'adjustment_proposed' },
  atMs: number,
): void {
  const { id, direction, asset, amountMinor, account, reason, by, expiresAtMs } = event
  const proposedAtMs = atMs
  const proposal = { direction, asset, amountMinor, account, reason, by, proposedAtMs, expiresAtMs }
  openAdjustment(wallet, id, { ...proposal, reversal: null })
}

export function evolveReversalProposed(
  wallet: Wallet,
  { id, plan, reason, by, expiresAtMs }: WalletEvent & { kind: 'reversal_proposed' },
  proposedAtMs: number,
): void {
  const { direction, asset, amountMinor, record, line, what, to, against } = plan
  const account = plan.against[0]?.account ?? ''
  const proposal = { direction, asset, amountMinor, account, reason, by, proposedAtMs, expiresAtMs }
  openAdjustment(wallet, id, { ...proposal, reversal: { record, line, what, to, against } })
}

export function evolveEnded(
  wallet: Wallet,
  { id, movedMinor, owedMinor }: WalletEvent & { kind: 'adjustment_ended' },
): void {
  const adjustment = wallet.adjustments.get(id)
  if (adjustment === undefined) return
  if (movedMinor > 0n)
    pocketOf(wallet, adjustment.asset).availableMinor += adjustment.direction === 'credit' ? movedMinor : -movedMinor
  if (owedMinor !== null) pocketOf(wallet, adjustment.asset).owedMinor += owedMinor
  const left = [...wallet.adjustments].filter(([open]) => open !== id)
  wallet.adjustments = left.length === 0 ? NO_ADJUSTMENTS : new Map(left)
}

export function openAdjustment(wallet: Wallet, id: RecordId, adjustment: Adjustment): void {
  wallet.adjustments = new Map([...wallet.adjustments, [id, adjustment]])
}

export function adjustmentViews(wallet: Wallet): readonly AdjustmentView[] {
  return [...wallet.adjustments].map(([id, adjustment]) => ({ id, ...adjustment })).sort(byRecord)
}

/** In the order of the records, which are all of one partition. */
export function byRecord(a: { readonly id: RecordId }, b: { readonly id: RecordId }): number {
  return a.id.length - b.id.length || (a.id < b.id ? -1 : 1)
}
