// Game servers outside this program, whose word about a result counts: each with a key of its own, an Ed25519 one, in a
// file with a line for each (`name base64`). A call is signed over its time, a nonce and its body, and is good for five
// minutes. The same call again is the same command: its nonce is the key under which the match remembers it (M6).

import { verify } from 'node:crypto'
import type { HttpHeaders } from '../http/request.ts'
import { readOperatorKeys } from '../operator/operatorKeys.ts'

const FRESH_MS = 5 * 60 * 1000
const NONCE = /^[\x21-\x7e]{8,128}$/

export interface Signer {
  readonly name: string
  /** Of the call: what was said under it once is not said again. */
  readonly nonce: string
}

export class GameServers {
  private readonly file: string | null
  private readonly nowMs: () => number
  private readonly failed: (error: unknown) => void
  /** Nonces of calls that are fresh, with the time until which they are. */
  private readonly seen = new Map<string, { readonly untilMs: number; readonly text: string }>()

  /** Keys are read anew for each call, so that adding or removing a server needs no restart. */
  constructor(file: string | null, nowMs: () => number, failed: (error: unknown) => void) {
    this.file = file
    this.nowMs = nowMs
    this.failed = failed
  }

  /** The server that has signed this body, or null. */
  signerOf(headers: HttpHeaders, body: object): Signer | null {
    const name = headers['x-game-server']
    const [time, nonce, signature] = [headers['x-timestamp'], headers['x-nonce'], headers['x-signature']]
    if (name === undefined || time === undefined || nonce === undefined || signature === undefined) return null
    const atMs = Number(time)
    const nowMs = this.nowMs()
    if (!Number.isSafeInteger(atMs) || Math.abs(nowMs - atMs) > FRESH_MS || !NONCE.test(nonce)) return null
    const text = signedText(name, time, nonce, body)
    if (!this.isSigned(name, text, signature) || !this.isFirst(`${name} ${nonce}`, text, nowMs)) return null
    return { name, nonce }
  }

  private isSigned(name: string, text: string, signature: string): boolean {
    try {
      const key = readOperatorKeys(this.file).get(name)
      return key !== undefined && verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'))
    } catch (error) {
      // A file that cannot be used names nobody.
      this.failed(error)
      return false
    }
  }

  /** A5: grows with what servers that hold a key send in ten minutes. The very same call may be repeated. */
  private isFirst(name: string, text: string, nowMs: number): boolean {
    for (const [old, { untilMs }] of this.seen) {
      if (untilMs > nowMs) break
      this.seen.delete(old)
    }
    const before = this.seen.get(name)
    if (before !== undefined) return before.text === text
    this.seen.set(name, { untilMs: nowMs + 2 * FRESH_MS, text })
    return true
  }
}

/** What is signed: five lines, the last of them the body as canonical JSON. */
export function signedText(name: string, time: string, nonce: string, body: unknown): string {
  return ['leetgaming game server 1', name, time, nonce, canonicalJson(body)].join('\n')
}

/** Keys in the order of their code units, no white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`
}
