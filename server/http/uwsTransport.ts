// Colyseus' uWebSockets transport with our own HTTP side. Rooms' sockets stay Colyseus' business; every other request
// goes to HttpService without Request or Response objects. The base class reads bodies of any size, answers any origin,
// ignores the host and shares a taken port: this one does none of that.

import uws, { type HttpRequest, type HttpResponse, type us_listen_socket } from 'uWebSockets.js'
import { uWebSocketsTransport } from '@colyseus/uwebsockets-transport'
import type { Scheduler } from '../../actors/runtime/ports.ts'
import { BodyStreams } from './bodyStream.ts'
import { CorkedSends } from './corkedSends.ts'
import type { HttpService } from './httpService.ts'
import { ListenError, type ListenOutcome, type SocketLimits } from './transport.ts'
import { serveUws } from './uwsRequest.ts'

/** uws.LIBUS_LISTEN_EXCLUSIVE_PORT, which its types know by another name only. */
const LISTEN_EXCLUSIVE_PORT = 1

export class GameTransport extends uWebSocketsTransport {
  readonly #http: HttpService
  /** 0 until it listens. */
  port = 0
  #listenSocket: us_listen_socket | null = null
  #inFlight = 0
  #stopping = false
  readonly #corked: CorkedSends
  readonly #streams: BodyStreams

  constructor(http: HttpService, limits: SocketLimits, onSlow: () => void, scheduler: Scheduler) {
    super({
      maxPayloadLength: limits.maxPayloadBytes,
      maxBackpressure: limits.maxBackpressureBytes,
      // A5: a client too slow for what it is sent is closed; without this its messages vanish one by one.
      closeOnBackpressureLimit: true,
      idleTimeout: limits.idleSeconds,
    })
    this.#http = http
    this.#corked = new CorkedSends(onSlow)
    this.#streams = new BodyStreams({ scheduler, stallMs: limits.stallMs, onSlow })
  }

  get sockets(): number {
    return this.clients.length
  }

  get httpInFlight(): number {
    return this.#inFlight
  }

  override onConnection(socket: Parameters<uWebSocketsTransport['onConnection']>[0]): Promise<void> {
    this.#corked.take(socket)
    return super.onConnection(socket)
  }

  /** Colyseus calls this once it listens. Its own router is left out: matchmaking is one of our routes. */
  override bindRouter(): void {
    this.app.any('/*', (response: HttpResponse, request: HttpRequest) => {
      this.#inFlight++
      serveUws({ http: this.#http, streams: this.#streams }, response, request, () => {
        this.#inFlight--
        if (this.#stopping && this.#inFlight === 0) this.app.close()
      })
    })
  }

  override listen(port: number, host?: string, _backlog?: number, listener?: ListenOutcome): this {
    const address = host ?? '127.0.0.1'
    const done = (socket: us_listen_socket | false): void => {
      if (socket === false) return listener?.(new ListenError(address, port))
      this.#listenSocket = socket
      this.port = uws.us_socket_local_port(socket)
      listener?.()
    }
    // uWebSockets takes options after host and port as well; its types leave out this form. Without the option a second
    // server shares the port silently.
    Reflect.apply(this.app.listen, this.app, [address, port, LISTEN_EXCLUSIVE_PORT, done])
    return this
  }

  /** Takes no new connections, lets requests under way finish, but streams, then closes what is left. */
  override shutdown(): void {
    if (this.#stopping) return
    this.#stopping = true
    if (this.#listenSocket !== null) uws.us_listen_socket_close(this.#listenSocket)
    this.#listenSocket = null
    this.#streams.cutAll()
    if (this.#inFlight === 0) this.app.close()
  }
}
