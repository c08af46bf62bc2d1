// Where a streamed body leaves on uWebSockets. It takes whatever is written, keeps what the client does not take yet, tells
// only whether it had to, and tries again with the next write alone. So a piece is written bit by bit, and behind a bit
// that was kept not before there is room: what is kept does not grow. A connection on which nothing leaves for ten seconds
// it closes by itself, before our own limit on clients that take nothing.

import type { HttpResponse as UwsResponse } from 'uWebSockets.js'
import type { BodySink, BodyStreams } from './bodyStream.ts'
import type { BodySource } from './request.ts'

/** A write of less than 16 KB only fills the cork's buffer, and says nothing about the client. */
const BIT_BYTES = 20 * 1024
const NOTHING = new Uint8Array(0)

/**
 * The head has been written. `ended` is called once, unless the response is aborted first; then `gone` of what is
 * answered has to be.
 */
export function streamUws(
  response: UwsResponse,
  source: BodySource,
  streams: BodyStreams,
  ended: () => void,
): { gone(): void } {
  const sink = new UwsSink(response, ended)
  const stream = streams.start(source, sink)
  response.onWritable(() => {
    if (sink.goOn()) stream.writable()
    return true
  })
  return { gone: () => stream.gone() }
}

class UwsSink implements BodySink {
  readonly #response: UwsResponse
  readonly #ended: () => void
  /** Of the piece on its way. */
  #left: Uint8Array = NOTHING

  constructor(response: UwsResponse, ended: () => void) {
    this.#response = response
    this.#ended = ended
  }

  write(piece: Uint8Array): boolean {
    this.#left = piece
    return this.goOn()
  }

  /** Whether there is room for more. */
  goOn(): boolean {
    let room = true
    while (room && this.#left.byteLength > 0) {
      const bit = this.#left.subarray(0, BIT_BYTES)
      this.#left = this.#left.subarray(bit.byteLength)
      this.#response.cork(() => {
        room = this.#response.write(bit)
      })
    }
    return room
  }

  end(): void {
    this.#response.cork(() => this.#response.end())
    this.#ended()
  }

  /** The response tells its end by itself, as an abort. */
  cut(): void {
    this.#response.close()
  }
}
