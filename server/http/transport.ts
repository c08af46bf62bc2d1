// Chooses how the process listens: uWebSockets, or Colyseus' ws transport over node:http where the binary of
// uWebSockets cannot be loaded. Both serve the same HttpService and the same rooms.

import type { Transport } from '@colyseus/core'
import type { Scheduler } from '../../actors/runtime/ports.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { systemScheduler } from '../system.ts'
import { STALL_MS } from './bodyStream.ts'
import type { HttpService } from './httpService.ts'

/** Limits of one connection, on either transport. */
export interface SocketLimits {
  readonly maxPayloadBytes: number
  readonly maxBackpressureBytes: number
  /** A connection that says nothing this long, not even answering pings, is gone. At least 8: uWebSockets' least. */
  readonly idleSeconds: number
  /** How long a piece of a streamed answer may wait for its client. */
  readonly stallMs: number
}

export const SOCKET_LIMITS: SocketLimits = Object.freeze({
  maxPayloadBytes: 4 * 1024,
  maxBackpressureBytes: 1024 * 1024,
  idleSeconds: 32,
  stallMs: STALL_MS,
})

/** Called once: with an error where the port cannot be had. */
export type ListenOutcome = (error?: Error) => void

export interface ListeningTransport extends Transport {
  /** The port it listens on, once it does; the one that was given out where 0 was asked for. */
  readonly port: number
  readonly sockets: number
  readonly httpInFlight: number
}

export class ListenError extends Error {
  constructor(host: string, port: number) {
    super(
      `cannot listen on ${host}:${port}: the port is taken, or the address is not one of this machine. ` +
        'Stop the other program, or set PORT or HOST.',
    )
    this.name = 'ListenError'
  }
}

/** `onSlow` hears of each client that was let go of because too much waited for it (A5). */
export async function createTransport(
  choice: Config['transport'],
  http: HttpService,
  log: Log,
  limits: SocketLimits = SOCKET_LIMITS,
  onSlow: () => void = () => {},
  scheduler: Scheduler = systemScheduler,
): Promise<ListeningTransport> {
  if (choice !== 'ws') {
    try {
      const { GameTransport } = await import('./uwsTransport.ts')
      return new GameTransport(http, limits, onSlow, scheduler)
    } catch (error) {
      if (choice === 'uws') throw error
      log.warn({ err: error }, 'uWebSockets cannot be loaded here: using the slower ws transport')
    }
  }
  const { NodeTransport } = await import('./nodeTransport.ts')
  return new NodeTransport(http, limits, onSlow, scheduler)
}
