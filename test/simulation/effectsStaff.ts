// Effects of adjustments, stated apart from the wallet's own code, as in effects.ts. Amounts in the simulation are dollars'
// cents, and everybody of staff there is an operator.

import type { WalletCommand } from '../../actors/wallet/commands.ts'
import type { AdjustmentView } from '../../actors/wallet/views.ts'
import { availableOf, leg, lesser, ownAccounts } from './effects.ts'
import type { Moment } from './model.ts'

type CommandOf<Kind extends WalletCommand['kind']> = Extract<WalletCommand, { kind: Kind }>

export function adjustmentEffect(
  command: CommandOf<'propose' | 'reverse' | 'adjust'>,
  before: Moment,
  after: Moment,
): string | null {
  if (command.kind === 'reverse' && (before.reversed.has(command.plan.record) || isProposed(command, before)))
    return null
  if (command.kind !== 'adjust') {
    const isHere = after.view.adjustments.length === before.view.adjustments.length + 1
    return isHere && (before.view.status === 'open' || before.view.status === 'frozen') ? '' : null
  }
  const adjustment = before.view.adjustments.find(({ id }) => id === command.id)
  const isOver = !after.view.adjustments.some(({ id }) => id === command.id)
  if (adjustment === undefined || !isOver) return null
  if (command.verdict === 'reject') return ''
  if (adjustment.by === command.by) return null
  const { asset, amountMinor, direction, reversal } = adjustment
  const [available] = ownAccounts(before)
  if (reversal !== null) return after.reversed.has(reversal.record) ? reversalEffect(adjustment, before) : null
  if (direction === 'credit') return leg(available, 'credit', amountMinor, asset)
  const has = availableOf(before, asset)
  if (has >= amountMinor) return leg(available, 'debit', amountMinor, asset)
  return has === 0n ? '' : leg(available, 'debit', has, asset)
}

export function adjustmentRefusalHolds(
  command: CommandOf<'propose' | 'reverse' | 'adjust'>,
  code: string,
  before: Moment,
): boolean {
  if (command.kind === 'reverse' && code === 'wallet.reversal_done') return before.reversed.has(command.plan.record)
  if (command.kind === 'reverse' && code === 'wallet.reversal_open') return isProposed(command, before)
  if (command.kind !== 'adjust') return code === 'wallet.too_many_adjustments' && before.view.adjustments.length >= 20
  const adjustment = before.view.adjustments.find(({ id }) => id === command.id)
  if (code === 'wallet.adjustment_unknown') return adjustment === undefined
  return code === 'wallet.adjustment_own' && adjustment?.by === command.by && command.verdict === 'approve'
}

function isProposed({ plan }: CommandOf<'reverse'>, before: Moment): boolean {
  return before.view.adjustments.some(({ reversal }) => reversal?.record === plan.record)
}

/** Of what its legs take from the owner, what there is; all of what they give; and what goes back to whom it came from. */
function reversalEffect({ asset, amountMinor, reversal }: AdjustmentView, before: Moment): string {
  const [available] = ownAccounts(before)
  const taken = new Map<string, bigint>()
  for (const row of reversal?.against ?? [])
    taken.set(row.asset, (taken.get(row.asset) ?? 0n) + (row.side === 'credit' ? row.amountMinor : -row.amountMinor))
  const legs = [...taken].flatMap(([code, minor]) => {
    const moved = lesser(minor, availableOf(before, code))
    if (moved === 0n) return []
    return moved < 0n ? leg(available, 'credit', -moved, code) : leg(available, 'debit', moved, code)
  })
  const to = reversal?.to ?? null
  return [...legs.sort(), ...(to === null ? [] : [`to wallet/${to} ${amountMinor} ${asset}`])].join('; ')
}
