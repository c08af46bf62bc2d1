// Access tokens: what is accepted, what has expired, and what was never ours.

import { expect } from 'chai'
import { SignJWT } from 'jose'
import { type Caller, TokenService, type Verification } from '../../server/identity/tokens.ts'
import { isUserId, type UserId, walletOf } from '../../shared/ids.ts'
import { ManualTime } from '../support/manualTime.ts'

const SECRET = 'a secret of more than 32 characters, for tests'
const HOUR_MS = 60 * 60 * 1000
const ANN = userId('u_AnnAnnAnnAnnAnnAnnAnnA')

describe('access tokens', () => {
  let clock: ManualTime
  let tokens: TokenService

  beforeEach(() => {
    clock = new ManualTime(Date.UTC(2026, 0, 1))
    tokens = new TokenService(SECRET, clock)
  })

  it('say who comes', async () => {
    const { token, expiresAtMs } = await tokens.issue({ id: ANN, roles: ['player', 'auditor'] })
    expect(expiresAtMs).to.equal(clock.nowMs() + HOUR_MS)
    expect(caller(await tokens.verify(token))).to.deep.equal({
      userId: ANN,
      walletId: walletOf(ANN),
      roles: ['player', 'auditor'],
      factor: null,
      expiresAtMs,
    })
  })

  it('say which second factor was used, and believe no such word without the method', async () => {
    const { token } = await tokens.issue({ id: ANN, roles: ['player'] }, 'f_one')
    expect(caller(await tokens.verify(token)).factor).to.equal('f_one')
    const [, payload = ''] = token.split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString()).amr).to.deep.equal(['pwd', 'otp', 'mfa'])
    const bare = await make(clock, ours, { ...claims, factor: 'f_one', amr: ['pwd'] })
    expect(caller(await tokens.verify(bare)).factor).to.equal(null)
  })

  it('of erased users are invalid, seen before or not', async () => {
    const erased = new Set<UserId>()
    const strict = new TokenService(SECRET, clock, erased)
    const { token } = await strict.issue({ id: ANN, roles: ['player'] })
    expect((await strict.verify(token)).kind).to.equal('valid')
    erased.add(ANN)
    expect((await strict.verify(token)).kind).to.equal('invalid')
    expect((await new TokenService(SECRET, clock, erased).verify(token)).kind).to.equal('invalid')
  })

  it('are known at once the second time', async () => {
    const { token } = await tokens.issue({ id: ANN, roles: ['player'] })
    const first = await tokens.verify(token)
    expect(tokens.verify(token)).to.equal(first)
  })

  for (const known of [true, false]) {
    it(`expire after an hour, ${known ? 'seen before' : 'never seen before'}`, async () => {
      const { token } = await tokens.issue({ id: ANN, roles: ['player'] })
      if (known) await tokens.verify(token)
      clock.jump(HOUR_MS - 1)
      if (known) expect((await tokens.verify(token)).kind).to.equal('valid')
      clock.jump(1)
      expect((await tokens.verify(token)).kind).to.equal('expired')
    })
  }

  const claims = { wid: walletOf(ANN), roles: ['player'] }
  const ours = { issuer: 'leetgaming', audience: 'leetgaming-realtime', subject: ANN, secret: SECRET, alg: 'HS256' }

  it('are made as the table below makes them', async () => {
    expect((await tokens.verify(await make(clock, ours, claims))).kind).to.equal('valid')
  })

  for (const [what, form, content] of [
    ['of another secret', { ...ours, secret: `${SECRET}!` }, claims],
    ['of another algorithm', { ...ours, alg: 'HS512' }, claims],
    ['of another issuer', { ...ours, issuer: 'somebody' }, claims],
    ['for another audience', { ...ours, audience: 'somebody' }, claims],
    ['for nobody', { ...ours, subject: '' }, claims],
    ['for what is no user', { ...ours, subject: 'ann' }, claims],
    ["with another's wallet", ours, { ...claims, wid: 'w_BobBobBobBobBobBobBobB' }],
    ['without a wallet', ours, { roles: ['player'] }],
    ['without roles', ours, { wid: claims.wid }],
  ] as const) {
    it(`are invalid ${what}`, async () => {
      expect((await tokens.verify(await make(clock, form, content))).kind).to.equal('invalid')
    })
  }

  it('grant no role that is not in the registry', async () => {
    const token = await make(clock, ours, { ...claims, roles: ['player', 'god', 7] })
    expect(caller(await tokens.verify(token)).roles).to.deep.equal(['player'])
  })

  it('are invalid unsigned, cut, changed, or when they are something else', async () => {
    const { token } = await tokens.issue({ id: ANN, roles: ['player'] })
    const [, payload = '', signature = ''] = token.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const richer = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), roles: ['admin'] }),
    ).toString('base64url')
    const forgeries = [
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      token.replace(payload, richer),
      token.slice(0, -2),
      `${token}x`,
      '',
      '..',
      'a.b.c',
      'x'.repeat(100_000),
      '💰',
    ]
    for (const forgery of forgeries) {
      expect((await tokens.verify(forgery)).kind, forgery.slice(0, 60)).to.equal('invalid')
    }
  })
})

interface Form {
  readonly issuer: string
  readonly audience: string
  readonly subject: string
  readonly secret: string
  readonly alg: string
}

function make(clock: ManualTime, form: Form, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: form.alg })
    .setSubject(form.subject)
    .setIssuer(form.issuer)
    .setAudience(form.audience)
    .setExpirationTime(clock.nowMs() / 1000 + 60)
    .sign(new TextEncoder().encode(form.secret))
}

function caller(verification: Verification): Caller {
  if (verification.kind !== 'valid') throw new Error(`not valid but ${verification.kind}`)
  return verification.caller
}

function userId(text: string): UserId {
  if (!isUserId(text)) throw new Error(`${text} is no user id`)
  return text
}
