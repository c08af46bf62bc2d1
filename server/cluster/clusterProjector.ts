// The main thread's end of a cluster process's projector: hands it what is committed, up to a bound (A5), and keeps what
// it reports. Beyond the bound batches are not sent: the thread reads them from the journal when it gets there.

import { Worker } from 'node:worker_threads'
import type { Position, Progress } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { dataSetError } from '../dataSetError.ts'
import type { ProjectorEvents } from '../store/embeddedProjector.ts'
import { ProjectionProgress } from '../store/projectionProgress.ts'
import type {
  ClusterProjectorOptions,
  CommittedBatch,
  FromClusterProjector,
  ToClusterProjector,
} from './projectorProtocol.ts'

/** Bytes of batches sent and not folded yet, at most. */
const MAX_IN_HAND = 64 * 1024 * 1024
/** The thread waits longer than that for company anyway, in ms. */
const SEND_EVERY_MS = 20
/** A store that hangs does not keep a process from ending. */
const CLOSE_WITHIN_MS = 10_000

export class ClusterProjector {
  private readonly worker: Worker
  private readonly events: ProjectorEvents
  private readonly known = new ProjectionProgress()
  private readonly halted = new Set<PartitionId>()
  private readonly taken = new Set<PartitionId>()
  /** Requests under way, by number: what to do once they are done. */
  private readonly asked = new Map<number, () => void>()
  private inHand = 0
  /** Committed and not sent yet: gone before anything else is said, so that the thread hears everything in order. */
  private unsent: CommittedBatch[] = []
  private requests = 0
  private ended = false
  private closed: Promise<void> | null = null
  private onClosed: (() => void) | null = null

  private constructor(worker: Worker, events: ProjectorEvents) {
    this.worker = worker
    this.events = events
    worker.on('message', (message: FromClusterProjector) => this.heard(message))
    worker.on('error', (error) => this.end(String(error)))
    worker.on('exit', () => this.end('its thread has ended'))
  }

  /** Resolves once journal and store are open. Rejects with DataSetError. */
  static open(options: ClusterProjectorOptions, events: ProjectorEvents): Promise<ClusterProjector> {
    const worker = new Worker(new URL('./projectorThread.ts', import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: 48 },
    })
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', (first: FromClusterProjector) => {
        worker.off('error', reject)
        if (first.kind === 'opened') return resolve(new ClusterProjector(worker, events))
        const failure = first.kind === 'refused' ? dataSetError(first.trouble) : new Error(`projector: ${first.kind}`)
        worker.terminate().then(() => reject(failure), reject)
      })
    })
  }

  /** The partition serves here from now on; its last durable batch is at this position. */
  take(partition: PartitionId, through: Position): void {
    this.taken.add(partition)
    this.post({ kind: 'take', partition, through })
  }

  /** A batch has become durable after the one at `after`. */
  committed(partition: PartitionId, after: Position, position: Position, bytes: Uint8Array): void {
    if (!this.taken.has(partition) || this.halted.has(partition)) return
    if (this.inHand + bytes.byteLength > MAX_IN_HAND) return this.post({ kind: 'through', partition, position })
    this.inHand += bytes.byteLength
    if (this.unsent.length === 0) setTimeout(() => this.sendCommitted(), SEND_EVERY_MS)
    this.unsent.push({ partition, after, position, bytes })
  }

  /** Resolves once the store has everything the partition was said to have, and its snapshots, or after `limitMs`. */
  settle(partition: PartitionId, limitMs: number): Promise<void> {
    if (!this.taken.has(partition) || this.ended) return Promise.resolve()
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
    if (this.ended) return Promise.reject(new Error('the projector has ended'))
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
    this.halted.delete(partition)
    this.known.forget(partition)
    this.post({ kind: 'release', partition })
  }

  get ok(): boolean {
    return !this.ended && this.halted.size === 0
  }

  get haltedPartitions(): readonly PartitionId[] {
    return [...this.halted]
  }

  projectedSeq(partition: PartitionId): number {
    return this.known.projectedSeq(partition)
  }

  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void> {
    return this.known.reached(partition, seq, limitMs)
  }

  /** Finishes what is durable, as far as there is time, writes a last round of snapshots, and ends. */
  close(): Promise<void> {
    this.closed ??= (async () => {
      if (this.ended) return
      const closed = new Promise<void>((resolve) => {
        this.onClosed = resolve
      })
      this.post({ kind: 'close' })
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())
      await Promise.race([closed, late])
      this.ended = true
      await this.worker.terminate()
    })()
    return this.closed
  }

  private post(message: ToClusterProjector): void {
    this.sendCommitted()
    if (!this.ended) this.worker.postMessage(message)
  }

  private sendCommitted(): void {
    if (this.unsent.length === 0) return
    const batches = this.unsent
    this.unsent = []
    if (!this.ended) this.worker.postMessage({ kind: 'batches', batches } satisfies ToClusterProjector)
  }

  private heard(message: FromClusterProjector): void {
    switch (message.kind) {
      case 'progress':
        for (const progress of message.progress) this.note(progress)
        return
      case 'consumed':
        this.inHand -= message.bytes
        return
      case 'settled':
      case 'cleared':
        return this.asked.get(message.request)?.()
      case 'halted':
        return this.halt(message.partition, message.seq, message.reason)
      case 'trouble':
        return this.events.onAlarm('projector.trouble', { error: message.error })
      case 'closed':
        this.ended = true
        this.onClosed?.()
    }
  }

  private halt(partition: PartitionId, seq: number, reason: string): void {
    if (!this.taken.has(partition)) return
    this.halted.add(partition)
    this.events.onAlarm('projector.halted', { partition, seq, reason })
    this.events.onHalt?.(partition, seq, reason)
  }

  private note(progress: Progress): void {
    if (!this.taken.has(progress.partition)) return
    this.known.note(progress)
    this.events.onProgress(progress)
  }

  private end(why: string): void {
    if (this.ended) return
    this.ended = true
    this.events.onLost(why)
    this.onClosed?.()
  }
}
