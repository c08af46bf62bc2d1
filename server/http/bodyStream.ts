// A body that is sent while it is made: pulls pieces from its source as fast as the client takes them, and no faster (A5).
// One piece is on its way at a time; a client that takes none for too long is let go of, one that leaves ends the source at
// once. Whatever ends early closes the connection without the last chunk, so that no client takes a part for the whole.

import type { Scheduler } from '../../actors/runtime/ports.ts'
import { systemScheduler } from '../system.ts'
import type { BodySource } from './request.ts'

/** The client's side, as a transport has it. Not called any more once the stream has been told `gone`. */
export interface BodySink {
  /** Takes the whole piece. False where it waits for the client: the next is given after `BodyStream.writable`. */
  write(piece: Uint8Array): boolean
  /** The body is whole. */
  end(): void
  /** It never will be: closes the connection at once. */
  cut(): void
}

/** How long a piece may wait for the client to take it. */
export const STALL_MS = 30_000

export interface StreamTraits {
  readonly scheduler: Scheduler
  readonly stallMs: number
  /** Hears of each client that was let go of because it took nothing. */
  readonly onSlow: () => void
}

/** The streams of one transport: what ends them all when the server does. */
export class BodyStreams {
  readonly #traits: StreamTraits
  readonly #running = new Set<BodyStream>()

  constructor(traits: Partial<StreamTraits> = {}) {
    this.#traits = { scheduler: systemScheduler, stallMs: STALL_MS, onSlow: () => {}, ...traits }
  }

  start(source: BodySource, sink: BodySink): BodyStream {
    const stream = new BodyStream(source, sink, this.#traits)
    this.#running.add(stream)
    void stream.run().finally(() => this.#running.delete(stream))
    return stream
  }

  /** What is not whole by now is cut off. */
  cutAll(): void {
    for (const stream of this.#running) stream.cut()
  }
}

export class BodyStream {
  readonly #source: BodySource
  readonly #sink: BodySink
  readonly #traits: StreamTraits
  #over = false
  #wake: (() => void) | null = null

  constructor(source: BodySource, sink: BodySink, traits: StreamTraits) {
    this.#source = source
    this.#sink = sink
    this.#traits = traits
  }

  /** Resolves once it is over, however it ended. Never rejects. */
  async run(): Promise<void> {
    try {
      while (!this.#over) {
        const piece = await this.#source.next()
        if (this.#over) return
        if (piece === null) {
          this.#over = true
          this.#sink.end()
        } else if (!this.#sink.write(piece)) await this.#room()
      }
    } catch {
      // Why is its source's to tell: the status has left already.
      this.cut()
    } finally {
      this.#source.close()
    }
  }

  /** The client takes more. */
  writable(): void {
    this.#wake?.()
  }

  /** The client has left: the sink is not to be touched any more. */
  gone(): void {
    this.#end()
  }

  cut(): void {
    if (this.#over) return
    this.#end()
    this.#sink.cut()
  }

  #room(): Promise<void> {
    const { scheduler, stallMs, onSlow } = this.#traits
    return new Promise((resolve) => {
      const cancel = scheduler.after(stallMs, () => {
        onSlow()
        this.cut()
      })
      this.#wake = () => {
        this.#wake = null
        cancel()
        resolve()
      }
    })
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    // Before `run` comes to it: the source may be waiting for what never comes.
    this.#source.close()
    this.#wake?.()
  }
}
