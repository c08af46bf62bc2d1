// The way to other processes over NATS subjects (docs/cluster.md): whoever owns a partition subscribes to its subjects,
// so that NATS itself is the directory. Everything here may be lost or come twice.

import { type NatsConnection, NoRespondersError, RequestError, TimeoutError } from '@nats-io/nats-core'
import type {
  HandOver,
  MemberId,
  PartitionService,
  RemoteAsk,
  RemoteOutcome,
  Wire,
} from '../../actors/cluster/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Listen } from './listen.ts'
import { RemoteAsks } from './remoteAsks.ts'

/** Longer than an owner takes to say that it is letting go; short enough for one that was stopped. */
const CONTROL_TIMEOUT_MS = 800

export class NatsWire implements Wire {
  private readonly connection: NatsConnection
  private readonly listen: Listen
  private readonly prefix: string
  private readonly asks: RemoteAsks

  constructor(connection: NatsConnection, listen: Listen, dataSet: string, me: MemberId) {
    this.connection = connection
    this.listen = listen
    this.prefix = `leet.${dataSet}`
    const subjectOf = (partition: PartitionId): string => this.subject('ask', partition)
    this.asks = new RemoteAsks(connection, listen, `${this.prefix}.back.${me}`, subjectOf)
  }

  /** Answers what others ask about this member; `serves` says whether a partition is here, or about to be. */
  answerFor(me: MemberId, serves: (partition: PartitionId) => boolean): void {
    this.listen(this.subject('member', me), (message) => {
      message.respond(serves(Number(message.string())) ? 'yes' : 'no')
    })
  }

  ask(partition: PartitionId, ask: RemoteAsk, timeoutMs: number, answered: (outcome: RemoteOutcome) => void): void {
    this.asks.ask(partition, ask, timeoutMs, answered)
  }

  async requestHandOver(partition: PartitionId, to: MemberId): Promise<HandOver | 'nobody' | 'lost'> {
    const answer = await this.request(this.subject('own', partition), to)
    if (answer.kind === 'answer') return isHandOver(answer.text) ? answer.text : 'lost'
    return answer.kind
  }

  async serves(member: MemberId, partition: PartitionId): Promise<boolean | null> {
    const answer = await this.request(this.subject('member', member), String(partition))
    return answer.kind === 'answer' ? answer.text === 'yes' : null
  }

  open(partition: PartitionId, service: PartitionService): () => void {
    const endAsks = this.asks.serve(partition, (ask, reply) => service.ask(ask, reply))
    const hands = this.listen(this.subject('own', partition), (message) => {
      void service
        .handOver(message.string())
        .then((answer) => message.respond(answer))
        .catch(() => {})
    })
    return () => {
      endAsks()
      hands.unsubscribe()
    }
  }

  close(): void {
    this.asks.close()
  }

  private subject(what: string, whose: PartitionId | MemberId): string {
    return `${this.prefix}.${what}.${whose}`
  }

  private async request(
    subject: string,
    text: string,
  ): Promise<{ readonly kind: 'answer'; readonly text: string } | { readonly kind: 'nobody' | 'lost' }> {
    try {
      const message = await this.connection.request(subject, text, { timeout: CONTROL_TIMEOUT_MS })
      return { kind: 'answer', text: message.string() }
    } catch (error) {
      if (error instanceof NoRespondersError) return { kind: 'nobody' }
      if (error instanceof RequestError && error.isNoResponders()) return { kind: 'nobody' }
      if (error instanceof TimeoutError) return { kind: 'lost' }
      // Closed, or not connected: nothing is known.
      return { kind: 'lost' }
    }
  }
}

function isHandOver(text: string): text is HandOver {
  return text === 'released' || text === 'releasing' || text === 'refused'
}
