// A second factor, from its setup to its end. Whoever proves one here gets new tokens that say so, and whoever ends it new
// ones that do not: the old ones of a client go on without it, or are over.

import { z } from 'zod'
import { newRecoveryCodes } from '../../identity/secondFactor.ts'
import type { Caller } from '../../identity/tokens.ts'
import { type Answer, ok, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { type AuthParts, answerSignIn, refuseSignIn, sessionSchema, shownFields, shownOf } from './auth.ts'

const stateSchema = z
  .object({
    enabled: z.boolean().meta({ description: 'whether it is asked for when its owner signs in' }),
    pending: z.boolean().meta({ description: 'set up, but not confirmed yet' }),
    recovery_codes_left: z.int(),
  })
  .meta({ id: 'SecondFactor' })

const setupSchema = z.object({
  secret: z.string().meta({ description: 'base32; shown this once' }),
  otpauth_uri: z.string().meta({ description: 'the same for an authenticator, as a QR code' }),
})

const codesSchema = z
  .array(z.string())
  .meta({ description: 'shown this once, each good for one use; those given out before are good no longer' })
const recoverySchema = z.object({ recovery_codes: codesSchema })
const verifiedSchema = sessionSchema.extend({ recovery_codes: codesSchema.optional() })

const codeBody = z.object({ code: z.string().max(32).meta({ description: 'six digits of the authenticator' }) })
const disableBody = z.object({ password: z.string().max(512), code: z.string().max(32).nullish(), ...shownFields })

/** Of whoever proves anew who they are, and gets new tokens. */
export const PROOF_ERRORS = [
  'auth.invalid_credentials',
  'auth.guest',
  'auth.mfa_required',
  'auth.mfa_invalid',
  'auth.mfa_unreadable',
  'auth.locked',
  'auth.refresh_invalid',
  'invalid_request',
  'rate_limited',
  'overloaded',
  'unavailable',
] as const

const common = { tag: 'auth', auth: 'player', rate: 'login' } as const

export function mfaRoutes(parts: AuthParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/auth/mfa/setup',
      summary: 'Whether there is a second factor',
      rate: 'general',
      responses: { 200: stateSchema },
      errors: ['rate_limited', 'unavailable'],
      async handle({ caller }) {
        const factor = await parts.identity.factorOf(caller.userId)
        const enabled = factor?.confirmed === true
        const body = {
          enabled,
          pending: factor !== null && !enabled,
          recovery_codes_left: factor?.recoveryCodesLeft ?? 0,
        }
        return ok(body satisfies z.input<typeof stateSchema>)
      },
    }),
    setupRoute(parts),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/auth/mfa/verify',
      summary: 'Confirm a second factor by its first code; later: sign in with it after all. Answers new tokens',
      body: codeBody,
      responses: { 200: verifiedSchema },
      errors: [...PROOF_ERRORS, 'auth.mfa_not_proposed'],
      handle: ({ caller, body }) => verify(parts, caller, body.code),
    }),
    disableRoute(parts),
    recoveryRoute(parts),
  ]
}

function setupRoute({ identity, factors }: AuthParts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/auth/mfa/setup',
    summary: 'Begin with a second factor: counts for nothing until it is confirmed',
    responses: { 200: setupSchema },
    errors: ['auth.guest', 'auth.mfa_enabled', 'rate_limited', 'unavailable'],
    async handle({ caller }) {
      const user = await identity.findUser(caller.userId)
      if (user === null || user.email === null) return refuse('auth.guest')
      const { factor, secret, uri } = factors.setUp(user.id, user.email)
      const proposal = await identity.proposeFactor(user.id, factor)
      if (proposal.kind === 'refused') return refuse(proposal.code)
      return ok({ secret, otpauth_uri: uri } satisfies z.input<typeof setupSchema>)
    },
  })
}

async function verify(parts: AuthParts, { userId }: Caller, code: string): Promise<Answer> {
  const { identity, factors } = parts
  const check = factors.check({ code, recoveryCode: null })
  const factor = await identity.factorOf(userId)
  if (factor === null) return refuse('auth.mfa_not_proposed')
  if (factor.confirmed) {
    const proof = await identity.prove(userId, null, check)
    if (proof.kind === 'refused') return refuseSignIn(proof)
    return answerSignIn(parts, await identity.beginSession(userId, proof.factor), ok)
  }
  // There is nothing to guess yet: a wrong code counts for nothing.
  const shown = check(userId, factor)
  if (shown.kind !== 'step') return refuse(shown.kind === 'refused' ? shown.code : 'auth.mfa_invalid')
  const { codes, hashes } = newRecoveryCodes(userId)
  if (!(await identity.confirmFactor(userId, factor.id, shown.step, hashes))) return refuse('auth.mfa_not_proposed')
  const withCodes = (body: object): Answer => ok({ ...body, recovery_codes: [...codes] })
  return answerSignIn(parts, await identity.beginSession(userId, factor.id), withCodes)
}

function disableRoute(parts: AuthParts): Route {
  const { identity, factors } = parts
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/auth/mfa/disable',
    summary: 'End the second factor, and every session; answers tokens of a new one',
    body: disableBody,
    responses: { 200: sessionSchema },
    errors: [...PROOF_ERRORS, 'auth.mfa_not_enabled'],
    async handle({ caller: { userId }, body }) {
      const shown = shownOf(body)
      const check = factors.check({ ...shown, code: shown.code ?? body.code ?? null })
      const proof = await identity.prove(userId, body.password, check)
      if (proof.kind === 'refused') return refuseSignIn(proof)
      if (proof.factor === null || !(await identity.endFactor(userId))) return refuse('auth.mfa_not_enabled')
      return answerSignIn(parts, await identity.beginSession(userId, null), ok)
    },
  })
}

function recoveryRoute({ identity, factors }: AuthParts): Route {
  return defineRoute({
    ...common,
    method: 'POST',
    path: '/auth/mfa/recovery-codes',
    summary: 'New recovery codes in place of those there are',
    body: codeBody,
    responses: { 200: recoverySchema },
    errors: [...PROOF_ERRORS, 'auth.mfa_not_enabled'],
    async handle({ caller: { userId }, body: { code } }) {
      const proof = await identity.prove(userId, null, factors.check({ code, recoveryCode: null }))
      if (proof.kind === 'refused') return refuseSignIn(proof)
      const { codes, hashes } = newRecoveryCodes(userId)
      const set = proof.factor !== null && (await identity.setRecoveryCodes(userId, proof.factor, hashes))
      if (!set) return refuse('auth.mfa_not_enabled')
      return ok({ recovery_codes: [...codes] } satisfies z.input<typeof recoverySchema>)
    },
  })
}
