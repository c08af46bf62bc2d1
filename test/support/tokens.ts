// Tokens that a server should and should not believe.

import { SignJWT } from 'jose'
import type { Guest } from './http.ts'

/** What the tests' servers sign with, where tests make tokens themselves. */
export const TEST_SECRET = 'a secret for servers under test, long enough'

export type Forgery =
  | 'expired'
  | 'alg none'
  | 'other secret'
  | 'other algorithm'
  | 'other wallet'
  | 'no wallet'
  | 'cut short'

export const FORGERIES: readonly Forgery[] = [
  'expired',
  'alg none',
  'other secret',
  'other algorithm',
  'other wallet',
  'no wallet',
  'cut short',
]

export async function forge(how: Forgery, guest: Guest): Promise<string> {
  const [, payload = ''] = guest.token.split('.')
  switch (how) {
    case 'expired':
      return sign(guest, { expires: '1 second ago' })
    case 'alg none':
      return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`
    case 'other secret':
      return sign(guest, { secret: `${TEST_SECRET}!` })
    case 'other algorithm':
      return sign(guest, { algorithm: 'HS512' })
    case 'other wallet':
      return sign(guest, { wallet: 'w_somebody_else' })
    case 'no wallet':
      return sign(guest, { wallet: null })
    case 'cut short':
      return guest.token.slice(0, -4)
  }
}

interface Signing {
  readonly secret?: string
  readonly algorithm?: string
  readonly wallet?: string | null
  readonly expires?: string
}

function sign(guest: Guest, signing: Signing): Promise<string> {
  const { secret = TEST_SECRET, algorithm = 'HS256', wallet = guest.walletId, expires = '1 hour' } = signing
  return new SignJWT({ roles: ['player'], ...(wallet === null ? {} : { wid: wallet }) })
    .setProtectedHeader({ alg: algorithm })
    .setSubject(guest.userId)
    .setIssuer('leetgaming')
    .setAudience('leetgaming-realtime')
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret))
}
