// The life of a withdrawal: requested (2001 to 2003), reviewing, approved, processing, completed (out of the ledger, the
// fee to 4001), or rejected, failed or cancelled with the money back. Staff takes the steps, but its owner cancels.

import type { ErrorCode } from '../../shared/errors.ts'
import { accept, type DecideContext, type Decision, refuseInput, reject } from '../runtime/actor.ts'
import type { Operation, Posting } from '../runtime/record.ts'
import type { WalletCommand, WalletEvent, WithdrawalStatus, WithdrawalStep } from './commands.ts'
import { owes } from './debts.ts'
import { centsOf, withdrawalFeeMinor, withdrawalInputRefusal, withdrawalRefusal } from './limits.ts'
import { available, backingOf, move, pendingWithdrawal } from './postings.ts'
import { availableMinor, type Wallet } from './state.ts'
import type { Withdrawal } from './withdrawals.ts'

type WalletDecision = Decision<WalletEvent>
type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export function decideWithdraw(wallet: Wallet, command: CommandOf<'withdraw'>, ctx: DecideContext): WalletDecision {
  const { asset, amountMinor, destination } = command
  const wrong = withdrawalInputRefusal(asset, amountMinor)
  const cents = centsOf(asset, amountMinor, ctx.rates)
  if (wrong !== null) return refuseInput(wrong)
  if (cents === null) return refuseInput('wallet.not_withdrawable')
  if (owes(wallet, asset)) return reject('wallet.owes')
  if (availableMinor(wallet, asset) < amountMinor) return reject('wallet.insufficient_funds')
  const refusal = withdrawalRefusal(wallet, cents, ctx.nowMs)
  if (refusal !== null) return reject(refusal)
  const feeMinor = withdrawalFeeMinor(asset, amountMinor)
  const id = ctx.recordId
  return accept(
    'withdrawal',
    [{ kind: 'withdrawal_requested', id, asset, amountMinor, feeMinor, cents, destination }],
    {
      postings: move(asset, amountMinor, available(wallet), pendingWithdrawal(wallet)),
      reply: { status: 'pending', fee_minor: feeMinor.toString() },
    },
  )
}

/** From which states a step may be taken, and where it leads. */
const STEPS: Readonly<
  Record<
    WithdrawalStep,
    { readonly from: readonly WithdrawalStatus[]; readonly to: Exclude<WithdrawalStatus, 'requested'> }
  >
> = {
  review: { from: ['requested'], to: 'reviewing' },
  approve: { from: ['requested', 'reviewing'], to: 'approved' },
  reject: { from: ['requested', 'reviewing'], to: 'rejected' },
  cancel: { from: ['requested', 'reviewing'], to: 'cancelled' },
  process: { from: ['approved'], to: 'processing' },
  complete: { from: ['processing'], to: 'completed' },
  // Approved, and then nobody could pay it out.
  fail: { from: ['approved', 'processing'], to: 'failed' },
}

/** What takes money further out, or is its owner's wish, waits while the wallet is frozen; what tells the truth does not. */
const BARRED: ReadonlySet<WithdrawalStep> = new Set(['approve', 'process', 'cancel'])

/** `barrier`: why the wallet takes no ordinary command now. */
export function decideWithdrawalStep(
  wallet: Wallet,
  command: CommandOf<'withdrawal'>,
  barrier: ErrorCode | null,
): WalletDecision {
  const { id, step, by, note } = command
  if (barrier !== null && (barrier !== 'wallet.frozen' || BARRED.has(step))) return reject(barrier)
  const withdrawal = wallet.withdrawals.get(id)
  if (withdrawal === undefined) return reject('wallet.withdrawal_unknown')
  const { from, to } = STEPS[step]
  if (!from.includes(withdrawal.status)) return reject('wallet.withdrawal_state')
  const { operation, postings } = movement(wallet, withdrawal, to)
  return accept(operation, [{ kind: 'withdrawal_moved', id, to, by, note }], {
    postings,
    reply: { status: to, asset: withdrawal.asset, amount_minor: withdrawal.amountMinor.toString() },
  })
}

function movement(
  wallet: Wallet,
  { asset, amountMinor, feeMinor }: Withdrawal,
  to: WithdrawalStatus,
): { readonly operation: Operation; readonly postings: readonly Posting[] } {
  const pending = pendingWithdrawal(wallet)
  switch (to) {
    case 'completed': {
      const paid = move(asset, amountMinor - feeMinor, pending, backingOf(asset) ?? '1002')
      const fee = feeMinor === 0n ? [] : move(asset, feeMinor, pending, '4001')
      return { operation: 'withdrawal', postings: [...paid, ...fee] }
    }
    case 'rejected':
    case 'failed':
    case 'cancelled':
      return { operation: 'refund', postings: move(asset, amountMinor, pending, available(wallet)) }
    default:
      return { operation: 'none', postings: [] }
  }
}
