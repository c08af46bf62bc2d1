// What an owner does to the account itself: another password, or an end of it. Both ask for the password anew, and for
// the second factor where there is one; staff never see or set a password.

import { z } from 'zod'
import { type ErasingParts, erasePerson } from '../../erasing.ts'
import { newPasswordSchema } from '../../identity/credentials.ts'
import { ok, refuse, refuseField } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'
import { type AuthParts, answerSignIn, refuseSignIn, sessionSchema, shownFields, shownOf } from './auth.ts'
import { PROOF_ERRORS } from './mfa.ts'

const passwordBody = z.object({
  current_password: z.string().max(512),
  new_password: newPasswordSchema,
  ...shownFields,
})
const eraseBody = z.object({
  password: z.string().max(512).nullish().meta({ description: 'guests have none' }),
  ...shownFields,
})
const erasedSchema = z.object({ user_id: z.string(), erased_at: timeSchema })

export function accountRoutes(parts: AuthParts, erasing: ErasingParts): readonly Route[] {
  const { identity, factors } = parts
  return [
    defineRoute({
      method: 'POST',
      path: '/auth/password',
      tag: 'auth',
      summary: 'Another password: ends every session, and answers tokens of a new one',
      auth: 'player',
      rate: 'login',
      body: passwordBody,
      responses: { 200: sessionSchema },
      errors: PROOF_ERRORS,
      async handle({ caller: { userId }, body }) {
        const proof = await identity.prove(userId, body.current_password, factors.check(shownOf(body)))
        if (proof.kind === 'refused') return refuseSignIn(proof)
        if (!(await identity.setPassword(userId, body.new_password))) return refuse('auth.guest')
        return answerSignIn(parts, await identity.beginSession(userId, proof.factor), ok)
      },
    }),
    eraseRoute(parts, erasing),
  ]
}

function eraseRoute({ identity, factors }: AuthParts, erasing: ErasingParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/auth/erase',
    tag: 'auth',
    summary: 'Erase the caller, whose wallet has to be empty: for ever, and every token ends',
    auth: 'player',
    rate: 'login',
    body: eraseBody,
    responses: { 200: erasedSchema },
    errors: [...PROOF_ERRORS, 'staff.has_roles', 'wallet.not_empty', 'wallet.frozen'],
    async handle({ caller: { userId }, body, requestId }) {
      const user = await identity.findUser(userId)
      if (user === null) return refuse('unauthenticated')
      if (user.email !== null) {
        if (body.password === undefined || body.password === null) return refuseField('password', 'is needed')
        const proof = await identity.prove(userId, body.password, factors.check(shownOf(body)))
        if (proof.kind === 'refused') return refuseSignIn(proof)
      }
      const erased = await erasePerson(erasing, userId, requestId)
      if (erased.kind === 'refused') return refuse(erased.code)
      return ok({ user_id: userId, erased_at: timeText(erased.atMs) } satisfies z.input<typeof erasedSchema>)
    },
  })
}
