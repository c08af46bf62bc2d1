// A player's authenticator for tests over HTTP: every code it gives is one that the server has not seen. The server takes
// those of three time steps at any moment: when they are used up, it waits for the next.

import { type Secret, TOTP } from 'otpauth'
import { call, type Reply } from './http.ts'
import type { Person } from './staff.ts'
import { until } from './until.ts'

const STEP_MS = 30_000

export class Authenticator {
  private readonly totp: TOTP
  private last = 0

  constructor(secret: string) {
    this.totp = new TOTP({ secret })
  }

  async next(): Promise<string> {
    const step = await until('a code that was not used', () => this.freeStep(), 2 * STEP_MS)
    this.last = step
    return this.totp.generate({ timestamp: step * STEP_MS })
  }

  get secret(): Secret {
    return this.totp.secret
  }

  /** The code given last, once more. */
  again(): string {
    return this.totp.generate({ timestamp: this.last * STEP_MS })
  }

  private freeStep(): number | null {
    const now = Math.floor(Date.now() / STEP_MS)
    const step = Math.max(now - 1, this.last + 1)
    // The first of three may end while it is on its way.
    const isEnding = step === now - 1 && Date.now() % STEP_MS > STEP_MS - 3_000
    if (isEnding) return now
    return step > now + 1 ? null : step
  }
}

export interface Enrolled extends Person {
  readonly authenticator: Authenticator
  readonly recoveryCodes: readonly string[]
  /** To the confirmation, with tokens that say so. */
  readonly verified: Reply
}

/** Sets a second factor up; the person's token is then one that was made with it. */
export async function enroll(url: string, person: Person): Promise<Enrolled> {
  const setup = await call(url, 'POST /auth/mfa/setup', { token: person.token })
  if (setup.status !== 200) throw new Error(`no setup: ${setup.status} ${setup.text}`)
  const authenticator = new Authenticator(setup.body.secret)
  const body = { code: await authenticator.next() }
  const verified = await call(url, 'POST /auth/mfa/verify', { token: person.token, body })
  if (verified.status !== 200) throw new Error(`not confirmed: ${verified.status} ${verified.text}`)
  return { ...person, token: verified.body.token, authenticator, recoveryCodes: verified.body.recovery_codes, verified }
}
