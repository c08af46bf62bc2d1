// What a wallet shows of itself when it is asked. Amounts are minor units.

import type { RecordId, UserId } from '../../shared/ids.ts'
import type { Adjustment } from './adjustments.ts'
import type { WalletStatus } from './commands.ts'
import type { Withdrawal } from './withdrawals.ts'

export type WalletQuery = { readonly kind: 'balance' }

export interface WalletView {
  readonly status: WalletStatus
  readonly userId: UserId | null
  readonly lockReason: string
  readonly assets: readonly AssetView[]
  readonly holds: readonly {
    readonly name: string
    readonly asset: string
    readonly leftMinor: bigint
    readonly expiresAtMs: number
  }[]
  readonly withdrawals: readonly WithdrawalView[]
  readonly kycLevel: number
  readonly adjustments: readonly AdjustmentView[]
}

/** One that waits for a second person. */
export interface AdjustmentView extends Adjustment {
  /** The record that proposed it. */
  readonly id: RecordId
}

export interface AssetView {
  readonly asset: string
  readonly availableMinor: bigint
  readonly heldMinor: bigint
  readonly depositedMinor: bigint
  /** On its way out, but still here. */
  readonly pendingMinor: bigint
  /** Gone: completed withdrawals, fees included. */
  readonly withdrawnMinor: bigint
  /** What the owner owes the platform: paid by whatever comes next. */
  readonly owedMinor: bigint
  /** Everything ever won in matches. */
  readonly prizesMinor: bigint
}

/** One that has not come to its end. */
export interface WithdrawalView extends Readonly<Omit<Withdrawal, 'cents'>> {
  /** The record that asked for it. */
  readonly id: RecordId
}
