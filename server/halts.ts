// What stands still for want of an operator's decision (S1, docs/operations.md): partitions whose projector has halted, and
// partitions that belong here and cannot be recovered. Each halt has an id of its own, made where it is met, so that a
// decision about one can never be taken for a decision about another, even at the same record.

import type { PartitionId } from '../shared/ids.ts'

export interface Halt {
  readonly id: string
  readonly partition: PartitionId
  /** `projector`: it serves, and the store follows it no more. `recovery`: it cannot be brought back, and does not serve. */
  readonly stage: 'projector' | 'recovery'
  /** The record at which; null where that is not known. */
  readonly seq: number | null
  readonly reason: string
  /** RFC 3339. */
  readonly at: string
}

export type HaltCause = Pick<Halt, 'partition' | 'stage' | 'seq' | 'reason'>

export interface HaltsOptions {
  readonly newId: () => string
  readonly nowMs: () => number
}

export class Halts {
  private readonly options: HaltsOptions
  /** One a partition: a partition that does not serve has no projector. */
  private readonly standing = new Map<PartitionId, Halt>()

  constructor(options: HaltsOptions) {
    this.options = options
  }

  /** The same cause met again is the same halt. */
  note(cause: HaltCause): Halt {
    const { partition, stage, seq, reason } = cause
    const known = this.standing.get(partition)
    if (known?.stage === stage && known.seq === seq && known.reason === reason) return known
    const { newId, nowMs } = this.options
    const halt: Halt = { id: `h_${newId()}`, partition, stage, seq, reason, at: new Date(nowMs()).toISOString() }
    this.standing.set(partition, halt)
    return halt
  }

  clear(partition: PartitionId): void {
    this.standing.delete(partition)
  }

  of(partition: PartitionId): Halt | undefined {
    return this.standing.get(partition)
  }

  at(stage: Halt['stage']): readonly Halt[] {
    return this.list.filter((halt) => halt.stage === stage)
  }

  get list(): readonly Halt[] {
    return [...this.standing.values()].sort((a, b) => a.partition - b.partition)
  }
}
