// Where a process finds out what operators have decided about its halts, and does it: once, when the decision is sound and
// names the halt that stands. A rebuild is done while the partition is nowhere served, by whoever takes it next: it goes
// on until the store has the partition again, whatever becomes of the process that began it.

import type { Ownership } from '../../actors/cluster/ownership.ts'
import type { Observer, Scheduler } from '../../actors/runtime/ports.ts'
import { BrokenLogError } from '../../actors/runtime/recovery.ts'
import type { Runtime } from '../../actors/runtime/runtime.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { messageOf } from '../dataSetError.ts'
import type { Halt, Halts } from '../halts.ts'
import { type Decision, verifyDecision } from '../operator/decision.ts'
import type { DecisionBook } from '../operator/decisionBook.ts'
import { judge, type StoredDecision } from '../operator/judgement.ts'
import { readOperatorKeys } from '../operator/operatorKeys.ts'
import type { HaltReport } from '../operator/operatorWire.ts'
import type { ClusterProjector } from './clusterProjector.ts'

/** Decisions that nobody told of are found within this time. */
const LOOK_EVERY_MS = 2_000

export interface HaltDeskOptions {
  readonly me: string
  readonly dataSet: string
  readonly dataSetId: string
  readonly keysFile: string | null
  readonly halts: Halts
  readonly book: Pick<DecisionBook, 'open' | 'begun' | 'settle' | 'finish'>
  readonly projector: Pick<ClusterProjector, 'retake' | 'clear' | 'projectedSeq'>
  readonly runtime: Pick<Runtime, 'partition'>
  readonly ownership: Pick<Ownership, 'renew'>
  readonly observer: Observer
  readonly scheduler: Scheduler
  readonly now: () => Date
}

interface Rebuild {
  readonly decisions: readonly StoredDecision[]
  readonly ids: readonly string[]
  /** Of the partition when it was taken: the store has to have it. Null until then. */
  throughSeq: number | null
}

export class HaltDesk {
  private readonly options: HaltDeskOptions
  private readonly rebuilds = new Map<PartitionId, Rebuild>()
  private looking: Promise<void> | null = null
  private stopped = false

  constructor(options: HaltDeskOptions) {
    this.options = options
  }

  start(): void {
    this.options.scheduler.after(LOOK_EVERY_MS, () => {
      if (this.stopped) return
      void this.look()
      this.start()
    })
  }

  stop(): void {
    this.stopped = true
  }

  report(): HaltReport {
    const { me, dataSet, dataSetId, halts } = this.options
    return { member: me, dataSet, dataSetId, halts: [...halts.list] }
  }

  /** A try to take the partition has failed; null: it belongs to somebody else. */
  failing(partition: PartitionId, error: unknown): void {
    const { halts } = this.options
    if (error === null) return halts.clear(partition)
    const seq = error instanceof BrokenLogError ? error.seq : null
    halts.note({ partition, stage: 'recovery', seq, reason: messageOf(error) })
  }

  /** Finishes what a decision has begun, before the partition is recovered. Rejects where that cannot be done now. */
  async prepare(partition: PartitionId): Promise<void> {
    const { book, projector, observer } = this.options
    const decisions = await book.begun(partition)
    const ids = decisions.map(({ id }) => id)
    const before = this.rebuilds.get(partition)
    // Cleared already, and not recovered since: whatever keeps it from that, clearing again mends nothing.
    if (before?.throughSeq === null && before.ids.join() === ids.join()) return
    this.rebuilds.delete(partition)
    if (decisions.length === 0) return
    for (const decision of decisions) this.verify(decision)
    observer.alarm('operator.rebuilding', { partition, decisions: ids })
    await projector.clear(partition)
    this.rebuilds.set(partition, { decisions, ids, throughSeq: null })
  }

  taken(partition: PartitionId): void {
    this.options.halts.clear(partition)
    const rebuild = this.rebuilds.get(partition)
    if (rebuild !== undefined) rebuild.throughSeq = this.options.runtime.partition(partition)?.seqs.durableSeq ?? null
  }

  left(partition: PartitionId): void {
    this.options.halts.clear(partition)
    this.rebuilds.delete(partition)
  }

  /** Looks for decisions and carries them out; one look at a time. Never rejects. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce()
      .catch((error: unknown) => this.options.observer.alarm('operator.not_read', { error: messageOf(error) }))
      .finally(() => {
        this.looking = null
      })
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    for (const [partition, rebuild] of [...this.rebuilds]) await this.finish(partition, rebuild)
    for (const halt of this.options.halts.list) {
      for (const stored of await this.options.book.open(halt.partition)) await this.consider(stored, halt)
    }
  }

  private async consider(stored: StoredDecision, halt: Halt): Promise<void> {
    const { me, dataSet, dataSetId, keysFile, halts, book, observer, now } = this.options
    // What an earlier decision of this look has ended stands no more.
    if (halts.of(halt.partition)?.id !== halt.id) return
    const judged = judge(stored, { dataSet, dataSetId, halt, keys: readOperatorKeys(keysFile) })
    const accepted = judged.kind === 'verified'
    const why = accepted ? `${judged.decision.decision} of partition ${halt.partition}` : judged.why
    // Before anything is done: whoever comes second finds it, and does nothing.
    const rebuilds = accepted && judged.decision.decision === 'rebuild'
    if (!(await book.settle(stored, { accepted, rebuilds, why, member: me, at: now() }))) return
    if (accepted) return this.carryOut(judged.decision, halt)
    observer.alarm('operator.refused', { partition: halt.partition, decision: stored.id, why })
  }

  private carryOut(decided: Decision, halt: Halt): void {
    const { halts, projector, runtime, ownership, observer } = this.options
    const { partition } = halt
    const { id, decision, operator, note } = decided
    // The partition may have been lost meanwhile: its next owner's halt is another one.
    if (halts.of(partition)?.id !== halt.id) return
    const { seq, reason } = halt
    observer.alarm('operator.decided', { partition, decision, operator, note, id, halt: halt.id, seq, reason })
    switch (decision) {
      case 'retry':
        halts.clear(partition)
        return projector.retake(partition, runtime.partition(partition)?.position ?? 0)
      case 'rebuild':
        void ownership.renew(partition)
        return
      default:
        decision satisfies never
    }
  }

  private async finish(partition: PartitionId, { decisions, ids, throughSeq }: Rebuild): Promise<void> {
    const { me, projector, book, observer, now } = this.options
    if (throughSeq === null || projector.projectedSeq(partition) < throughSeq) return
    for (const decision of decisions) await book.finish(decision, me, now())
    this.rebuilds.delete(partition)
    observer.alarm('operator.rebuilt', { partition, through: throughSeq, decisions: ids })
  }

  // The store alone is not to be believed that somebody wants it emptied.
  private verify(stored: StoredDecision): void {
    const verified = verifyDecision(stored, readOperatorKeys(this.options.keysFile))
    if (verified.kind === 'verified' && verified.decision.decision === 'rebuild') return
    const why = verified.kind === 'refused' ? verified.why : 'it is no rebuild'
    throw new Error(
      `decision ${stored.id} was begun, and cannot be finished: ${why}; see that OPERATOR_KEYS_FILE has the key`,
    )
  }
}
