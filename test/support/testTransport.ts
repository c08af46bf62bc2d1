// Carries envelopes within a test, at once and in order unless it is told to lose, hold back or repeat them.

import type { EnvelopeTransport, Taken } from '../../actors/runtime/ports.ts'
import type { Envelope } from '../../actors/runtime/record.ts'
import type { PartitionId } from '../../shared/ids.ts'

export type Carried =
  | {
      readonly kind: 'deliver'
      readonly source: PartitionId
      readonly destination: PartitionId
      readonly envelopes: readonly Envelope[]
    }
  | {
      readonly kind: 'acknowledge'
      readonly source: PartitionId
      readonly destination: PartitionId
      readonly through: number
      readonly taken: Taken
    }
  | { readonly kind: 'probe'; readonly source: PartitionId; readonly destination: PartitionId }

type Fate = 'carry' | 'lose' | 'twice'

export class TestTransport implements EnvelopeTransport {
  readonly carried: Carried[] = []
  /** What becomes of each message. */
  fate: (message: Carried) => Fate = () => 'carry'
  private receiver: EnvelopeTransport | null = null

  attach(receiver: EnvelopeTransport): void {
    this.receiver = receiver
  }

  of<Kind extends Carried['kind']>(kind: Kind): readonly Extract<Carried, { kind: Kind }>[] {
    return this.carried.filter((message): message is Extract<Carried, { kind: Kind }> => message.kind === kind)
  }

  deliver(source: PartitionId, destination: PartitionId, envelopes: readonly Envelope[]): void {
    this.carry({ kind: 'deliver', source, destination, envelopes })
  }

  acknowledge(source: PartitionId, destination: PartitionId, through: number, taken: Taken): void {
    this.carry({ kind: 'acknowledge', source, destination, through, taken })
  }

  probe(source: PartitionId, destination: PartitionId): void {
    this.carry({ kind: 'probe', source, destination })
  }

  /** Hands a message over whatever `fate` says: one that was under way for long. */
  arrive(message: Carried): void {
    const { source, destination } = message
    switch (message.kind) {
      case 'deliver':
        return this.receiver?.deliver(source, destination, message.envelopes)
      case 'acknowledge':
        return this.receiver?.acknowledge(source, destination, message.through, message.taken)
      case 'probe':
        return this.receiver?.probe(source, destination)
    }
  }

  private carry(message: Carried): void {
    this.carried.push(message)
    const fate = this.fate(message)
    if (fate === 'lose') return
    this.arrive(message)
    if (fate === 'twice') this.arrive(message)
  }
}
