// How tests speak HTTP: `call` for ordinary requests, `exchange` for bytes that no client library would send.

import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'

export interface CallOptions {
  readonly token?: string
  /** Sent as JSON; a string or bytes are sent as they are. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body, or null where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came; a wrong guess is a failing test
  readonly body: any
}

export async function call(url: string, line: string, options: CallOptions = {}): Promise<Reply> {
  const [method = 'GET', path = '/'] = line.split(' ')
  const { token, body, headers = {} } = options
  const payload = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(`${url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(payload === undefined ? {} : { body: payload }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export interface Exchange {
  /** Everything the server sent. */
  readonly received: string
  /** Status codes of the responses in it. */
  readonly statuses: readonly number[]
  /** Whether the server closed the connection within the time. */
  readonly closed: boolean
  readonly elapsedMs: number
}

export interface ExchangeOptions {
  /** Between two chunks. */
  readonly gapMs?: number
  readonly withinMs?: number
  /** Done once this many responses have come; otherwise when the connection closes. */
  readonly responses?: number
}

/** Opens a connection, sends the chunks, and answers what came back until it closed, or the time was up. */
export function exchange(url: string, chunks: readonly (string | Uint8Array)[], options: ExchangeOptions = {}) {
  const { gapMs = 0, withinMs = 5000, responses = Number.POSITIVE_INFINITY } = options
  const { hostname, port } = new URL(url)
  const startedAt = performance.now()
  return new Promise<Exchange>((resolve) => {
    const socket = connect(Number(port), hostname)
    let received = ''
    let closed = false
    const finish = (): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ received, statuses: statusesOf(received), closed, elapsedMs: performance.now() - startedAt })
    }
    const timer = setTimeout(finish, withinMs)
    socket.on('error', () => undefined) // a reset is a way of closing, too
    socket.on('close', () => {
      closed = true
      finish()
    })
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (statusesOf(received).length >= responses) finish()
    })
    socket.on('connect', async () => {
      for (const chunk of chunks) {
        if (socket.destroyed) return
        if (!socket.write(chunk)) await new Promise((go) => socket.once('drain', go).once('close', go))
        if (gapMs > 0) await new Promise((go) => setTimeout(go, gapMs))
      }
    })
  })
}

function statusesOf(text: string): readonly number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}

export interface Guest {
  readonly token: string
  readonly refreshToken: string
  readonly userId: string
  readonly walletId: string
}

export async function newGuest(url: string): Promise<Guest> {
  const { status, body, text } = await call(url, 'POST /auth/guest')
  if (status !== 201) throw new Error(`no guest: ${status} ${text}`)
  return { token: body.token, refreshToken: body.refresh_token, userId: body.user_id, walletId: body.wallet_id }
}

let keys = 0

/** A key no other call of this run has. */
export function newKey(): string {
  keys++
  return `key-${process.pid}-${keys}`
}
