// How far the store is behind partitions that all serve in this process: the runtime knows what is durable, the projector
// what the store has.

import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId, WalletId } from '../../shared/ids.ts'
import { actorKey } from '../../shared/partition.ts'
import type { Freshness } from '../walletHistory.ts'

/** What a projector tells of itself. */
export interface ProjectorReach {
  projectedSeq(partition: PartitionId): number
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

  async catchUp(walletId: WalletId, partition: PartitionId, askedSeq: number, limitMs: number): Promise<number | null> {
    // An actor that is not in memory has nothing that the store lacks.
    const beganMs = this.nowMs()
    const serving = this.runtime.partition(partition)
    const durable = serving?.seqs.durableSeq ?? 0
    const own = serving?.peek(actorKey('wallet', walletId))?.lastSeq ?? 0
    const wanted = Math.min(Math.max(own, askedSeq), durable)
    await this.projector.reached(partition, wanted, limitMs)
    return this.projector.projectedSeq(partition) >= wanted ? beganMs : null
  }
}

/** Waits until the store has what is durable now in every partition that serves here, for `limitMs` at most. */
export async function caughtUp(
  runtime: Pick<Runtime, 'partitions'>,
  projector: Pick<ProjectorReach, 'reached'>,
  limitMs: number,
): Promise<void> {
  const waits = [...runtime.partitions].map(([id, { seqs }]) => projector.reached(id, seqs.durableSeq, limitMs))
  await Promise.all(waits)
}
