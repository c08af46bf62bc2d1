// A wallet's state as snapshots keep it. Canonical: equal states give equal text. What few wallets have is left out where
// a wallet has none of it, so that what earlier versions wrote is what this one writes of the same state.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Json } from '../runtime/record.ts'
import { type Adjustment, openAdjustment } from './adjustments.ts'
import type { AdjustmentDirection, WalletStatus, WithdrawalStatus } from './commands.ts'
import { decodeReversal, type EncodedReversal, encodeReversal } from './reversalCodec.ts'
import { noteReversed } from './reversals.ts'
import { newWallet, openHold, type Wallet } from './state.ts'
import { openWithdrawal, type Withdrawal } from './withdrawals.ts'

/** [asset, available, held, deposited], and as far as the last that is not zero: pending and withdrawn, owed, prizes. */
type StoredPocket =
  | readonly [string, string, string, string]
  | readonly [string, string, string, string, string, string]
  | readonly [string, string, string, string, string, string, string]
  | readonly [string, string, string, string, string, string, string, string]
/** [record that asked, asset, amount, fee, cents, destination, asked at, status]. */
type StoredWithdrawal = readonly [string, string, string, string, string, string, number, string]

/** [record that proposed, direction, asset, amount, account, reason, by, proposed at, runs out at], and what it reverses. */
type StoredAdjustment =
  | readonly [string, string, string, string, string, string, string, number, number]
  | readonly [string, string, string, string, string, string, string, number, number, EncodedReversal]

interface StoredWallet {
  readonly id: string
  readonly status: WalletStatus
  readonly user: string | null
  readonly lock: string
  readonly pockets: readonly StoredPocket[]
  readonly holds: readonly (readonly [string, string, string, number])[]
  readonly withdrawals?: readonly StoredWithdrawal[]
  /** [day, deposits, cents deposited, withdrawals, cents withdrawn]. */
  readonly window?: readonly [number, number, string, number, string]
  readonly out?: string
  readonly kyc?: number
  readonly adjustments?: readonly StoredAdjustment[]
  /** [id, runs out at]. */
  readonly quotes?: readonly (readonly [string, number])[]
  /** [record, the one that reversed it]. */
  readonly reversed?: readonly (readonly [string, string])[]
}

export function encodeState(wallet: Wallet): Json {
  const { window, withdrawals, outCents, kycLevel, quotes, reversed } = wallet
  const stored: StoredWallet = {
    id: wallet.id,
    status: wallet.status,
    user: wallet.userId,
    lock: wallet.lockReason,
    pockets: encodePockets(wallet),
    holds: [...wallet.holds]
      .map(([name, h]) => [name, h.asset, h.leftMinor.toString(), h.expiresAtMs] as const)
      .sort(byName),
    ...(withdrawals.size > 0 && { withdrawals: [...withdrawals].map(encodeWithdrawal).sort(byName) }),
    ...(window !== null && {
      window: [
        window.day,
        window.deposits,
        window.depositedCents.toString(),
        window.withdrawals,
        window.withdrawnCents.toString(),
      ] as const,
    }),
    ...(outCents !== 0n && { out: outCents.toString() }),
    ...(kycLevel !== 0 && { kyc: kycLevel }),
    ...(wallet.adjustments.size > 0 && { adjustments: [...wallet.adjustments].map(encodeAdjustment).sort(byName) }),
    ...(quotes.size > 0 && { quotes: [...quotes].sort(byName) }),
    ...(reversed.size > 0 && { reversed: [...reversed].sort(byName) }),
  }
  return stored as unknown as Json // an interface has no index signature; every field is Json
}

export function decodeState(json: Json): Wallet {
  const stored = json as unknown as StoredWallet // written by encodeState
  const wallet = newWallet(stored.id)
  wallet.status = stored.status
  wallet.userId = stored.user as UserId | null
  wallet.lockReason = stored.lock
  for (const [asset, available, held, deposited, pending = '0', withdrawn = '0', ...more] of stored.pockets) {
    const [owed = '0', prizes = '0'] = more
    wallet.pockets.set(asset, {
      availableMinor: BigInt(available),
      heldMinor: BigInt(held),
      depositedMinor: BigInt(deposited),
      pendingMinor: BigInt(pending),
      withdrawnMinor: BigInt(withdrawn),
      owedMinor: BigInt(owed),
      prizesMinor: BigInt(prizes),
    })
  }
  for (const [name, asset, left, expiresAtMs] of stored.holds) {
    openHold(wallet, name, { asset, leftMinor: BigInt(left), expiresAtMs })
  }
  for (const row of stored.withdrawals ?? []) openWithdrawal(wallet, ...decodeWithdrawal(row))
  if (stored.window !== undefined) {
    const [day, deposits, deposited, withdrawals, withdrawn] = stored.window
    wallet.window = {
      day,
      deposits,
      depositedCents: BigInt(deposited),
      withdrawals,
      withdrawnCents: BigInt(withdrawn),
    }
  }
  wallet.outCents = BigInt(stored.out ?? '0')
  wallet.kycLevel = stored.kyc ?? 0
  for (const row of stored.adjustments ?? []) openAdjustment(wallet, ...decodeAdjustment(row))
  if (stored.quotes !== undefined) wallet.quotes = new Map(stored.quotes)
  for (const [record, by] of stored.reversed ?? []) noteReversed(wallet, record as RecordId, by as RecordId)
  return wallet
}

function encodePockets(wallet: Wallet): readonly StoredPocket[] {
  return [...wallet.pockets]
    .map(([asset, p]): StoredPocket => {
      const always = [asset, p.availableMinor.toString(), p.heldMinor.toString(), p.depositedMinor.toString()] as const
      const { pendingMinor, withdrawnMinor, owedMinor, prizesMinor } = p
      if (pendingMinor === 0n && withdrawnMinor === 0n && owedMinor === 0n && prizesMinor === 0n) return always
      const outward = [...always, pendingMinor.toString(), withdrawnMinor.toString()] as const
      if (prizesMinor !== 0n) return [...outward, owedMinor.toString(), prizesMinor.toString()]
      return owedMinor === 0n ? outward : [...outward, owedMinor.toString()]
    })
    .sort(byName)
}

function encodeWithdrawal([id, w]: readonly [RecordId, Withdrawal]): StoredWithdrawal {
  const { asset, amountMinor, feeMinor, cents, destination, requestedAtMs, status } = w
  return [id, asset, `${amountMinor}`, `${feeMinor}`, `${cents}`, destination, requestedAtMs, status]
}

function decodeWithdrawal(row: StoredWithdrawal): readonly [RecordId, Withdrawal] {
  const [id, asset, amount, fee, cents, destination, requestedAtMs, status] = row
  // Written by encodeWithdrawal.
  return [
    id as RecordId,
    {
      asset,
      amountMinor: BigInt(amount),
      feeMinor: BigInt(fee),
      cents: BigInt(cents),
      destination,
      requestedAtMs,
      status: status as WithdrawalStatus,
    },
  ]
}

function encodeAdjustment([id, a]: readonly [RecordId, Adjustment]): StoredAdjustment {
  const { direction, asset, amountMinor, account, reason, by, proposedAtMs, expiresAtMs, reversal } = a
  const always = [id, direction, asset, `${amountMinor}`, account, reason, by, proposedAtMs, expiresAtMs] as const
  return reversal === null ? always : [...always, encodeReversal(reversal)]
}

function decodeAdjustment(row: StoredAdjustment): readonly [RecordId, Adjustment] {
  const [id, direction, asset, amount, account, reason, by, proposedAtMs, expiresAtMs, reversal] = row
  // Written by encodeAdjustment.
  return [
    id as RecordId,
    {
      direction: direction as AdjustmentDirection,
      asset,
      amountMinor: BigInt(amount),
      account,
      reason,
      by: by as UserId,
      proposedAtMs,
      expiresAtMs,
      reversal: reversal === undefined ? null : decodeReversal(reversal),
    },
  ]
}

function byName(a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : 1
}
