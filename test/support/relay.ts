// A relay between a client and the server that can turn deaf: what the server sends is no longer taken, as on a line that
// has gone bad, while what the client sends still arrives.

import { connect, createServer, type Server, type Socket } from 'node:net'

export class Relay {
  readonly url: string
  private readonly server: Server
  private readonly sockets: Set<Socket>
  private readonly upstream: Set<Socket>

  private constructor(server: Server, port: number, sockets: Set<Socket>, upstream: Set<Socket>) {
    this.server = server
    this.url = `http://127.0.0.1:${port}`
    this.sockets = sockets
    this.upstream = upstream
  }

  static async to(url: string): Promise<Relay> {
    const { hostname, port } = new URL(url)
    const [sockets, upstream] = [new Set<Socket>(), new Set<Socket>()]
    const keep = (socket: Socket): void => {
      sockets.add(socket)
      socket.on('error', () => undefined) // a reset is a way of closing
      socket.once('close', () => sockets.delete(socket))
    }
    const server = createServer((client) => {
      const behind = connect(Number(port), hostname)
      upstream.add(behind)
      for (const socket of [client, behind]) keep(socket)
      client.on('data', (chunk) => behind.write(chunk))
      behind.on('data', (chunk) => client.write(chunk))
      client.once('close', () => behind.destroy())
      behind.once('close', () => {
        upstream.delete(behind)
        client.destroy()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay has no port')
    return new Relay(server, address.port, sockets, upstream)
  }

  /** From now on nothing of what the server sends is read. */
  turnDeaf(): void {
    for (const socket of this.upstream) socket.pause()
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}
