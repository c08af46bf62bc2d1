// The main thread's end of the embedded projector: tells its thread what is durable, and lets history wait for the
// position its caller knows of (S1).

import type { Position } from '../../actors/runtime/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import { type ProjectorEvents, ProjectorLink } from './projectorLink.ts'
import type { ProjectorOptions, ToProjector } from './storeProtocol.ts'

export class EmbeddedProjector {
  private readonly link: ProjectorLink<ToProjector>
  private durable: Position = 0
  private announced: Position = 0
  private scheduled = false
  private closing = false

  private constructor(link: ProjectorLink<ToProjector>) {
    this.link = link
  }

  /** Resolves once the store's file is there and every partition is taken up. Rejects with DataSetError. */
  static async open(options: ProjectorOptions, events: ProjectorEvents): Promise<EmbeddedProjector> {
    const thread = new URL('./projectorThread.ts', import.meta.url)
    return new EmbeddedProjector(await ProjectorLink.open({ thread, workerData: options, events }))
  }

  /** Everything up to this position is durable. Told on at most once a turn of the loop. */
  committed(position: Position): void {
    this.durable = Math.max(this.durable, position)
    if (this.scheduled || this.closing) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.announce()
    })
  }

  get ok(): boolean {
    return this.link.ok
  }

  projectedSeq(partition: PartitionId): number {
    return this.link.known.projectedSeq(partition)
  }

  reached(partition: PartitionId, seq: number, limitMs: number): Promise<void> {
    return this.link.known.reached(partition, seq, limitMs)
  }

  /** Finishes what is durable, writes a last round of snapshots, and ends. */
  close(): Promise<void> {
    if (!this.closing) this.announce()
    this.closing = true
    return this.link.close({ kind: 'close' })
  }

  private announce(): void {
    if (this.durable <= this.announced) return
    this.announced = this.durable
    this.link.post({ kind: 'through', position: this.durable })
  }
}
