// Asks to and from other processes. Those for one partition that come up in one turn of the loop leave as one message,
// and so do the answers to one process: a message costs more than what is in it. NATS itself answers for a partition
// that nobody serves.

import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core'
import type { RemoteAsk, RemoteOutcome } from '../../actors/cluster/ports.ts'
import type { PartitionId } from '../../shared/ids.ts'
import type { Listen } from './listen.ts'
import { decodeWire, encodeWire } from './wireText.ts'

/** How often asks that got no answer are looked for, in ms. */
const SWEEP_MS = 100
/** Asks without an answer at a time. */
const MAX_WAITING = 50_000
/** Asks in one message: far below what a server takes in one. */
const MAX_IN_MESSAGE = 256

interface Waiting {
  readonly untilMs: number
  readonly answered: (outcome: RemoteOutcome) => void
}

type Handler = (ask: RemoteAsk, reply: (outcome: RemoteOutcome) => void) => void

export class RemoteAsks {
  private readonly connection: NatsConnection
  private readonly listen: Listen
  private readonly subjectOf: (partition: PartitionId) => string
  private readonly inbox: string
  private readonly replies: Subscription
  private readonly waiting = new Map<number, Waiting>()
  /** Asks of messages on their way, by message: for NATS' own answer. */
  private readonly messages = new Map<number, readonly number[]>()
  private readonly outgoing = new Map<PartitionId, [number, RemoteAsk][]>()
  private readonly answers = new Map<string, [number, RemoteOutcome][]>()
  private readonly sweeper: NodeJS.Timeout
  private lastId = 0
  private lastMessage = 0
  private flushScheduled = false

  /** `inbox` is a subject of this process's own. */
  constructor(
    connection: NatsConnection,
    listen: Listen,
    inbox: string,
    subjectOf: (partition: PartitionId) => string,
  ) {
    this.connection = connection
    this.listen = listen
    this.subjectOf = subjectOf
    this.inbox = inbox
    this.replies = listen(`${inbox}.*`, (message) => this.heard(message))
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS)
  }

  ask(partition: PartitionId, ask: RemoteAsk, timeoutMs: number, answered: (outcome: RemoteOutcome) => void): void {
    // A5: whoever asked pauses, and there the bound is that tells the client.
    if (this.waiting.size >= MAX_WAITING) return answered({ kind: 'lost' })
    const id = ++this.lastId
    this.waiting.set(id, { untilMs: performance.now() + timeoutMs, answered })
    const asks = this.outgoing.get(partition)
    if (asks === undefined) this.outgoing.set(partition, [[id, ask]])
    else asks.push([id, ask])
    this.scheduleFlush()
  }

  /** Serves the asks that arrive for a partition. Answers a function that ends it. */
  serve(partition: PartitionId, handle: Handler): () => void {
    const subscription = this.listen(this.subjectOf(partition), (message) => {
      if (message.reply !== undefined) this.take(message, message.reply, handle)
    })
    // Those on their way are still told that it has moved, rather than nothing.
    return () => void subscription.drain().catch(() => {})
  }

  get pending(): number {
    return this.waiting.size
  }

  close(): void {
    clearInterval(this.sweeper)
    this.replies.unsubscribe()
    for (const { answered } of this.waiting.values()) answered({ kind: 'lost' })
    this.waiting.clear()
  }

  private take(message: Msg, reply: string, handle: Handler): void {
    const back = reply.slice(0, reply.lastIndexOf('.'))
    for (const [id, ask] of decodeWire<[number, RemoteAsk][]>(message.string())) {
      handle(ask, (outcome) => {
        const answers = this.answers.get(back)
        if (answers === undefined) this.answers.set(back, [[id, outcome]])
        else answers.push([id, outcome])
        this.scheduleFlush()
      })
    }
  }

  private heard(message: Msg): void {
    const token = message.subject.slice(this.inbox.length + 1)
    if (message.headers?.code === 503) {
      const ids = this.messages.get(Number(token)) ?? []
      this.messages.delete(Number(token))
      for (const id of ids) this.settle(id, { kind: 'nobody' })
      return
    }
    for (const [id, outcome] of decodeWire<[number, RemoteOutcome][]>(message.string())) this.settle(id, outcome)
  }

  private settle(id: number, outcome: RemoteOutcome): void {
    const waiting = this.waiting.get(id)
    // A second answer, from an owner that did not know that it was one no more, comes to nothing.
    if (!this.waiting.delete(id)) return
    waiting?.answered(outcome)
  }

  private scheduleFlush(): void {
    if (this.flushScheduled) return
    this.flushScheduled = true
    setImmediate(() => {
      this.flushScheduled = false
      this.flush()
    })
  }

  private flush(): void {
    for (const [partition, asks] of this.outgoing) {
      for (let at = 0; at < asks.length; at += MAX_IN_MESSAGE)
        this.publishAsks(partition, asks.slice(at, at + MAX_IN_MESSAGE))
    }
    this.outgoing.clear()
    for (const [back, answers] of this.answers) {
      for (let at = 0; at < answers.length; at += MAX_IN_MESSAGE) {
        this.publish(`${back}.a`, encodeWire(answers.slice(at, at + MAX_IN_MESSAGE)))
      }
    }
    this.answers.clear()
  }

  private publishAsks(partition: PartitionId, asks: readonly [number, RemoteAsk][]): void {
    const message = ++this.lastMessage
    const ids = asks.map(([id]) => id)
    this.messages.set(message, ids)
    if (this.publish(this.subjectOf(partition), encodeWire(asks), `${this.inbox}.${message}`)) return
    this.messages.delete(message)
    for (const id of ids) this.settle(id, { kind: 'lost' })
  }

  /** False where it cannot leave: the connection is closed. */
  private publish(subject: string, text: string, reply?: string): boolean {
    try {
      this.connection.publish(subject, text, reply === undefined ? {} : { reply })
      return true
    } catch {
      return false
    }
  }

  private sweep(): void {
    const nowMs = performance.now()
    for (const [id, { untilMs, answered }] of this.waiting) {
      if (untilMs > nowMs) continue
      this.waiting.delete(id)
      answered({ kind: 'lost' })
    }
    // What has no ask left that waits for it needs no answer of NATS' own.
    for (const [message, ids] of this.messages) {
      if (ids.some((id) => this.waiting.has(id))) break
      this.messages.delete(message)
    }
  }
}
