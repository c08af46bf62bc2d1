// Signing in and out. Every sign-in repeats `open` of the wallet that derives from the user (S2), so a crash between the
// two heals at the next one; the answer carries what a client needs for rooms and wallet routes.

import { z } from 'zod'
import type { WalletService } from '../../../actors/wallet/service.ts'
import { walletOf } from '../../../shared/ids.ts'
import { displayNameSchema, emailSchema, newPasswordSchema } from '../../identity/credentials.ts'
import { type Identity, ROLES, type Session, type SignIn, type SignInRefused } from '../../identity/port.ts'
import type { SecondFactors, ShownText } from '../../identity/secondFactor.ts'
import type { TokenService } from '../../identity/tokens.ts'
import { type Answer, created, empty, ok, type Refusal, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'

export const sessionSchema = z
  .object({
    token: z.string().meta({ description: 'access token, for one hour' }),
    refresh_token: z.string().meta({ description: 'good for one use of /auth/refresh, within 30 days' }),
    expires_at: timeSchema,
    user_id: z.string(),
    wallet_id: z.string(),
    display_name: z.string(),
    roles: z.array(z.enum(ROLES)),
  })
  .meta({ id: 'Session' })

export interface AuthParts {
  readonly identity: Identity
  readonly tokens: TokenService
  readonly wallets: WalletService
  readonly factors: SecondFactors
}

/** What proves a second factor, in bodies that may need it. */
export const shownFields = {
  mfa_code: z.string().max(32).nullish().meta({ description: 'six digits of the authenticator' }),
  recovery_code: z.string().max(64).nullish().meta({ description: 'in place of `mfa_code`; each is good for one use' }),
}

export function shownOf({ mfa_code: code, recovery_code: recoveryCode }: Shown): ShownText {
  return { code: code ?? null, recoveryCode: recoveryCode ?? null }
}

interface Shown {
  readonly mfa_code?: string | null | undefined
  readonly recovery_code?: string | null | undefined
}

const guestBody = z.object({ display_name: displayNameSchema.nullish() })
const registerBody = z.object({ email: emailSchema, password: newPasswordSchema, display_name: displayNameSchema })
// Forms are not told apart here: a login that cannot succeed fails like any other.
const loginBody = z.object({ email: z.string().max(256), password: z.string().max(512), ...shownFields })
const refreshBody = z.object({ refresh_token: z.string().max(256) })
const logoutBody = z.object({ refresh_token: z.string().max(256).nullish() })

export function authRoutes(parts: AuthParts): readonly Route[] {
  const { identity, factors } = parts
  return [
    defineRoute({
      method: 'POST',
      path: '/auth/guest',
      tag: 'auth',
      summary: 'Play without an account; the wallet lives as long as its refresh token is kept',
      auth: 'none',
      rate: 'login',
      body: guestBody,
      responses: { 201: sessionSchema },
      errors: ['invalid_request', 'rate_limited', 'unavailable'],
      handle: async ({ body }) => answerSession(parts, await identity.createGuest(body.display_name ?? null), created),
    }),
    defineRoute({
      method: 'POST',
      path: '/auth/register',
      tag: 'auth',
      summary: 'Make an account',
      auth: 'none',
      rate: 'login',
      body: registerBody,
      responses: { 201: sessionSchema },
      errors: ['invalid_request', 'auth.email_taken', 'rate_limited', 'overloaded', 'unavailable'],
      async handle({ body: { email, password, display_name: displayName } }) {
        return answerSignIn(parts, await identity.register({ email, password, displayName }), created)
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/auth/login',
      tag: 'auth',
      summary: 'Sign in; where there is a second factor, `auth.mfa_required` asks for the same again with its code',
      auth: 'none',
      rate: 'login',
      body: loginBody,
      responses: { 200: sessionSchema },
      errors: [
        'auth.invalid_credentials',
        'auth.mfa_required',
        'auth.mfa_invalid',
        'auth.mfa_unreadable',
        'auth.locked',
        'rate_limited',
        'overloaded',
        'unavailable',
      ],
      async handle({ body }) {
        const check = factors.check(shownOf(body))
        return answerSignIn(parts, await identity.login(body.email, body.password, check), ok)
      },
    }),
    ...sessionRoutes(parts),
  ]
}

function sessionRoutes(parts: AuthParts): readonly Route[] {
  const { identity } = parts
  return [
    defineRoute({
      method: 'POST',
      path: '/auth/refresh',
      tag: 'auth',
      summary:
        'Swap a refresh token for new tokens; one swapped before ends its session, but for a minute while the new one is unused',
      auth: 'none',
      rate: 'general',
      body: refreshBody,
      responses: { 200: sessionSchema },
      errors: ['auth.refresh_invalid', 'rate_limited', 'unavailable'],
      handle: async ({ body }) => answerSignIn(parts, await identity.refresh(body.refresh_token), ok),
    }),
    defineRoute({
      method: 'POST',
      path: '/auth/logout',
      tag: 'auth',
      summary: 'End the session of a refresh token; without one, every session of the caller',
      auth: 'optional',
      rate: 'general',
      body: logoutBody,
      responses: { 204: null },
      errors: ['unauthenticated', 'rate_limited', 'unavailable'],
      async handle({ body, caller }) {
        const refreshToken = body.refresh_token ?? null
        if (refreshToken !== null) await identity.logout(refreshToken)
        else if (caller !== null) await identity.logoutEverywhere(caller.userId)
        else return refuse('unauthenticated')
        return empty
      },
    }),
  ]
}

export function answerSignIn(
  parts: AuthParts,
  signIn: SignIn,
  success: (body: object) => Answer,
): Answer | Promise<Answer> {
  return signIn.kind === 'signed_in' ? answerSession(parts, signIn.session, success) : refuseSignIn(signIn)
}

export function refuseSignIn({ code, retryAfterSeconds }: SignInRefused): Refusal {
  return refuse(code, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
}

async function answerSession(
  { tokens, wallets }: AuthParts,
  session: Session,
  success: (body: object) => Answer,
): Promise<Answer> {
  const { user, refreshToken } = session
  const walletId = walletOf(user.id)
  const opened = await wallets.open(user.id, walletId)
  // A closed wallet is no reason to lock its owner out.
  if (opened.kind === 'refused' && opened.code !== 'wallet.closed') return opened
  const { token, expiresAtMs } = await tokens.issue(user, session.factor)
  const body: z.input<typeof sessionSchema> = {
    token,
    refresh_token: refreshToken,
    expires_at: timeText(expiresAtMs),
    user_id: user.id,
    wallet_id: walletId,
    display_name: user.displayName,
    roles: [...user.roles],
  }
  return success(body)
}
