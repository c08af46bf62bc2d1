// Requests and their answers over one subscription. The client's own request() makes a timer, a race and three promises
// each; an append has one answer and a deadline that is hardly ever reached, and has to hear at once that the connection
// broke. Answers come in the order the server gave them; what was under way when the connection broke never comes.

import { createInbox, type Msg, type MsgHdrs, type Subscription } from '@nats-io/transport-node'
import type { NatsLink } from './natsLink.ts'

/** An answer, or why none will come: the connection broke, or the time is over. */
export type Reply = Msg | 'lost' | 'late'

/** Called for each answer until it says that it wants no more, or has been told that none will come. */
export type ReplyHandler = (reply: Reply) => 'more' | 'done'

export interface Question {
  readonly subject: string
  readonly payload: Uint8Array | string
  readonly headers?: MsgHdrs
  readonly withinMs: number
}

interface Asked {
  readonly handler: ReplyHandler
  readonly deadlineMs: number
}

const SWEEP_EVERY_MS = 50
const NO_RESPONDERS = 503

/** Nobody serves that subject: the server itself says so, at once. */
export function isNobody(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === NO_RESPONDERS
}

export class ReplyInbox {
  private readonly link: NatsLink
  private readonly prefix: string
  private readonly subscription: Subscription
  private readonly stopListening: () => void
  /** Bounded by who asks: an append a partition, a few reads. */
  private readonly asked = new Map<string, Asked>()
  private asks = 0
  private sweeper: NodeJS.Timeout | null = null

  constructor(link: NatsLink) {
    this.link = link
    this.prefix = `${createInbox()}.`
    this.subscription = link.connection.subscribe(`${this.prefix}*`, {
      callback: (error, message) => {
        if (error === null) this.heard(message)
      },
    })
    this.stopListening = link.onLost(() => this.endAll())
  }

  /** Sends, and tells the handler what comes back. Never throws. */
  ask({ subject, payload, headers, withinMs }: Question, handler: ReplyHandler): void {
    const token = (this.asks++).toString(36)
    this.asked.set(token, { handler, deadlineMs: performance.now() + withinMs })
    this.sweeper ??= setInterval(() => this.sweep(), SWEEP_EVERY_MS)
    // The client would keep it for the next connection, and drop it there.
    if (!this.link.connected) return this.end(token, 'lost')
    try {
      const reply = this.prefix + token
      this.link.connection.publish(subject, payload, headers === undefined ? { reply } : { reply, headers })
    } catch {
      // Closed, or larger than this server takes: nothing was sent.
      this.end(token, 'lost')
    }
  }

  close(): void {
    this.stopListening()
    this.endAll()
    if (!this.link.connection.isClosed()) this.subscription.unsubscribe()
  }

  private heard(message: Msg): void {
    const token = message.subject.slice(this.prefix.length)
    if (this.asked.get(token)?.handler(message) === 'done') this.forget(token)
  }

  private end(token: string, why: 'lost' | 'late'): void {
    const asked = this.asked.get(token)
    this.forget(token)
    asked?.handler(why)
  }

  private endAll(): void {
    for (const token of [...this.asked.keys()]) this.end(token, 'lost')
  }

  private sweep(): void {
    const nowMs = performance.now()
    for (const [token, { deadlineMs }] of [...this.asked]) if (deadlineMs <= nowMs) this.end(token, 'late')
  }

  private forget(token: string): void {
    this.asked.delete(token)
    if (this.asked.size > 0 || this.sweeper === null) return
    clearInterval(this.sweeper)
    this.sweeper = null
  }
}
