// The fall-back: Colyseus' ws transport on node:http. The base class is given no server, so that Colyseus leaves routing
// and CORS to us; upgrades are handed to it one by one.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketTransport } from '@colyseus/ws-transport'
import type { Scheduler } from '../../actors/runtime/ports.ts'
import { BodyStreams } from './bodyStream.ts'
import type { HttpService } from './httpService.ts'
import { serveNode } from './nodeRequest.ts'
import { BODY_TIMEOUT_MS } from './request.ts'
import { endWhenSlow } from './slowSockets.ts'
import { ListenError, type ListenOutcome, type SocketLimits } from './transport.ts'

const HEADER_LIMIT_BYTES = 8 * 1024
const HEADER_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 10_000

export class NodeTransport extends WebSocketTransport {
  readonly #http: HttpService
  readonly #limits: SocketLimits
  readonly #server: Server
  /** 0 until it listens. */
  port = 0
  #inFlight = 0
  #bound = false
  #stopping = false
  readonly #streams: BodyStreams

  constructor(http: HttpService, limits: SocketLimits, onSlow: () => void, scheduler: Scheduler) {
    super({ noServer: true, maxPayload: limits.maxPayloadBytes })
    // Before the base class hears of the socket, and sends.
    this.wss.prependListener('connection', (socket) => endWhenSlow(socket, limits.maxBackpressureBytes, onSlow))
    this.#http = http
    this.#limits = limits
    this.#streams = new BodyStreams({ scheduler, stallMs: limits.stallMs, onSlow })
    this.#server = createServer({
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: HEADER_TIMEOUT_MS,
      // Our own limit on bodies answers before this one cuts the connection.
      requestTimeout: HEADER_TIMEOUT_MS + 2 * BODY_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1000,
    })
    this.#server.on('request', (request, response) => this.#serve(request, response))
    this.#server.on('clientError', (_error, socket) => {
      // Ended alone, it would be kept for as long as the other end does not close, which may be for ever.
      if (!socket.writable) socket.destroy()
      else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n', () => socket.destroy())
    })
    this.#server.on('connection', (socket) => socket.on('error', () => socket.destroy()))
    this.listenForUpgrade(this.#server, (request) => isUpgradable(request))
  }

  get sockets(): number {
    return this.wss.clients.size
  }

  get httpInFlight(): number {
    return this.#inFlight
  }

  /** Colyseus calls this once it listens. Its own router is left out: matchmaking is one of our routes. */
  override bindRouter(): void {
    this.#bound = true
  }

  override listen(port: number, host = '127.0.0.1', backlog?: number, listener?: ListenOutcome): this {
    const refused = (): void => listener?.(new ListenError(host, port))
    this.#server.once('error', refused)
    this.#server.listen(port, host, backlog, () => {
      this.#server.off('error', refused)
      this.port = (this.#server.address() as AddressInfo).port // a TCP server's address
      // Two pings go unanswered, and the third turn ends it: whatever the moment it fell silent, within idleSeconds.
      this.autoTerminateUnresponsiveClients((this.#limits.idleSeconds * 1000) / 3, 2)
      listener?.()
    })
    return this
  }

  /** Takes no new connections, lets requests under way finish, but streams, closes the rest. */
  override shutdown(): void {
    if (this.#stopping) return
    this.#stopping = true
    clearInterval(this.pingInterval)
    for (const client of this.wss.clients) client.terminate()
    this.wss.close()
    this.#streams.cutAll()
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#bound) {
      response.destroy()
      return
    }
    this.#inFlight++
    response.once('close', () => this.#inFlight--)
    serveNode({ http: this.#http, streams: this.#streams }, request, response)
  }
}

/** The base class parses the address without a net under it; what it could not parse ends here. */
function isUpgradable(request: IncomingMessage): boolean {
  if (URL.canParse(`ws://server${request.url ?? '/'}`)) return true
  const socket: Socket = request.socket
  socket.destroy()
  return false
}
