// A wallet's money of one asset, as its events add up.

import type { Wallet } from './state.ts'

export interface Pocket {
  availableMinor: bigint
  heldMinor: bigint
  /** Everything ever deposited. */
  depositedMinor: bigint
  /** Asked out, and neither gone nor back. */
  pendingMinor: bigint
  /** Everything ever gone out. */
  withdrawnMinor: bigint
  /** What the owner owes the platform (1004). While it is not zero nothing is available: what comes pays it first. */
  owedMinor: bigint
}

export function pocketOf(wallet: Wallet, asset: string): Pocket {
  let pocket = wallet.pockets.get(asset)
  if (pocket === undefined) {
    const nothing = { availableMinor: 0n, heldMinor: 0n, depositedMinor: 0n, pendingMinor: 0n }
    pocket = { ...nothing, withdrawnMinor: 0n, owedMinor: 0n }
    wallet.pockets.set(asset, pocket)
  }
  return pocket
}
