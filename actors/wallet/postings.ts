// The accounts of a wallet, and the legs that move money between them and the system accounts of its partition (M3).

import { MAX_BALANCE_MINOR } from '../../shared/assets.ts'
import type { Posting } from '../runtime/record.ts'
import type { Wallet } from './state.ts'

export const available = (wallet: Wallet): string => `2001:${wallet.id}`
export const pendingWithdrawal = (wallet: Wallet): string => `2003:${wallet.id}`
export const held = (wallet: Wallet): string => `2005:${wallet.id}`

/** What somebody owes the platform. */
export const RECEIVABLE = '1004'

/** System account that backs what the sandbox provider brings and takes. */
const SANDBOX_BACKING: Readonly<Record<string, string>> = { USD: '1002', USDC: '1003:sandbox', USDT: '1003:sandbox' }

/** Null for what no provider deals in. */
export function backingOf(asset: string): string | null {
  return Object.hasOwn(SANDBOX_BACKING, asset) ? (SANDBOX_BACKING[asset] ?? null) : null
}

/** Two legs. Between liabilities a debit lowers and a credit raises; an asset account is debited when money comes in. */
export function move(asset: string, amountMinor: bigint, debited: string, credited: string): readonly Posting[] {
  return [
    { account: debited, asset, side: 'debit', amountMinor },
    { account: credited, asset, side: 'credit', amountMinor },
  ]
}

const NOTHING = { availableMinor: 0n, heldMinor: 0n, pendingMinor: 0n } as const

/** None of a wallet's accounts may pass the largest balance, wherever its money is moved within it. */
export function wouldOverflow(wallet: Wallet, asset: string, amountMinor: bigint): boolean {
  const { availableMinor, heldMinor, pendingMinor } = wallet.pockets.get(asset) ?? NOTHING
  return availableMinor + heldMinor + pendingMinor + amountMinor > MAX_BALANCE_MINOR
}
