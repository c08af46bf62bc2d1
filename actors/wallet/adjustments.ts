// Adjustments by staff, with four eyes: proposed by one, approved by another, or rejected, or lapsed. Only the approval moves
// money. Of a debit what the wallet has not got becomes a receivable (1004), so that nothing is ever below zero (M5).

import { isNft } from '../../shared/assets.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { accept, type DecideContext, type Decision, refuseInput, reject } from '../runtime/actor.ts'
import type { Posting } from '../runtime/record.ts'
import type { AdjustmentDirection, WalletCommand, WalletEvent } from './commands.ts'
import { centsOf } from './limits.ts'
import { pocketOf } from './pockets.ts'
import { available, move, wouldOverflow } from './postings.ts'
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
}

export const NO_ADJUSTMENTS: ReadonlyMap<RecordId, Adjustment> = new Map()

/** Bank, Stripe, custody, equity, processing, promotions: what an adjustment of a wallet can be an adjustment of. */
export const ADJUSTMENT_ACCOUNTS: readonly string[] = ['1001', '1002', '1003:sandbox', '3001', '5001', '5003']
const RECEIVABLE = '1004'
const DAY_MS = 24 * 60 * 60 * 1000

export function decidePropose(
  wallet: Wallet,
  command: CommandOf<'propose'>,
  ctx: DecideContext,
): Decision<WalletEvent> {
  if (wallet.status === 'unopened') return reject('wallet.not_open')
  if (wallet.status === 'closed') return reject('wallet.closed')
  const { kind: _, role, ...proposal } = command
  const cents = centsOf(proposal.asset, proposal.amountMinor, ctx.rates)
  // M1: whatever an adjustment made would be a second one.
  if (isNft(proposal.asset)) return refuseInput('wallet.not_adjustable')
  if (!ADJUSTMENT_ACCOUNTS.includes(proposal.account)) return refuseInput('wallet.adjustment_account')
  // What nobody has priced nobody can say to be small enough.
  if (cents === null || cents > RULES.adjustmentMostCents[role]) return refuseInput('wallet.adjustment_too_large')
  if (wallet.adjustments.size >= RULES.maxOpenAdjustmentsPerWallet) return reject('wallet.too_many_adjustments')
  const id = ctx.recordId
  const expiresAtMs = ctx.nowMs + RULES.adjustmentDays * DAY_MS
  return accept('adjustment', [{ kind: 'adjustment_proposed', id, ...proposal, expiresAtMs }], {
    timers: [{ kind: 'set', name: adjustmentTimer(id), dueMs: expiresAtMs, body: id }],
    reply: { status: 'proposed' },
  })
}

export function decideAdjust(wallet: Wallet, command: CommandOf<'adjust'>, ctx: DecideContext): Decision<WalletEvent> {
  const { id, verdict, by, note, role } = command
  const adjustment = wallet.adjustments.get(id)
  if (adjustment === undefined) return reject('wallet.adjustment_unknown')
  if (verdict === 'reject') return ended(id, adjustment, 'rejected', by, note)
  if (adjustment.by === by) return reject('wallet.adjustment_own')
  // A7: too late at its time, whether or not the timer has come by yet.
  if (adjustment.expiresAtMs <= ctx.nowMs) return reject('wallet.adjustment_expired')
  const { asset, amountMinor, direction } = adjustment
  const cents = centsOf(asset, amountMinor, ctx.rates)
  if (cents === null || cents > RULES.adjustmentMostCents[role]) return reject('wallet.adjustment_too_large')
  if (direction === 'credit' && wouldOverflow(wallet, asset, amountMinor)) return reject('wallet.balance_limit')
  const has = availableMinor(wallet, asset)
  const movedMinor = direction === 'credit' || has >= amountMinor ? amountMinor : has
  return ended(id, adjustment, 'approved', by, note, movedMinor, postingsOf(wallet, adjustment, movedMinor))
}

export function decideLapse(wallet: Wallet, { id }: CommandOf<'lapse'>): Decision<WalletEvent> {
  const adjustment = wallet.adjustments.get(id)
  return adjustment === undefined ? accept('none', []) : ended(id, adjustment, 'lapsed', null, '')
}

function ended(
  id: RecordId,
  { by: proposedBy }: Adjustment,
  end: 'approved' | 'rejected' | 'lapsed',
  by: UserId | null,
  note: string,
  movedMinor = 0n,
  postings: readonly Posting[] = [],
): Decision<WalletEvent> {
  return accept(
    postings.length === 0 ? 'none' : 'adjustment',
    [{ kind: 'adjustment_ended', id, end, proposedBy, by, note, movedMinor }],
    {
      postings,
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
  openAdjustment(wallet, id, { direction, asset, amountMinor, account, reason, by, proposedAtMs, expiresAtMs })
}

export function evolveEnded(wallet: Wallet, { id, movedMinor }: WalletEvent & { kind: 'adjustment_ended' }): void {
  const adjustment = wallet.adjustments.get(id)
  if (adjustment === undefined) return
  if (movedMinor > 0n)
    pocketOf(wallet, adjustment.asset).availableMinor += adjustment.direction === 'credit' ? movedMinor : -movedMinor
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
