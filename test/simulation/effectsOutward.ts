// Effects of what leads out of a wallet or into another asset: withdrawals with their steps, conversions at par, levels.
// Stated apart from the wallet's own code, as in effects.ts.

import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { RULES } from '../../shared/rules.ts'
import { availableOf, leg, ownAccounts } from './effects.ts'
import { type Moment, parCents, sameDay } from './model.ts'

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export function outwardEffect(command: CommandOf<'withdraw' | 'convert'>, before: Moment, atMs: number): string | null {
  const [available] = ownAccounts(before)
  if (command.kind === 'withdraw') {
    const { asset, amountMinor } = command
    if (availableOf(before, asset) < amountMinor || limitOf(command, before, atMs) !== null) return null
    return [
      leg(available, 'debit', amountMinor, asset),
      leg(available.replace('2001', '2003'), 'credit', amountMinor, asset),
    ]
      .sort()
      .join('; ')
  }
  if (availableOf(before, command.from) < command.amountMinor) return null
  const { quote } = command
  if (quote !== null && (quote.expiresAtMs <= atMs || before.usedQuotes.has(quote.id))) return null
  const { paid, received } = conversionOf(command)
  return [leg(available, 'debit', paid, command.from), leg(available, 'credit', received, command.to)].sort().join('; ')
}

/** Millionths of a dollar in a minor unit, at par; a credit is a cent. */
const MILLIONTHS: Readonly<Record<string, bigint>> = { USD: 10_000n, USDC: 1n, USDT: 1n, CREDIT: 10_000n }

/** Minor units in a whole one. */
const UNITS: Readonly<Record<string, bigint>> = { USD: 100n, USDC: 1_000_000n, USDT: 1_000_000n, CREDIT: 1n }

export function conversionOf(command: CommandOf<'convert'>): { paid: bigint; received: bigint } {
  const { from, to, amountMinor, quote } = command
  // By what a minor unit of each is worth, in whatever measure.
  const [worth, price] =
    quote === null
      ? [MILLIONTHS[from] ?? 1n, MILLIONTHS[to] ?? 1n]
      : [quote.rate.numerator * (UNITS[to] ?? 1n), quote.rate.denominator * (UNITS[from] ?? 1n)]
  const received = (amountMinor * worth) / price
  const value = received * price
  return { received, paid: value / worth + (value % worth === 0n ? 0n : 1n) }
}

const WAYS: Readonly<Record<CommandOf<'withdrawal'>['step'], readonly [from: RegExp, to: string]>> = {
  review: [/^requested$/, 'reviewing'],
  approve: [/^requested$|^reviewing$/, 'approved'],
  reject: [/^requested$|^reviewing$/, 'over'],
  cancel: [/^requested$|^reviewing$/, 'over'],
  process: [/^approved$/, 'processing'],
  complete: [/^processing$/, 'over'],
  fail: [/^approved$|^processing$/, 'over'],
}

export function stepEffect(command: CommandOf<'withdrawal'>, before: Moment, after: Moment): string | null {
  const [available] = ownAccounts(before)
  const withdrawal = before.view.withdrawals.find(({ id }) => id === command.id)
  const [from, to] = WAYS[command.step]
  if (withdrawal === undefined || !from.test(withdrawal.status)) return null
  const now = after.view.withdrawals.find(({ id }) => id === command.id)?.status ?? 'over'
  if (now !== to) return null
  if (to !== 'over') return ''
  const { asset, amountMinor, feeMinor } = withdrawal
  const pending = available.replace('2001', '2003')
  if (command.step !== 'complete')
    return [leg(pending, 'debit', amountMinor, asset), leg(available, 'credit', amountMinor, asset)].sort().join('; ')
  const legs = [leg(pending, 'debit', amountMinor - feeMinor, asset)]
  if (feeMinor > 0n) legs.push(leg(pending, 'debit', feeMinor, asset))
  return legs.sort().join('; ')
}

export function outwardRefusalHolds(
  command: CommandOf<'withdraw' | 'convert' | 'withdrawal' | 'verify'>,
  code: string,
  before: Moment,
  atMs: number,
): boolean {
  switch (command.kind) {
    case 'withdraw': {
      const poor = availableOf(before, command.asset) < command.amountMinor
      return poor ? code === 'wallet.insufficient_funds' : code === limitOf(command, before, atMs)
    }
    case 'convert':
      if (code === 'wallet.quote_used') return command.quote !== null && before.usedQuotes.has(command.quote.id)
      if (code === 'wallet.quote_expired') return command.quote !== null && command.quote.expiresAtMs <= atMs
      return code === 'wallet.insufficient_funds' && availableOf(before, command.from) < command.amountMinor
    case 'withdrawal': {
      const withdrawal = before.view.withdrawals.find(({ id }) => id === command.id)
      if (withdrawal === undefined) return code === 'wallet.withdrawal_unknown'
      return code === 'wallet.withdrawal_state' && !WAYS[command.step][0].test(withdrawal.status)
    }
    case 'verify':
      return code === 'wallet.kyc_unchanged' && before.view.kycLevel === command.level
  }
}

/** The first limit that a withdrawal would pass. What left in all is not looked at: nobody here gets that far. */
function limitOf({ asset, amountMinor }: CommandOf<'withdraw'>, before: Moment, atMs: number): string | null {
  const { withdrawals, withdrawnCents } = sameDay(before.day, atMs)
  const today = withdrawnCents + parCents(asset, amountMinor)
  const { kycLevel } = before.view
  if (before.view.withdrawals.length >= RULES.maxOpenWithdrawalsPerWallet) return 'wallet.too_many_withdrawals'
  if (withdrawals >= RULES.withdrawalsPerDay || today > RULES.withdrawalCentsPerDay) return 'wallet.withdrawal_limit'
  return today > (RULES.kycCentsPerDay[kycLevel] ?? 0n) ? 'wallet.kyc_limit' : null
}
