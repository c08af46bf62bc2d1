// Tokens that let whoever has one see the replay of one match. Kept in Blobs under their maker, by the hash of their secret:
// they are neither money nor identity, and end by themselves.

import { createHash, randomBytes } from 'node:crypto'
import type { Blobs } from '../../rooms/blobs.ts'
import { isUserId, type UserId } from '../../shared/ids.ts'

export interface Share {
  /** What the token is listed and taken back by. */
  readonly id: string
  readonly match: string
  readonly game: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** Of one user at a time (A5). */
const MAX_SHARES = 50

export class ShareTokens {
  private readonly blobs: Blobs
  private readonly nowMs: () => number

  constructor(blobs: Blobs, nowMs: () => number) {
    this.blobs = blobs
    this.nowMs = nowMs
  }

  /** Null where the user has as many as one may have. */
  async make(user: UserId, match: string, game: string, forMs: number): Promise<(Share & { token: string }) | null> {
    if ((await this.list(user)).length >= MAX_SHARES) return null
    const secret = randomBytes(18).toString('base64url')
    const createdAtMs = this.nowMs()
    const share: Share = { id: idOf(secret), match, game, createdAtMs, expiresAtMs: createdAtMs + forMs }
    await this.blobs.put(nameOf(user, share.id), Buffer.from(JSON.stringify(share)))
    return { ...share, token: `${user}.${secret}` }
  }

  /** Those that are good still; what has run out goes. */
  async list(user: UserId): Promise<readonly Share[]> {
    const shares: Share[] = []
    for (const name of await this.blobs.list(`shares/${user}/`)) {
      const share = readShare(await this.blobs.get(name))
      if (share !== null && share.expiresAtMs > this.nowMs()) shares.push(share)
      else await this.blobs.remove(name)
    }
    return shares.sort((a, b) => b.createdAtMs - a.createdAtMs)
  }

  /** By its id or the token itself. Whether there was one. */
  async takeBack(user: UserId, idOrToken: string): Promise<boolean> {
    const [owner, secret] = split(idOrToken)
    if (secret !== null && owner !== user) return false
    const id = secret === null ? idOrToken : idOf(secret)
    if (!ID.test(id) || (await this.blobs.get(nameOf(user, id))) === null) return false
    await this.blobs.remove(nameOf(user, id))
    return true
  }

  /** The match that the token opens, or null. */
  async matchOf(token: string): Promise<string | null> {
    const [owner, secret] = split(token)
    if (secret === null || !isUserId(owner)) return null
    const share = readShare(await this.blobs.get(nameOf(owner, idOf(secret))))
    return share !== null && share.expiresAtMs > this.nowMs() ? share.match : null
  }
}

const ID = /^[0-9a-f]{32}$/

function idOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 32)
}

function nameOf(user: UserId, id: string): string {
  return `shares/${user}/${id}`
}

function split(token: string): readonly [string, string | null] {
  const dot = token.indexOf('.')
  return dot === -1 ? [token, null] : [token.slice(0, dot), token.slice(dot + 1)]
}

function readShare(bytes: Uint8Array | null): Share | null {
  // Written by `make`.
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString()) as Share)
}
