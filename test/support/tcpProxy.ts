// A TCP proxy between a client and a server that a test can make fail as networks do: cut what stands, refuse what comes,
// stall, or deliver requests and swallow the answers, so that an acknowledgement is lost after its append has landed.

import { connect, createServer, type Server, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly server: Socket
}

export class TcpProxy {
  readonly port: number
  private readonly listener: Server
  private readonly pairs = new Set<Pair>()
  private readonly target: () => number
  private refusing = false
  private swallowing = false
  private stalling = false
  /** Bytes from the server that were not passed on since `swallow`. */
  swallowed = 0

  private constructor(listener: Server, port: number, target: () => number) {
    this.listener = listener
    this.port = port
    this.target = target
    listener.on('connection', (client) => this.accept(client))
  }

  /** Listens on a free port and passes to `target`, asked anew for each connection. */
  static async start(target: () => number): Promise<TcpProxy> {
    const listener = createServer({ pauseOnConnect: true })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const address = listener.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
    return new TcpProxy(listener, address.port, target)
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** Ends every connection; new ones are taken. */
  cut(): void {
    for (const { client, server } of this.pairs) {
      client.destroy()
      server.destroy()
    }
  }

  /** Ends every connection, and every new one, until `restore`. */
  refuse(): void {
    this.refusing = true
    this.cut()
  }

  /** What the server says from now on is lost; what the client says arrives. */
  swallow(): void {
    this.swallowed = 0
    this.swallowing = true
  }

  /** Nothing moves in either direction, and nothing breaks. */
  stall(): void {
    this.stalling = true
    for (const { client, server } of this.pairs) {
      client.pause()
      server.pause()
    }
  }

  /** Lets everything through. Connections that answers were swallowed of are cut: they make no sense any more. */
  restore(): void {
    if (this.swallowing) this.cut()
    this.refusing = false
    this.swallowing = false
    this.stalling = false
    for (const { client, server } of this.pairs) {
      client.resume()
      server.resume()
    }
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.listener.close(resolve))
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      client.destroy()
      return
    }
    const pair: Pair = { client, server: connect(this.target(), '127.0.0.1') }
    const { server } = pair
    this.pairs.add(pair)
    client.setNoDelay(true)
    server.setNoDelay(true)
    const end = (): void => {
      this.pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of [client, server]) socket.on('error', end).on('close', end)
    client.on('data', (chunk) => server.write(chunk))
    server.on('data', (chunk) => {
      if (this.swallowing) this.swallowed += chunk.length
      else client.write(chunk)
    })
    if (!this.stalling) client.resume()
    if (this.stalling) server.pause()
  }
}
