// The wallet's answers as the web client reads them, and how the service's values become them.

import { z } from 'zod'
import type { OrderReceipt, WalletBalance, WalletTransaction } from '../../../actors/wallet/service.ts'
import { type AssetSpec, findAsset, formatAmount } from '../../../shared/assets.ts'
import { moneySchema, timeSchema, timeText } from '../schemas.ts'

const amountsByAsset = z.record(z.string(), moneySchema)

export const balanceSchema = z
  .object({
    wallet_id: z.string(),
    user_id: z.string(),
    evm_address: z.string().nullable(),
    balances: amountsByAsset.meta({ description: 'available, by asset' }),
    held: amountsByAsset.meta({ description: 'held for stakes and withdrawals, by asset' }),
    owed: amountsByAsset.meta({ description: 'owed to the platform, paid by whatever comes; without what is zero' }),
    total_deposited: moneySchema.meta({ description: 'in US dollars, stablecoins at par' }),
    total_withdrawn: moneySchema,
    total_prizes_won: moneySchema,
    is_locked: z.boolean(),
    lock_reason: z.string().nullable(),
    version: z.int(),
    as_of: timeSchema,
  })
  .meta({ id: 'WalletBalance' })

export const TRANSACTION_TYPES = [
  'deposit',
  'withdrawal',
  'transfer',
  'entry_fee',
  'prize_payout',
  'platform_fee',
  'refund',
  'conversion',
  'hold',
  'release',
  'adjustment',
] as const satisfies readonly WalletTransaction['type'][]

export const TRANSACTION_STATUSES = ['pending', 'confirmed', 'failed', 'cancelled'] as const
export const ENTRY_TYPES = ['debit', 'credit'] as const
export const ASSET_TYPES = ['fiat', 'crypto', 'token', 'nft'] as const

export const transactionSchema = z
  .object({
    id: z.string(),
    transaction_id: z.string(),
    type: z.enum(TRANSACTION_TYPES),
    entry_type: z.enum(ENTRY_TYPES).meta({ description: 'credit: money in' }),
    asset_type: z.enum(ASSET_TYPES),
    currency: z.string(),
    amount: moneySchema,
    balance_after: moneySchema,
    status: z.enum(TRANSACTION_STATUSES),
    description: z.string(),
    created_at: timeSchema,
    is_reversed: z.boolean(),
    chain_id: z.int().nullable(),
    blockchain_tx_hash: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Transaction' })

export const historySchema = z
  .object({
    transactions: z.array(transactionSchema),
    total_count: z.int(),
    limit: z.int(),
    offset: z.int(),
    as_of: timeSchema,
  })
  .meta({ id: 'TransactionList' })

export const receiptSchema = z
  .object({
    transaction_id: z.string(),
    status: z.enum(TRANSACTION_STATUSES),
    currency: z.string(),
    amount: moneySchema,
    position: z.string().meta({ description: 'given to /wallet/transactions, the list includes this transaction' }),
  })
  .meta({ id: 'Receipt' })

export function balanceBody(balance: WalletBalance): z.input<typeof balanceSchema> {
  const { assets } = balance
  const amounts = (pick: (asset: WalletBalance['assets'][number]) => bigint): Record<string, string> =>
    Object.fromEntries(assets.map((entry) => [entry.asset, amountText(pick(entry), entry.asset)]))
  return {
    wallet_id: balance.walletId,
    user_id: balance.userId,
    evm_address: null,
    balances: amounts((entry) => entry.availableMinor),
    held: amounts((entry) => entry.heldMinor + entry.pendingMinor),
    owed: owedBody(assets),
    total_deposited: dollars(assets.map((entry) => [entry.asset, entry.depositedMinor])),
    total_withdrawn: dollars(assets.map((entry) => [entry.asset, entry.withdrawnMinor])),
    total_prizes_won: dollars(assets.map((entry) => [entry.asset, entry.prizesWonMinor])),
    is_locked: balance.isLocked,
    lock_reason: balance.lockReason,
    version: balance.version,
    as_of: timeText(balance.asOfMs),
  }
}

/** What nobody owes is left out: hardly anybody does. */
function owedBody(assets: WalletBalance['assets']): Record<string, string> {
  const owing = assets.filter(({ owedMinor }) => owedMinor > 0n)
  return Object.fromEntries(owing.map(({ asset, owedMinor }) => [asset, amountText(owedMinor, asset)]))
}

export function transactionBody(transaction: WalletTransaction): z.input<typeof transactionSchema> {
  const { asset } = transaction
  return {
    id: transaction.id,
    transaction_id: transaction.transactionId,
    type: transaction.type,
    entry_type: transaction.entryType,
    asset_type: asset.type,
    currency: asset.code,
    amount: formatAmount(transaction.amountMinor, asset),
    balance_after: formatAmount(transaction.balanceAfterMinor, asset),
    status: transaction.status,
    description: transaction.description,
    created_at: timeText(transaction.createdAtMs),
    is_reversed: transaction.isReversed,
    chain_id: null,
    blockchain_tx_hash: null,
    metadata: { ...transaction.metadata },
  }
}

export function receiptBody(
  receipt: OrderReceipt,
  asset: AssetSpec,
  amountMinor: bigint,
): z.input<typeof receiptSchema> {
  return {
    transaction_id: receipt.transactionId,
    status: receipt.status,
    currency: asset.code,
    amount: formatAmount(amountMinor, asset),
    position: receipt.position,
  }
}

function amountText(minor: bigint, code: string): string {
  const asset = findAsset(code)
  if (asset === null) throw new Error(`a wallet holds ${code}, which is no asset`)
  return formatAmount(minor, asset)
}

const DOLLAR_ASSETS: ReadonlySet<string> = new Set(['USD', 'USDC', 'USDT'])
const DOLLAR_EXPONENT = 6

/** One exact sum of the assets worth a dollar each: two decimals, more only where they say something. */
function dollars(amounts: readonly (readonly [asset: string, minor: bigint])[]): string {
  let sum = 0n
  for (const [code, minor] of amounts) {
    const asset = findAsset(code)
    if (asset !== null && DOLLAR_ASSETS.has(code)) sum += minor * 10n ** BigInt(DOLLAR_EXPONENT - asset.exponent)
  }
  const text = formatAmount(sum, { code: 'USD', exponent: DOLLAR_EXPONENT, type: 'fiat' })
  return text.replace(/0{1,4}$/, '')
}
