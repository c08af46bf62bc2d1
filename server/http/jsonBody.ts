// From body bytes to JSON: UTF-8 only, an object only, and only when the sender calls it JSON.

import { type Answer, refuse } from './answer.ts'
import type { HttpRequest } from './request.ts'

export type Body = { readonly kind: 'body'; readonly value: object } | (Answer & { readonly kind: 'refused' })

const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** No body at all reads as an empty object: what a route then misses, its schema says. */
export function readJson(request: HttpRequest): Body {
  if (request.body.byteLength === 0) return { kind: 'body', value: {} }
  if (!JSON_MEDIA_TYPE.test(request.headers['content-type'] ?? '')) return refuse('unsupported_media_type')
  const value = parse(request.body)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { kind: 'body', value }
    : refuse('malformed_body')
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    return null
  }
}
