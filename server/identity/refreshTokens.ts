// Refresh tokens: `<session>.<secret>`. Only the SHA-256 of the current secret and of the one before is stored, one row
// per session: a token of that session with any other secret was swapped earlier, and a session costs the same after
// years.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

export interface RefreshToken {
  readonly session: string
  readonly hash: Uint8Array
}

const PATTERN = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/

/** 22 URL-safe characters, 128 random bits. */
export function randomId(): string {
  return randomBytes(16).toString('base64url')
}

export function makeRefreshToken(session: string): { readonly token: string; readonly hash: Uint8Array } {
  const secret = randomBytes(32).toString('base64url')
  return { token: `${session}.${secret}`, hash: digest(secret) }
}

/** Null where the text is no refresh token at all. */
export function readRefreshToken(text: string): RefreshToken | null {
  const [, session, secret] = PATTERN.exec(text) ?? []
  return session === undefined || secret === undefined ? null : { session, hash: digest(secret) }
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

export function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest()
}
