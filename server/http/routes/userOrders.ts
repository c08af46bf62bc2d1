// What admins do to the account of somebody else: help out of a lost second factor, and erase a person. Never to their
// own: that is done as its owner. Neither tells the audit log anything but ids and words from a list.

import { z } from 'zod'
import { isUserId } from '../../../shared/ids.ts'
import { type ErasingParts, erasePerson } from '../../erasing.ts'
import type { Identity } from '../../identity/port.ts'
import { changed, refuse } from '../answer.ts'
import { defineRoute, type Route } from '../route.ts'
import { timeSchema, timeText } from '../schemas.ts'
import { paramsSchema, userBody, userSchema } from './users.ts'

/** No free text: whoever writes about a person names them, and the audit log forgets nothing. */
const REASONS = ['asked_by_owner', 'asked_by_authority', 'retention_over', 'made_in_error'] as const

const eraseBody = z.object({
  reason: z.enum(REASONS),
  case: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,40}$/)
    .nullish()
    .meta({ description: 'number of the case where the whole story is kept; no name' }),
})

export const erasedSchema = z.object({
  user_id: z.string(),
  erased_at: timeSchema,
  record: z.string().nullable().meta({ description: 'the record that closed the wallet, if it was open' }),
})

const common = { method: 'POST', tag: 'admin', auth: 'staff', staff: ['admin'], rate: 'general' } as const

export function userOrderRoutes(identity: Identity, erasing: ErasingParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      path: '/admin/users/{id}/mfa/reset',
      summary: 'End the second factor and all sessions of somebody who has lost it',
      params: paramsSchema,
      responses: { 200: userSchema },
      errors: ['forbidden', 'not_found', 'auth.mfa_not_enabled', 'rate_limited', 'unavailable'],
      async handle({ params: { id }, caller }) {
        if (!isUserId(id)) return refuse('not_found')
        if (id === caller.userId) return refuse('forbidden')
        const user = await identity.findUser(id)
        if (user === null) return refuse('not_found')
        if (!(await identity.endFactor(id))) return refuse('auth.mfa_not_enabled')
        return changed(userBody({ ...user, factor: null }), {
          before: { second_factor: true },
          after: { second_factor: false },
        })
      },
    }),
    defineRoute({
      ...common,
      path: '/admin/users/{id}/erase',
      summary: 'Erase a person whose wallet is empty, for ever: the id stays, and means nobody',
      params: paramsSchema,
      body: eraseBody,
      responses: { 200: erasedSchema },
      errors: [
        'invalid_request',
        'forbidden',
        'not_found',
        'staff.has_roles',
        'wallet.not_empty',
        'wallet.frozen',
        'rate_limited',
        'overloaded',
        'unavailable',
      ],
      async handle({ params: { id }, body, caller, requestId }) {
        if (!isUserId(id)) return refuse('not_found')
        if (id === caller.userId) return refuse('forbidden')
        const erased = await erasePerson(erasing, id, requestId)
        if (erased.kind === 'refused') return refuse(erased.code)
        const { atMs, record } = erased
        const answer: z.input<typeof erasedSchema> = { user_id: id, erased_at: timeText(atMs), record }
        const { reason } = body
        return changed(answer, { before: null, after: { erased: true, reason, case: body.case ?? null, record } })
      },
    }),
  ]
}
