// One request on node:http, for the fall-back transport: the same limits as on uWebSockets.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorCode } from '../../shared/errors.ts'
import type { BodyStreams } from './bodyStream.ts'
import type { HttpService } from './httpService.ts'
import {
  BODY_LIMIT_BYTES,
  BODY_TIMEOUT_MS,
  type BodySource,
  DRAIN_LIMIT_BYTES,
  declaredLength,
  type HttpHead,
  type HttpHeaders,
  type HttpResponse,
  requestIdOf,
} from './request.ts'

type BodyRead =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly closing: boolean }
  /** The client is gone. */
  | { readonly kind: 'aborted' }

export function serveNode(
  { http, streams }: { readonly http: HttpService; readonly streams: BodyStreams },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const head = readHead(request)
  response.on('error', () => response.destroy())
  const onGone = (hear: () => void): void => {
    response.once('close', hear)
  }
  readBody(request, head).then(async (body) => {
    if (body.kind === 'aborted') return
    const refused = body.kind === 'refused'
    const answer = refused ? http.refuse(head, body.code) : await http.handle({ ...head, body: body.bytes, onGone })
    const source = typeof answer.body === 'string' ? null : answer.body
    const unwanted = response.destroyed || response.headersSent
    if (unwanted || head.method === 'HEAD') source?.close()
    if (unwanted) return
    if (source === null || head.method === 'HEAD')
      write(response, answer, head.method === 'HEAD', refused && body.closing)
    else stream(response, answer, source, streams)
  })
}

/** Never rejects. */
function readBody(request: IncomingMessage, head: HttpHead): Promise<BodyRead> {
  const length = declaredLength(head.headers)
  if (length === null) return Promise.resolve({ kind: 'refused', code: 'invalid_request', closing: true })
  if (length > DRAIN_LIMIT_BYTES) {
    return Promise.resolve({ kind: 'refused', code: 'payload_too_large', closing: true })
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let seen = 0
    const end = (body: BodyRead): void => {
      clearTimeout(timer)
      request.removeAllListeners('data')
      resolve(body)
    }
    const timer = setTimeout(() => end({ kind: 'refused', code: 'request_timeout', closing: true }), BODY_TIMEOUT_MS)
    request.on('data', (chunk: Buffer) => {
      seen += chunk.byteLength
      if (seen <= BODY_LIMIT_BYTES) chunks.push(chunk)
      else chunks.length = 0
      if (seen > DRAIN_LIMIT_BYTES) end({ kind: 'refused', code: 'payload_too_large', closing: true })
    })
    request.on('end', () => {
      if (seen > BODY_LIMIT_BYTES) end({ kind: 'refused', code: 'payload_too_large', closing: false })
      else end({ kind: 'bytes', bytes: Buffer.concat(chunks) })
    })
    request.on('error', () => end({ kind: 'aborted' }))
    request.on('close', () => end({ kind: 'aborted' }))
  })
}

function readHead(request: IncomingMessage): HttpHead {
  const url = request.url ?? '/'
  const cut = url.indexOf('?')
  const headers = readHeaders(request)
  return {
    method: request.method ?? 'GET',
    path: cut === -1 ? url : url.slice(0, cut),
    query: cut === -1 ? '' : url.slice(cut + 1),
    headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    requestId: requestIdOf(headers),
  }
}

function readHeaders(request: IncomingMessage): HttpHeaders {
  const headers: Record<string, string> = Object.create(null)
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    const [first] = values ?? []
    if (first !== undefined) headers[name] = name === 'x-forwarded-for' ? (values ?? []).join(', ') : first
  }
  return headers
}

function write(response: ServerResponse, answer: HttpResponse, headOnly: boolean, closing: boolean): void {
  const { status, body } = answer
  writeHeaders(response, answer)
  // How long a body would be that is made on its way, nobody knows.
  if (status !== 204 && typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body))
  if (closing) response.setHeader('connection', 'close')
  response.writeHead(status)
  response.end(headOnly || status === 204 ? undefined : body)
}

function stream(response: ServerResponse, answer: HttpResponse, source: BodySource, streams: BodyStreams): void {
  writeHeaders(response, answer)
  response.writeHead(answer.status)
  const sent = streams.start(source, {
    write: (piece) => response.write(piece),
    end: () => void response.end(),
    cut: () => void response.destroy(),
  })
  response.on('drain', () => sent.writable())
  response.once('close', () => sent.gone())
}

function writeHeaders(response: ServerResponse, { headers }: HttpResponse): void {
  for (const [name, value] of headers) response.setHeader(name, value)
}
