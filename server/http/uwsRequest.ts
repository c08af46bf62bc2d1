// One request on uWebSockets. Its objects are valid for a moment only: the request until the handler returns, the
// response until it is aborted or ended. What is needed of them is copied at once, and `live` guards the rest.

import type { HttpRequest as UwsRequest, HttpResponse as UwsResponse } from 'uWebSockets.js'
import { STATUS_CODES } from 'node:http'
import type { ErrorCode } from '../../shared/errors.ts'
import type { BodyStreams } from './bodyStream.ts'
import type { HttpService } from './httpService.ts'
import {
  BODY_LIMIT_BYTES,
  BODY_TIMEOUT_MS,
  DRAIN_LIMIT_BYTES,
  declaredLength,
  type HttpHead,
  type HttpHeaders,
  type HttpResponse,
  requestIdOf,
} from './request.ts'
import { streamUws } from './uwsStream.ts'

const NO_BODY = new Uint8Array(0)

/** `done` is called once, when the response has been written or can never be. */
export function serveUws(
  { http, streams }: { readonly http: HttpService; readonly streams: BodyStreams },
  response: UwsResponse,
  request: UwsRequest,
  done: () => void,
): void {
  const head = readHead(response, request)
  let live = true
  let gone = (): void => {}
  const over = (): void => {
    live = false
    done()
  }
  const finish = (answer: HttpResponse, closing: boolean): void => {
    const headOnly = head.method === 'HEAD'
    const { body } = answer
    const source = typeof body === 'string' ? null : body
    if (!live || headOnly) source?.close()
    if (!live) return
    if (source === null || headOnly) {
      live = false
      writeWhole(response, answer, headOnly, closing)
      return done()
    }
    response.cork(() => writeHead(response, answer))
    gone = streamUws(response, source, streams, over).gone
  }
  const onGone = (hear: () => void): void => {
    gone = hear
  }
  const body = new UwsBody(
    head,
    (bytes) => {
      http.handle({ ...head, body: bytes, onGone }).then((answer) => finish(answer, false))
    },
    (code, closing) => finish(http.refuse(head, code), closing),
  )
  response.onAborted(() => {
    body.stop()
    if (!live) return
    over()
    gone()
  })
  if (head.method === 'GET' || head.method === 'HEAD' || head.method === 'OPTIONS') body.none()
  else if (body.mayCome()) response.onData((chunk, isLast) => body.take(chunk, isLast))
}

/** Collects a body up to the limit, and gives up on one that is too long or too slow. */
class UwsBody {
  readonly #head: HttpHead
  readonly #complete: (bytes: Uint8Array) => void
  readonly #refuse: (code: ErrorCode, closing: boolean) => void
  #kept: Uint8Array = NO_BODY
  /** Bytes of #kept that are filled. */
  #length = 0
  #seen = 0
  #timer: NodeJS.Timeout | null = null
  #over = false

  constructor(
    head: HttpHead,
    complete: (bytes: Uint8Array) => void,
    refuse: (code: ErrorCode, closing: boolean) => void,
  ) {
    this.#head = head
    this.#complete = complete
    this.#refuse = refuse
  }

  none(): void {
    this.#over = true
    this.#complete(NO_BODY)
  }

  /** False where the declared length alone ends it. */
  mayCome(): boolean {
    const length = declaredLength(this.#head.headers)
    if (length === null) return this.#end('invalid_request', true)
    if (length > DRAIN_LIMIT_BYTES) return this.#end('payload_too_large', true)
    return true
  }

  take(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.#over) return
    this.#seen += chunk.byteLength
    if (this.#seen > DRAIN_LIMIT_BYTES) {
      this.#end('payload_too_large', true)
    } else if (!isLast) {
      this.#timer ??= setTimeout(() => this.#end('request_timeout', true), BODY_TIMEOUT_MS)
      this.#keep(chunk)
    } else if (this.#seen > BODY_LIMIT_BYTES) {
      this.#end('payload_too_large', false)
    } else {
      this.#keep(chunk)
      this.stop()
      this.#complete(this.#kept.subarray(0, this.#length))
    }
  }

  stop(): void {
    this.#over = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  /** The chunk is only lent: uWebSockets takes its memory back when the handler returns. */
  #keep(chunk: ArrayBuffer): void {
    const from = this.#length
    this.#length = this.#seen > BODY_LIMIT_BYTES ? 0 : this.#seen
    if (this.#length === 0) this.#kept = NO_BODY
    if (this.#length <= from) return
    if (this.#length > this.#kept.byteLength) {
      const larger = new Uint8Array(Math.min(BODY_LIMIT_BYTES, Math.max(this.#length, 2 * this.#kept.byteLength)))
      larger.set(this.#kept.subarray(0, from))
      this.#kept = larger
    }
    this.#kept.set(new Uint8Array(chunk), from)
  }

  #end(code: ErrorCode, closing: boolean): false {
    this.stop()
    this.#refuse(code, closing)
    return false
  }
}

function readHead(response: UwsResponse, request: UwsRequest): HttpHead {
  const headers = readHeaders(request)
  return {
    method: request.getMethod().toUpperCase(),
    path: request.getUrl(),
    query: request.getQuery(),
    headers,
    remoteAddress: Buffer.from(response.getRemoteAddressAsText()).toString(),
    requestId: requestIdOf(headers),
  }
}

function readHeaders(request: UwsRequest): HttpHeaders {
  const headers: Record<string, string> = Object.create(null)
  request.forEach((name, value) => {
    const known = headers[name]
    if (known === undefined) headers[name] = value
    else if (name === 'x-forwarded-for') headers[name] = `${known}, ${value}`
    // Two lengths, of which a proxy before us may have believed the other: no number, so refused.
    else if (name === 'content-length' && known !== value) headers[name] = `${known}, ${value}`
  })
  return headers
}

function writeHead(response: UwsResponse, { status, headers }: HttpResponse): void {
  response.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`)
  for (const [name, value] of headers) response.writeHeader(name, value)
}

function writeWhole(response: UwsResponse, answer: HttpResponse, headOnly: boolean, closing: boolean): void {
  response.cork(() => {
    writeHead(response, answer)
    const { body } = answer
    // How long a body would be that is made on its way, nobody knows.
    if (answer.status === 204 || typeof body !== 'string') response.endWithoutBody(undefined, closing)
    else if (headOnly) response.endWithoutBody(Buffer.byteLength(body), closing)
    else response.end(body, closing)
  })
}
