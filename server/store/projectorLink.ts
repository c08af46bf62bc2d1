// The main thread's end of a projector's thread, whichever store that keeps: its start, what it reports, and its end.

import { Worker } from 'node:worker_threads'
import type { Progress } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { type DataSetTrouble, dataSetError } from '../dataSetError.ts'
import { ProjectionProgress } from './projectionProgress.ts'

export interface ProjectorEvents {
  readonly onProgress: (progress: Progress) => void
  /** S1: the partition stays halted, at the batch that begins with record `seq`. An alarm tells it as well. */
  readonly onHalt?: (partition: PartitionId, seq: number, reason: string) => void
  /** S1: a halted partition stays halted; a trouble is being retried. */
  readonly onAlarm: (event: string, detail: Readonly<Record<string, unknown>>) => void
  /** The thread has ended by itself: a bug, or no memory. */
  readonly onLost: (why: string) => void
}

/** What every projector's thread says. The first is `opened` or `refused`, the last `closed`. */
export type ProjectorReport =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly trouble: DataSetTrouble }
  | { readonly kind: 'progress'; readonly progress: readonly Progress[] }
  | { readonly kind: 'halted'; readonly partition: PartitionId; readonly seq: number; readonly reason: string }
  | { readonly kind: 'trouble'; readonly error: string }
  | { readonly kind: 'closed' }

export interface LinkOptions<Other> {
  readonly thread: URL
  readonly workerData: unknown
  readonly events: ProjectorEvents
  /** Whether what is said of a partition still matters; all of it does where this is not given. */
  readonly concerns?: (partition: PartitionId) => boolean
  /** Told of what is no report. */
  readonly heard?: (message: Other) => void
}

const MAX_YOUNG_GENERATION_MB = 48

/** `To`: what the thread is told. `Other`: what it says beyond reports. */
export class ProjectorLink<To, Other extends { readonly kind: string } = never> {
  readonly known = new ProjectionProgress()
  readonly halted = new Set<PartitionId>()
  private readonly worker: Worker
  private readonly options: LinkOptions<Other>
  private isEnded = false
  private closed: Promise<void> | null = null
  private onClosed: () => void = () => {}

  private constructor(worker: Worker, options: LinkOptions<Other>) {
    this.worker = worker
    this.options = options
    worker.on('message', (message: ProjectorReport | Other) => this.heard(message))
    worker.on('error', (error) => this.end(String(error)))
    worker.on('exit', () => this.end('its thread has ended'))
  }

  /** Resolves once the thread has opened what it needs. Rejects with DataSetError where that is refused. */
  static open<To, Other extends { readonly kind: string } = never>(
    options: LinkOptions<Other>,
  ): Promise<ProjectorLink<To, Other>> {
    const { thread, workerData } = options
    const worker = new Worker(thread, {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_GENERATION_MB },
    })
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the projector’s thread has ended'))
      const heard = (report: ProjectorReport): void => {
        // What is in its way while it opens is not the end of it.
        if (report.kind === 'trouble') return options.events.onAlarm('projector.trouble', { error: report.error })
        worker.off('error', reject).off('exit', ended).off('message', heard)
        if (report.kind === 'opened') return resolve(new ProjectorLink(worker, options))
        const failure =
          report.kind === 'refused' ? dataSetError(report.trouble) : new Error(`projector: ${report.kind}`)
        worker.terminate().then(() => reject(failure), reject)
      }
      worker.on('error', reject).on('exit', ended).on('message', heard)
    })
  }

  /** Ended, by itself or since it was closed. */
  get ended(): boolean {
    return this.isEnded
  }

  get ok(): boolean {
    return !this.isEnded && this.halted.size === 0
  }

  /** Nobody hears it where the thread has ended. */
  post(message: To): void {
    if (!this.isEnded) this.worker.postMessage(message)
  }

  /** Tells the thread its last message and waits until it has closed, or for `withinMs`; then ends it. Once. */
  close(last: To, withinMs: number | null = null): Promise<void> {
    this.closed ??= (async () => {
      if (this.isEnded) return
      const closed = new Promise<void>((resolve) => {
        this.onClosed = resolve
      })
      this.post(last)
      const late = withinMs === null ? [] : [new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref())]
      await Promise.race([closed, ...late])
      this.isEnded = true
      await this.worker.terminate()
    })()
    return this.closed
  }

  private heard(message: ProjectorReport | Other): void {
    if (!isReport(message)) return this.options.heard?.(message)
    switch (message.kind) {
      case 'progress':
        for (const progress of message.progress) this.note(progress)
        return
      case 'halted':
        return this.halt(message.partition, message.seq, message.reason)
      case 'trouble':
        return this.options.events.onAlarm('projector.trouble', { error: message.error })
      case 'closed':
        this.isEnded = true
        return this.onClosed()
      case 'opened':
      case 'refused':
        return
    }
  }

  private concerns(partition: PartitionId): boolean {
    return this.options.concerns?.(partition) ?? true
  }

  private halt(partition: PartitionId, seq: number, reason: string): void {
    if (!this.concerns(partition)) return
    const { events } = this.options
    this.halted.add(partition)
    events.onAlarm('projector.halted', { partition, seq, reason })
    events.onHalt?.(partition, seq, reason)
  }

  private note(progress: Progress): void {
    if (!this.concerns(progress.partition)) return
    this.known.note(progress)
    this.options.events.onProgress(progress)
  }

  private end(why: string): void {
    if (this.isEnded) return
    this.isEnded = true
    this.options.events.onLost(why)
    this.onClosed()
  }
}

const REPORTS: ReadonlySet<string> = new Set([
  'opened',
  'refused',
  'progress',
  'halted',
  'trouble',
  'closed',
] satisfies ProjectorReport['kind'][])

function isReport(message: { readonly kind: string }): message is ProjectorReport {
  return REPORTS.has(message.kind)
}
