// How far the store is behind partitions that may serve elsewhere: what the wallet's owner has last done is asked of it,
// and the store's checkpoint is read until it has that.

import type { ReadAnswer } from '../../actors/runtime/answers.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import type { OwnFreshness } from '../store/ownFreshness.ts'
import type { Freshness } from '../walletHistory.ts'

const POLL_MS = 40

export interface ClusterFreshnessParts {
  readonly runtime: Pick<Runtime, 'partition'>
  /** Of partitions that serve here. */
  readonly own: OwnFreshness
  readonly newestOf: (walletId: WalletId) => Promise<ReadAnswer>
  /** The store's checkpoint. */
  readonly storeSeq: (partition: PartitionId) => Promise<number>
  readonly nowMs: () => number
}

export class ClusterFreshness implements Freshness {
  private readonly parts: ClusterFreshnessParts

  constructor(parts: ClusterFreshnessParts) {
    this.parts = parts
  }

  async catchUp(walletId: WalletId, partition: PartitionId, askedSeq: number, limitMs: number): Promise<number | null> {
    const { runtime, own, newestOf, nowMs } = this.parts
    if (runtime.partition(partition) !== undefined) return own.catchUp(walletId, partition, askedSeq, limitMs)
    const beganMs = nowMs()
    const deadline = performance.now() + limitMs
    const late = new Promise<null>((resolve) => setTimeout(resolve, limitMs, null))
    const answer = await Promise.race([newestOf(walletId), late])
    if (answer === null || answer.kind === 'refused') return null
    // The owner may be further than the wallet; a position beyond both is nobody's.
    const wanted = Math.max(answer.seq, askedSeq)
    while (performance.now() < deadline) {
      if (await this.isReached(partition, wanted)) return beganMs
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    return null
  }

  private async isReached(partition: PartitionId, seq: number): Promise<boolean> {
    try {
      return (await this.parts.storeSeq(partition)) >= seq
    } catch {
      return false
    }
  }
}
