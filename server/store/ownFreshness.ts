// How far the store is behind partitions that all serve in this process: the runtime knows what is durable, the projector
// what the store has.

import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import type { Freshness } from '../walletHistory.ts'

/** What a projector tells of itself. */
export interface ProjectorReach {
  projectedSeq(partition: PartitionId): number
  heardMs(partition: PartitionId): number
  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void>
}

export class OwnFreshness implements Freshness {
  private readonly runtime: Pick<Runtime, 'partition'>
  private readonly projector: ProjectorReach
  private readonly nowMs: () => number

  constructor(runtime: Pick<Runtime, 'partition'>, projector: ProjectorReach, nowMs: () => number) {
    this.runtime = runtime
    this.projector = projector
    this.nowMs = nowMs
  }

  async catchUp(walletId: WalletId, partition: PartitionId, askedSeq: number, limitMs: number): Promise<void> {
    const serving = this.runtime.partition(partition)
    const durable = serving?.seqs.durableSeq ?? 0
    const own = serving?.peek(actorKey('wallet', walletId))?.lastSeq ?? 0
    await this.projector.reached(partition, Math.min(Math.max(own, askedSeq), durable), limitMs)
  }

  /** Now, where the store has everything durable; else when it was last heard of. */
  asOfMs(partition: PartitionId): number {
    const durable = this.runtime.partition(partition)?.seqs.durableSeq ?? 0
    return this.projector.projectedSeq(partition) >= durable ? this.nowMs() : this.projector.heardMs(partition)
  }
}
