// The business constants (one table, validated at load). Amounts are decimal strings of the asset named.

import { findAsset, parseAmount } from './assets.ts'

const minor = (text: string, code: string): bigint => {
  const asset = findAsset(code)
  const parsed = asset === null ? null : parseAmount(text, asset)
  if (parsed === null || parsed.kind !== 'amount') throw new Error(`rules: "${text}" is no amount of ${code}`)
  return parsed.minor
}

const perStableAsset = (text: string): Readonly<Record<string, bigint>> =>
  Object.freeze({ USD: minor(text, 'USD'), USDC: minor(text, 'USDC'), USDT: minor(text, 'USDT') })

export const RULES = Object.freeze({
  /** Smallest and largest single deposit, per asset that can be deposited, in minor units. */
  depositMinMinor: perStableAsset('5'),
  depositMaxMinor: perStableAsset('10000'),
  accessTokenSeconds: 60 * 60,
  refreshTokenSeconds: 30 * 24 * 60 * 60,
  /** How long after its swap a refresh token may be swapped once more, while its successor is unused. */
  refreshGraceSeconds: 60,
  failedLoginsBeforeLock: 5,
  loginLockSeconds: 15 * 60,
  restRequestsPerMinute: 100,
  restDepositsPerMinute: 5,
  restLoginsPerMinute: 10,
  walletMessagesPerSecond: 60,
  reconnectionSeconds: 60,
  maxOpenHoldsPerWallet: 100,
  maxHoldSeconds: 30 * 24 * 60 * 60,
  /** M6: how long a client's key keeps its outcome. */
  idempotencyWindowMs: 24 * 60 * 60 * 1000,
})
