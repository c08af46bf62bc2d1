// What a route's handler answers, and how that becomes a response. Refusals carry registered codes only (DESIGN §6):
// whatever else went wrong is `internal`, and its text stays in the log.

import { type ErrorCode, errorBody, errorSpec } from '../../shared/errors.ts'
import type { BodySource, HeaderLines, HttpHead, HttpResponse } from './request.ts'

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: object; readonly change?: Change }
  | { readonly kind: 'text'; readonly status: number; readonly contentType: string; readonly body: string }
  | Streamed
  | FileAnswer
  | { readonly kind: 'empty' }
  | Refusal

/** A file of the page, or, with 304, word that the caller has it. `headers` go before the usual ones of the same name. */
export interface FileAnswer {
  readonly kind: 'file'
  readonly status: 200 | 304
  readonly headers: HeaderLines
  readonly body: string
}

/** Made while it is sent. Whoever answers with it gives the source away: it is closed in any case. */
export interface Streamed {
  readonly kind: 'stream'
  readonly status: number
  readonly contentType: string
  /** What a browser calls the file. */
  readonly fileName: string
  readonly source: BodySource
}

/** What a call of staff has changed, for the audit log alone: small, and ids instead of personal data. */
export interface Change {
  readonly before: object | null
  readonly after: object | null
}

export interface Refusal {
  readonly kind: 'refused'
  readonly code: ErrorCode
  /** Field to what is wrong with it. */
  readonly details?: Readonly<Record<string, string>>
  readonly retryAfterSeconds?: number
  readonly headers?: HeaderLines
}

export const ok = (body: object): Answer => ({ kind: 'json', status: 200, body })
export const changed = (body: object, change: Change): Answer => ({ kind: 'json', status: 200, body, change })
export const created = (body: object): Answer => ({ kind: 'json', status: 201, body })
export const empty: Answer = Object.freeze({ kind: 'empty' })

export function refuse(code: ErrorCode, more: Omit<Refusal, 'kind' | 'code'> = {}): Refusal {
  return { kind: 'refused', code, ...more }
}

export function refuseField(field: string, what: string): Refusal {
  return refuse('invalid_request', { details: { [field]: what } })
}

const JSON_TYPE = ['content-type', 'application/json; charset=utf-8'] as const

export function respond(answer: Answer, head: HttpHead, common: HeaderLines): HttpResponse {
  switch (answer.kind) {
    case 'json':
      return { status: answer.status, headers: [...common, JSON_TYPE], body: JSON.stringify(answer.body) }
    case 'text':
      return { status: answer.status, headers: [...common, ['content-type', answer.contentType]], body: answer.body }
    case 'stream': {
      const named = ['content-disposition', `attachment; filename="${answer.fileName}"`] as const
      const headers: HeaderLines = [...common, ['content-type', answer.contentType], named]
      return { status: answer.status, headers, body: answer.source }
    }
    case 'file':
      return {
        status: answer.status,
        headers: [...without(common, answer.headers), ...answer.headers],
        body: answer.body,
      }
    case 'empty':
      return { status: 204, headers: common, body: '' }
    case 'refused':
      return respondRefused(answer, head, common)
  }
}

/** What will not be sent is let go of. */
export function discard(answer: Answer): void {
  if (answer.kind === 'stream') answer.source.close()
}

function without(lines: HeaderLines, own: HeaderLines): HeaderLines {
  const names = new Set(own.map(([name]) => name))
  return lines.filter(([name]) => !names.has(name))
}

export function statusOf(answer: Answer): number {
  if (answer.kind === 'refused') return errorSpec(answer.code).status
  return answer.kind === 'empty' ? 204 : answer.status
}

function respondRefused(refusal: Refusal, head: HttpHead, common: HeaderLines): HttpResponse {
  const { code, details, retryAfterSeconds } = refusal
  const error = errorBody(code, {
    request_id: head.requestId,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterSeconds === undefined ? {} : { retry_after_seconds: retryAfterSeconds }),
  })
  const headers: (readonly [string, string])[] = [...common, ...(refusal.headers ?? []), JSON_TYPE]
  if (retryAfterSeconds !== undefined) headers.push(['retry-after', String(retryAfterSeconds)])
  if (errorSpec(code).status === 401) headers.push(['www-authenticate', 'Bearer'])
  // The Colyseus SDK shows a top-level `message` when a join is refused, and takes nothing else for text.
  const body = head.path.startsWith('/matchmake/') ? { error, message: error.message } : { error }
  return { status: errorSpec(code).status, headers, body: JSON.stringify(body) }
}
