// Effects of adjustments, stated apart from the wallet's own code, as in effects.ts. Amounts in the simulation are dollars'
// cents, and everybody of staff there is an operator.

import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { availableOf, leg, ownAccounts } from './effects.ts'
import type { Moment } from './model.ts'

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export function adjustmentEffect(
  command: CommandOf<'propose' | 'adjust'>,
  before: Moment,
  after: Moment,
): string | null {
  if (command.kind === 'propose') {
    const isHere = after.view.adjustments.length === before.view.adjustments.length + 1
    return isHere && (before.view.status === 'open' || before.view.status === 'frozen') ? '' : null
  }
  const adjustment = before.view.adjustments.find(({ id }) => id === command.id)
  const isOver = !after.view.adjustments.some(({ id }) => id === command.id)
  if (adjustment === undefined || !isOver) return null
  if (command.verdict === 'reject') return ''
  if (adjustment.by === command.by) return null
  const { asset, amountMinor, direction } = adjustment
  const [available] = ownAccounts(before)
  if (direction === 'credit') return leg(available, 'credit', amountMinor, asset)
  const has = availableOf(before, asset)
  if (has >= amountMinor) return leg(available, 'debit', amountMinor, asset)
  return has === 0n ? '' : leg(available, 'debit', has, asset)
}

export function adjustmentRefusalHolds(
  command: CommandOf<'propose' | 'adjust'>,
  code: string,
  before: Moment,
): boolean {
  if (command.kind === 'propose') return code === 'wallet.too_many_adjustments' && before.view.adjustments.length >= 20
  const adjustment = before.view.adjustments.find(({ id }) => id === command.id)
  if (code === 'wallet.adjustment_unknown') return adjustment === undefined
  return code === 'wallet.adjustment_own' && adjustment?.by === command.by && command.verdict === 'approve'
}
