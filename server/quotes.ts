// Quotes: a rate promised to one wallet for one conversion, for a short while. The promise is a signed text in the client's
// hands, so that it costs no record; that it is used once is the wallet actor's to see to.

import { createSecretKey, type KeyObject } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import type { Clock, Ids } from '../actors/runtime/ports.ts'
import type { Quote } from '../actors/wallet/commands.ts'
import type { WalletId } from '../shared/ids.ts'
import { parseRate, type Rate, rateText } from '../shared/rates.ts'
import { RULES } from '../shared/rules.ts'

/** What a quote is for. */
export interface QuotedConversion {
  readonly walletId: WalletId
  readonly from: string
  readonly to: string
  readonly amountMinor: bigint
}

const ISSUER = 'leetgaming'
const AUDIENCE = 'leetgaming-quotes'
const ALGORITHM = 'HS256'

export class Quotes {
  readonly #key: KeyObject
  readonly #clock: Clock
  readonly #ids: Ids

  /** `secret`: that of the access tokens; what it signs here is of no use there. */
  constructor(secret: string, clock: Clock, ids: Ids) {
    this.#key = createSecretKey(secret, 'utf8')
    this.#clock = clock
    this.#ids = ids
  }

  async issue(
    conversion: QuotedConversion & { readonly rate: Rate },
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { walletId, from, to, amountMinor, rate } = conversion
    const expiresAtMs = this.#clock.nowMs() + RULES.quoteSeconds * 1000
    const token = await new SignJWT({
      from,
      to,
      amount: amountMinor.toString(),
      rate: rateText(rate),
      until: expiresAtMs,
    })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(walletId)
      .setJti(this.#ids.newId())
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .sign(this.#key)
    return { token, expiresAtMs }
  }

  /** `invalid` for what is not ours, or was given for something else. Whether it has run out is not looked at here. */
  async read(token: string, conversion: QuotedConversion): Promise<Quote | 'invalid'> {
    const checks = { algorithms: [ALGORITHM], issuer: ISSUER, audience: AUDIENCE, subject: conversion.walletId }
    const payload = await jwtVerify(token, this.#key, checks).then(
      (verified) => verified.payload,
      () => null,
    )
    if (payload === null || typeof payload.jti !== 'string' || typeof payload.until !== 'number') return 'invalid'
    const { from, to, amount, rate: rateSaid, jti: id, until: expiresAtMs } = payload
    const rate = typeof rateSaid === 'string' ? parseRate(rateSaid) : null
    const same = from === conversion.from && to === conversion.to && amount === conversion.amountMinor.toString()
    return rate !== null && same ? { id, rate, expiresAtMs } : 'invalid'
  }
}
