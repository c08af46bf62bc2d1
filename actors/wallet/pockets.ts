// A wallet's money of one asset, as its events add up.

import { isNft } from '../../shared/assets.ts'
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
  /** Everything ever won in matches. */
  prizesMinor: bigint
}

export function pocketOf(wallet: Wallet, asset: string): Pocket {
  let pocket = wallet.pockets.get(asset)
  if (pocket === undefined) {
    const nothing = { availableMinor: 0n, heldMinor: 0n, depositedMinor: 0n, pendingMinor: 0n }
    pocket = { ...nothing, withdrawnMinor: 0n, owedMinor: 0n, prizesMinor: 0n }
    wallet.pockets.set(asset, pocket)
  }
  return pocket
}

/** A5: an NFT that has gone leaves nothing behind: how many pass through a wallet over the years has no bound. */
export function dropGoneNft(wallet: Wallet, asset: string): void {
  if (!isNft(asset)) return
  const { availableMinor, heldMinor, pendingMinor } = pocketOf(wallet, asset)
  if (availableMinor === 0n && heldMinor === 0n && pendingMinor === 0n) wallet.pockets.delete(asset)
}

export function nftsIn(wallet: Wallet): number {
  let nfts = 0
  for (const asset of wallet.pockets.keys()) if (isNft(asset)) nfts++
  return nfts
}
