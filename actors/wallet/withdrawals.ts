// The part of a wallet's state that open withdrawals are: asked out (2001 to 2003), looked at, and either gone or back.
// Few wallets have any at a time, so that each change makes a new small map.

import type { RecordId } from '../../shared/ids.ts'
import type { WalletEvent, WithdrawalStatus } from './commands.ts'
import { dayOf, windowAt } from './limits.ts'
import { pocketOf } from './pockets.ts'
import type { Wallet } from './state.ts'

export interface Withdrawal {
  readonly asset: string
  readonly amountMinor: bigint
  readonly feeMinor: bigint
  readonly cents: bigint
  readonly destination: string
  readonly requestedAtMs: number
  status: WithdrawalStatus
}

export const NONE_OPEN: ReadonlyMap<RecordId, Withdrawal> = new Map()

export function evolveRequested(
  wallet: Wallet,
  event: WalletEvent & { kind: 'withdrawal_requested' },
  atMs: number,
): void {
  const { id, asset, amountMinor, feeMinor, cents, destination } = event
  const pocket = pocketOf(wallet, asset)
  pocket.availableMinor -= amountMinor
  pocket.pendingMinor += amountMinor
  openWithdrawal(wallet, id, {
    asset,
    amountMinor,
    feeMinor,
    cents,
    destination,
    requestedAtMs: atMs,
    status: 'requested',
  })
  const window = windowAt(wallet.window, atMs)
  wallet.window = {
    ...window,
    withdrawals: window.withdrawals + 1,
    withdrawnCents: window.withdrawnCents + cents,
  }
  wallet.outCents += cents
}

export function evolveMoved(wallet: Wallet, id: RecordId, to: WithdrawalStatus): void {
  const withdrawal = wallet.withdrawals.get(id)
  if (withdrawal === undefined) return
  switch (to) {
    case 'requested':
    case 'reviewing':
    case 'approved':
    case 'processing':
      withdrawal.status = to
      return
    case 'completed': {
      const pocket = pocketOf(wallet, withdrawal.asset)
      pocket.pendingMinor -= withdrawal.amountMinor
      pocket.withdrawnMinor += withdrawal.amountMinor
      return closeWithdrawal(wallet, id)
    }
    case 'rejected':
    case 'failed':
    case 'cancelled': {
      const pocket = pocketOf(wallet, withdrawal.asset)
      pocket.pendingMinor -= withdrawal.amountMinor
      pocket.availableMinor += withdrawal.amountMinor
      uncount(wallet, withdrawal)
      return closeWithdrawal(wallet, id)
    }
  }
}

// What never left is not counted any more; that it was asked for is: each costs somebody a look.
function uncount(wallet: Wallet, { cents, requestedAtMs }: Withdrawal): void {
  wallet.outCents -= cents
  const { window } = wallet
  if (window === null || window.day !== dayOf(requestedAtMs)) return
  wallet.window = { ...window, withdrawnCents: window.withdrawnCents - cents }
}

export function openWithdrawal(wallet: Wallet, id: RecordId, withdrawal: Withdrawal): void {
  wallet.withdrawals = new Map([...wallet.withdrawals, [id, withdrawal]])
}

function closeWithdrawal(wallet: Wallet, id: RecordId): void {
  const left = [...wallet.withdrawals].filter(([open]) => open !== id)
  wallet.withdrawals = left.length === 0 ? NONE_OPEN : new Map(left)
}
