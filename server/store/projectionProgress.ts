// How far the store is known to be, by partition, and who waits for it to be further (S1).

import type { Progress } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'

interface Waiter {
  readonly seq: number
  readonly done: () => void
}

export class ProjectionProgress {
  private readonly reported = new Map<PartitionId, Progress>()
  private readonly waiters = new Map<PartitionId, Waiter[]>()

  projectedSeq(partition: PartitionId): number {
    return this.reported.get(partition)?.projectedSeq ?? 0
  }

  /** Resolves once the store has this record, or after `limitMs`. */
  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void> {
    if (this.projectedSeq(partition) >= seq) return Promise.resolve()
    return new Promise((resolve) => {
      const list = this.waiters.get(partition) ?? []
      this.waiters.set(partition, list)
      const timer = setTimeout(() => {
        const at = list.indexOf(waiter)
        if (at !== -1) list.splice(at, 1)
        resolve()
      }, limitMs)
      const waiter: Waiter = {
        seq,
        done() {
          clearTimeout(timer)
          resolve()
        },
      }
      list.push(waiter)
    })
  }

  note(progress: Progress): void {
    this.reported.set(progress.partition, progress)
    const list = this.waiters.get(progress.partition)
    if (list === undefined || list.length === 0) return
    const due = list.filter((waiter) => waiter.seq <= progress.projectedSeq)
    if (due.length === 0) return
    this.waiters.set(
      progress.partition,
      list.filter((waiter) => waiter.seq > progress.projectedSeq),
    )
    for (const waiter of due) waiter.done()
  }

  /** Somebody else projects the partition from now on. */
  forget(partition: PartitionId): void {
    this.reported.delete(partition)
  }
}
