// A wallet as staff reads it, and how the actor's view becomes that.

import { z } from 'zod'
import type { AssetView, WalletView, WithdrawalView } from '../../../actors/wallet/views.ts'
import { findAsset, formatAmount } from '../../../shared/assets.ts'
import type { WalletId } from '../../../shared/ids.ts'
import type { StoredWallet } from '../../ledger/questions.ts'
import { moneySchema, timeSchema, timeText } from '../schemas.ts'
import { unreadableSchema } from './adminPages.ts'

const balanceSchema = z.object({
  available: moneySchema,
  held: moneySchema,
  pending_withdrawal: moneySchema,
  total_deposited: moneySchema,
  total_withdrawn: moneySchema,
  owed: moneySchema.meta({ description: 'to the platform: whatever comes pays it first' }),
})

export const withdrawalSchema = z.object({
  id: z.string(),
  currency: z.string(),
  amount: moneySchema,
  fee: moneySchema.meta({ description: 'part of the amount' }),
  to_address: z.string().nullable().meta({ description: 'null where it has been erased' }),
  status: z.string(),
  requested_at: timeSchema,
})

export const staffWalletSchema = z
  .object({
    wallet_id: z.string(),
    user_id: z.string().nullable(),
    status: z.enum(['unopened', 'open', 'frozen', 'closed']),
    lock_reason: z.string(),
    kyc_level: z.int(),
    balances: z.record(z.string(), balanceSchema),
    holds: z.array(z.object({ name: z.string(), currency: z.string(), left: moneySchema, expires_at: timeSchema })),
    withdrawals: z.array(withdrawalSchema).meta({ description: 'those that have not come to their end' }),
    version: z.int(),
  })
  .meta({ id: 'StaffWallet' })

const amountsSchema = z.record(z.string(), moneySchema)

const foundWalletSchema = z
  .object({
    wallet_id: z.string(),
    user_id: z.string().nullable(),
    display_name: z.string().nullable().meta({ description: 'null where there is no such user any more' }),
    status: z.enum(['unopened', 'open', 'frozen', 'closed']),
    kyc_level: z.int(),
    balances: amountsSchema.meta({ description: 'available, by asset' }),
    held: amountsSchema,
    pending: amountsSchema.meta({ description: 'in withdrawals that have not come to their end' }),
    version: z.int(),
    as_of: timeSchema,
  })
  .meta({ id: 'FoundWallet' })

export const foundWalletsSchema = z
  .object({
    wallets: z.array(foundWalletSchema).meta({
      description:
        'who was named, as they are now; of a search through all, as of the last snapshots, in the order of ids',
    }),
    next_cursor: z.string().nullable().meta({
      description: 'null at the end; a page looks at 1,000 wallets, and may be short, or empty, before it',
    }),
    unreadable: unreadableSchema,
  })
  .meta({ id: 'FoundWallets' })

export function foundWalletBody(
  { walletId, view, version, asOfMs }: StoredWallet,
  displayName: string | null,
): z.input<typeof foundWalletSchema> {
  const amounts = (pick: (row: AssetView) => bigint): Record<string, string> =>
    Object.fromEntries(view.assets.map((row) => [row.asset, text(pick(row), row.asset)]))
  return {
    wallet_id: walletId,
    user_id: view.userId,
    display_name: displayName,
    status: view.status,
    kyc_level: view.kycLevel,
    balances: amounts(({ availableMinor }) => availableMinor),
    held: amounts(({ heldMinor }) => heldMinor),
    pending: amounts(({ pendingMinor }) => pendingMinor),
    version,
    as_of: timeText(asOfMs),
  }
}

export function staffWalletBody(
  walletId: WalletId,
  view: WalletView,
  version: number,
  addresses: ReadonlyMap<string, string | null>,
): z.input<typeof staffWalletSchema> {
  return {
    wallet_id: walletId,
    user_id: view.userId,
    status: view.status,
    lock_reason: view.lockReason,
    kyc_level: view.kycLevel,
    balances: Object.fromEntries(
      view.assets.map((row) => [
        row.asset,
        {
          available: text(row.availableMinor, row.asset),
          held: text(row.heldMinor, row.asset),
          pending_withdrawal: text(row.pendingMinor, row.asset),
          total_deposited: text(row.depositedMinor, row.asset),
          total_withdrawn: text(row.withdrawnMinor, row.asset),
          owed: text(row.owedMinor, row.asset),
        },
      ]),
    ),
    holds: view.holds.map(({ name, asset, leftMinor, expiresAtMs }) => ({
      name,
      currency: asset,
      left: text(leftMinor, asset),
      expires_at: timeText(expiresAtMs),
    })),
    withdrawals: view.withdrawals.map((row) => withdrawalBody(row, addresses.get(row.destination) ?? null)),
    version,
  }
}

export function withdrawalBody(row: WithdrawalView, address: string | null): z.input<typeof withdrawalSchema> {
  return {
    id: row.id,
    currency: row.asset,
    amount: text(row.amountMinor, row.asset),
    fee: text(row.feeMinor, row.asset),
    to_address: address,
    status: row.status,
    requested_at: timeText(row.requestedAtMs),
  }
}

function text(minor: bigint, code: string): string {
  const asset = findAsset(code)
  return asset === null ? minor.toString() : formatAmount(minor, asset)
}
