// The network between partitions: messages are dropped, doubled, delayed past each other, cut into smaller ones, and
// sometimes handed to a node that lost the partition without knowing. M4's numbers and watermarks have to cope.

import type { EnvelopeTransport, Taken } from '../../actors/runtime/ports.ts'
import type { Envelope } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Report } from './coverage.ts'
import type { Faults } from './faults.ts'
import type { Prng } from './prng.ts'
import type { SimLoop } from './simScheduler.ts'

/** A node that can be handed messages: its task owner and its runtime's receiving end. */
export interface Endpoint {
  readonly name: string
  readonly receiver: EnvelopeTransport
}

export interface Routes {
  /** Whoever is routed to as the owner of a partition now, or null while nobody is. */
  owner(partition: PartitionId): Endpoint | null
  /** Everyone who has ever owned it and is still running. */
  formerOwners(partition: PartitionId): readonly Endpoint[]
}

/** What leaves a node is checked before the network can spoil it (A4). */
export interface WireWatch {
  delivering(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void
  acknowledging(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void
}

export class FaultyTransport implements EnvelopeTransport {
  private readonly loop: SimLoop
  private readonly routes: Routes
  private readonly prng: Prng
  private readonly faults: () => Faults
  private readonly report: Report
  private readonly watch: WireWatch

  constructor(loop: SimLoop, routes: Routes, prng: Prng, faults: () => Faults, report: Report, watch: WireWatch) {
    this.loop = loop
    this.routes = routes
    this.prng = prng
    this.faults = faults
    this.report = report
    this.watch = watch
  }

  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void {
    this.watch.delivering(source, destination, envelopes)
    for (const part of this.cut(structuredClone(envelopes))) {
      this.send('deliver', destination, (receiver) => receiver.deliver(source, destination, part))
    }
  }

  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    this.watch.acknowledging(source, destination, through, taken)
    const copy = structuredClone(taken)
    this.send('acknowledge', source, (receiver) => receiver.acknowledge(source, destination, through, copy))
  }

  probe(source: PartitionId, destination: PartitionId): void {
    this.send('probe', destination, (receiver) => receiver.probe(source, destination))
  }

  private send(label: string, to: PartitionId, hand: (receiver: EnvelopeTransport) => void): void {
    const { messageDropped, messageTwice } = this.faults()
    if (this.prng.chance(messageDropped)) {
      this.report.count(`${label}Dropped`)
      return
    }
    this.sendOnce(label, to, hand)
    if (!this.prng.chance(messageTwice)) return
    this.report.count(`${label}Twice`)
    this.sendOnce(label, to, hand)
  }

  private sendOnce(label: string, to: PartitionId, hand: (receiver: EnvelopeTransport) => void): void {
    const { messageMs, messageAstray } = this.faults()
    const slow = this.prng.chance(0.05) ? 20 : 1
    this.loop.add('network', label, this.prng.between(0, messageMs) * slow, () => {
      const former = this.routes.formerOwners(to)
      const astray = former.length > 0 && this.prng.chance(messageAstray)
      const endpoint = astray ? this.prng.pick(former) : this.routes.owner(to)
      if (endpoint === null) return
      if (astray) this.report.count('messageAstray')
      // Through the receiver's own queue: a paused node hears it when it wakes, a crashed one never.
      this.loop.add(endpoint.name, `${label} ${to}`, 0, () => hand(endpoint.receiver))
    })
  }

  private cut(envelopes: readonly Envelope[]): readonly (readonly Envelope[])[] {
    if (envelopes.length < 2 || this.prng.chance(0.7)) return [envelopes]
    const at = this.prng.between(1, envelopes.length - 1)
    return [envelopes.slice(0, at), envelopes.slice(at)]
  }
}
