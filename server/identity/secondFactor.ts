// Second factors: codes of an authenticator (TOTP, RFC 6238: SHA-1, six digits, 30 s, one step of drift either way) and
// recovery codes for whoever has lost it. Judges what is shown; that nothing is taken twice is the store's work (port.ts).

import { randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import type { Clock } from '../../actors/runtime/ports.ts'
import type { UserId } from '../../shared/ids.ts'
import { RULES } from '../../shared/rules.ts'
import { FactorSeal } from './factorSeal.ts'
import type { Factor, FactorCheck, Shown } from './port.ts'
import { digest, randomId } from './refreshTokens.ts'

const ISSUER = 'LeetGaming'
/** As long as the hash, as RFC 4226 recommends; what authenticators take as 32 characters. */
const SECRET_BYTES = 20
const DRIFT_STEPS = 1
const CODE = /^\d{6}$/
/** No letters that are taken for others. */
const RECOVERY_ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz'
/** 79 bits: their plain hashes cannot be searched, as a password's could. */
const RECOVERY_LENGTH = 16

export interface FactorSetup {
  readonly factor: Factor
  /** For the owner, now and never again: base32, and the same as an `otpauth://` address. */
  readonly secret: string
  readonly uri: string
}

/** What a user typed; empty texts count as nothing. */
export interface ShownText {
  readonly code: string | null
  readonly recoveryCode: string | null
}

export interface RecoveryCodes {
  readonly codes: readonly string[]
  readonly hashes: readonly Uint8Array[]
}

export class SecondFactors {
  readonly #seal: FactorSeal
  readonly #clock: Clock

  constructor(tokenSecret: string, clock: Clock) {
    this.#seal = new FactorSeal(tokenSecret)
    this.#clock = clock
  }

  /** `label`: what the authenticator shows beside the issuer. */
  setUp(user: UserId, label: string): FactorSetup {
    const id = `f_${randomId()}`
    const secret = new Secret({ size: SECRET_BYTES })
    const sealed = this.#seal.seal(secret.bytes, aboutOf(user, id))
    return { factor: { id, sealed }, secret: secret.base32, uri: totp(secret, label).toString() }
  }

  /** A code wins over a recovery code. */
  check({ code, recoveryCode }: ShownText): FactorCheck {
    return (user, factor) => {
      if (code !== null && code !== '') return this.#judge(user, factor, code)
      if (recoveryCode === null || recoveryCode === '') return { kind: 'refused', code: 'auth.mfa_required' }
      return { kind: 'recovery', hash: recoveryHash(user, recoveryCode) }
    }
  }

  #judge(user: UserId, { id, sealed }: Factor, code: string): Shown {
    const bytes = this.#seal.open(sealed, aboutOf(user, id))
    if (bytes === null) return { kind: 'refused', code: 'auth.mfa_unreadable' }
    const step = stepOf(new Secret({ buffer: Uint8Array.from(bytes).buffer }), code, this.#clock.nowMs())
    return step === null ? { kind: 'refused', code: 'auth.mfa_invalid' } : { kind: 'step', step }
  }
}

/** The time step whose code this is, within the drift; null where it is none's. */
export function stepOf(secret: Secret, typed: string, nowMs: number): number | null {
  const token = typed.replace(/\s/g, '')
  if (!CODE.test(token)) return null
  const delta = totp(secret, '').validate({ token, timestamp: nowMs, window: DRIFT_STEPS })
  return delta === null ? null : TOTP.counter({ period: RULES.totpStepSeconds, timestamp: nowMs }) + delta
}

export function newRecoveryCodes(user: UserId): RecoveryCodes {
  const codes = Array.from({ length: RULES.recoveryCodes }, newRecoveryCode)
  return { codes, hashes: codes.map((code) => recoveryHash(user, code)) }
}

/** However it was typed. */
function recoveryHash(user: UserId, typed: string): Uint8Array {
  return digest(`${user} ${typed.toLowerCase().replace(/[^a-z0-9]/g, '')}`)
}

/** In groups of four, as people copy them. */
function newRecoveryCode(): string {
  let code = ''
  while (code.length < RECOVERY_LENGTH) {
    // A byte beyond the last whole multiple would favour the first letters.
    for (const byte of randomBytes(RECOVERY_LENGTH)) {
      if (byte < 248) code += RECOVERY_ALPHABET.charAt(byte % RECOVERY_ALPHABET.length)
    }
  }
  return (code.slice(0, RECOVERY_LENGTH).match(/.{4}/g) ?? []).join('-')
}

function totp(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: RULES.totpStepSeconds, secret })
}

function aboutOf(user: UserId, factor: string): string {
  return `${user} ${factor}`
}
