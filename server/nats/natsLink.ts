// A NATS connection and whether it stands: who sends a batch has to know at once that the server is gone, not when a
// timeout is over. The client reconnects by itself; what it was told in between is lost with it.

import type { NatsConnection } from '@nats-io/transport-node'

export type Alarm = (event: string, detail: Readonly<Record<string, unknown>>) => void

export class NatsLink {
  readonly connection: NatsConnection
  private readonly alarm: Alarm
  private standing = true
  private readonly lostListeners = new Set<() => void>()
  private readonly waiting = new Set<() => void>()

  constructor(connection: NatsConnection, alarm: Alarm) {
    this.connection = connection
    this.alarm = alarm
    void this.watch()
  }

  get connected(): boolean {
    return this.standing && !this.connection.isClosed()
  }

  /** Bytes of the largest message the server takes, its headers included. */
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 0
  }

  /** Called each time the connection breaks. Answers a function that ends that. */
  onLost(listener: () => void): () => void {
    this.lostListeners.add(listener)
    return () => this.lostListeners.delete(listener)
  }

  /** True once the connection stands, at once where it does; false when it does not within this time. */
  whenConnected(withinMs: number): Promise<boolean> {
    if (this.connected || this.connection.isClosed()) return Promise.resolve(this.connected)
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.waiting.delete(done)
        resolve(this.connected)
      }
      const timer = setTimeout(done, withinMs)
      this.waiting.add(done)
    })
  }

  async close(): Promise<void> {
    // What was written in this turn goes out first: client 3.4.0 takes its error handler off the socket when it closes,
    // and where the server has just ended, the failed write would end this process.
    await new Promise((resolve) => setImmediate(resolve))
    await this.connection.close()
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.lost(status.server)
      else if (status.type === 'reconnect') this.regained(status.server)
      else if (status.type === 'error') this.alarm('nats.error', { error: status.error.message })
    }
    this.standing = false
    for (const listener of [...this.lostListeners]) listener()
    for (const wake of [...this.waiting]) wake()
  }

  private lost(server: string): void {
    if (!this.standing) return
    this.standing = false
    this.alarm('nats.disconnected', { server })
    for (const listener of [...this.lostListeners]) listener()
  }

  private regained(server: string): void {
    this.standing = true
    this.alarm('nats.reconnected', { server })
    for (const wake of [...this.waiting]) wake()
  }
}
