// Codes of authenticators against the vectors of RFC 6238, their drift, the secrets at rest, and recovery codes.

import { expect } from 'chai'
import { Secret, TOTP, URI } from 'otpauth'
import { FactorSeal } from '../../server/identity/factorSeal.ts'
import { newRecoveryCodes, SecondFactors, stepOf } from '../../server/identity/secondFactor.ts'
import type { UserId } from '../../shared/ids.ts'
import { ManualTime } from '../support/manualTime.ts'

const ANN = 'u_AnnAnnAnnAnnAnnAnnAnnA' as UserId // of the form that ids have
const BOB = 'u_BobBobBobBobBobBobBobB' as UserId
const TOKEN_SECRET = 'a secret of more than 32 characters, for tests'
/** Of RFC 6238, appendix B. */
const RFC_SECRET = Secret.fromUTF8('12345678901234567890')
const STEP_MS = 30_000

describe('codes of authenticators', () => {
  // The appendix has eight digits: six are the last six of them.
  for (const [seconds, eight] of [
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ] as const) {
    it(`are those of RFC 6238 at ${seconds} s`, () => {
      const vector = new TOTP({ secret: RFC_SECRET, algorithm: 'SHA1', digits: 8, period: 30 })
      expect(vector.generate({ timestamp: seconds * 1000 })).to.equal(eight)
      expect(stepOf(RFC_SECRET, eight.slice(2), seconds * 1000)).to.equal(Math.floor(seconds / 30))
    })
  }

  for (const [driftSteps, isTaken] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    it(`of a clock ${driftSteps} steps away are ${isTaken ? 'taken' : 'refused'}`, () => {
      const nowMs = Date.UTC(2026, 0, 1)
      const timestamp = nowMs + driftSteps * STEP_MS
      const code = new TOTP({ secret: RFC_SECRET }).generate({ timestamp })
      expect(stepOf(RFC_SECRET, code, nowMs)).to.equal(isTaken ? timestamp / STEP_MS : null)
    })
  }

  it('are taken as people type them', () => {
    expect(stepOf(RFC_SECRET, ' 287 082 ', 59_000)).to.equal(1)
  })

  for (const text of [
    '',
    '28708',
    '2870820',
    '94287082',
    'abcdef',
    '２８７０８２',
    '-28708',
    '28708.',
    '0x1234',
    '\u0000',
  ]) {
    it(`are not ${JSON.stringify(text)}`, () => {
      expect(stepOf(RFC_SECRET, text, 59_000)).to.equal(null)
    })
  }
})

describe('a second factor', () => {
  const clock = new ManualTime(Date.UTC(2026, 0, 1))
  const factors = new SecondFactors(TOKEN_SECRET, clock)
  const shown = (code: string | null, recoveryCode: string | null = null) => factors.check({ code, recoveryCode })

  it('is what the authenticator is told, and nothing of it can be read where it is kept', () => {
    const { factor, secret, uri } = factors.setUp(ANN, 'ann@example.com')
    const told = URI.parse(uri)
    if (!(told instanceof TOTP)) throw new Error('no TOTP')
    expect([told.issuer, told.label, told.algorithm, told.digits, told.period]).to.deep.equal([
      'LeetGaming',
      'ann@example.com',
      'SHA1',
      6,
      30,
    ])
    expect(told.secret.base32).to.equal(secret)
    expect(secret).to.match(/^[A-Z2-7]{32}$/)
    expect(Buffer.from(factor.sealed).includes(Buffer.from(told.secret.bytes))).to.equal(false)
    const code = told.generate({ timestamp: clock.nowMs() })
    expect(shown(code)(ANN, factor)).to.deep.equal({ kind: 'step', step: clock.nowMs() / STEP_MS })
  })

  it('asks, refuses, and hears of recovery codes', () => {
    const { factor } = factors.setUp(ANN, 'ann')
    expect(shown(null)(ANN, factor)).to.deep.equal({ kind: 'refused', code: 'auth.mfa_required' })
    expect(shown('', '')(ANN, factor)).to.deep.equal({ kind: 'refused', code: 'auth.mfa_required' })
    expect(shown('abc')(ANN, factor)).to.deep.equal({ kind: 'refused', code: 'auth.mfa_invalid' })
    expect(shown(null, 'x')(ANN, factor).kind).to.equal('recovery')
  })

  it('of another user, another id or another token secret cannot be read, and says so', () => {
    const { factor, secret } = factors.setUp(ANN, 'ann')
    const code = new TOTP({ secret }).generate({ timestamp: clock.nowMs() })
    const unreadable = { kind: 'refused', code: 'auth.mfa_unreadable' }
    expect(shown(code)(BOB, factor)).to.deep.equal(unreadable)
    expect(shown(code)(ANN, { ...factor, id: 'f_other' })).to.deep.equal(unreadable)
    const rotated = new SecondFactors(`${TOKEN_SECRET}!`, clock).check({ code, recoveryCode: null })
    expect(rotated(ANN, factor)).to.deep.equal(unreadable)
  })

  it('is sealed otherwise each time, and one changed byte opens nothing', () => {
    const seal = new FactorSeal(TOKEN_SECRET)
    const secret = Buffer.from('12345678901234567890')
    const sealed = seal.seal(secret, 'ann')
    expect(Buffer.from(seal.open(sealed, 'ann') ?? [])).to.deep.equal(secret)
    expect(Buffer.from(seal.seal(secret, 'ann'))).to.not.deep.equal(Buffer.from(sealed))
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(seal.open(changed, 'ann'), `byte ${at}`).to.equal(null)
    }
    for (const text of [new Uint8Array(0), sealed.subarray(0, 29)]) expect(seal.open(text, 'ann')).to.equal(null)
  })

  it('has ten recovery codes, which are one user’s, however they are typed', () => {
    const { codes, hashes } = newRecoveryCodes(ANN)
    expect(new Set(codes).size).to.equal(10)
    const { factor } = factors.setUp(ANN, 'ann')
    const [code = ''] = codes
    expect(code).to.match(/^([2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}$/)
    for (const typed of [code, code.toUpperCase(), code.replaceAll('-', ''), ` ${code.replaceAll('-', ' ')} `]) {
      expect(shown(null, typed)(ANN, factor)).to.deep.equal({ kind: 'recovery', hash: hashes[0] })
    }
    expect(shown(null, code)(BOB, factor)).to.not.deep.equal({ kind: 'recovery', hash: hashes[0] })
  })
})
