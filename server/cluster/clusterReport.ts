// What a process tells operators of the data set's members and of the partitions it serves: the same form for one of many
// and for one alone.

import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Halt, Halts } from '../halts.ts'

export interface MemberReport {
  readonly id: string
  readonly state: 'serving' | 'draining'
  readonly address: string | null
  readonly holds: number
  /** How long ago its lease was seen renewed, ms; 0 for the member that reports. */
  readonly seenMsAgo: number
}

export interface PartitionReport {
  readonly partition: PartitionId
  readonly epoch: number
  readonly seq: number
  /** Records that the store does not have yet. */
  readonly lag: number
  readonly halted: boolean
}

export interface ClusterReport {
  readonly me: string
  readonly leaseHeld: boolean
  readonly members: readonly MemberReport[]
  /** Those that serve here. */
  readonly partitions: readonly PartitionReport[]
  /** What stands still here until an operator decides, of partitions that serve and of those that cannot. */
  readonly halts: readonly Halt[]
}

interface Serving {
  readonly runtime: Pick<Runtime, 'partitions' | 'serving'>
  readonly projector: { projectedSeq(partition: PartitionId): number }
  readonly halts: Halts
}

export function partitionReports({ runtime, projector, halts }: Serving): readonly PartitionReport[] {
  const reports = [...runtime.partitions].map(([partition, { stats, seqs }]) => ({
    partition,
    epoch: stats.epoch,
    seq: seqs.durableSeq,
    lag: Math.max(0, seqs.durableSeq - projector.projectedSeq(partition)),
    halted: halts.of(partition) !== undefined,
  }))
  return reports.sort((a, b) => a.partition - b.partition)
}

/** Of a process that has its data set to itself: nobody can take its lease. */
export function singleReport({ me, ...serving }: Serving & { readonly me: string }): ClusterReport {
  const partitions = partitionReports(serving)
  const own: MemberReport = { id: me, state: 'serving', address: null, holds: partitions.length, seenMsAgo: 0 }
  return { me, leaseHeld: true, members: [own], partitions, halts: serving.halts.list }
}
