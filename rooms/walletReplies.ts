// What the wallet room reads of a request's money, and how outcomes become its answers.

import type { MessageContext } from '@colyseus/core'
import type { HistoryPage, OrderOutcome, WalletTransaction } from '../actors/wallet/service.ts'
import { type AssetSpec, assetCode, findAsset, formatAmount, parseAmount } from '../shared/assets.ts'
import { type ErrorCode, errorBody } from '../shared/errors.ts'

export function readMoney(currency: string, amount: string): { asset: string; amountMinor: bigint } | ErrorCode {
  const asset: AssetSpec | null = findAsset(assetCode(currency))
  if (asset === null) return 'asset.unknown'
  const parsed = parseAmount(amount, asset)
  return parsed.kind === 'invalid' ? `amount.${parsed.reason}` : { asset: asset.code, amountMinor: parsed.minor }
}

export function receipt(outcome: OrderOutcome, ctx: MessageContext): unknown {
  if (outcome.kind === 'refused') return refuse(ctx, outcome.code)
  const { transactionId, status, position } = outcome.receipt
  return { transaction_id: transactionId, status, position }
}

export function refuse(
  ctx: MessageContext,
  code: ErrorCode,
  error?: { issues: readonly { path: PropertyKey[]; message: string }[] },
): unknown {
  const details =
    error &&
    Object.fromEntries(error.issues.slice(0, 8).map((issue) => [issue.path.join('.') || 'message', issue.message]))
  return ctx.reject(errorBody(code, details === undefined ? {} : { details }))
}

export function balanceRows(
  assets: readonly { asset: string; availableMinor: bigint; heldMinor: bigint; pendingMinor: bigint }[],
): Record<string, { available: string; held: string }> {
  return Object.fromEntries(
    assets.map(({ asset, availableMinor, heldMinor, pendingMinor }) => [
      asset,
      { available: decimal(availableMinor, asset), held: decimal(heldMinor + pendingMinor, asset) },
    ]),
  )
}

export function historyRows(page: HistoryPage): unknown {
  const transactions = page.transactions.map((row: WalletTransaction) => ({
    id: row.id,
    transaction_id: row.transactionId,
    type: row.type,
    entry_type: row.entryType,
    currency: row.asset.code,
    amount: formatAmount(row.amountMinor, row.asset),
    balance_after: formatAmount(row.balanceAfterMinor, row.asset),
    status: row.status,
    created_at: new Date(row.createdAtMs).toISOString(),
  }))
  return { transactions, total_count: page.totalCount, as_of: new Date(page.asOfMs).toISOString() }
}

export function decimal(minor: bigint, asset: string): string {
  const spec = findAsset(asset)
  return spec === null ? minor.toString() : formatAmount(minor, spec)
}
