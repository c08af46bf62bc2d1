// The main thread's end of a cluster process's projector: hands it what is committed, up to a bound (A5), and keeps what
// it reports. Beyond the bound batches are not sent: the thread reads them from the journal when it gets there.

import type { Position } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { type ProjectorEvents, ProjectorLink } from '../store/projectorLink.ts'
import type {
  ClusterProjectorAnswer,
  ClusterProjectorOptions,
  CommittedBatch,
  ToClusterProjector,
} from './projectorProtocol.ts'

/** Bytes of batches sent and not folded yet, at most. */
const MAX_IN_HAND = 64 * 1024 * 1024
/** The thread waits longer than that for company anyway, in ms. */
const SEND_EVERY_MS = 20
/** A store that hangs does not keep a process from ending. */
const CLOSE_WITHIN_MS = 10_000

export class ClusterProjector {
  private readonly taken: Set<PartitionId>
  private readonly link: ProjectorLink<ToClusterProjector, ClusterProjectorAnswer>
  /** Requests under way, by number: what to do once they are done. */
  private readonly asked = new Map<number, () => void>()
  private inHand = 0
  /** Committed and not sent yet: gone before anything else is said, so that the thread hears everything in order. */
  private unsent: CommittedBatch[] = []
  private requests = 0

  private constructor(taken: Set<PartitionId>, link: ProjectorLink<ToClusterProjector, ClusterProjectorAnswer>) {
    this.taken = taken
    this.link = link
  }

  /** Resolves once journal and store are open. Rejects with DataSetError. */
  static async open(options: ClusterProjectorOptions, events: ProjectorEvents): Promise<ClusterProjector> {
    const taken = new Set<PartitionId>()
    const link = await ProjectorLink.open<ToClusterProjector, ClusterProjectorAnswer>({
      thread: new URL('./projectorThread.ts', import.meta.url),
      workerData: options,
      events,
      concerns: (partition) => taken.has(partition),
      heard: (answer) => projector.heard(answer),
    })
    const projector = new ClusterProjector(taken, link)
    return projector
  }

  /** The partition serves here from now on; its last durable batch is at this position. */
  take(partition: PartitionId, through: Position): void {
    this.taken.add(partition)
    this.post({ kind: 'take', partition, through })
  }

  /** A batch has become durable after the one at `after`. */
  committed(partition: PartitionId, after: Position, position: Position, bytes: Uint8Array): void {
    if (!this.taken.has(partition) || this.link.halted.has(partition)) return
    if (this.inHand + bytes.byteLength > MAX_IN_HAND) return this.post({ kind: 'through', partition, position })
    this.inHand += bytes.byteLength
    if (this.unsent.length === 0) setTimeout(() => this.sendCommitted(), SEND_EVERY_MS)
    this.unsent.push({ partition, after, position, bytes })
  }

  /** Resolves once the store has everything the partition was said to have, and its snapshots, or after `limitMs`. */
  settle(partition: PartitionId, limitMs: number): Promise<void> {
    if (!this.taken.has(partition) || this.link.ended) return Promise.resolve()
    const request = ++this.requests
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.asked.delete(request)
        resolve()
      }
      const timer = setTimeout(done, limitMs)
      this.asked.set(request, done)
      this.post({ kind: 'settle', partition, request })
    })
  }

  /** Takes the partition up again from its last round, a halted one too. Durable up to `through`. */
  retake(partition: PartitionId, through: Position): void {
    this.release(partition)
    this.take(partition, through)
  }

  /**
   * Takes everything of a partition out of the store; it must not serve anywhere. Resolves once that is done, however long
   * the store is away.
   */
  clear(partition: PartitionId): Promise<void> {
    if (this.link.ended) return Promise.reject(new Error('the projector has ended'))
    this.release(partition)
    const request = ++this.requests
    return new Promise((resolve) => {
      this.asked.set(request, () => {
        this.asked.delete(request)
        resolve()
      })
      this.post({ kind: 'clear', partition, request })
    })
  }

  release(partition: PartitionId): void {
    if (!this.taken.delete(partition)) return
    this.link.halted.delete(partition)
    this.link.known.forget(partition)
    this.post({ kind: 'release', partition })
  }

  get ok(): boolean {
    return this.link.ok
  }

  get haltedPartitions(): readonly PartitionId[] {
    return [...this.link.halted]
  }

  projectedSeq(partition: PartitionId): number {
    return this.link.known.projectedSeq(partition)
  }

  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void> {
    return this.link.known.reached(partition, seq, limitMs)
  }

  /** Finishes what is durable, as far as there is time, writes a last round of snapshots, and ends. */
  close(): Promise<void> {
    this.sendCommitted()
    return this.link.close({ kind: 'close' }, CLOSE_WITHIN_MS)
  }

  private post(message: ToClusterProjector): void {
    this.sendCommitted()
    this.link.post(message)
  }

  private sendCommitted(): void {
    if (this.unsent.length === 0) return
    const batches = this.unsent
    this.unsent = []
    this.link.post({ kind: 'batches', batches })
  }

  private heard(answer: ClusterProjectorAnswer): void {
    switch (answer.kind) {
      case 'consumed':
        this.inHand -= answer.bytes
        return
      case 'settled':
      case 'cleared':
        return this.asked.get(answer.request)?.()
    }
  }
}
