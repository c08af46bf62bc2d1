// Envelopes between partitions (M4), here or on other processes. Over the wire they may be lost, doubled and overtaken:
// numbers, watermarks and probes make up for it.

import type { NatsConnection } from '@nats-io/nats-core'
import type { EnvelopeTransport, Taken } from '../../actors/runtime/ports.ts'
import type { Envelope } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Listen } from './listen.ts'
import { decodeWire, encodeWire } from './wireText.ts'

type Message =
  | { readonly kind: 'deliver'; readonly source: PartitionId; readonly envelopes: readonly Envelope[] }
  | { readonly kind: 'acknowledge'; readonly from: PartitionId; readonly through: number; readonly taken: Taken }
  | { readonly kind: 'probe'; readonly source: PartitionId }

/** The runtime of this process, as far as envelopes need it. */
export interface Here extends EnvelopeTransport {
  partition(id: PartitionId): unknown
}

/** Characters of one message, at most, where it can be cut: well below what a server takes. */
const MAX_TEXT = 256 * 1024

export class NatsEnvelopes implements EnvelopeTransport {
  private readonly connection: NatsConnection
  private readonly listen: Listen
  private readonly prefix: string
  private here: Here | null = null

  constructor(connection: NatsConnection, listen: Listen, dataSet: string) {
    this.connection = connection
    this.listen = listen
    this.prefix = `leet.${dataSet}.env`
  }

  attach(here: Here): void {
    this.here = here
  }

  /** Receives for a partition that serves here. Answers a function that ends it. */
  open(partition: PartitionId): () => void {
    const subscription = this.listen(`${this.prefix}.${partition}`, (message) =>
      this.heard(partition, decodeWire<Message>(message.string())),
    )
    return () => subscription.unsubscribe()
  }

  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void {
    if (this.isHere(destination)) this.here?.deliver(source, destination, envelopes)
    else this.send(destination, source, envelopes)
  }

  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    if (this.isHere(source)) this.here?.acknowledge(source, destination, through, taken)
    else this.publish(source, { kind: 'acknowledge', from: destination, through, taken })
  }

  probe(source: PartitionId, destination: PartitionId): void {
    if (this.isHere(destination)) this.here?.probe(source, destination)
    else this.publish(destination, { kind: 'probe', source })
  }

  private isHere(partition: PartitionId): boolean {
    return this.here?.partition(partition) !== undefined
  }

  private send(destination: PartitionId, source: PartitionId, envelopes: readonly Envelope[]): void {
    const text = encodeWire({ kind: 'deliver', source, envelopes } satisfies Message)
    if (text.length <= MAX_TEXT || envelopes.length < 2) return this.publishText(destination, text)
    const half = envelopes.length >> 1
    this.send(destination, source, envelopes.slice(0, half))
    this.send(destination, source, envelopes.slice(half))
  }

  private publish(to: PartitionId, message: Message): void {
    this.publishText(to, encodeWire(message))
  }

  private publishText(to: PartitionId, text: string): void {
    try {
      this.connection.publish(`${this.prefix}.${to}`, text)
    } catch {
      // Closed: the probe of a later owner finds out what did not arrive.
    }
  }

  private heard(partition: PartitionId, message: Message): void {
    switch (message.kind) {
      case 'deliver':
        return this.here?.deliver(message.source, partition, message.envelopes)
      case 'acknowledge':
        return this.here?.acknowledge(partition, message.from, message.through, message.taken)
      case 'probe':
        return this.here?.probe(message.source, partition)
    }
  }
}
