// JSON over keep-alive HTTP with a bounded number of connections, for signing in, joining rooms and the HTTP figures.

import { Agent, request } from 'node:http'

const TIMEOUT_MS = 20_000

export interface HttpReply {
  readonly status: number
  readonly body: unknown
}

export class HttpClient {
  readonly origin: URL
  private readonly agent: Agent

  constructor(origin: string, connections: number) {
    this.origin = new URL(origin)
    this.agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' })
  }

  get(path: string, token = ''): Promise<HttpReply> {
    return this.send('GET', path, token, null)
  }

  post(path: string, body: unknown, token = ''): Promise<HttpReply> {
    return this.send('POST', path, token, Buffer.from(JSON.stringify(body)))
  }

  /** The body of a 2xx answer as an object; throws for any other answer. */
  async expect(method: 'GET' | 'POST', path: string, token: string, body: unknown = {}): Promise<JsonObject> {
    const reply = method === 'GET' ? await this.get(path, token) : await this.post(path, body, token)
    if (reply.status < 200 || reply.status > 299 || !isObject(reply.body)) {
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`)
    }
    return reply.body
  }

  close(): void {
    this.agent.destroy()
  }

  private send(method: string, path: string, token: string, body: Buffer | null): Promise<HttpReply> {
    const headers: Record<string, string | number> = { accept: 'application/json' }
    if (token !== '') headers.authorization = `Bearer ${token}`
    if (body !== null) {
      headers['content-type'] = 'application/json'
      headers['content-length'] = body.length
    }
    const { hostname, port } = this.origin
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers, agent: this.agent, timeout: TIMEOUT_MS })
      sent.once('error', reject)
      sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${TIMEOUT_MS} ms`)))
      sent.once('response', (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.once('error', reject)
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, body: readBody(Buffer.concat(parts).toString('utf8')) }),
        )
      })
      sent.end(body ?? undefined)
    })
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field that has to be a text; throws where it is not. */
export function textField(object: JsonObject, name: string): string {
  const value = object[name]
  if (typeof value !== 'string') throw new Error(`"${name}" is missing in ${JSON.stringify(object).slice(0, 200)}`)
  return value
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
