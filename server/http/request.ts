// What an HTTP adapter hands in and gets back: plain values, so that the core knows no server library and a request
// costs no more objects than it needs.

import { randomBytes } from 'node:crypto'

/** Names in lower case. A header sent twice keeps its first value; X-Forwarded-For is joined by commas. */
export type HttpHeaders = Readonly<Record<string, string | undefined>>

/** A request before its body. */
export interface HttpHead {
  /** Upper case. */
  readonly method: string
  /** As sent, percent-encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  readonly headers: HttpHeaders
  readonly remoteAddress: string
  readonly requestId: string
}

export interface HttpRequest extends HttpHead {
  /** Empty where none was sent. Never more than BODY_LIMIT_BYTES. */
  readonly body: Uint8Array
  readonly onGone: OnGone
}

/** Tells the one who asks last that the client has left before its answer: whoever works long for it may stop. */
export type OnGone = (hear: () => void) => void

export type HeaderLines = readonly (readonly [name: string, value: string])[]

export interface HttpResponse {
  readonly status: number
  readonly headers: HeaderLines
  readonly body: string | BodySource
}

/** A body that is made while it is sent (bodyStream.ts), of any length. */
export interface BodySource {
  /** The next piece, its own bytes and not empty; null behind the last one. Rejects where the body cannot be finished. */
  next(): Promise<Uint8Array | null>
  /** Nothing more is wanted: at the end, or earlier, and perhaps before anything was. Called any number of times. */
  close(): void
}

export const BODY_LIMIT_BYTES = 64 * 1024
/** A longer body is still read, and thrown away, up to here, so that its sender sees the refusal; then cut off. */
export const DRAIN_LIMIT_BYTES = 1024 * 1024
export const BODY_TIMEOUT_MS = 10_000

const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/

/** The client's own id where it has a sound form; it goes into logs and records. */
export function requestIdOf(headers: HttpHeaders): string {
  const given = headers['x-request-id']
  return given !== undefined && REQUEST_ID.test(given) ? given : randomBytes(12).toString('base64url')
}

/** Whether the declared length alone condemns the body; null where it is no length at all. */
export function declaredLength(headers: HttpHeaders): number | null {
  const text = headers['content-length']
  if (text === undefined) return 0
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}
