// What staff does in the simulation beside looking after withdrawals: proposes adjustments and reversals, and decides about
// them, its own at times, and at times about what is not there.

import type { MatchView } from '../../actors/match/views.ts'
import type { WalletCommand } from '../../actors/wallet/commands.ts'
import { planReversal, type Recorded, reversibleAmount } from '../../actors/wallet/reversalPlan.ts'
import type { AdjustmentView, AssetView, WithdrawalView } from '../../actors/wallet/views.ts'
import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Prng } from './prng.ts'

export const STAFF = 'u_staff' as UserId
const OTHER_STAFF = 'u_other' as UserId
/** A record that proposed nothing and asked for nothing. */
export const NOBODYS = '0-1' as RecordId

/** Of what there is little, and staff looks at first. */
const RARE: ReadonlySet<string> = new Set(['conversion', 'withdrawal'])

/** What staff can see of a wallet, by actor key. */
export interface StaffSight {
  openWithdrawals(actor: string): readonly Pick<WithdrawalView, 'id' | 'status'>[]
  openAdjustments(actor: string): readonly Pick<AdjustmentView, 'id'>[]
  assetsOf(actor: string): readonly Pick<AssetView, 'asset' | 'availableMinor' | 'heldMinor'>[]
  /** Null for what is no match. */
  matchView(actor: string): MatchView | null
  /** Records that moved its money. */
  moved(actor: string): readonly Recorded[]
}

export function adjustment(prng: Prng, sight: StaffSight, actor: string): WalletCommand {
  const open = sight.openAdjustments(actor)
  const [by, role] = [prng.pick([STAFF, OTHER_STAFF]), 'operator'] as const
  if (open.length > 0 && prng.chance(0.7)) {
    const verdict = prng.chance(0.8) ? 'approve' : 'reject'
    return { kind: 'adjust', id: prng.pick(open).id, verdict, note: '', by, role }
  }
  if (prng.chance(0.05)) return { kind: 'adjust', id: NOBODYS, verdict: 'approve', note: '', by, role }
  return prng.chance(0.5) ? reversal(prng, sight.moved(actor)) : proposal(prng)
}

/** Of what the wallet did, in full or in part; of what cannot be reversed a proposal of another kind. */
function reversal(prng: Prng, moved: readonly Recorded[]): WalletCommand {
  if (moved.length === 0) return proposal(prng)
  // Mostly what is new: its money is likely to be there still.
  const rare = moved.filter((one) => RARE.has(one.record.operation) && typeof reversibleAmount(one) !== 'string')
  const recorded = prng.pick(rare.length > 0 && prng.chance(0.7) ? rare : prng.chance(0.6) ? moved.slice(-6) : moved)
  const whole = reversibleAmount(recorded)
  if (typeof whole === 'string') return proposal(prng)
  const part = prng.chance(0.5) ? null : (whole.amountMinor * BigInt(prng.between(1, 99))) / 100n || 1n
  const plan = planReversal(recorded, part)
  if (typeof plan === 'string') return proposal(prng)
  return { kind: 'reverse', plan, reason: 'sim', by: prng.pick([STAFF, OTHER_STAFF]), role: 'operator' }
}

function proposal(prng: Prng): WalletCommand {
  const [by, role] = [prng.pick([STAFF, OTHER_STAFF]), 'operator'] as const
  const amountMinor = BigInt(prng.chance(0.05) ? 100_001 : prng.between(1, 3_000))
  const account = prng.pick(['5003', '3001', '1002', '5001', ...(prng.chance(0.1) ? ['2006'] : [])])
  const direction = prng.pick(['credit', 'debit'] as const)
  return { kind: 'propose', direction, asset: 'USD', amountMinor, account, reason: 'sim', by, role }
}
