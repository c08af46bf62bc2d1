// The main thread's end of the projector: tells its thread what is durable, keeps what it reports, and lets history wait
// for the position its caller knows of (S1).

import { Worker } from 'node:worker_threads'
import type { Position, Progress } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { dataSetError } from '../dataSetError.ts'
import { ProjectionProgress } from './projectionProgress.ts'
import type { FromProjector, ProjectorOptions, ToProjector } from './storeProtocol.ts'

export interface ProjectorEvents {
  readonly onProgress: (progress: Progress) => void
  /** S1: the partition stays halted, at the batch that begins with record `seq`. An alarm tells it as well. */
  readonly onHalt?: (partition: PartitionId, seq: number, reason: string) => void
  /** S1: a halted partition stays halted; a trouble is being retried. */
  readonly onAlarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
  /** The thread has ended by itself: a bug, or no memory. */
  readonly onLost: (why: string) => void
}

export class EmbeddedProjector {
  private readonly worker: Worker
  private readonly events: ProjectorEvents
  private readonly known = new ProjectionProgress()
  private readonly halted = new Set<PartitionId>()
  private durable: Position = 0
  private announced: Position = 0
  private scheduled = false
  private closed: Promise<void> | null = null
  private onClosed: (() => void) | null = null
  private ended = false

  private constructor(worker: Worker, events: ProjectorEvents) {
    this.worker = worker
    this.events = events
    worker.on('message', (message: FromProjector) => this.heard(message))
    worker.on('error', (error) => this.end(String(error)))
    worker.on('exit', () => this.end('its thread has ended'))
  }

  /** Resolves once the store's file is there and every partition is taken up. Rejects with DataSetError. */
  static open(options: ProjectorOptions, events: ProjectorEvents): Promise<EmbeddedProjector> {
    const worker = new Worker(new URL('./projectorThread.ts', import.meta.url), {
      workerData: options,
      resourceLimits: { maxYoungGenerationSizeMb: 48 },
    })
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', (first: FromProjector) => {
        worker.off('error', reject)
        if (first.kind === 'opened') return resolve(new EmbeddedProjector(worker, events))
        const failure = first.kind === 'refused' ? dataSetError(first.trouble) : new Error(`projector: ${first.kind}`)
        worker.terminate().then(() => reject(failure), reject)
      })
    })
  }

  /** Everything up to this position is durable. Told on at most once a turn of the loop. */
  committed(position: Position): void {
    this.durable = Math.max(this.durable, position)
    if (this.scheduled || this.closed !== null) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.announce()
    })
  }

  get ok(): boolean {
    return !this.ended && this.halted.size === 0
  }

  projectedSeq(partition: PartitionId): number {
    return this.known.projectedSeq(partition)
  }

  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void> {
    return this.known.reached(partition, seq, limitMs)
  }

  /** Finishes what is durable, writes a last round of snapshots, and ends. */
  close(): Promise<void> {
    this.closed ??= (async () => {
      if (this.ended) return
      this.announce()
      const closed = new Promise<void>((resolve) => {
        this.onClosed = resolve
      })
      this.worker.postMessage({ kind: 'close' } satisfies ToProjector)
      await closed
      await this.worker.terminate()
    })()
    return this.closed
  }

  private announce(): void {
    if (this.durable <= this.announced || this.ended) return
    this.announced = this.durable
    this.worker.postMessage({ kind: 'through', position: this.durable } satisfies ToProjector)
  }

  private heard(message: FromProjector): void {
    switch (message.kind) {
      case 'progress':
        for (const progress of message.progress) this.note(progress)
        return
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
    this.halted.add(partition)
    this.events.onAlarm('projector.halted', { partition, seq, reason })
    this.events.onHalt?.(partition, seq, reason)
  }

  private note(progress: Progress): void {
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
