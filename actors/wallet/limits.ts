// What a wallet may take in and give out (RULES): counted in the wallet itself, by UTC day, so that no two commands at
// once can pass a limit together, and counted again from the log by whoever replays it. Sums are US cents.

import { findAsset } from '../../shared/assets.ts'
import type { ErrorCode } from '../../shared/errors.ts'
import { priceOf, type Rates } from '../../shared/rates.ts'
import { RULES } from '../../shared/rules.ts'
import { backingOf } from './postings.ts'
import type { Wallet } from './state.ts'

/** What was counted in one UTC day. */
export interface DayWindow {
  /** Days since the Unix epoch. */
  readonly day: number
  readonly deposits: number
  readonly depositedCents: bigint
  readonly withdrawals: number
  /** Without what came back on the same day. */
  readonly withdrawnCents: bigint
}

const DAY_MS = 24 * 60 * 60 * 1000
const USD = findAsset('USD')

export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS)
}

/** The window of this moment: empty on a day of which nothing was counted (A7: it only rolls forward). */
export function windowAt(window: DayWindow | null, atMs: number): DayWindow {
  const day = dayOf(atMs)
  if (window !== null && window.day >= day) return window
  return { day, deposits: 0, depositedCents: 0n, withdrawals: 0, withdrawnCents: 0n }
}

/** What an amount is worth in US cents, rounded up: no dust passes a limit. Null where nobody says what the asset is worth. */
export function centsOf(asset: string, minor: bigint, rates: Rates): bigint | null {
  const spec = findAsset(asset)
  const price = rates.usd(asset)
  if (spec === null || price === null || USD === null) return null
  return priceOf(minor, USD, spec, { numerator: price.denominator, denominator: price.numerator }).cost
}

/** Why a withdrawal of this form is refused whatever the wallet has, or null. */
export function withdrawalInputRefusal(
  asset: string,
  amountMinor: bigint,
): 'wallet.not_withdrawable' | 'wallet.below_minimum' | 'wallet.above_maximum' | null {
  const minimum = RULES.withdrawalMinMinor[asset]
  const maximum = RULES.withdrawalMaxMinor[asset]
  if (backingOf(asset) === null || minimum === undefined || maximum === undefined) return 'wallet.not_withdrawable'
  if (amountMinor < minimum) return 'wallet.below_minimum'
  return amountMinor > maximum ? 'wallet.above_maximum' : null
}

export function depositRefusal(wallet: Wallet, cents: bigint, nowMs: number): ErrorCode | null {
  const { deposits, depositedCents } = windowAt(wallet.window, nowMs)
  const over = deposits >= RULES.depositsPerDay || depositedCents + cents > RULES.depositCentsPerDay
  return over ? 'wallet.deposit_limit' : null
}

export function withdrawalRefusal(wallet: Wallet, cents: bigint, nowMs: number): ErrorCode | null {
  const { withdrawals, withdrawnCents } = windowAt(wallet.window, nowMs)
  const today = withdrawnCents + cents
  if (wallet.withdrawals.size >= RULES.maxOpenWithdrawalsPerWallet) return 'wallet.too_many_withdrawals'
  if (withdrawals >= RULES.withdrawalsPerDay || today > RULES.withdrawalCentsPerDay) return 'wallet.withdrawal_limit'
  if (wallet.kycLevel === 0 && wallet.outCents + cents >= RULES.kycNeededFromCents) return 'wallet.kyc_required'
  return today > (RULES.kycCentsPerDay[wallet.kycLevel] ?? 0n) ? 'wallet.kyc_limit' : null
}

/** In minor units of the asset withdrawn. Rounded down: never in the platform's favour. */
export function withdrawalFeeMinor(asset: string, amountMinor: bigint): bigint {
  // Only fiat pays: on a chain the network's fee is all there is, and the sandbox has no network.
  if (findAsset(asset)?.type !== 'fiat') return 0n
  const fee = RULES.withdrawalFeeFixedCents + (amountMinor * RULES.withdrawalFeeBasisPoints) / 10_000n
  return fee < RULES.withdrawalFeeMostCents ? fee : RULES.withdrawalFeeMostCents
}
