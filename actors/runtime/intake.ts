// The receiving end of M4 for one partition: takes envelopes of each source in the order of their numbers, once, and
// acknowledges them when the record that took them is durable.

import type { PartitionId } from '../../shared/ids.ts'
import type { LedgerState } from './ledgerState.ts'
import type { Limits } from './limits.ts'
import type { EnvelopeTransport, Scheduler } from './ports.ts'
import type { Envelope, LogRecord } from './record.ts'
import type { Slot } from './slot.ts'

export interface IntakeHost {
  readonly transport: EnvelopeTransport
  readonly scheduler: Scheduler
  readonly limits: Limits
  readonly ledger: LedgerState
  /** Calls back at once where the actor is resident. */
  withSlot(actor: string, use: (slot: Slot | null) => void): void
  isResident(actor: string): Slot | undefined
  /** Decides and records the envelope (never refuses to: a bad one is parked). */
  take(slot: Slot, envelope: Envelope): void
}

interface Source {
  readonly queue: Envelope[]
  /** Everything through this number has been queued or taken. */
  seen: number
  loading: boolean
  durable: number
  /** Of the durable ones: those that were sent back, as far as they are known, which is from `knownFrom` on. */
  readonly refused: number[]
  knownFrom: number
}

export class Intake {
  private readonly partition: PartitionId
  private readonly host: IntakeHost
  private readonly sources = new Map<PartitionId, Source>()
  private closed = false

  constructor(partition: PartitionId, host: IntakeHost) {
    this.partition = partition
    this.host = host
  }

  get idle(): boolean {
    for (const source of this.sources.values()) if (source.queue.length > 0) return false
    return true
  }

  close(): void {
    this.closed = true
  }

  deliver(from: PartitionId, envelopes: readonly Envelope[]): void {
    if (this.closed) return
    const source = this.source(from)
    let known = false
    for (const envelope of envelopes) {
      if (envelope.number <= source.seen) {
        known ||= envelope.number <= source.durable
        continue
      }
      // A gap, or more than the window allows: the source finds out by its probe.
      if (envelope.number !== source.seen + 1 || source.queue.length >= this.host.limits.envelopeWindow) break
      source.seen = envelope.number
      source.queue.push(envelope)
    }
    if (known) this.probe(from)
    this.loadAhead(envelopes, source)
    this.pump(source)
  }

  /** Answers with what is durable here. */
  probe(from: PartitionId): void {
    if (!this.closed) this.acknowledge(from)
  }

  /** Acknowledges the envelopes that these records, now durable, have taken. */
  committed(records: readonly LogRecord[]): void {
    const from = new Set<PartitionId>()
    for (const { cause, outcome } of records) {
      if (cause.kind !== 'envelope') continue
      const source = this.source(cause.source)
      source.durable = cause.number
      if (outcome.kind !== 'accepted') this.remember(source, cause.number)
      from.add(cause.source)
    }
    for (const source of from) this.acknowledge(source)
  }

  // What became of all that is remembered, each time: the acknowledgement that said so first may have been lost.
  private acknowledge(from: PartitionId): void {
    const { durable, knownFrom, refused } = this.source(from)
    this.host.transport.acknowledge(from, this.partition, durable, { from: knownFrom, refused: [...refused] })
  }

  // A5: the oldest are forgotten; of what lies before them nothing is said any more.
  private remember(source: Source, number: number): void {
    source.refused.push(number)
    if (source.refused.length <= this.host.limits.rememberedRefusals) return
    source.knownFrom = (source.refused.shift() ?? 0) + 1
  }

  private source(from: PartitionId): Source {
    let source = this.sources.get(from)
    if (source === undefined) {
      // M4: the watermark is kept for ever; at the start everything in it is durable.
      const watermark = this.host.ledger.watermarks.get(from) ?? 0
      source = {
        queue: [],
        seen: watermark,
        loading: false,
        durable: watermark,
        refused: [],
        knownFrom: watermark + 1,
      }
      this.sources.set(from, source)
    }
    return source
  }

  /** Starts loading every actor these will need, so that order costs one load and not one each. */
  private loadAhead(envelopes: readonly Envelope[], source: Source): void {
    for (const envelope of envelopes) {
      if (envelope.number > source.seen) return
      if (this.host.isResident(envelope.to) === undefined) this.host.withSlot(envelope.to, () => {})
    }
  }

  private pump(source: Source): void {
    if (source.loading) return
    let done = 0
    for (const envelope of source.queue) {
      const slot = this.host.isResident(envelope.to)
      if (slot === undefined) {
        source.queue.splice(0, done)
        return this.waitFor(source, envelope.to)
      }
      this.host.take(slot, envelope)
      if (this.closed) return
      done++
    }
    source.queue.length = 0
  }

  private waitFor(source: Source, actor: string): void {
    source.loading = true
    this.host.withSlot(actor, (slot) => {
      source.loading = false
      if (this.closed) return
      if (slot !== null) return this.pump(source)
      // The store could not answer: the envelope stays first in line.
      source.loading = true
      this.host.scheduler.after(this.host.limits.retryAfterMs, () => {
        source.loading = false
        this.pump(source)
      })
    })
  }
}
